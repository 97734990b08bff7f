"""Loops as short as some points need: what a loop that may end early does at these, no more.

Written in scalars, a loop that may repeat a thousand times is as long as all of them; at given
points a few repetitions do something, and the others keep everything as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from autodiff.graph.graph import Graph
from autodiff.graph.loops.ending import goes_on
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.run.whole.whole_values import run_whole

__all__ = ["shortened"]


def shortened(graph: Graph, points: Sequence[Sequence[object]]) -> Graph:
    """``graph`` with loops as long as they go on at one of the points; equal to it there.

    Args:
        graph: A graph of arrays.
        points: The scalars and arrays of the arguments, at each.
    """
    lengths: dict[int, int] = {}
    for parts in points:
        run_whole(graph, parts, lengths=lengths)
    return _cut(graph, lengths)


def _cut(graph: Graph, lengths: Mapping[int, int]) -> Graph:
    loops = loops_of(graph)
    if not loops:
        return graph
    nodes, known = list(graph.nodes), {}
    for index, group in loops.items():
        loop = group.loop
        if id(group) not in known:
            length = loop.length
            if max(group.members) < loop.carries and goes_on(loop) is not None:
                length = min(length, max(lengths.get(id(loop.body), 0), 1))
            body = _cut(loop.body, lengths)
            known[id(group)] = loop._replace(body=body, length=length)
        result = next(k for k, node in group.members.items() if node == index)
        nodes[index] = nodes[index]._replace(params=known[id(group)].params(result))
    return replace(graph, nodes=tuple(nodes))
