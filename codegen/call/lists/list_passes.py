"""list_passes: what rewrites loops over numbers before they are written.  Licence: exact."""

from __future__ import annotations

from collections.abc import Mapping

from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import LoopNodes
from autodiff.graph.loops.rebuilt_loops import rebuilt_loops
from autodiff.graph.loops.trim import lifted, settled, trimmed
from autodiff.graph.rebuild import Rebuild, live_nodes, rebuild
from codegen.passes.array_passes import array_passes
from codegen.passes.simplify import simplify

__all__ = ["list_passes"]


def list_passes(graph: Graph) -> Graph:
    """A spread graph without what changes no bit, in its loops as well."""
    graph = rebuilt_loops(graph, _of_loop, live_nodes(graph))
    graph = simplify(array_passes(graph))
    return rebuild(graph, live=live_nodes(graph))


def _of_loop(walk: Rebuild, group: LoopNodes, members: Mapping[int, int]) -> dict[int, int]:
    """A loop of what is wanted, whose carries change, after the passes of its body."""
    small, operands, places = trimmed(group.loop, group.operands, members)
    small = small._replace(body=list_passes(small.body))
    loop, left, kept = settled(small, operands)
    loop, arrays = lifted(loop)
    placed = [*(walk.placed(i) for i in left), *map(walk.builder.literal, arrays)]
    return {
        node: loop.add(walk.builder, placed, kept[places[k]])
        if places[k] in kept
        else walk.placed(operands[places[k]])
        for k, node in members.items()
    }
