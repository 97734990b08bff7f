"""The derivative of a loop is a loop: over what the repetitions began with, which is kept.

Backwards, a repetition takes the cotangents of the carries after it, of what it stacked, and gives
those of the carries before it; cotangents of what stays the same add up in carries of their own.
Forwards, tangents are carried along.  Either loop is linear in what it carries, and computes again
what it needs of the repetition itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from autodiff.graph.graph import Builder, Graph
from autodiff.graph.loops.loop_nodes import Loop, LoopNodes, loops_of
from autodiff.graph.loops.trim import rearranged, trimmed
from autodiff.graph.structure import SCALAR, Structure, Tuple
from autodiff.graph.typed_node import Shape
from autodiff.run.reverse_plan import active_nodes
from autodiff.table.arrays.array_row import ARRAY_ROWS
from autodiff.table.float import Float

__all__ = ["Bodies", "keeping", "pulled_loop", "pushed_loop"]


class Bodies(Protocol):
    """What extends the body of a loop."""

    graph: Graph
    operands: list[Any]

    def pull_back(self, seeds: Sequence[object], inputs: Sequence[int]) -> list[Any]:
        """Cotangents of inputs."""
        ...

    def push_forward(self, tangents: dict[int, object], ends: Sequence[int]) -> list[Any]:
        """Tangents of nodes."""
        ...

    def body(self, outputs: Sequence[object]) -> Graph:
        """The extended graph with these outputs."""
        ...


Extend = Callable[[Graph, Sequence[tuple[str, Structure]]], Bodies]


def keeping(graph: Graph) -> Graph:
    """``graph`` with loops that also stack what every repetition begins with; no node moves."""
    loops = loops_of(graph)
    if not loops:
        return graph
    nodes, kept = list(graph.nodes), {}
    for index, group in loops.items():
        key = id(group)
        if key not in kept:
            kept[key] = _keeping(group.loop)
        result: Any = nodes[index].params[-1][1]
        nodes[index] = nodes[index]._replace(params=kept[key].params(result))
    return replace(graph, nodes=tuple(nodes))


def _keeping(loop: Loop) -> Loop:
    body = loop.body
    stacked = set(body.outputs[loop.carries :])
    more = tuple([i for i in range(loop.carries) if i not in stacked])
    if not more:
        return loop
    outputs = (*body.outputs, *more)
    parts = [structure for _, structure in body.parameters]
    assert isinstance(body.result, Tuple)
    result = Tuple((*body.result.items, *(parts[i] for i in more)))
    return loop._replace(body=replace(body, outputs=outputs, result=result))


def _kept_at(loop: Loop, carry: int) -> int:
    """The result that is a carry before each repetition."""
    return loop.body.outputs.index(carry, loop.carries)


def _active(loop: Loop, given: Sequence[bool]) -> tuple[list[int], bytearray]:
    """Inputs of the body through which a derivative flows, if it does through some operands."""
    body, inputs = loop.body, {i for i, flows in enumerate(given) if flows}
    while True:
        active = active_nodes(body, inputs)
        more = {k for k in range(loop.carries) if active[body.outputs[k]]}
        if more <= inputs:
            return sorted(inputs), active
        inputs |= more


def _zeros(builder: Builder, shape: Shape) -> int:
    zero = builder.literal(0.0)
    row = ARRAY_ROWS["broadcast_to"]
    return builder.add(row, (zero,), (("shape", shape),), shape) if shape else zero


class _Linear:
    """A loop that goes with another, under construction.

    Its body has the inputs of the other's body, then inputs of its own.
    """

    def __init__(self, group: LoopNodes, builder: Builder) -> None:
        self.loop, self.operands, self.builder = group.loop, group.operands, builder
        self.own: list[tuple[str, Structure]] = []
        self._first = self.loop.body.inputs.count
        self._carried: list[tuple[int, int]] = []  # an input of its body, and its operand
        self._streamed: list[tuple[int, int]] = []
        self._fixed: list[tuple[int, int]] = []

    def _input(self, like: str, structure: Structure, operand: int, kind: Any) -> int:
        place = self._first + len(self.own)
        self.own.append((like, structure))
        kind.append((place, operand))
        return place

    def _of_input(self, i: int, suffix: str) -> tuple[str, Structure]:
        name, structure = self.loop.body.parameters[i]
        return f"{name}_{suffix}", structure

    def carry(self, i: int, suffix: str, first: int | None) -> int:
        """An input of the body: a carry that belongs to an input of the other's."""
        if first is None:
            first = _zeros(self.builder, self.loop.body.nodes[i].shape)
        return self._input(*self._of_input(i, suffix), first, self._carried)

    def stream(self, i: int, suffix: str, operand: int) -> int:
        """The same, an element of a stream."""
        return self._input(*self._of_input(i, suffix), operand, self._streamed)

    def fixed(self, i: int, suffix: str, operand: int) -> int:
        """The same, what stays the same."""
        return self._input(*self._of_input(i, suffix), operand, self._fixed)

    def stacked(self, k: int, suffix: str, operand: int) -> int:
        """An element of a stream that belongs to what the other stacks.

        An operand without axes stands for the same number everywhere.
        """
        result, name = self.loop.body.result, f"y_{k}_{suffix}"
        assert isinstance(result, Tuple)
        if not self.builder.nodes[operand].shape:
            return self._input(name, SCALAR, operand, self._fixed)
        return self._input(name, result.items[k], operand, self._streamed)

    def finish(self, body: Graph, reverse: bool) -> list[int]:
        """The nodes of its results, for a body with those inputs."""
        loop, builder = self.loop, self.builder
        kept = [
            (i, loop.add(builder, self.operands, _kept_at(loop, i))) for i in range(loop.carries)
        ]
        streams = [*kept, *((i, self.operands[i]) for i in loop.stream_places), *self._streamed]
        fixed = [*((i, self.operands[i]) for i in loop.fixed_places), *self._fixed]
        every = [*self._carried, *streams, *fixed]
        results = range(len(body.outputs))
        made = Loop(
            rearranged(body, [i for i, _ in every], results),
            loop.length, len(self._carried), len(streams), reverse,
        )  # fmt: skip
        small, operands, places = trimmed(made, [operand for _, operand in every], results)
        return [small.add(builder, operands, places[k]) for k in results]


def pulled_loop(
    group: LoopNodes,
    bars: Mapping[int, Float | int],
    active: Sequence[bool],
    builder: Builder,
    extend: Extend,
) -> dict[int, int]:
    """Nodes of the cotangents of the operands of a loop.

    Args:
        group: The loop, which keeps what its repetitions begin with.
        bars: The cotangents of its results that have one: nodes, or numbers; of what is stacked,
            a scalar stands for the same number everywhere.
        active: Per operand, whether its cotangent is asked for.
        builder: Where they are added.
        extend: What extends the body.
    """  # fmt: skip
    loop, linear = group.loop, _Linear(group, builder)
    wanted, flowing = _active(loop, active)
    carries = [i for i in wanted if i < loop.carries]
    streams = [i for i in wanted if i in loop.stream_places]
    fixed = [i for i in wanted if i in loop.fixed_places]
    seeds: dict[int, int | Float] = {}
    for i in carries:
        first = bars.get(i)
        node = builder.literal(first) if isinstance(first, Float) else first
        seeds[i] = linear.carry(i, "bar", node)
    totals = [linear.carry(i, "bar", None) for i in fixed]
    for k, bar in bars.items():
        if k >= loop.carries and flowing[loop.body.outputs[k]]:
            seeds[k] = bar if isinstance(bar, Float) else linear.stacked(k, "bar", bar)
    inside = extend(loop.body, linear.own)
    arriving = [
        inside.operands[seed] if type(seed) is int else seed
        for seed in map(seeds.get, range(loop.results))
    ]
    found = dict(zip(wanted, inside.pull_back(arriving, wanted), strict=True))
    added = [inside.operands[total] + found[i] for total, i in zip(totals, fixed, strict=True)]
    outputs = [*(found[i] for i in carries), *added, *(found[i] for i in streams)]
    made = linear.finish(inside.body(outputs), not loop.reverse)
    return dict(zip([*carries, *fixed, *streams], made, strict=True))


def pushed_loop(
    group: LoopNodes, dots: Mapping[int, int], builder: Builder, extend: Extend
) -> dict[int, int]:
    """Nodes of the tangents of the results of a loop.

    Args:
        group: The loop, which keeps what its repetitions begin with.
        dots: The tangents of its operands that have one.
        builder: Where they are added.
        extend: What extends the body.
    """
    loop, linear = group.loop, _Linear(group, builder)
    wanted, flowing = _active(loop, [i in dots for i in range(loop.body.inputs.count)])
    places: dict[int, int] = {}
    for i in wanted:
        if i < loop.carries:
            places[i] = linear.carry(i, "dot", dots.get(i))
        elif i in loop.stream_places:
            places[i] = linear.stream(i, "dot", dots[i])
        else:
            places[i] = linear.fixed(i, "dot", dots[i])
    results = [
        k
        for k, output in enumerate(loop.body.outputs)
        if (k in places if k < loop.carries else flowing[output])
    ]
    inside = extend(loop.body, linear.own)
    tangents = {i: inside.operands[place] for i, place in places.items()}
    found = inside.push_forward(tangents, [inside.graph.outputs[k] for k in results])
    made = linear.finish(inside.body(found), loop.reverse)
    return dict(zip(results, made, strict=True))
