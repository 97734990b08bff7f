"""Loops of a graph of arrays: the nodes that are one loop, and what that loop does.

A loop repeats its body, a graph whose inputs are the carries, the elements of the streams and what
stays the same; whose outputs are the carries after the repetition and what is stacked.  Each of its
results is a node of the outer graph.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from autodiff.graph.array_constant import ArrayConstant
from autodiff.graph.graph import Builder, Graph
from autodiff.graph.params import params_text
from autodiff.graph.typed_node import Node, Params, Shape
from autodiff.table.arrays.region_rows import RegionRow, scan_row

__all__ = [
    "Loop",
    "LoopNodes",
    "arrays_in",
    "each_loop",
    "graphs_in",
    "is_region",
    "loop_of",
    "loops_of",
    "region_key",
    "result_of",
]


class Loop(NamedTuple):
    """What a loop does."""

    body: Graph
    length: int
    carries: int  # the first operands
    streams: int  # the next ones; what is left stays the same
    reverse: bool  # True: from the last element of streams and stacks to the first

    @property
    def places(self) -> range:
        """The repetitions, in the order in which they are run."""
        return range(self.length - 1, -1, -1) if self.reverse else range(self.length)

    @property
    def results(self) -> int:
        """How many results it has: the carries, then what is stacked."""
        return len(self.body.outputs)

    @property
    def stream_places(self) -> range:
        """Which operands are streams."""
        return range(self.carries, self.carries + self.streams)

    @property
    def fixed_places(self) -> range:
        """Which operands stay the same."""
        return range(self.carries + self.streams, self.body.inputs.count)

    def params(self, result: int) -> Params:
        """The parameters of the node of one result."""
        body, length, carries, streams, reverse = self
        return (
            ("body", body), ("length", length), ("carries", carries), ("streams", streams),
            ("reverse", reverse), ("result", result),
        )  # fmt: skip

    def shape(self, result: int) -> Shape:
        """The shape of one result."""
        own = self.body.nodes[self.body.outputs[result]].shape
        return own if result < self.carries else (self.length, *own)

    def add(self, builder: Builder, operands: Sequence[int], result: int) -> int:
        """The node of one result in a graph under construction."""
        return builder.add(scan_row, tuple(operands), self.params(result), self.shape(result))


class LoopNodes(NamedTuple):
    """A loop, and the nodes that are its results."""

    loop: Loop
    operands: tuple[int, ...]
    members: dict[int, int]  # result -> node, as they stand in the graph

    @property
    def first(self) -> int:
        """The first of the nodes."""
        return min(self.members.values())


def is_region(node: Node) -> bool:
    """True for a result of a region."""
    return isinstance(node.primitive, RegionRow)


def loop_of(node: Node) -> Loop:
    """The loop that a node is a result of."""
    return Loop(*[value for _, value in node.params[:-1]])  # type: ignore[arg-type]  # as in rows


def result_of(node: Node) -> int:
    """Which result of its region a node is."""
    place = node.params[-1][1]
    assert isinstance(place, int)
    return place


def region_key(node: Node) -> tuple[object, ...]:
    """What nodes of one region have in common."""
    return node.primitive, node.operands, params_text(node.params[:-1])


def loops_of(graph: Graph) -> dict[int, LoopNodes]:
    """The loop of every node that is a result of one; nodes of one loop have one entry."""
    known: dict[int, LoopNodes] | None = graph.plans.get("loops")
    if known is None:
        known = graph.plans["loops"] = dict(_found(graph))
    return known


def each_loop(graph: Graph) -> list[LoopNodes]:
    """Every loop once, in the order of their first nodes."""
    return list({id(group): group for group in loops_of(graph).values()}.values())


def _found(graph: Graph) -> Iterator[tuple[int, LoopNodes]]:
    if graph.expanded:
        return
    groups: dict[object, LoopNodes] = {}
    for index, node in enumerate(graph.nodes):
        if is_region(node):
            group = groups.setdefault(region_key(node), LoopNodes(loop_of(node), node.operands, {}))
            group.members[result_of(node)] = index
            yield index, group


def arrays_in(graph: Graph) -> list[ArrayConstant]:
    """The arrays of constants of a graph and of the graphs inside it, each once."""
    return list(dict.fromkeys(x for one in graphs_in(graph) for x in one.arrays.values()))


def graphs_in(graph: Graph) -> Iterator[Graph]:
    """A graph, and the bodies of its loops, however deep."""
    waiting = [graph]
    while waiting:
        one = waiting.pop()
        yield one
        waiting += [group.loop.body for group in each_loop(one)]
