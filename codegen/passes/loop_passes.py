"""loop_passes: loops without what nobody needs of them, and with bodies after their own passes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import LoopNodes
from autodiff.graph.loops.rebuilt_loops import rebuilt_loops
from autodiff.graph.loops.trim import lifted, trimmed
from autodiff.graph.rebuild import Rebuild, live_nodes

__all__ = ["loop_passes"]


def loop_passes(graph: Graph, of_body: Callable[[Graph], Graph]) -> Graph:
    """``graph`` with the results of loops that are wanted, and no others.

    Args:
        graph: A graph of arrays.
        of_body: The passes for what is repeated.
    """

    def of_loop(walk: Rebuild, group: LoopNodes, members: Mapping[int, int]) -> dict[int, int]:
        loop, operands, places = trimmed(group.loop, group.operands, members)
        loop = loop._replace(body=of_body(loop.body))
        if operands:  # after its passes it may need fewer
            loop, operands, _ = trimmed(loop, operands, range(loop.results))
        loop, arrays = lifted(loop)
        placed = [*(walk.placed(i) for i in operands), *map(walk.builder.literal, arrays)]
        return {i: loop.add(walk.builder, placed, places[k]) for k, i in members.items()}

    return rebuilt_loops(graph, of_loop, live_nodes(graph))
