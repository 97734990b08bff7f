"""The chain rule over graphs of arrays, written down once more: what a gradient must equal.

As ``spec.py``, with one thing more: an operand that was broadcast gets the sum of its copies'
cotangents.  Cotangents have the full shape of their value here, and a contribution under a
condition is selected where it arises; nothing is shared with the transforms.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import LoopNodes, loops_of
from autodiff.graph.typed_node import Node, Shape
from autodiff.table import ops
from autodiff.table.arrays.array_row import ArrayRow, Use
from autodiff.table.arrays.reshaping import broadcast_to, reshape, sum_over
from autodiff.table.primitive import REGISTRY, Guarded, Primitive
from verify.field.whole.array_field import ArrayField, Residues
from verify.field.whole.repeated.stack import Stack
from verify.field.whole.repeated.visited import Repetitions, lengths_in

__all__ = ["ArrayRun", "array_run", "for_rule"]

_FACTORS = frozenset(REGISTRY[name] for name in ("mul", "div", "square"))


def array_run(graph: Graph, inputs: Sequence[Residues], field: ArrayField) -> ArrayRun:
    """A graph of arrays run over residues; its loops are those that a text may have from now on."""
    field.repetitions = Repetitions(lengths_in(graph))
    field.turned = False
    made = ArrayRun(graph, inputs, field)
    field.turned = True
    return made


class ArrayRun:
    """A graph of arrays run over residues, and the chain rule back through that run.

    A loop is run at the repetitions that the field visits; each is a run of its body, and the
    chain rule goes back through these runs.

    Args:
        graph: The graph.
        inputs: A value for each input.
        field: What they are elements of.

    Attributes:
        values: The value of every node.
        repetitions: Per loop, by its first node: each repetition that was run, and its run.
    """

    def __init__(self, graph: Graph, inputs: Sequence[Residues], field: ArrayField) -> None:
        self.graph, self.field = graph, field
        self.values: list[Residues] = list(inputs)
        self._loops = loops_of(graph)
        self.repetitions: dict[int, list[tuple[int, ArrayRun]]] = {}
        for index in range(graph.inputs.count, len(graph.nodes)):
            self.values.append(self._value(index))

    def _value(self, index: int) -> Residues:
        node, field = self.graph.nodes[index], self.field
        if node.primitive is None:
            return field.lift(node.value if node.array is None else node.array.array)
        if index in self._loops:
            return self._result(index)
        operands = tuple([self.values[i] for i in node.operands])
        if isinstance(node.primitive, ArrayRow):
            return field.of_row(node.primitive, operands, node.named)
        return operands[0].bind(node.primitive, operands)

    # --- loops ---

    def _result(self, index: int) -> Residues:
        """A result of a loop, which is run where its first node stands."""
        group = self._loops[index]
        loop, result = group.loop, next(k for k, i in group.members.items() if i == index)
        if group.first not in self.repetitions:
            self.repetitions[group.first] = list(self._repeated(group))
        repetitions = self.repetitions[group.first]
        output = loop.body.outputs[result]
        if result < loop.carries:
            if not repetitions:
                return self._operand(group, result)
            last = repetitions[-1][1].values
            return self.field.carried(*[last[i] for i in loop.body.outputs[: loop.carries]])[result]
        stack = Stack(self.field, loop.shape(result))
        for place, run in repetitions:
            stack[place] = run.values[output]
        return stack

    def _operand(self, group: LoopNodes, place: int) -> Residues:
        return self.values[group.operands[place]]

    def _repeated(self, group: LoopNodes) -> Iterator[tuple[int, ArrayRun]]:
        """Each repetition that is run, and its run."""
        loop = group.loop
        carries = [self._operand(group, place) for place in range(loop.carries)]
        visited = self.field.repetitions.visited(loop.length)
        for place in reversed(visited) if loop.reverse else visited:
            streams = [self._operand(group, i)[place] for i in loop.stream_places]
            fixed = [self._operand(group, i) for i in loop.fixed_places]
            carries = [*self.field.carried(*carries)]
            run = ArrayRun(loop.body, [*carries, *streams, *fixed], self.field)
            carries = [run.values[i] for i in loop.body.outputs[: loop.carries]]
            yield place, run

    def _pulled_loop(
        self, group: LoopNodes, bars: Sequence[Residues | None]
    ) -> dict[int, Residues]:
        """The cotangents of the operands of a loop from those of its results."""
        loop, field = group.loop, self.field
        given = {k: bar for k, i in group.members.items() if (bar := bars[i]) is not None}
        if not given:
            return {}
        shapes = loop.body.inputs.shapes
        carried = [_full(field, given.get(k, 0.0), shapes[k]) for k in range(loop.carries)]
        fixed = {i: _full(field, 0.0, shapes[i]) for i in loop.fixed_places}
        streams = {i: Stack(field, (loop.length, *shapes[i])) for i in loop.stream_places}
        for place, run in reversed(self.repetitions[group.first]):
            carried = [*field.carried(*carried)]
            seeds: list[tuple[int, Residues]] = list(zip(loop.body.outputs, carried, strict=False))
            for k in range(loop.carries, loop.results):
                if k in given:
                    seeds.append((loop.body.outputs[k], given[k][place]))
            total: dict[int, Residues] = {}
            for output, bar in seeds:
                total[output] = total[output] + bar if output in total else bar
            found = run.pulled(total)
            carried = found[: loop.carries]
            for i, stack in streams.items():
                stack[place] = found[i]
            fixed = {i: total + found[i] for i, total in fixed.items()}
        return {**dict(enumerate(field.carried(*carried))), **streams, **fixed}

    # --- backwards ---

    def pulled(self, seeds: Mapping[int, Residues]) -> list[Residues]:
        """The cotangents of the inputs from those of some nodes."""
        graph, field, values = self.graph, self.field, self.values
        bars: list[Residues | None] = [None] * len(values)
        for index, seed in seeds.items():
            bars[index] = seed

        def add(i: int, flow: object) -> None:
            if values[i].known is not None and i >= graph.inputs.count:
                return
            made, before = _full(field, flow, graph.nodes[i].shape), bars[i]
            bars[i] = made if before is None else before + made

        for index in range(len(values) - 1, graph.inputs.count - 1, -1):
            bar, node = bars[index], graph.nodes[index]
            if index in self._loops:
                group = self._loops[index]
                if index == group.first:
                    for place, flow in self._pulled_loop(group, bars).items():
                        add(group.operands[place], flow)
                continue
            if bar is None or node.primitive is None:
                continue
            bars[index] = None
            for position, i in enumerate(node.operands):
                if values[i].known is not None and i >= graph.inputs.count:
                    continue
                pulled = _flow(graph, node, values, index, position, bar)
                if pulled is not None:
                    add(i, pulled)
        return [
            _full(field, 0.0 if bars[i] is None else bars[i], graph.nodes[i].shape)
            for i in range(graph.inputs.count)
        ]


def _flow(
    graph: Graph, node: Node, values: Sequence[Residues], index: int, position: int, bar: Residues
) -> object:
    """What one operand gets from a node's cotangent; None if nothing flows."""
    operands = tuple([values[i] for i in node.operands])
    primitive = node.primitive
    assert primitive is not None
    if isinstance(primitive, ArrayRow):
        pull = primitive.rule(position)
        if pull is None:
            return None
        shapes = tuple([graph.nodes[i].shape for i in node.operands])
        use = Use(position, operands, values[index], node.named, shapes, node.shape)
        return pull(bar, use)
    rule = primitive.partials[position]
    flow = None if rule is None else rule(bar, values[index], *for_rule(primitive, operands))
    if type(flow) is Guarded:
        kept, lost = (flow.value, 0.0) if flow.polarity else (0.0, flow.value)
        flow = ops.where(flow.condition, kept, lost)
    if flow is None:
        return None
    own = graph.nodes[node.operands[position]].shape
    return _summed_copies(bar.meaning.lift(flow), node.shape, own)


def for_rule(primitive: Primitive, operands: Sequence[Residues]) -> list[Residues | float]:
    """Operands as the rules of a primitive take them.

    A number that is known is a float, as rules ask of an exponent what it is; but for factors,
    which stay exact where they are products of numbers.
    """
    if primitive in _FACTORS:
        return [*operands]
    return [x if x.known is None or x.shape else float(x.known) for x in operands]


def _summed_copies(flow: Residues, shape: Shape, own: Shape) -> object:
    """The cotangent of what was broadcast from ``own`` to ``shape``."""
    if shape == own:
        return flow
    flow = broadcast_to(flow, shape)
    new = len(shape) - len(own)
    axes = [i for i, n in enumerate(shape) if i < new or (own[i - new] == 1 and n != 1)]
    known = flow.known
    if known is not None and known.size and np.all(known == known.flat[0]):
        # Copies of one number that is known stay a double, as in the text.
        one = known.flat[0] * float(math.prod(shape[i] for i in axes))
        return flow.meaning.lift(np.full(own, one))
    return reshape(sum_over(flow, axes), own)


def _full(field: ArrayField, flow: object, shape: Shape) -> Residues:
    """A cotangent in the full shape of its value."""
    made: Residues = broadcast_to(field.lift(flow), shape)
    return made
