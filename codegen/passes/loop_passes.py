"""loop_passes: loops without what nobody needs of them, and with bodies after their own passes."""

from __future__ import annotations

from collections.abc import Callable

from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import LoopNodes, loops_of
from autodiff.graph.loops.trim import lifted, trimmed
from autodiff.graph.rebuild import Rebuild, live_nodes, rebuild
from autodiff.table.primitive import Primitive

__all__ = ["loop_passes"]


def loop_passes(graph: Graph, of_body: Callable[[Graph], Graph]) -> Graph:
    """``graph`` with the results of loops that are wanted, and no others.

    Args:
        graph: A graph of arrays.
        of_body: The passes for what is repeated.
    """
    live = live_nodes(graph)
    loops = {i: group for i, group in loops_of(graph).items() if live[i]}
    if not loops:
        return graph
    known: dict[int, dict[int, int]] = {}  # a loop -> what its nodes became

    def of_loop(walk: Rebuild, group: LoopNodes) -> dict[int, int]:
        members = {k: i for k, i in group.members.items() if live[i]}
        loop, operands, places = trimmed(group.loop, group.operands, members)
        loop = loop._replace(body=of_body(loop.body))
        loop, arrays = lifted(loop)
        placed = [*(walk.placed(i) for i in operands), *map(walk.builder.literal, arrays)]
        return {i: loop.add(walk.builder, placed, places[k]) for k, i in members.items()}

    def rule(
        walk: Rebuild, index: int, primitive: Primitive, operands: tuple[int, ...]
    ) -> int | None:
        group = loops.get(index)
        if group is None:
            return None
        key = id(group)
        if key not in known:
            known[key] = of_loop(walk, group)
        return known[key][index]

    return rebuild(graph, rule, live)
