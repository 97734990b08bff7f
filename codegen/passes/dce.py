"""dce: drop every node that no output needs (dead code elimination).  Licence: exact."""

from __future__ import annotations

from autodiff.graph import Builder, Graph

__all__ = ["dce", "live_nodes"]


def live_nodes(graph: Graph) -> bytearray:
    """1 for each node that an output depends on."""
    live = bytearray(len(graph.nodes))
    for output in graph.outputs:
        live[output] = 1
    nodes = graph.nodes
    for index in range(len(nodes) - 1, -1, -1):
        if live[index]:
            for operand in nodes[index][1]:
                live[operand] = 1
    return live


def dce(graph: Graph) -> Graph:
    """``graph`` without dead nodes; literals move to their first remaining user."""
    live, count = live_nodes(graph), graph.input_count
    if all(live[count:]):
        return graph
    builder = Builder(count)
    add, literal, nodes = builder.add, builder.literal, graph.nodes
    new: list[int] = list(range(count)) + [-1] * (len(nodes) - count)

    def place(index: int) -> int:
        value = nodes[index][2]
        return new[index] if value is None else literal(value)

    for index in range(count, len(nodes)):
        primitive, operands, _, _ = nodes[index]
        if live[index] and primitive is not None:
            new[index] = add(primitive, tuple([place(i) for i in operands]))
    outputs = [place(i) for i in graph.outputs]
    return builder.graph(graph.name, graph.parameters, outputs, graph.result)
