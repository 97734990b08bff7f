"""A graph of arrays to statements: what its rows are made of, and where its results go."""

from __future__ import annotations

import math
from collections.abc import Mapping

from autodiff.errors import UnsupportedError
from autodiff.graph.graph import Graph
from autodiff.graph.rebuild import live_nodes
from autodiff.table.arrays.array_row import ArrayRow, Shape
from codegen.native.write.whole.lower.builder import Builder, Numbers, Value
from codegen.native.write.whole.lower.following import follow_readers
from codegen.native.write.whole.lower.loop_statement import Home, Opaque
from codegen.native.write.whole.lower.row_lowering import ROWS, Row
from codegen.native.write.whole.lower.views import View, contiguous

__all__ = ["lower"]


def lower(graph: Graph) -> Builder:
    """A graph of arrays, after its passes, as statements."""
    return _Lowering(graph).to


class _Lowering:
    """The value of each node: an array inside a tensor, or a number."""

    def __init__(self, graph: Graph) -> None:
        self.to, self._graph = Builder(), graph
        self._values: dict[int, Value] = {}
        self._maps: dict[int, Numbers] = {}  # constant arrays, by node
        live = live_nodes(graph)
        for place, shape in enumerate(graph.inputs.shapes):
            tensor = self.to.tensor(math.prod(shape), Home.INPUT, place)
            self._values[place] = contiguous(tensor, shape)
        for index in range(graph.inputs.count, len(graph.nodes)):
            if live[index]:
                self._values[index] = self._value(index)
        self._outputs()
        follow_readers(self.to.steps, self.to.tensors)
        self.to.drop_unread()

    def _outputs(self) -> None:
        """Results go to the caller's memory: where they are made, or by a copy."""
        for place, index in enumerate(self._graph.outputs):
            value = self._values[index]
            shape = self._graph.nodes[index].shape
            if isinstance(value, View):
                tensor = self.to.tensors[value.tensor]
                whole = value.offset == 0 and value.is_contiguous and value.size == tensor.size
                if tensor.home is Home.WORK and whole:
                    tensor.home, tensor.place = Home.OUTPUT, place
                    continue
            target = contiguous(self.to.tensor(math.prod(shape), Home.OUTPUT, place), shape)
            self.to.copy(value, target)

    def _value(self, index: int) -> Value:
        node = self._graph.nodes[index]
        if node.primitive is None:
            if node.value is not None:
                return float(node.value)
            assert node.array is not None
            self._maps[index] = node.array.array
            return self.to.constant(node.array.array)
        operands = [self._values[i] for i in node.operands]
        if not isinstance(node.primitive, ArrayRow):
            return self.to.map(node.primitive, operands, node.shape)
        shapes = [self._graph.nodes[i].shape for i in node.operands]
        lower_row = ROWS.get(node.primitive.name)
        if lower_row is not None:
            maps = [self._maps.get(i) for i in node.operands]
            made = lower_row(Row(self.to, operands, shapes, dict(node.params), node.shape, maps))
            if made is not None:
                return made
        return self._by_numpy(node.primitive, operands, shapes, dict(node.params), node.shape)

    def _by_numpy(
        self, row: ArrayRow, operands: list[Value], shapes: list[Shape],
        params: Mapping[str, object], shape: Shape,
    ) -> View:  # fmt: skip
        if any(isinstance(param, Graph) for param in params.values()):
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
        return target
