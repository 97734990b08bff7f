"""Loops that are left early, brought into a form in which their bodies fall through.

``break`` becomes a flag: what follows it in the body, and all repetitions after it, stand under
``if flag``.  ``return x`` in a loop becomes a result, a break, and a return behind the loop.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Sequence

from autodiff.trace.branching.source.purity import is_pure

__all__ = ["GOING", "as_while", "returns_behind_loops", "without_break"]

GOING = "__going_"
_AT, _LEFT, _GIVEN, _COUNTED = "__at_", "__left_", "__given_", "__counted_"
_OPAQUE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_Loop = ast.For | ast.While


def without_break(node: _Loop, number: int, kept: bool) -> list[ast.stmt] | None:
    """The statements for a loop with breaks or ``else``; None if nothing is to be done, or can be.

    Args:
        node: The loop.
        number: Tells its names from those of other loops.
        kept: True if the variables of the loop may be read behind it.
    """
    if not any(isinstance(one, ast.Break) for one in _of_loop(node.body)):
        behind, node.orelse = node.orelse, []  # it always comes to its end
        return [node, *behind] if behind else None
    going = f"{GOING}{number}__"
    body = _flagged(node.body, going)
    if body is None:
        return None
    made: list[ast.stmt] = [_assign(going, ast.Constant(1.0))]
    behind = list[ast.stmt]()
    if isinstance(node, ast.For):
        if kept:
            at = f"{_AT}{number}__"
            value = _loaded(node.target)
            body = [ast.Assign([ast.Name(at, ast.Store())], value), *body]
            again = ast.Assign([copy.deepcopy(node.target)], ast.Name(at, ast.Load()))
            behind.append(ast.If(_flag(going), [ast.Pass()], [again]))
        node.body = [ast.If(_flag(going), body, [])]
    else:
        node.test = ast.BoolOp(ast.And(), [_flag(going), node.test])
        node.body = body
    if node.orelse:
        behind.append(ast.If(_flag(going), node.orelse, []))
        node.orelse = []
    made += [node, *behind]
    return [_placed(one, node) for one in made]


def as_while(node: ast.For, number: int) -> list[ast.stmt] | None:
    """``for i in itertools.count()`` with a ``break`` as ``while True``; None for other loops.

    Args:
        node: The loop, without ``continue``.
        number: Tells its names from those of other loops.
    """
    match node.iter:
        case ast.Call(ast.Attribute(ast.Name("itertools"), "count"), args, []) if len(args) < 3:
            defaults: list[ast.expr] = [ast.Constant(0), ast.Constant(1)]
            start, step = [*args, *defaults[len(args) :]]
        case _:
            return None
    if node.orelse or not any(isinstance(one, ast.Break) for one in _of_loop(node.body)):
        return None
    at, by = f"{_COUNTED}{number}__", f"{_COUNTED}by_{number}__"
    now = ast.Assign([node.target], ast.Name(at, ast.Load()))
    after = ast.BinOp(ast.Name(at, ast.Load()), ast.Add(), ast.Name(by, ast.Load()))
    loop = ast.While(ast.Constant(True), [now, _assign(at, after), *node.body], [])
    return [_placed(one, node) for one in (_assign(at, start), _assign(by, step), loop)]


def _placed(made: ast.stmt, node: ast.stmt) -> ast.stmt:
    """A statement, and the new ones in it, where a loop stands."""
    for one in ast.walk(made):
        if isinstance(one, (ast.stmt, ast.expr)) and not hasattr(one, "lineno"):
            ast.copy_location(one, node)
    return made


def _flag(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


def _assign(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], value)


def _loaded(target: ast.expr) -> ast.expr:
    """A target as a value."""
    value = copy.deepcopy(target)
    for one in ast.walk(value):
        if hasattr(one, "ctx"):
            one.ctx = ast.Load()
    return value


def _of_loop(body: Sequence[ast.stmt]) -> Iterator[ast.AST]:
    """The nodes of a body, without those of loops and functions inside it."""
    pending: list[ast.AST] = [*body]
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, (ast.For, ast.While)):
            pending += node.orelse
        elif not isinstance(node, _OPAQUE):
            pending += ast.iter_child_nodes(node)


def _has_break(statement: ast.stmt) -> bool:
    return any(isinstance(one, ast.Break) for one in _of_loop([statement]))


def _flagged(body: Sequence[ast.stmt], going: str) -> list[ast.stmt] | None:
    """The body with a flag for each break; None if one stands where that cannot be."""
    made: list[ast.stmt] = []
    for at, statement in enumerate(body):
        if isinstance(statement, ast.Break):
            made.append(_assign(going, ast.Constant(0.0)))
            return made
        if not _has_break(statement):
            made.append(statement)
            continue
        if not isinstance(statement, ast.If):
            return None
        rest = body[at + 1 :]
        sides = [statement.body, statement.orelse]
        ends = [bool(side) and isinstance(side[-1], ast.Break) for side in sides]
        breaks = [any(map(_has_break, side)) for side in sides]
        if rest and ends[0] and not breaks[1]:
            sides[1], rest = [*sides[1], *rest], []
        elif rest and ends[1] and not breaks[0]:
            sides[0], rest = [*sides[0], *rest], []
        flagged = [_flagged(side, going) for side in sides]
        behind = _flagged(rest, going)
        if flagged[0] is None or flagged[1] is None or behind is None:
            return None
        then = flagged[0] or [ast.Pass()]
        made.append(ast.copy_location(ast.If(statement.test, then, flagged[1]), statement))
        if behind:
            made.append(ast.If(_flag(going), behind, []))
        return made
    return made


def returns_behind_loops(body: list[ast.stmt]) -> list[ast.stmt]:
    """The body of a function in which loops are left by breaks, and it returns behind them."""
    return _Returns().of(body)


class _Returns:
    """Moves returns out of loops, innermost first."""

    def __init__(self) -> None:
        self._count = 0

    def of(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """The statements of a body."""
        made: list[ast.stmt] = []
        for statement in body:
            for name in ("body", "orelse"):
                inner = getattr(statement, name, None)
                if inner and not isinstance(statement, _OPAQUE):
                    setattr(statement, name, self.of(inner))
            made += (
                self._loop(statement)
                if isinstance(statement, (ast.For, ast.While))
                else [statement]
            )
        return made

    def _loop(self, node: _Loop) -> list[ast.stmt]:
        """A loop, and the return behind it."""
        returns = [one for one in _of_loop(node.body) if isinstance(one, ast.Return)]
        plain = all(one.value is not None for one in returns)
        if not returns or not plain or not _only_in_ifs(node.body):
            return [node]
        begin: list[ast.stmt] = []
        behind: list[ast.stmt] = []
        node.body = self._broken(node.body, begin, behind)
        return [_placed(one, node) for one in (*begin, node, *behind)]

    def _broken(
        self, body: list[ast.stmt], begin: list[ast.stmt], behind: list[ast.stmt]
    ) -> list[ast.stmt]:
        """The body without returns; what is to be done before and behind the loop is added."""
        made: list[ast.stmt] = []
        for statement in body:
            if isinstance(statement, ast.Return):
                return [*made, *self._left(statement, begin, behind), ast.Break()]
            if isinstance(statement, ast.If):
                statement.body = self._broken(statement.body, begin, behind)
                statement.orelse = self._broken(statement.orelse, begin, behind)
            made.append(statement)
        return made

    def _left(
        self, statement: ast.Return, begin: list[ast.stmt], behind: list[ast.stmt]
    ) -> list[ast.stmt]:
        """What stands for a return, before the break; variables stay as they are from there on."""
        assert statement.value is not None
        self._count += 1
        left, given = f"{_LEFT}{self._count}__", f"{_GIVEN}{self._count}__"
        begin.append(_assign(left, ast.Constant(0.0)))
        made: list[ast.stmt] = []
        value = statement.value
        if not is_pure([value]):
            made.append(ast.copy_location(_assign(given, value), statement))
            value = ast.Name(given, ast.Load())
        behind.append(ast.If(_flag(left), [ast.Return(value)], []))
        return [*made, _assign(left, ast.Constant(1.0))]


def _only_in_ifs(body: Sequence[ast.stmt]) -> bool:
    """True if every return stands in the body itself, or in an ``if`` of it."""
    for statement in body:
        if isinstance(statement, ast.If):
            if not _only_in_ifs([*statement.body, *statement.orelse]):
                return False
        elif not isinstance(statement, ast.Return) and any(
            isinstance(one, ast.Return) for one in _of_loop([statement])
        ):
            return False
    return True
