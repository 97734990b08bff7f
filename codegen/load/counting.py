"""Loops as emitted text has them: over a range, with a variable that is an index and nothing else.

So every repetition is the same text: what differs is which elements it reads and writes.  A
repetition may end where a condition does not hold; one that ends the loop would end every later one
as well, so that ``break`` is a ``continue`` that needs no time.
"""

from __future__ import annotations

import ast
import re

__all__ = ["is_counting", "parts_of_end", "place_of_end"]

_RANGE = re.compile(r"range\(\d+\)|reversed\(range\(\d+\)\)")


def is_counting(loop: ast.For) -> bool:
    """True for ``for i in range(n):`` where ``i`` stands nowhere but in ``x[i]``."""
    if loop.orelse or not isinstance(loop.target, ast.Name):
        return False
    if not _RANGE.fullmatch(ast.unparse(loop.iter)):
        return False
    name = loop.target.id
    inside = [node for statement in loop.body for node in ast.walk(statement)]
    met = [n for n in inside if isinstance(n, ast.Name) and n.id == name]
    indices = [
        n.slice for n in inside if isinstance(n, ast.Subscript) and isinstance(n.value, ast.Name)
    ]
    return all(isinstance(n.ctx, ast.Load) and n in indices for n in met)


def place_of_end(loop: ast.For) -> int | None:
    """Where in the body of a loop a repetition ends that does nothing; None if each does all."""
    for at, statement in enumerate(loop.body):
        match statement:
            case ast.If(body=[ast.Continue()], orelse=[]):
                return at
            case ast.If(body=[ast.Break()], orelse=[]) if _ends_again(loop, at):
                return at
    return None


def parts_of_end(loop: ast.For) -> set[int]:
    """The nodes of that statement, apart from those of its condition."""
    at = place_of_end(loop)
    if at is None:
        return set()
    statement = loop.body[at]
    assert isinstance(statement, ast.If)
    found = {id(statement), id(statement.body[0])}
    if isinstance(statement.test, ast.UnaryOp) and isinstance(statement.test.op, ast.Not):
        found |= {id(statement.test), id(statement.test.op)}
    return found


def _ends_again(loop: ast.For, at: int) -> bool:
    """True if what stands before a ``break`` is the same again where nothing else has run."""
    before = [*loop.body[:at], loop.body[at].test]  # type: ignore[attr-defined]  # an ``if``
    names = [[n for n in ast.walk(one) if isinstance(n, ast.Name)] for one in before]
    made = {n.id for one in names for n in one if isinstance(n.ctx, ast.Store)}
    known: set[str] = set()
    for statement, own in zip(before, names, strict=True):
        if not isinstance(statement, (ast.Assign, ast.expr)):
            return False
        if any(isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store)
               for n in ast.walk(statement)):  # fmt: skip
            return False
        read = {n.id for n in own if isinstance(n.ctx, ast.Load)}
        index = loop.target
        if (read & made) - known or (isinstance(index, ast.Name) and index.id in read):
            return False
        known |= {n.id for n in own if isinstance(n.ctx, ast.Store)}
    return True
