"""The forms of an emitted function, and what each does where switches tie, by its syntax tree.

A statement for ties stands before the return at the end.  A first form raises there, and another
goes on; the last one settles what it returns, or hands the point on to ``backward`` with the
residuals.  What is as it is written for the function is noted to be cut; else nothing is taken out.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from codegen.text.at_ties import settled_name
from verify.program.items import Items, word

__all__ = ["Cut", "Flag", "Form", "OtherwiseError", "Settles", "demand"]

_FLOAT, _RAISED, _NUMPY = map(re.compile, ("float_*", "ArithmeticError_*", "np_*"))
# From one node to the end of another, and what stands there instead.
Cut: TypeAlias = "tuple[ast.expr | ast.stmt, ast.expr | ast.stmt, str]"


@dataclass(frozen=True)
class Settles:
    """What an emitted function settles where switches tie.

    Args:
        numbers: How many numbers, the last that it returns.
        arrays: Per parameter, whether it is an array.
        inputs: How many numbers these hold.
        leads: Whether its first form has to look for ties.
    """

    numbers: int
    arrays: tuple[bool, ...]
    inputs: int
    leads: bool


@dataclass(frozen=True)
class Flag:
    """A condition of a text that must be true where switches tie, and nowhere else.

    Args:
        function: The emitted function.
        leads: True if another form goes on there, which also looks where slopes are infinite.
    """

    function: str
    leads: bool


class OtherwiseError(Exception):
    """Something is not what is written for ties."""


def demand(holds: bool) -> None:
    """Make sure of what is written for ties.

    Raises:
        OtherwiseError: if it is something else.
    """
    if not holds:
        raise OtherwiseError


class Form:
    """One form of an emitted function: the first, which another follows, or the last.

    Args:
        name: What it is called in its first form.
        tree: Its definition.
        last: True for what settles ties itself.
        rows: True if at many points at once.

    Attributes:
        parameters: Its parameters.
        cuts: What is to be cut.
        flags: Its condition for ties, by the line of its ``if``.
    """

    def __init__(self, name: str, tree: ast.FunctionDef, last: bool, rows: bool) -> None:
        self._name, self._last, self._rows = name, last, rows
        self.cuts: list[Cut] = []
        self.flags: dict[int, Flag] = {}
        self.parameters = [a.arg for a in (*tree.args.posonlyargs, *tree.args.args)]
        self._nodes = [*ast.walk(tree)]
        self._block: Sequence[ast.stmt] = tree.body
        match tree.body[-1]:
            case _ if last:
                pass
            case ast.Try(
                body=tried,
                handlers=[
                    ast.ExceptHandler(name=None, body=[ast.Return(value=ast.Call() as call)])
                ],
            ) if ast.unparse(call) == f"_{name}_ieee({', '.join(self.parameters)})":
                self._block = tried
            case _:
                raise OtherwiseError

    def point(self, settles: Settles) -> list[str]:
        """The arguments as the items of a list."""
        demand(len(settles.arrays) == len(self.parameters))
        return [f"{'*' * a}{name}" for a, name in zip(settles.arrays, self.parameters, strict=True)]

    def loads(self, name: str) -> int:
        """How often a name is read."""
        names = (node for node in self._nodes if isinstance(node, ast.Name))
        return sum(node.id == name and not _is_stored(node) for node in names)

    def settle(self, settles: Settles, point: Sequence[str], alone: bool = False) -> None:
        """Cut the statement for ties: what is returned last is settled, at this point.

        Args:
            settles: What it must settle.
            point: The items of the point.
            alone: True if it is the value, which is returned first.
        """
        if self._last:
            asked, here = self._asked()
            mask = self._mask(asked)
            there, known = self._settled(asked, settles, point, mask)
            self._are_settled(there, here, known, alone)
            self._note(asked, mask)
        elif settles.leads:
            self._lead()

    def hand_on(self, settles: Settles, value: Settles | None, first: bool) -> None:
        """Cut the statement of ``forward``, which returns the point with the residuals.

        Args:
            settles: What ``backward`` settles.
            value: What ``forward`` does, if its value is a derivative itself.
            first: Whether the point stands before the residuals, where ``backward`` looks for it.
        """
        if not self._last:
            if settles.leads:
                self._lead()
            return
        asked, here = self._asked()
        mask, known = self._mask(asked), dict[str, str]()
        point = self.point(replace(settles, arrays=settles.arrays[:-1]))
        match asked.body:
            case [ast.Return(value=ast.expr() as there)] if value is None:
                pass
            case _ if value is not None:
                there, known = self._settled(asked, value, point, mask)
                demand(self.loads(_base_of(next(iter(known)))) == 1)
            case _:
                raise OtherwiseError
        (number, more), (expected, residuals) = map(_value_and_residuals, (there, here))
        given = [*mask, *point]
        demand(known.get(number, number) == expected and (number in known) == bool(known))
        demand(more == ([*given, *residuals] if first else [*residuals, *given]))
        self._note(asked, mask)

    def taken_apart(self) -> ast.Tuple | None:
        """The names that residuals are taken apart to, none of which can be taken for another."""
        demand(len(self.parameters) == 2)
        residuals, target = self.parameters[0], None
        for statement in self._block:
            match statement:
                case ast.Assign(targets=[ast.Tuple() as names], value=ast.Name(id=name)):
                    target = names if name == residuals else target
        if target is None:
            return None
        stars = [k for k, x in enumerate(target.elts) if isinstance(x, ast.Starred)]
        demand(self.loads(residuals) == 2 - self._last)  # a first form hands them to another
        demand(stars in ([[0], [len(target.elts) - 1]] if self._last else [[]]))
        return target

    def settle_behind(self, settles: Settles, target: ast.Tuple) -> None:
        """Cut the statement of ``backward``, and what it takes apart beside the residuals.

        Args:
            settles: What it must settle.
            target: What residuals are taken apart to.
        """
        words = [*map(word, target.elts)]
        more = next(word for word in words if word[0] == "*")
        name, rows = more[1:], self._rows
        asked, here = self._asked()
        mask = [f"{name}[0]"] if rows else []
        point = [f"{more}[1:]" if rows else more, self.parameters[1]]
        there, known = self._settled(asked, settles, point, mask)
        self._are_settled(there, here, known)
        demand(word(asked.test) == name and self.loads(name) == 2 + rows)
        demand(self._stored().count(name) == 1)
        self._is_plain()
        words.remove(more)
        self.cuts += [(asked, asked, "pass"), (target, target, f"[{', '.join(words)}]")]

    def begin_with_arguments(self, settles: Settles) -> None:
        """Make sure that it returns a list that begins with its arguments."""
        point = self.point(replace(settles, arrays=settles.arrays[:-1]))
        for statement in self._block:
            match statement:
                case ast.Assign(
                    targets=[ast.Name(id=w)],
                    value=ast.BinOp(ast.List(elts=items), ast.Add(), ast.BinOp(op=ast.Mult())),
                ) if [*map(word, items)] == point:
                    break
        else:
            raise OtherwiseError
        demand(self._stored().count(w) == 1)
        for node in self._nodes:
            match node:
                case ast.Return(value=ast.Tuple(elts=[*_, ast.Name(id=last)])):
                    demand(last == w)
                case ast.Return(value=ast.Call(func=ast.Name(id="_forward_ieee"))):
                    pass
                case ast.Return():
                    raise OtherwiseError

    # --- statements ---

    def _asked(self) -> tuple[ast.If, ast.expr]:
        """The statement for ties, and what is returned behind it."""
        match self._block:
            case [*_, ast.If(orelse=[]) as asked, ast.Return(value=ast.expr() as here)]:
                return asked, here
        raise OtherwiseError

    def _mask(self, asked: ast.If) -> list[str]:
        """The name of what is true at points that tie, if there may be many."""
        match asked.test:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=np), attr="count_nonzero"),
                args=[ast.Name(id=mask)],
                keywords=[],
            ) if self._rows and _NUMPY.fullmatch(np):
                return [mask]
        demand(not self._rows)
        return []

    def _lead(self) -> None:
        """Cut what raises where switches tie."""
        asked, _ = self._asked()
        match asked.body:
            case [ast.Raise(exc=ast.Name(id=name), cause=None)] if _RAISED.fullmatch(name):
                self._note(asked, [])
            case _:
                raise OtherwiseError

    def _settled(
        self, asked: ast.If, settles: Settles, point: Sequence[str], mask: Sequence[str]
    ) -> tuple[ast.expr, dict[str, str]]:
        """What is returned at ties, and the number that each settled one stands for."""
        match asked.body:
            case [
                ast.Assign(
                    targets=[ast.Name(id=bars)],
                    value=ast.Call(
                        func=ast.Name(id=function),
                        args=[ast.List(elts=items), table, *rest],
                        keywords=[],
                    ),
                ),
                ast.Return(value=ast.expr() as there),
            ] if function == settled_name(self._name):
                demand([*map(word, items)] == [*point] and [*map(word, rest)] == [*mask])
                cells = Items(table).cells
                demand(len(cells) == settles.numbers > 0 and bars not in self.parameters)
                demand(self._stored().count(bars) == 1)
                return there, {f"{bars}[{k}]": cell for k, cell in enumerate(cells)}
        raise OtherwiseError

    def _are_settled(
        self, there: ast.expr, here: ast.expr, known: Mapping[str, str], alone: bool = False
    ) -> None:
        """Make sure that the same is returned, all settled numbers in order, and last."""
        settled, plain = Items(there), Items(here)
        count, cells = len(known), settled.cells
        demand((cells[:count] if alone else cells[-count:]) == [*known])
        bars = _base_of(next(iter(known)))
        demand(settled.bases.count(bars) == self.loads(bars))
        demand(settled.shape == plain.shape)
        demand([known.get(cell, cell) for cell in cells] == plain.cells)

    def _note(self, asked: ast.If, mask: Sequence[str]) -> None:
        """Cut the body of a statement; its condition stays, and is to be proven."""
        self._is_plain()
        self.cuts.append((asked.body[0], asked.body[-1], "pass"))
        if mask:
            self.cuts.append((asked.test, asked.test, mask[0]))
        self.flags[asked.lineno] = Flag(self._name, not self._last)

    # --- names ---

    def _stored(self) -> list[str]:
        """Names that are bound, as often as they are, but that a scalar is made a float."""
        floats = {id(t) for n in self._nodes if isinstance(n, ast.Assign) for t in _made_floats(n)}
        names = (n for n in self._nodes if isinstance(n, ast.Name) and id(n) not in floats)
        return [n.id for n in names if _is_stored(n)]

    def _is_plain(self) -> None:
        """Make sure that parameters are what they were, that names of ours are none of its own, and
        that it returns at its end alone."""
        others = (ast.FunctionDef, ast.For, ast.While)
        demand(not any(isinstance(node, others) for node in self._nodes[1:]))
        demand(sum(isinstance(node, ast.Return) for node in self._nodes) == 2)
        stored, taken = self._stored(), _taken_for_ours(self._nodes)
        demand(not {*self.parameters, *taken} & {*stored} and not taken & {*self.parameters})


def _base_of(item: str) -> str:
    return item.partition("[")[0]


def _value_and_residuals(returned: ast.expr) -> tuple[str, list[str]]:
    """The value in ``value, (a, b, ...)``, and the residuals."""
    match returned:
        case ast.Tuple(elts=[value, ast.Tuple(elts=residuals)]):
            return word(value), [*map(word, residuals)]
    raise OtherwiseError


def _is_stored(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)


def _taken_for_ours(nodes: Sequence[ast.AST]) -> set[str]:
    """Names that are called, looked into, raised or caught: no numbers, so not to be bound."""
    taken: list[ast.AST | None] = []
    for node in nodes:
        match node:
            case ast.Call(func=one) | ast.Attribute(value=one) | ast.Raise(exc=one):
                taken.append(one)
            case ast.ExceptHandler(type=one):
                taken.append(one)
    return {one.id for one in taken if isinstance(one, ast.Name)}


def _made_floats(node: ast.Assign) -> Iterator[ast.Name]:
    """The names in ``x, y = float(x), float(y)``."""
    match node:
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
            pairs = [*zip(targets, values, strict=False)] if len(targets) == len(values) else []
        case ast.Assign(targets=[target], value=value):
            pairs = [(target, value)]
        case _:
            return
    for pair in pairs:
        match pair:
            case (
                ast.Name(id=name) as made,
                ast.Call(func=ast.Name(id=number), args=[ast.Name(id=same)], keywords=[]),
            ) if name == same and _FLOAT.fullmatch(number):
                yield made
