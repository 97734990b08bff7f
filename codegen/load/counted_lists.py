"""Loops in emitted Python: which of a function's nodes belong to them, and to lists they fill."""

from __future__ import annotations

import ast

from codegen.load.counting import is_counting, parts_of_end

__all__ = ["loop_parts", "loops_in"]


def loops_in(definition: ast.FunctionDef) -> list[ast.For]:
    """The loops of a function, in which all repetitions are one text."""
    return [
        node for node in ast.walk(definition) if isinstance(node, ast.For) and is_counting(node)
    ]


def loop_parts(definition: ast.FunctionDef) -> set[int]:
    """The nodes of loops over ranges, of elements and of parts of lists."""
    found: set[int] = set()
    loops = loops_in(definition)
    for loop in loops:
        found |= {id(loop), *map(id, ast.walk(loop.iter)), *parts_of_end(loop)}
    indices = {loop.target.id for loop in loops if isinstance(loop.target, ast.Name)}
    for node in ast.walk(definition):
        if isinstance(node, ast.Subscript) and _is_part(node, indices):
            found |= {id(node), *map(id, ast.walk(node.slice))}
    return found


def _is_part(node: ast.Subscript, indices: set[str]) -> bool:
    """True for ``x[i]``, ``x[3]``, ``x[1:]``, ``x[2][3]`` and ``x[::2][:9]`` of a named list."""
    owner, place = node.value, node.slice
    named = isinstance(owner, ast.Name)
    if not (named or (isinstance(owner, ast.Subscript) and _is_part(owner, indices))):
        return False
    if isinstance(place, ast.Slice):
        parts = (place.lower, place.upper, place.step)
        return isinstance(node.ctx, ast.Load) and all(p is None or _is_whole(p) for p in parts)
    return _is_whole(place) or (named and isinstance(place, ast.Name) and place.id in indices)


def _is_whole(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
    return isinstance(node, ast.Constant) and type(node.value) is int
