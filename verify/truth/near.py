"""The chain rule backwards from one node, through the nodes that it depends on and no others.

One row of a sparse matrix depends on few nodes of many; this is the chain rule of ``spec.py`` at a
cost of what the row asks for, so that all rows together cost what the entries do.
"""

from __future__ import annotations

import heapq
from collections.abc import Container, Sequence

from autodiff.graph.graph import Graph
from autodiff.table.float import Float
from verify.truth.spec import Numbers, opened

__all__ = ["pulled_near"]


def pulled_near(
    graph: Graph,
    values: Sequence[object],
    known: Container[int],
    output: int,
    number: Numbers = Float,
) -> dict[int, object]:
    """The bar of each input that a node depends on, from 1 at the node.

    Args:
        graph: The function.
        values: The value of each node.
        known: Nodes whose values are known numbers.
        output: The node.
        number: What known numbers are made of.
    """
    bars: dict[int, object] = {output: number(1.0)}
    found: dict[int, object] = {}
    waiting = [-output]  # nodes that have a bar, last first
    while waiting:
        index = -heapq.heappop(waiting)
        bar, (primitive, operands) = bars.pop(index), graph.nodes[index][:2]
        if primitive is None:
            if index < graph.inputs.count:
                found[index] = bar
            continue
        value, arguments = values[index], [values[i] for i in operands]
        for rule, i in zip(primitive.partials, operands, strict=True):
            if rule is None or i in known:
                continue
            flow = opened(rule(bar, value, *arguments), number)
            if flow is None:
                continue
            before = bars.get(i)
            if before is None:
                heapq.heappush(waiting, -i)
            bars[i] = flow if before is None else before + flow
    return found
