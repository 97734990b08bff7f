"""dce: drop every node that no output needs (dead code elimination).  Licence: exact."""

from __future__ import annotations

from autodiff.graph.graph import Graph
from autodiff.graph.rebuild import live_nodes, rebuild

__all__ = ["dce"]


def dce(graph: Graph) -> Graph:
    """``graph`` without dead nodes; constants move to their first remaining user."""
    live = live_nodes(graph)
    return graph if all(live[graph.inputs.count :]) else rebuild(graph, live=live)
