"""``if`` statements without a decision: both blocks run, and what they assign is chosen by value.

``if c: x = a`` over field elements is ``x = where(c, a, x)``.  A name that only one block assigns,
and that had no value before, holds that block's: a text that read it on the other side would raise.
In a loop such a name is known in its block alone.

What stands behind ``if c: continue`` is the other block of that condition; what it would have
stored in a list is zero where it does not run.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from codegen.load.counting import place_of_end

__all__ = ["KEPT", "UNDER", "JoinError", "join_blocks"]

# What is stored where a repetition may do nothing, and what is read there.
KEPT, UNDER = "kept under", "known under"

_OWN = " of "  # in the names that are made here, which no text can have
Chosen = Callable[[ast.expr, ast.expr, ast.expr], ast.expr]


class JoinError(ValueError):
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
        self._chosen, self._count = chosen, 0
        self._loops: list[ast.For] = []  # those that are open

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
                self._loops.append(statement)
                at = place_of_end(statement)
                if at is None:
                    statement.body = self.block(statement.body, bound)
                else:
                    statement.body = self._left_early(statement, at, bound)
                self._loops.pop()
            elif isinstance(statement, ast.Assign):
                bound |= {
                    name.id
                    for target in statement.targets
                    if not isinstance(target, ast.Subscript)
                    for name in _names(target)
                }
            done.append(statement)
        return done

    def _left_early(self, loop: ast.For, at: int, bound: set[str]) -> list[ast.stmt]:
        """The body of a loop whose repetitions may end before the last statement."""
        leave, before = loop.body[at], self.block(loop.body[:at], bound)
        assert isinstance(leave, ast.If)
        self._count += 1
        goes = f"goes{_OWN}{self._count}"
        known = _Known(loop, goes)
        rest = [_assigned(name, known.call(UNDER, _loaded(name))) for name in known.read(before)]
        before.append(_assigned(goes, _goes_on(leave.test)))
        behind: list[ast.stmt] = []
        for one in loop.body[at + 1 :]:
            statement = known.visit(one)
            target = statement.targets[0] if isinstance(statement, ast.Assign) else None
            if not isinstance(target, ast.Subscript):
                rest.append(statement)
                continue
            assert isinstance(statement, ast.Assign)
            _require_write_only(target, loop)
            self._count += 1
            name = f"stored{_OWN}{self._count}"
            rest.append(_assigned(name, statement.value))
            behind.append(ast.Assign([target], known.call(KEPT, _loaded(name))))
        return [*before, *self._both(ast.If(_loaded(goes), rest, []), bound), *behind]

    def _both(self, statement: ast.If, bound: set[str]) -> list[ast.stmt]:
        self._count += 1
        test = f"test{_OWN}{self._count}"
        done = [_assigned(test, statement.test)]
        sides: list[dict[str, str]] = []
        for side, body in enumerate((statement.body, statement.orelse)):
            names: dict[str, str] = {}
            renaming = _Renaming(names, f"{_OWN}side {self._count}.{side}", bound)
            done += [renaming.assignment(one) for one in self.block(body, set(bound))]
            sides.append(names)
        then, other = sides
        reads = _Reads(statement, self._loops[-1]) if self._loops else None
        for name in {**then, **other}:
            before = name if name in bound else None
            x, y = then.get(name, before), other.get(name, before)
            one_side = x is None or y is None
            if one_side and reads is not None and not reads.there(name, y is None):
                continue  # on the other side it would hold what the last repetition left
            if x is None or y is None:
                value: ast.expr = _loaded(x or y or name)
            else:
                value = self._chosen(_loaded(test), _loaded(x), _loaded(y))
            done.append(_assigned(name, value))
        bound |= {*then, *other}
        return done


class _Reads:
    """Where a loop reads what one side of a branch assigns.

    Args:
        branch: The branch.
        loop: The loop around it.
    """

    def __init__(self, branch: ast.If, loop: ast.For) -> None:
        self._read: dict[str, set[int]] = {}
        self._then, self._other = set[int](), set[int]()  # read where one side is taken alone
        own, made = {id(node) for node in ast.walk(branch)}, 0
        test = branch.test.id if isinstance(branch.test, ast.Name) else ""
        for node in ast.walk(loop):
            match node:
                case ast.Name(id=name, ctx=ast.Store()):
                    made += name == test
                case ast.Name(id=name) if id(node) not in own:
                    self._read.setdefault(name, set()).add(id(node))
                case ast.Call(func=ast.Name(id="_where_decided"), args=[ast.Name(id=asked), x, y]):
                    if asked == test:
                        self._then |= {id(one) for one in ast.walk(x)}
                        self._other |= {id(one) for one in ast.walk(y)}
        self._known = bool(test) and made == 1

    def there(self, name: str, first: bool) -> bool:
        """True if a name that the first or the second side assigns is read there alone."""
        return self._known and self._read.get(name, set()) <= (self._then if first else self._other)


class _Known(ast.NodeTransformer):
    """What a repetition reads of lists, under the condition that it does something.

    Args:
        loop: The loop.
        goes: The name of the condition.
    """

    def __init__(self, loop: ast.For, goes: str) -> None:
        assert isinstance(loop.target, ast.Name)
        self._index, self._goes = loop.target.id, goes

    def read(self, before: Sequence[ast.stmt]) -> list[str]:
        """Names that statements give to elements of lists."""
        return [
            one.targets[0].id
            for one in before
            if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name)
            and self._is_element(one.value)
        ]  # fmt: skip

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        return self.call(UNDER, node) if self._is_element(node) else node

    def call(self, name: str, value: ast.expr) -> ast.expr:
        """The call of a function of the condition and a value."""
        return ast.Call(ast.Name(name, ast.Load()), [_loaded(self._goes), value], [])

    def _is_element(self, node: ast.expr) -> bool:
        return (
            isinstance(node, ast.Subscript)
            and isinstance(node.ctx, ast.Load)
            and isinstance(node.slice, ast.Name)
            and node.slice.id == self._index
        )


class _Renaming(ast.NodeTransformer):
    """Gives what a block assigns names of its own."""

    def __init__(self, names: dict[str, str], suffix: str, bound: set[str]) -> None:
        self._names, self._suffix, self._bound = names, suffix, bound

    def assignment(self, statement: ast.stmt) -> ast.stmt:
        if isinstance(statement, ast.Pass):
            return statement
        if isinstance(statement, ast.For):
            return self._loop(statement)
        if not isinstance(statement, ast.Assign):
            raise JoinError(ast.unparse(statement))
        statement.value = self.visit(statement.value)  # before the targets: they may be in it
        for target in statement.targets:
            for name in _names(target):
                if _OWN not in name.id:  # those of blocks inside this one are no other block's
                    self._names[name.id] = name.id = name.id + self._suffix
        return statement

    def _loop(self, loop: ast.For) -> ast.For:
        """A loop of the block, whose carries begin in the block as well."""
        for one in ast.walk(loop):
            name = one.id if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store) else ""
            if name in self._bound - {*self._names}:
                raise JoinError(f"{name} goes on from outside of the block")
        for statement in loop.body:
            target = statement.targets[0] if isinstance(statement, ast.Assign) else None
            if isinstance(target, ast.Subscript):
                self.visit(statement)
            else:
                self.assignment(statement)
        return loop

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self._names.get(node.id, node.id)
        return node


def _goes_on(test: ast.expr) -> ast.expr:
    """The condition under which a repetition goes on, given that under which it does not."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=condition):
            return condition
        case ast.Call(func=ast.Name(id="_not_decided"), args=[condition]):
            return condition
        case ast.Compare(ops=[ast.Eq()]):
            return ast.Compare(test.left, [ast.NotEq()], test.comparators)
    raise JoinError(ast.unparse(test))


def _require_write_only(target: ast.Subscript, loop: ast.For) -> None:
    """A list that a loop fills is not read in it: storing last changes nothing.

    Raises:
        JoinError: if it is.
    """
    met = [n for n in ast.walk(loop) if ast.unparse(target.value) == getattr(n, "id", "")]
    if not isinstance(target.value, ast.Name) or len(met) > 1:
        raise JoinError(ast.unparse(target))


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
