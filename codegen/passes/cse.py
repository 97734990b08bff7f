"""cse: one node for ``x + y`` and ``y + x`` (common subexpressions).  Licence: exact.

The Builder interns equal nodes already; what is left are equal nodes with swapped operands.
"""

from __future__ import annotations

from autodiff.graph import Builder, Graph
from autodiff.primitive import Primitive

__all__ = ["cse"]


def _swapped_twins(graph: Graph) -> dict[int, int]:
    """Later node -> earlier node that computes the same with swapped operands."""
    seen: dict[tuple[Primitive, int, int], int] = {}
    twins: dict[int, int] = {}
    for index, primitive, operands in graph.operations():
        if primitive.commutative:
            x, y = operands
            key = (primitive, x, y) if x < y else (primitive, y, x)
            first = seen.setdefault(key, index)
            if first != index:
                twins[index] = first
    return twins


def cse(graph: Graph) -> Graph:
    """``graph`` with commuted duplicates merged."""
    # Merging two nodes can make their users equal or twins in turn: repeat until none is left.
    while twins := _swapped_twins(graph):
        builder = Builder(graph.input_count)
        nodes = graph.nodes
        new = list(range(graph.input_count)) + [-1] * (len(nodes) - graph.input_count)

        def place(index: int, new: list[int] = new, builder: Builder = builder) -> int:
            value = nodes[index][2]  # noqa: B023  # called within this round only
            return new[index] if value is None else builder.literal(value)

        for index, primitive, operands in graph.operations():
            if index in twins:
                new[index] = new[twins[index]]
            else:
                new[index] = builder.add(primitive, tuple([place(i) for i in operands]))
        outputs = [place(i) for i in graph.outputs]
        graph = builder.graph(graph.name, graph.parameters, outputs, graph.result)
    return graph
