"""reciprocals: divide by a shared divisor once, then multiply.  Licence: fast.

``a / y`` and ``b / y`` become ``a * r`` and ``b * r`` with ``r = 1 / y``.  For machines, where a
division takes the time of several multiplications; the interpreter of Python sees no difference.
"""

from __future__ import annotations

from collections import Counter

from autodiff.graph.graph import Graph
from autodiff.graph.rebuild import Rebuild, live_nodes, rebuild
from autodiff.table.primitive import REGISTRY, Primitive

__all__ = ["reciprocals"]

_MUL, _DIV, _RECIPROCAL = (REGISTRY[name] for name in ("mul", "div", "reciprocal"))


def reciprocals(graph: Graph) -> Graph:
    """``graph`` with one division per divisor that several quotients share."""
    live, constants = live_nodes(graph), graph.constants
    counts: Counter[int] = Counter()
    for index, primitive, operands in graph.operations():
        if live[index] and primitive in (_DIV, _RECIPROCAL) and operands[-1] not in constants:
            counts[operands[-1]] += 1

    def rule(
        walk: Rebuild, index: int, primitive: Primitive, operands: tuple[int, ...]
    ) -> int | None:
        if primitive not in (_DIV, _RECIPROCAL) or counts[operands[-1]] < 2:
            return None
        one = walk.add(_RECIPROCAL, operands[-1:])
        if primitive is _RECIPROCAL or constants.get(operands[0]) == 1.0:
            return one
        return walk.builder.add(_MUL, (walk.placed(operands[0]), one))

    return rebuild(graph, rule, live)
