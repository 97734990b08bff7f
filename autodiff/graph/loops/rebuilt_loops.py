"""A graph made anew, loop by loop: what the results of each loop become is asked once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import LoopNodes, loops_of
from autodiff.graph.rebuild import Rebuild, rebuild
from autodiff.table.primitive import Primitive

__all__ = ["rebuilt_loops"]

# The walk, a loop, and its wanted results with their nodes; what these nodes become.
OfLoop: TypeAlias = Callable[[Rebuild, LoopNodes, Mapping[int, int]], Mapping[int, int]]


def rebuilt_loops(graph: Graph, of_loop: OfLoop, live: Sequence[int] | None = None) -> Graph:
    """``graph`` with other loops.

    Args:
        graph: A graph of arrays.
        of_loop: Makes the nodes of a loop, at the first of them.
        live: Per node, false for those that are left out.
    """
    loops = {i: group for i, group in loops_of(graph).items() if live is None or live[i]}
    if not loops:
        return graph
    known: dict[int, Mapping[int, int]] = {}  # a loop -> what its nodes became

    def rule(
        walk: Rebuild, index: int, primitive: Primitive, operands: tuple[int, ...]
    ) -> int | None:
        group = loops.get(index)
        if group is None:
            return None
        if id(group) not in known:
            wanted = {k: i for k, i in group.members.items() if i in loops}
            known[id(group)] = of_loop(walk, group, wanted)
        return known[id(group)][index]

    return rebuild(graph, rule, live)
