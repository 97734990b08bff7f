"""A graph of arrays to statements: what its rows are made of, and where its results go."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from autodiff.errors import UnsupportedError
from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import LoopNodes, loops_of
from autodiff.graph.rebuild import live_nodes
from autodiff.table.arrays.array_row import ArrayRow, Shape
from autodiff.table.arrays.region_rows import RegionRow
from codegen.nests.lower.builder import Builder, Numbers, Value
from codegen.nests.lower.changing import NOTHING, Changing, changing_in
from codegen.nests.lower.expanding import in_elements
from codegen.nests.lower.following import follow_readers
from codegen.nests.lower.loop_statement import Home, Opaque
from codegen.nests.lower.repeating import Repeating
from codegen.nests.lower.row_lowering import ROWS, Row
from codegen.nests.lower.running import RUNNING
from codegen.nests.lower.views import View, contiguous

__all__ = ["lower"]

_PLACES = frozenset({"argmax", "argsort", "running_place"})  # on an axis, always


def lower(graph: Graph, blas: bool, alone: bool = False) -> Builder:
    """A graph of arrays as statements.

    Args:
        graph: The graph, after its passes.
        blas: True if large products of matrices are left to BLAS.
        alone: True if there is no NumPy to leave rows to.
    """
    to = Builder(blas, alone)
    inputs: list[Value] = [
        contiguous(to.tensor(math.prod(shape), Home.INPUT, place), shape)
        for place, shape in enumerate(graph.inputs.shapes)
    ]
    lowering = _Lowering(graph, to, inputs, {})
    for place, index in enumerate(graph.outputs):
        to.deliver(lowering.values[index], graph.nodes[index].shape, place)
    follow_readers(to.steps, to.tensors)
    to.drop_unread()
    return to


class _Lowering:
    """The value of each node: an array inside a tensor, or a number.

    Args:
        graph: The graph.
        to: Where its statements go.
        inputs: The values of its inputs.
        maps: The arrays of those that are constant, by node.
        changing: How arrays that a loop carries change where they lie.
    """

    def __init__(
        self, graph: Graph, to: Builder, inputs: Sequence[Value], maps: dict[int, Numbers],
        changing: Changing = NOTHING,
    ) -> None:  # fmt: skip
        self.to, self._graph, self._maps, self._changing = to, graph, maps, changing
        self.values: dict[int, Value] = dict(enumerate(inputs))
        for index, value in self.values.items():
            self._is_of(value, index)
        self._loops = loops_of(graph)
        live = live_nodes(graph)
        for index in changing.in_order(graph):
            if live[index] and index not in self.values:
                value = self._value(index)
                if index in changing.apart:
                    value = to.map(None, (value,), graph.nodes[index].shape)
                self.values[index] = value
                self._is_of(value, index)

    def _is_of(self, value: Value, index: int) -> None:
        """Note whose value a tensor is."""
        if isinstance(value, View) and self.to.tensors[value.tensor].node < 0:
            self.to.tensors[value.tensor].node = index

    def _repeat(self, group: LoopNodes) -> None:
        """A loop; all its results are known then."""
        loop, body, nodes = group.loop, group.loop.body, self._graph.nodes
        operands = [self.values[i] for i in group.operands]
        shapes = [nodes[i].shape for i in group.operands]
        there = {k: self.values[group.operands[k]]
                 for k, i in group.members.items() if i in self._changing.writers}  # fmt: skip
        inside = Repeating(loop, self.to, operands, shapes, there)
        changing = changing_in(loop)
        maps = {
            place: self._maps[group.operands[place]]
            for place in loop.fixed_places
            if group.operands[place] in self._maps
        }
        made = _Lowering(body, inside.to, inside.inputs, maps, changing)
        outputs = [made.values[i] for i in body.outputs]
        switch = None if changing.switch is None else made.values[changing.switch]
        results = inside.finish(outputs, [body.nodes[i].shape for i in body.outputs], switch)
        follow_readers(inside.to.steps, inside.to.tensors)
        for result, index in group.members.items():
            self.values[index] = results[result]
            self._is_of(results[result], index)

    def _value(self, index: int) -> Value:
        if index in self._changing.settled:
            return self.values[self._changing.settled[index]]
        if index in self._loops:
            self._repeat(self._loops[index])
            return self.values[index]
        node = self._graph.nodes[index]
        if node.primitive is None:
            if node.value is not None:
                return float(node.value)
            assert node.array is not None
            self._maps[index] = node.array.array
            return self.to.constant(node.array.array)
        operands = [self.values[i] for i in node.operands]
        if not isinstance(node.primitive, ArrayRow):
            return self.to.map(node.primitive, operands, node.shape)
        shapes = [self._graph.nodes[i].shape for i in node.operands]
        lower_row = ROWS.get(node.primitive.name)
        if self.to.alone:
            lower_row = RUNNING.get(node.primitive.name, lower_row)
        if lower_row is not None:
            maps = [self._maps.get(i) for i in node.operands]
            to = Row(self.to, operands, shapes, node.named, node.shape, maps)
            to.in_place = index in self._changing.writers
            made = lower_row(to)
            if made is not None:
                return made
        row, params, shape = node.primitive, node.params, node.shape
        few = in_elements(self.to, row, params, operands, shapes, shape)
        return self._by_numpy(row, operands, shapes, dict(params), shape) if few is None else few

    def _by_numpy(
        self, row: ArrayRow, operands: list[Value], shapes: list[Shape],
        params: Mapping[str, object], shape: Shape,
    ) -> View:  # fmt: skip
        if isinstance(row, RegionRow):
            raise UnsupportedError(
                f"{self._graph.name}: {row.name} has no machine code yet; use target='numpy'"
            )
        packed = [self.to.packed(x, s) for x, s in zip(operands, shapes, strict=True)]
        starts = tuple(x.offset for x in packed)
        target = self.to.fresh(shape)
        self.to.steps.append(
            Opaque(target.tensor, tuple(x.tensor for x in packed), row, params,
                   (*shapes, shape), starts)
        )  # fmt: skip
        self.to.tensors[target.tensor].written += 1
        axis = params.get("axis")
        if row.name in _PLACES and isinstance(axis, int):
            self.to.below[target.tensor] = shapes[0][axis]
        return target
