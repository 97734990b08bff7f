"""What the emitters need to know about a primitive's text: where parentheses are needed.

A text column such as ``{1} if {0} else {2}`` is parsed once by Python itself; its syntax tree tells
how strongly the whole binds and what each hole accepts without parentheses.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

__all__ = ["ATOM", "Template", "template", "template_of"]

# How strongly an expression binds; an operand needs parentheses in a hole that asks for more.
CONDITIONAL, OR, AND, NOT, COMPARISON, SUM, PRODUCT, UNARY, ATOM = range(9)

_BINARY = {ast.Add: SUM, ast.Sub: SUM, ast.Mult: PRODUCT, ast.Div: PRODUCT, ast.Mod: PRODUCT}
_BINARY[ast.MatMult] = PRODUCT


@dataclass(frozen=True, slots=True)
class Template:
    """One text column of one primitive."""

    text: str
    binds: int  # how strongly the result binds
    holes: tuple[int, ...]  # what each operand must at least bind with
    repeated: tuple[int, ...]  # operands that occur more than once: they must be names
    calls: tuple[str, ...]  # names the text calls
    pieces: tuple[str | int, ...]  # the text split at its holes
    sign: str  # `` + `` for a text ``{0} + {1}``, else empty


def _binds(node: ast.expr) -> int:
    match node:
        case ast.IfExp():
            return CONDITIONAL
        case ast.BoolOp():
            return OR if isinstance(node.op, ast.Or) else AND
        case ast.UnaryOp():
            return NOT if isinstance(node.op, ast.Not) else UNARY
        case ast.Compare():
            return COMPARISON
        case ast.BinOp():
            return _BINARY.get(type(node.op), CONDITIONAL)  # others: in parentheses everywhere
    return ATOM


def _children(node: ast.expr) -> list[tuple[ast.expr, int]]:
    """Sub-expressions with what each must bind with to stand there bare."""
    match node:
        case ast.IfExp():
            return [(node.body, OR), (node.test, OR), (node.orelse, CONDITIONAL)]
        case ast.BoolOp():
            return [(value, _binds(node) + 1) for value in node.values]
        case ast.UnaryOp():
            return [(node.operand, NOT if isinstance(node.op, ast.Not) else UNARY)]
        case ast.Compare():
            return [(value, SUM) for value in (node.left, *node.comparators)]
        case ast.BinOp() if type(node.op) not in _BINARY:
            return [(node.left, ATOM), (node.right, ATOM)]
        case ast.BinOp():
            return [(node.left, _binds(node)), (node.right, _binds(node) + 1)]
        case ast.Call():
            inside = [(value, CONDITIONAL) for value in node.args]
            return inside if isinstance(node.func, ast.Name) else [(node.func, ATOM), *inside]
        case ast.Attribute():
            return [(node.value, ATOM)]
        case ast.Subscript():
            return [(node.value, ATOM), (node.slice, CONDITIONAL)]
        case ast.Tuple():
            return [(value, CONDITIONAL) for value in node.elts]
    return []


_HOLE = re.compile(r"\{(\d+)\}")


@cache
def template(text: str, arity: int) -> Template:
    """Analysis of a text column with ``arity`` holes."""
    root = ast.parse(_HOLE.sub(r"_hole\1", text), mode="eval").body
    needs: list[list[int]] = [[] for _ in range(arity)]
    stack = [(root, CONDITIONAL)]
    while stack:
        node, need = stack.pop()
        if isinstance(node, ast.Name) and node.id.startswith("_hole"):
            needs[int(node.id[5:])].append(need)
        stack += _children(node)
    calls = [
        node.func.id
        for node in ast.walk(root)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    return template_of(text, _binds(root), needs, calls)


def template_of(
    text: str, binds: int, needs: Sequence[Sequence[int]], calls: Iterable[str]
) -> Template:
    """The template that a text is, given what each hole needs, once per occurrence."""
    parts = _HOLE.split(text)
    pieces = [int(p) if i % 2 else p for i, p in enumerate(parts) if p or i % 2]
    sign = str(pieces[1]) if pieces[0:3:2] == [0, 1] and len(pieces) == 3 else ""
    return Template(
        text,
        binds,
        tuple(max(need, default=CONDITIONAL) for need in needs),
        tuple(i for i, need in enumerate(needs) if len(need) > 1),
        tuple(calls),
        tuple(pieces),
        sign,
    )
