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
    """True for ``x[i]``, ``x[3]``, ``x[1:]`` and ``x[2][3]`` of a list that has a name."""
    owner = node.value
    if isinstance(owner, ast.Subscript):
        return _is_part(owner, indices) and _is_whole(node.slice)
    if not isinstance(owner, ast.Name):
        return False
    if isinstance(node.slice, ast.Slice):
        parts = (node.slice.lower, node.slice.upper, node.slice.step)
        return isinstance(node.ctx, ast.Load) and all(p is None or _is_whole(p) for p in parts)
    return _is_whole(node.slice) or (isinstance(node.slice, ast.Name) and node.slice.id in indices)


def _is_whole(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
    return isinstance(node, ast.Constant) and type(node.value) is int
