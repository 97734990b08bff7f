"""zeros: drop what a literal zero makes nothing of.  Licence: fast.

``x * 0.0`` becomes ``0.0``, and ``x + 0.0`` becomes ``x``: matrices that are mostly zeros, as
robots' and graphics' are, cost what their other entries do.  ``exact`` keeps both: the one is nan
where x is infinite, the other turns -0.0 into 0.0.
"""

from __future__ import annotations

from autodiff.graph.graph import Graph
from autodiff.graph.rebuild import Rebuild, Ref, live_nodes, rebuild
from autodiff.table.primitive import REGISTRY, Primitive

__all__ = ["zeros"]

_ADD, _SUB, _MUL, _DIV, _NEG = (REGISTRY[name] for name in ("add", "sub", "mul", "div", "neg"))
_LINEAR = frozenset({_ADD, _SUB, _MUL, _DIV})


def zeros(graph: Graph) -> Graph:
    """``graph`` without products with zero, and without sums with it."""
    return rebuild(graph, _rule, live_nodes(graph))


def _rule(walk: Rebuild, _: int, primitive: Primitive, operands: tuple[int, ...]) -> Ref | None:
    if primitive is _NEG:
        return 0.0 if _is_zero(walk.refs[operands[0]]) else None
    if primitive not in _LINEAR:
        return None
    x: Ref = walk.refs[operands[0]]
    y: Ref = walk.refs[operands[1]]
    first, second = _is_zero(x), _is_zero(y)
    if not (first or second):
        return None
    if primitive is _MUL:  # 0 * y -> 0
        return 0.0
    if primitive is _DIV:  # 0 / y -> 0, where y is not 0 itself
        return None if second else 0.0
    if second:  # x + 0, x - 0 -> x
        return x
    if primitive is _ADD:  # 0 + y -> y
        return y
    return walk.add(_NEG, operands[1:])  # 0 - y -> -y


def _is_zero(ref: Ref) -> bool:
    return type(ref) is float and ref == 0.0
