"""powers: ``x ** n`` by multiplications and a square root, for small n.  Licence: fast.

Exact over the reals; each multiplication rounds, where ``pow`` rounds about once.
"""

from __future__ import annotations

from autodiff.graph.graph import Builder, Graph
from autodiff.graph.rebuild import Rebuild, live_nodes, rebuild
from autodiff.table.primitive import REGISTRY, Primitive

__all__ = ["power", "powers"]

LARGEST = 8  # beyond, one call of pow is as quick

_MUL, _DIV, _SQUARE, _SQRT = (REGISTRY[name] for name in ("mul", "div", "square", "sqrt"))
_POW = REGISTRY["pow_literal"]


def power(builder: Builder, x: int, n: int) -> int:
    """Node of x ** n for a positive integer n, by squaring."""
    result = -1
    while True:
        if n & 1:
            result = x if result < 0 else builder.add(_MUL, (result, x))
        n >>= 1
        if not n:
            return result
        x = builder.add(_SQUARE, (x,))


def powers(graph: Graph) -> Graph:
    """``graph`` with integer and half-integer powers up to 8 written as products."""

    def rule(
        walk: Rebuild, index: int, primitive: Primitive, operands: tuple[int, ...]
    ) -> int | None:
        if primitive is not _POW:
            return None
        base, exponent = operands
        n = graph.constants.get(exponent)
        if n is None or not 1.0 <= abs(n) <= LARGEST or (2.0 * n) % 1.0:
            return None
        builder = walk.builder
        x, size = walk.placed(base), abs(n)
        result = power(builder, x, int(size))
        if size % 1.0:  # x ** 1.5 = x * sqrt(x)
            result = builder.add(_MUL, (result, builder.add(_SQRT, (x,))))
        return result if n > 0.0 else builder.add(_DIV, (builder.literal(1.0), result))

    return rebuild(graph, rule, live_nodes(graph))
