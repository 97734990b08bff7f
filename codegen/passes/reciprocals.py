"""reciprocals: divide by a shared divisor once, then multiply.  Licence: fast.

``a / y`` and ``b / y`` become ``a * r`` and ``b * r`` with ``r = 1 / y``.  For machines, where a
division takes the time of several multiplications; the interpreter of Python sees no difference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from autodiff.graph.graph import Builder, Graph
from autodiff.table.primitive import REGISTRY, Primitive
from codegen.passes.dce import live_nodes
from codegen.passes.rewrite import rewritten

__all__ = ["reciprocals"]

_MUL, _DIV, _RECIPROCAL = (REGISTRY[name] for name in ("mul", "div", "reciprocal"))


def reciprocals(graph: Graph) -> Graph:
    """``graph`` with one division per divisor that several quotients share."""
    live, nodes = live_nodes(graph), graph.nodes
    counts: Counter[int] = Counter()
    for index, primitive, operands in graph.operations():
        if live[index] and primitive in (_DIV, _RECIPROCAL) and nodes[operands[-1]][2] is None:
            counts[operands[-1]] += 1

    def rule(
        builder: Builder, index: int, primitive: Primitive, placed: Callable[[int], int]
    ) -> int | None:
        operands = nodes[index][1]
        if primitive not in (_DIV, _RECIPROCAL) or counts[operands[-1]] < 2:
            return None
        one = builder.add(_RECIPROCAL, (placed(operands[-1]),))
        if primitive is _RECIPROCAL or nodes[operands[0]][2] == 1.0:
            return one
        return builder.add(_MUL, (placed(operands[0]), one))

    return rewritten(graph, rule)
