"""Denominators that are zero on one side of a condition, which a field does not see.

There a condition is an unknown like any other, so that ``where(c, 0.0, a / where(c, 0.0, u))`` is
``a / u`` in it, also where c holds.  Such a function is certified by numbers only.
"""

from __future__ import annotations

from collections.abc import Sequence

from autodiff.graph.graph import Graph

__all__ = ["divides_by_zero"]

_Sides = frozenset[tuple[int, bool]]  # conditions, and how they are where something may not be zero
_NOWHERE: _Sides = frozenset()
_ZERO_AT_ZERO = frozenset(
    {"div", "pow", "neg", "abs", "square", "sqrt", "cbrt", "sin", "tan", "sinh", "tanh", "asinh",
     "atan", "asin", "expm1", "log1p", "erf", "reshape", "transpose", "broadcast_to"}
)  # fmt: skip


def divides_by_zero(graph: Graph) -> bool:
    """True if a denominator, or what a logarithm is taken of, is zero where a condition says so."""
    names = {row.name for _, row, _ in graph.operations()}
    if "where" not in names or names.isdisjoint(("div", "pow", "log")):
        return False
    zeros: dict[int, _Sides] = {}
    for index, row, operands in graph.operations():
        given = [zeros.get(i, _NOWHERE) for i in operands]
        divisor = _divisor(graph, row.name, operands)
        if divisor is not None and given[divisor]:
            return True
        zeros[index] = _zero_where(graph, row.name, operands, given)
    return False


def _divisor(graph: Graph, name: str, operands: Sequence[int]) -> int | None:
    """Which operand must not be zero."""
    if name == "div":
        return 1
    is_inverse = name == "pow" and graph.constants.get(operands[1], 1.0) < 0.0
    return 0 if is_inverse or name == "log" else None


def _zero_where(
    graph: Graph, name: str, operands: Sequence[int], given: Sequence[_Sides]
) -> _Sides:
    """Where the result of an operation is zero, if its operands are so on some sides."""
    if name == "where":
        condition, x, y = operands
        if graph.constants.get(y) == 0.0:
            return given[1] | {(condition, True)}
        if graph.constants.get(x) == 0.0:
            return given[2] | {(condition, False)}
        return given[1] & given[2]
    if name == "mul":
        return given[0] | given[1]
    if name in ("add", "sub"):
        return given[0] & given[1]
    return given[0] if name in _ZERO_AT_ZERO else _NOWHERE
