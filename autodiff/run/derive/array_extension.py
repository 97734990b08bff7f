"""A graph of arrays being extended by derivatives.

As ``extension.py``, with three things more.  Cotangents may be lazy (``table/arrays``).  What was
broadcast gets the sum of its copies' cotangents, here and nowhere else.  And a guard ends where
elements are added up: the cotangent is selected there, and what an open condition reaches beyond
is found by the row itself, so that ``0 * inf`` of an untaken branch stays nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from autodiff.graph.array_constant import ArrayConstant
from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import LoopNodes, loops_of
from autodiff.graph.structure import SCALAR, Array, Structure, Tuple
from autodiff.graph.typed_node import Node
from autodiff.run.derive.adding import added, pulled_in_order
from autodiff.run.derive.calm import is_calm
from autodiff.run.derive.extension import Extension
from autodiff.run.derive.guard import Guard, Opened, below, join, meet, unguarded
from autodiff.run.derive.keeping import keeping
from autodiff.run.derive.missing import SUMMING, around_missing, has_missing
from autodiff.run.derive.through_loops import pulled_loop, pushed_loop
from autodiff.run.reverse_plan import active_nodes
from autodiff.table import ops
from autodiff.table.arrays.array_row import ArrayRow, Use, shape_of
from autodiff.table.arrays.reshaping import broadcast_to, unbroadcast
from autodiff.table.float import Float
from autodiff.table.primitive import Guarded, Primitive
from autodiff.trace.array_operand import value_of
from autodiff.trace.array_tracer import ArrayTracer

__all__ = ["ArrayExtension", "extension_of"]

_Flow = tuple[Any, Guard | None]


class ArrayExtension(Extension):
    """A graph of arrays being extended by derivative nodes."""

    def __init__(
        self, graph: Graph, extra_inputs: Sequence[tuple[str, Structure]] = (),
        missing: bool = False, repeated: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(keeping(graph), extra_inputs)
        self._repeated = repeated  # a body of a loop: arrays that it carries change in place
        builder, self._loops = self.builder, loops_of(self.graph)
        self._missing = missing or has_missing(graph)  # values of untaken branches may be nan
        self._extend = partial(ArrayExtension, missing=self._missing, repeated=True)
        self._open: Opened = {}
        self.operands = [ArrayTracer(builder, i) for i in range(len(self.graph.nodes))]
        for index, value in self.graph.constants.items():
            self.operands[index] = Float(value)

    # --- backwards ---

    def pull_back(
        self, seeds: Sequence[object], inputs: Sequence[int], active: bytearray | None = None
    ) -> list[object]:
        """Cotangents of ``inputs`` from the cotangents ``seeds`` of the outputs."""
        given = [None if seed is None else (seed, None) for seed in seeds]
        flows = self._swept(given, inputs, active)
        return [self._whole(flows[i], i) for i in inputs]

    def pull_guarded(
        self, seeds: Sequence[tuple[object, object] | None], inputs: Sequence[int]
    ) -> list[tuple[object, object]]:
        """Cotangents of inputs, each with the condition under which it flows; None: always."""
        given = [
            None if seed is None
            else (seed[0], None if seed[1] is None else Guard(None, seed[1], True))
            for seed in seeds
        ]  # fmt: skip
        flows = self._swept(given, inputs, None)
        found: list[tuple[object, object]] = []
        for i in inputs:
            flow = flows[i]
            guard = None if flow is None else flow[1]
            found.append((self._whole(flow, i), None if guard is None else guard.combined()))
        return found

    def full(self, value: object, index: int) -> Any:
        """A number or an array in the shape of a node."""
        return self._spread(value, self.graph.nodes[index].shape)

    def is_calm(self, inputs: Sequence[int]) -> bool:
        """See ``Bodies``."""
        return self._is_calm_body(self.graph, active_nodes(self.graph, inputs))

    def _swept(
        self,
        seeds: Sequence[_Flow | None],
        inputs: Sequence[int],
        active: bytearray | None,
    ) -> list[_Flow | None]:
        """What arrives at each node."""
        nodes = self.graph.nodes
        active = active_nodes(self.graph, inputs) if active is None else active
        calm = self._calm_below(active)
        flows: list[_Flow | None] = [None] * len(nodes)

        def accumulate(index: int, flow: _Flow) -> None:
            flow, present = self._traced(flow), flows[index]
            if present is None:
                flows[index] = flow
            elif self._repeated and present[1] is flow[1]:
                flows[index] = added(present[0], flow[0]), flow[1]
            else:
                flows[index] = join(*present, *flow)

        sweeps: list[tuple[int, int, object]] = []
        for output, seed in zip(self.graph.outputs, seeds, strict=True):
            if active[output] and seed is not None:
                accumulate(output, seed)
        for index in range(len(nodes) - 1, self.graph.inputs.count - 1, -1):
            arriving = flows[index]
            if index in self._loops:
                if index == self._loops[index].first:
                    sweeps.append((len(self.builder.nodes), index, None))
                    for i, part in self._pulled_loop(self._loops[index], flows, active, calm):
                        accumulate(i, part)
                continue
            if arriving is None:
                continue
            flows[index] = None
            sweeps.append((len(self.builder.nodes), index, arriving[0]))
            for position, i in pulled_in_order(nodes[index], self._repeated):
                if active[i]:
                    flow = self._pulled(nodes[index], index, position, arriving, bool(calm[i]))
                    if flow is not None:
                        accumulate(i, flow)
        sweeps.append((len(self.builder.nodes), -1, None))
        bars = [self._whole(flows[i], i) for i in inputs]
        sweeps += [(len(self.builder.nodes), i, g) for i, g in zip(inputs, bars, strict=True)]
        self.noted("bar", sweeps)
        return flows

    def _pulled(
        self, node: Node, index: int, position: int, arriving: _Flow, calm: bool
    ) -> _Flow | None:
        """What one operand of a node gets from the node's cotangent."""
        primitive, i = node.primitive, node.operands[position]
        assert primitive is not None
        if not isinstance(primitive, ArrayRow):
            rule = primitive.partials[position]
            if rule is None:
                return None
            arguments = [self.operands[j] for j in node.operands]
            flow = self._guarded(rule(arriving[0], self.operands[index], *arguments), arriving[1])
            if flow is None:
                return None
            own = self.graph.nodes[i].shape
            if own == node.shape:
                return flow
            return self._through(
                lambda g: unbroadcast(g, own, node.shape), None, flow, node.shape, calm
            )
        pull = primitive.rule(position)
        if pull is None:
            return None
        use = self._use(node, index, position)
        lazy, sums = primitive.lazy, self._missing and primitive is SUMMING

        def pulled(g: object) -> object:
            assert pull is not None
            if sums and arriving[1] is not None:
                return around_missing(pull, g, use, ops.where(arriving[1].combined(), 1.0, 0.0))
            return pull(g if lazy else self._spread(g, node.shape), use)

        reach = primitive.reach(position)
        reached = None if reach is None else lambda g: reach(g, use)
        return self._through(pulled, reached, arriving, node.shape, calm)

    def _pulled_loop(
        self, group: LoopNodes, flows: Sequence[_Flow | None], active: Sequence[int],
        calm: Sequence[int],
    ) -> Iterator[tuple[int, _Flow]]:  # fmt: skip
        """What the operands of a loop get from the cotangents of its results."""
        bars: dict[int, Float | int] = {}
        opened: dict[int, int] = {}
        asked = {k: bool(calm[i]) for k, i in enumerate(group.operands) if active[i]}
        body = group.loop.body  # where nothing is infinite, a zero may arrive as well as nothing
        everywhere = all(asked.values()) and self._is_calm_body(
            body, bytes(b"\1" * len(body.nodes))
        )
        for result, node in sorted(group.members.items()):
            flow = flows[node]
            if flow is not None:
                value = unguarded(*flow)
                if flow[1] is not None and not everywhere:
                    flag = ops.where(flow[1].combined(), 1.0, 0.0)
                    opened[result] = self._index(self._spread(flag, self.graph.nodes[node].shape))
                    value = self._whole(flow, node)
                if result < group.loop.carries or shape_of(value):
                    value = self._whole(flow, node)
                bars[result] = value if isinstance(value, Float) else self._index(value)
        if not bars:
            return
        pulled = pulled_loop(group, bars, opened, asked, self.graph, self.builder, self._extend)
        for place, (bar, own) in pulled.items():
            if place in asked:
                condition = None if own is None else ops.ne(ArrayTracer(self.builder, own), 0.0)
                guard = None if condition is None else Guard(None, condition, True)
                yield group.operands[place], (ArrayTracer(self.builder, bar), guard)

    def _pushed_loop(self, group: LoopNodes, flows: list[_Flow | None]) -> None:
        """The tangents of the results of a loop from those of its operands."""
        dots = {
            place: self._index(self._whole(flow, i))
            for place, i in enumerate(group.operands)
            if (flow := flows[i]) is not None
        }
        if not dots:
            return
        for result, dot in pushed_loop(group, dots, self.graph, self.builder, self._extend).items():
            if result in group.members:
                flows[group.members[result]] = ArrayTracer(self.builder, dot), None

    def body(self, outputs: Sequence[object]) -> Graph:
        """The extended graph, a body of a loop, with these outputs."""
        indices = [self._index(x) for x in outputs]
        shapes = (self.builder.nodes[i].shape for i in indices)
        result = Tuple(tuple([Array(shape) if shape else SCALAR for shape in shapes]))
        name, parameters = self.graph.name, self.graph.parameters
        return self.builder.graph(name, parameters, indices, result, self._made)

    def _use(self, node: Node, index: int, position: int) -> Use:
        operands = tuple([self.operands[j] for j in node.operands])
        shapes = tuple([self.graph.nodes[j].shape for j in node.operands])
        return Use(position, operands, self.operands[index], node.named, shapes, node.shape)

    def _guarded(self, value: object, guard: Guard | None) -> _Flow | None:
        """What a rule gives, below the guard of what it was given."""
        if value is None:
            return None
        if type(value) is not Guarded:
            return value, guard
        known = value_of(value.condition)
        if known is not None:
            is_open = (np.asarray(known) != 0.0) == value.polarity
            if is_open.all():
                return value.value, guard
            if not is_open.any():
                return None
        return value.value, below(self._open, guard, value)

    def _through(
        self,
        move: Callable[[object], object],
        reach: Callable[[object], object] | None,
        flow: _Flow,
        shape: tuple[int, ...],
        calm: bool,
    ) -> _Flow:
        """A flow through something that moves or adds up elements."""
        value, guard = flow
        if guard is None and not (self._missing and reach):
            return move(value), None
        moved = move(unguarded(value, guard))
        if calm:
            return moved, None
        opened = 1.0 if guard is None else ops.where(guard.combined(), 1.0, 0.0)
        reached = (reach or move)(broadcast_to(opened, shape))
        condition = ops.ne(reached, 0.0)
        known = value_of(condition)
        if known is not None and np.all(known):
            return moved, None
        return moved, Guard(None, condition, True)

    def _whole(self, flow: _Flow | None, index: int) -> object:
        """The cotangent of an input, in its full shape."""
        value = 0.0 if flow is None else unguarded(*flow)
        return self._spread(value, self.graph.nodes[index].shape)

    def _spread(self, value: object, shape: tuple[int, ...]) -> object:
        """A cotangent or tangent in its full shape; a number as it is."""
        if not shape:
            return value
        if not isinstance(value, ArrayTracer):
            value = ArrayTracer(self.builder, self._index(value))
        return broadcast_to(value, shape)

    def _calm_below(self, active: bytearray) -> bytearray:
        """1 for each node below which no partial is infinite at finite operands."""
        nodes, calm = self.graph.nodes, bytearray(b"\1" * len(self.graph.nodes))
        for index in range(self.graph.inputs.count, len(nodes)):
            if not active[index]:
                continue
            calm[index] = (
                not self._missing
                and is_calm(self.graph, nodes[index], active)
                and all(calm[i] for i in nodes[index].operands if active[i])
            )
        return calm

    def _is_calm_body(self, body: Graph, active: Sequence[int]) -> bool:
        """The same of all active nodes of a body."""
        return not self._missing and all(
            is_calm(body, node, active)
            for i, node in enumerate(body.nodes)
            if active[i] and node.primitive is not None
        )

    # --- forwards ---

    def push_forward(
        self, tangents: dict[int, object], ends: Sequence[int] | None = None
    ) -> list[object]:
        """Tangents of the outputs (None: structurally zero) from tangents of input nodes."""
        nodes = self.graph.nodes
        flows: list[_Flow | None] = [None] * len(nodes)
        for index, tangent in tangents.items():
            flows[index] = tangent, None
        pushes: list[tuple[int, int, object]] = []
        start = len(self.builder.nodes)
        for index in range(self.graph.inputs.count, len(nodes)):
            node, flow = nodes[index], None
            if index in self._loops:
                if index == self._loops[index].first:
                    self._pushed_loop(self._loops[index], flows)
                if (made := flows[index]) is not None:
                    pushes.append((start, index, made[0]))
                    start = len(self.builder.nodes)
                continue
            for position, i in enumerate(node.operands):
                arriving = flows[i]
                if arriving is None:
                    continue
                part = self._pushed(node, index, position, arriving)
                if part is not None:
                    part = self._traced(part)
                    flow = part if flow is None else meet(*flow, *part)
            flows[index] = flow
            if flow is not None:
                pushes.append((start, index, flow[0]))
                start = len(self.builder.nodes)
        self.noted("dot", pushes)
        ends = self.graph.outputs if ends is None else ends
        return [self._whole(flows[i], i) for i in ends]

    def _pushed(self, node: Node, index: int, position: int, arriving: _Flow) -> _Flow | None:
        """What the tangent of a node gets from that of one operand."""
        primitive = node.primitive
        assert primitive is not None
        if not isinstance(primitive, ArrayRow):
            return self._pushed_elementwise(primitive, node, index, position, arriving)
        if primitive.rule(position) is None:
            return None
        use = self._use(node, index, position)

        def pushed(t: object) -> object:
            return primitive.push(self._spread(t, use.own), use)

        def reached(t: object) -> object:
            t = broadcast_to(t, use.own)
            if primitive.reaches_on is not None:
                return primitive.reaches_on(t, use)
            ones = tuple(
                x if j == position else np.ones(use.shapes[j]) for j, x in enumerate(use.operands)
            )
            return primitive.push(t, use._replace(operands=ones) if primitive.reaches else use)

        return self._through(pushed, reached, arriving, use.own, False)

    def _pushed_elementwise(
        self, primitive: Primitive, node: Node, index: int, position: int, arriving: _Flow
    ) -> _Flow | None:
        rule = primitive.partials[position]
        if rule is None:
            return None
        arguments = [self.operands[j] for j in node.operands]
        return self._guarded(rule(arriving[0], self.operands[index], *arguments), arriving[1])

    def _traced(self, flow: _Flow) -> _Flow:
        """The flow; an array that is known, of what rules made of numbers, as a constant."""
        value, guard = flow
        if not isinstance(value, np.ndarray):
            return flow
        numbers = np.array(value.tolist(), dtype=np.float64)
        return ArrayTracer(self.builder, self._index(numbers)), guard

    def _index(self, x: object) -> int:
        if isinstance(x, np.ndarray):
            return self.builder.literal(ArrayConstant(x) if x.shape else float(x))
        return super()._index(x)


def extension_of(graph: Graph, extra_inputs: Sequence[tuple[str, Structure]] = ()) -> Extension:
    """What extends ``graph`` by derivatives, with more inputs behind its own."""
    return (Extension if graph.expanded else ArrayExtension)(graph, extra_inputs)
