"""Denominators that are zero on one side of a condition, which a field does not see.

There a condition is an unknown like any other, so that ``where(c, 0.0, a / where(c, 0.0, u))`` is
``a / u`` in it, also where c holds.  Such a function is certified by numbers only.
"""

from __future__ import annotations

from autodiff.graph.graph import Graph

__all__ = ["divides_by_zero"]

_Sides = frozenset[tuple[int, bool]]  # conditions, and how they are where something may not be zero
_ZERO_AT_ZERO = frozenset(
    {"neg", "abs", "square", "sqrt", "cbrt", "sin", "tan", "sinh", "tanh", "asinh", "atan", "asin",
     "expm1", "log1p", "erf", "reshape", "transpose", "broadcast_to"}
)  # fmt: skip


def divides_by_zero(graph: Graph) -> bool:
    """True if a denominator, or what a logarithm is taken of, is zero where a condition says so."""
    names = {row.name for _, row, _ in graph.operations()}
    if "where" not in names or names.isdisjoint(("div", "pow", "log")):
        return False
    zero = {i for i, number in graph.constants.items() if number == 0.0}
    found: dict[int, _Sides] = {}
    for index, row, operands in graph.operations():
        given = [found.get(i, frozenset()) for i in operands]
        sides: _Sides = frozenset()
        if row.name == "where":
            (condition, x, y), (_, one, other) = operands, given
            sides = one & other
            if y in zero:
                sides = one | {(condition, True)}
            elif x in zero:
                sides = other | {(condition, False)}
        elif row.name == "mul":
            sides = given[0] | given[1]
        elif row.name in ("add", "sub"):
            sides = given[0] & given[1]
        elif row.name in ("div", "pow"):
            low = row.name == "pow" and graph.constants.get(operands[1], 1.0) < 0.0
            if given[1 - (row.name == "pow")] and (low or row.name == "div"):
                return True
            sides = given[0]
        elif row.name == "log" and given[0]:
            return True
        elif row.name in _ZERO_AT_ZERO:
            sides = given[0]
        if sides:
            found[index] = sides
    return False
