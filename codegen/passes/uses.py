"""How often each node is used: what passes ask before they take a node apart."""

from __future__ import annotations

from autodiff.graph.graph import Graph
from autodiff.graph.rebuild import live_nodes

__all__ = ["all_uses"]


def all_uses(graph: Graph) -> list[int]:
    """How often each node is an operand of a live node, or an output."""
    live = live_nodes(graph)
    uses = [0] * len(graph.nodes)
    for index, _, operands in graph.operations():
        if live[index]:
            for operand in operands:
                uses[operand] += 1
    for output in graph.outputs:
        uses[output] += 1
    return uses
