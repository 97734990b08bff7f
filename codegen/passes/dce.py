"""dce: drop every node that no output needs (dead code elimination).  Licence: exact."""

from __future__ import annotations

from autodiff.graph.graph import Graph, Node
from autodiff.origins.origin import moved

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
    nodes = list(graph.nodes[:count])
    new = list(range(count)) + [-1] * (len(graph.nodes) - count)

    def place(index: int) -> int:
        if new[index] < 0:  # a literal, met for the first time
            new[index] = len(nodes)
            nodes.append(graph.nodes[index])
        return new[index]

    for index in range(count, len(graph.nodes)):
        primitive, operands, _, _ = graph.nodes[index]
        if live[index] and primitive is not None:
            placed = tuple([new[i] if new[i] >= 0 else place(i) for i in operands])
            new[index] = len(nodes)
            nodes.append(_new_node(Node, (primitive, placed, None, ())))
    outputs = tuple([place(i) for i in graph.outputs])
    origins = moved(graph.origins, new)
    return Graph(graph.name, graph.parameters, tuple(nodes), outputs, graph.result, origins)


_new_node = tuple.__new__
