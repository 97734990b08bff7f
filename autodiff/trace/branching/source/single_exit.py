"""Bodies with early exits, brought into a form in which the sides of an ``if`` fall through.

``if t: return a`` before ``return b`` becomes ``if t: result = a`` ``else: result = b``, and what
follows ``if t: continue`` becomes the other side.  What is done, and in which order, stays.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Sequence

__all__ = ["with_one_return", "without_continue"]

_RESULT = "__result__"
_REPEATED = 500  # nodes that follow an ``if`` with ``continue`` inside it
_LARGEST = 10_000  # nodes of a body; what follows an early exit may be written twice


def with_one_return(body: list[ast.stmt]) -> list[ast.stmt] | None:
    """A function's body with its result in a variable, returned once; None if that is not so."""
    if not any(isinstance(s, ast.If) and _returns(s) for s in body) or not _ends(body):
        return None
    own = [node for statement in body for node in _own(statement)]
    if any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in own):
        return None
    made = _assigned(body)
    if made is None or sum(len(_own(statement)) for statement in made) > _LARGEST:
        return None
    last = ast.Return(ast.Name(_RESULT, ast.Load()))
    return [*made, ast.copy_location(last, body[-1])]


def _returns(statement: ast.stmt) -> bool:
    return any(isinstance(node, ast.Return) for node in _own(statement))


def _own(statement: ast.AST) -> list[ast.AST]:
    """The nodes of a statement, without those of functions and classes defined there."""
    found, pending = [], [statement]
    while pending:
        node = pending.pop()
        found.append(node)
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            pending += ast.iter_child_nodes(node)
    return found


def _ends(body: Sequence[ast.stmt]) -> bool:
    """True if running the body always ends in a return."""
    last = body[-1] if body else None
    if isinstance(last, ast.Return):
        return last.value is not None
    return isinstance(last, ast.If) and _ends(last.body) and _ends(last.orelse)


def _assigned(body: list[ast.stmt]) -> list[ast.stmt] | None:
    """The body with ``result = x`` for ``return x``; None if a return stands in a loop or so."""
    made: list[ast.stmt] = []
    for at, statement in enumerate(body):
        if isinstance(statement, ast.Return):
            if statement.value is None:
                return None
            target = ast.Name(_RESULT, ast.Store())
            made.append(ast.copy_location(ast.Assign([target], statement.value), statement))
            return made
        if not _returns(statement):
            made.append(statement)
            continue
        if not isinstance(statement, ast.If):
            return None
        rest = body[at + 1 :]
        then = statement.body if _ends(statement.body) else [*statement.body, *rest]
        other = statement.orelse
        if not _ends(other):
            other = [*other, *copy.deepcopy(rest)]
        sides = _assigned(then), _assigned(other)
        if sides[0] is None or sides[1] is None:
            return None
        new = ast.If(statement.test, sides[0], sides[1])
        made.append(ast.copy_location(new, statement))
        return made
    return made


def without_continue(body: list[ast.stmt]) -> list[ast.stmt]:
    """The body of a loop in which what follows ``if t: continue`` is the other side."""
    for at, statement in enumerate(body):
        rest = body[at + 1 :]
        if isinstance(statement, ast.Continue):
            return body[:at] or [ast.copy_location(ast.Pass(), statement)]
        if not isinstance(statement, ast.If):
            continue
        if statement.body and isinstance(statement.body[-1], ast.Continue):
            last = statement.body[-1]
            then = statement.body[:-1] or [ast.copy_location(ast.Pass(), last)]
            new = ast.If(statement.test, then, without_continue([*statement.orelse, *rest]))
            return [*body[:at], ast.copy_location(new, statement)]
        if statement.orelse and isinstance(statement.orelse[-1], ast.Continue):
            other = statement.orelse[:-1]
            new = ast.If(statement.test, without_continue([*statement.body, *rest]), other)
            return [*body[:at], ast.copy_location(new, statement)]
        if _continues(statement) and sum(len(_own(one)) for one in rest) <= _REPEATED:
            then = without_continue([*statement.body, *rest])
            other = without_continue([*statement.orelse, *copy.deepcopy(rest)])
            return [*body[:at], ast.copy_location(ast.If(statement.test, then, other), statement)]
    return body


def _continues(statement: ast.If) -> bool:
    """True if an ``if`` inside this one ends in ``continue``."""
    return any(
        isinstance(one, ast.If) and (_continues(one) or _ends_so(one.body) or _ends_so(one.orelse))
        for one in [*statement.body, *statement.orelse]
    )


def _ends_so(body: Sequence[ast.stmt]) -> bool:
    return bool(body) and isinstance(body[-1], ast.Continue)
