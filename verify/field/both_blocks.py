"""``if`` statements without a decision: both blocks run, and what they assign is chosen by value.

``if c: x = a`` over field elements is ``x = where(c, a, x)``.  A name that only one block assigns,
and that had no value before, holds that block's: a text that read it on the other side would raise.
In a loop such a name is known in its block alone.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

__all__ = ["JoinError", "join_blocks"]

_OWN = " of "  # in the names that are made here, which no text can have
Chosen = Callable[[ast.expr, ast.expr, ast.expr], ast.expr]


class JoinError(Exception):
    """A block does more than assign to names."""


def join_blocks(function: ast.FunctionDef, chosen: Chosen) -> None:
    """Replace every ``if`` statement of a function, whose tests are calls already.

    Args:
        function: Changed in place.
        chosen: ``chosen(test, x, y)``: the expression that is x where the test holds, else y.

    Raises:
        JoinError: if a block does more than assign to names.
    """
    bound = {argument.arg for argument in ast.walk(function.args) if isinstance(argument, ast.arg)}
    function.body = _Joining(chosen).block(function.body, bound)


class _Joining:
    def __init__(self, chosen: Chosen) -> None:
        self._chosen, self._count, self._loops = chosen, 0, 0

    def block(self, body: Sequence[ast.stmt], bound: set[str]) -> list[ast.stmt]:
        """Statements without ``if``; adds to ``bound`` what they assign."""
        done: list[ast.stmt] = []
        for statement in body:
            if isinstance(statement, ast.If):
                done += self._both(statement, bound)
                continue
            if isinstance(statement, ast.Try):
                statement.body = self.block(statement.body, bound)
            elif isinstance(statement, ast.For):
                self._loops += 1
                statement.body = self.block(statement.body, bound)
                self._loops -= 1
            elif isinstance(statement, ast.Assign):
                bound |= {
                    name.id
                    for target in statement.targets
                    if not isinstance(target, ast.Subscript)
                    for name in _names(target)
                }
            done.append(statement)
        return done

    def _both(self, statement: ast.If, bound: set[str]) -> list[ast.stmt]:
        self._count += 1
        test = f"test{_OWN}{self._count}"
        done = [_assigned(test, statement.test)]
        sides: list[dict[str, str]] = []
        for side, body in enumerate((statement.body, statement.orelse)):
            names: dict[str, str] = {}
            renaming = _Renaming(names, f"{_OWN}side {self._count}.{side}")
            done += [renaming.assignment(one) for one in self.block(body, set(bound))]
            sides.append(names)
        then, other = sides
        for name in {**then, **other}:
            before = name if name in bound else None
            x, y = then.get(name, before), other.get(name, before)
            if (x is None or y is None) and self._loops:
                continue  # on the other side it would hold what the last repetition left
            if x is None or y is None:
                value: ast.expr = _loaded(x or y or name)
            else:
                value = self._chosen(_loaded(test), _loaded(x), _loaded(y))
            done.append(_assigned(name, value))
        bound |= {*then, *other}
        return done


class _Renaming(ast.NodeTransformer):
    """Gives what a block assigns names of its own."""

    def __init__(self, names: dict[str, str], suffix: str) -> None:
        self._names, self._suffix = names, suffix

    def assignment(self, statement: ast.stmt) -> ast.stmt:
        if isinstance(statement, ast.Pass):
            return statement
        if not isinstance(statement, ast.Assign):
            raise JoinError(ast.unparse(statement))
        statement.value = self.visit(statement.value)  # before the targets: they may be in it
        for target in statement.targets:
            for name in _names(target):
                if _OWN not in name.id:  # those of blocks inside this one are no other block's
                    self._names[name.id] = name.id = name.id + self._suffix
        return statement

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self._names.get(node.id, node.id)
        return node


def _names(target: ast.expr) -> list[ast.Name]:
    if isinstance(target, ast.Name):
        return [target]
    if isinstance(target, ast.Tuple):
        return [name for item in target.elts for name in _names(item)]
    raise JoinError(ast.unparse(target))


def _loaded(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _assigned(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], value)
