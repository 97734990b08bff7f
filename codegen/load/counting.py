"""Loops as emitted text has them: over a range, with a variable that is an index and nothing else.

So every repetition is the same text: what differs is which elements it reads and writes.
"""

from __future__ import annotations

import ast
import re

__all__ = ["is_counting"]

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
