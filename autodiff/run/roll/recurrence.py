"""Recurrence: the steps of a repetition that depend on repetitions before, as a loop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from autodiff.graph.graph import Builder, Graph
from autodiff.graph.inputs import Inputs
from autodiff.graph.loops.loop_nodes import Loop
from autodiff.graph.structure import SCALAR, Array, Structure, Tuple
from autodiff.graph.typed_node import Shape
from autodiff.run.roll.columns import Carried, Column, Same, Within
from autodiff.run.roll.in_numbers import Operations
from autodiff.run.roll.names import Names
from autodiff.run.roll.repetition import Repetition
from autodiff.run.roll.step_kinds import Slots

__all__ = ["Recurrence"]


class Around(Protocol):
    """The graph that gets the loop."""

    builder: Builder
    operations: Operations
    names: Names

    def of_shape(self, index: int, shape: Shape) -> int:
        """A node of the old graph, as an array of a shape that it broadcasts to."""
        ...

    def placed(self, index: int) -> int:
        """The new node of an old one."""
        ...

    def stream(self, column: Column) -> int:
        """The array of a column."""
        ...


class Recurrence:
    """A loop of the new graph.

    Args:
        around: What builds that graph.
        found: What repeats.
        slots: Its steps.
        fixed: Nodes of the steps that are the same in all repetitions.
        arrays: Arrays of the steps that were computed before.

    Attributes:
        finals: Per step that is carried, which carry it is.
    """

    def __init__(
        self, around: Around, found: Repetition, slots: Slots,
        fixed: Mapping[int, int], arrays: Mapping[int, int],
    ) -> None:  # fmt: skip
        self._around, self._found, self._slots = around, found, slots
        self._fixed, self._arrays = fixed, arrays
        # What is carried: a step, and the nodes it was 1, 2, ... repetitions before the first.
        self._carries: dict[tuple[int, tuple[int, ...]], int] = {}
        self._streams: dict[int, int] = {}  # an array of the new graph -> its place
        self._same: dict[int, int] = {}  # a node of the new graph -> its place
        for slot in slots.core:
            for column in found.columns[slot]:
                self._collect(column)
        self.finals = {
            slot: place for (slot, first), place in self._carries.items() if len(first) == 1
        }
        self._stacks: dict[int, int] = {slot: k for k, slot in enumerate(slots.core)}
        self.loop, self._operands = self._made()

    def final(self, slot: int) -> int:
        """The node of what a step that is carried gives in the last repetition."""
        return self._node(self.finals[slot], slot)

    def stacked(self, slot: int) -> int:
        """The node of what a step gives in all repetitions."""
        return self._node(len(self._carries) + self._stacks[slot], slot)

    def _node(self, result: int, slot: int) -> int:
        around = self._around
        made = self.loop.add(around.builder, self._operands, result)
        around.names.became(made, self._old(slot))
        return made

    def _old(self, slot: int) -> int:
        """A node that stands for a step."""
        return self._around.operations.nodes[self._found.start + self._found.period + slot]

    def _shape(self, slot: int) -> Shape:
        return self._around.operations.graph.nodes[self._old(slot)].shape

    # --- inputs ---

    def _collect(self, column: Column) -> None:
        around = self._around
        if isinstance(column, Carried):
            for length in range(1, column.lag + 1):
                key = column.slot, column.first[:length]
                self._carries.setdefault(key, len(self._carries))
            self._collect(Within(column.slot))
        elif isinstance(column, Within):
            if column.slot in self._fixed:
                self._as_same(self._fixed[column.slot])
            elif column.slot in self._arrays:
                self._as_stream(self._arrays[column.slot])
        elif isinstance(column, Same):
            self._as_same(around.placed(column.node))
        else:
            self._as_stream(around.stream(column))

    def _as_same(self, node: int) -> None:
        if self._around.builder.value(node) is None:
            self._same.setdefault(node, len(self._same))

    def _as_stream(self, array: int) -> None:
        self._streams.setdefault(array, len(self._streams))

    # --- the body ---

    def _parameters(self) -> list[tuple[str, Structure]]:
        around, wishes = self._around, []
        for (slot, first), _ in self._carries.items():
            name = around.names.of(self._old(slot)) or around.names.of(first[0]) or "carry"
            before = f"_{len(first)}" if len(first) > 1 else ""
            wishes.append((f"{name}{before}", self._shape(slot)))
        nodes = around.builder.nodes
        wishes += [(around.names.new(i) or "x", nodes[i].shape[1:]) for i in self._streams]
        wishes += [(around.names.new(i) or "fixed", nodes[i].shape) for i in self._same]
        return around.names.parameters(wishes)

    def _made(self) -> tuple[Loop, list[int]]:
        around, found = self._around, self._found
        parameters = self._parameters()
        body = Builder(Inputs(parameters, False))
        made: dict[int, int] = {}
        old: dict[int, int] = {}
        for slot in self._slots.core:
            node = around.operations.node(found.start + found.period + slot)
            assert node.primitive is not None
            operands = tuple([self._inside(body, c, made) for c in found.columns[slot]])
            made[slot] = body.add(node.primitive, operands, node.params, node.shape)
            old.setdefault(made[slot], self._old(slot))
        carried = []
        for slot, first in self._carries:
            before = self._carries.get((slot, first[:-1]))
            now = self._inside(body, Within(slot), made) if before is None else before
            carried.append(now)
        outputs = [*carried, *(made[slot] for slot in self._slots.core)]
        graph = self._graph(body, parameters, outputs, old)
        # A number that arrays are added to becomes one.
        begin = [around.of_shape(first[-1], self._shape(slot)) for slot, first in self._carries]
        loop = Loop(graph, found.times, len(self._carries), len(self._streams), False)
        return loop, [*begin, *self._streams, *self._same]

    def _graph(
        self,
        body: Builder,
        parameters: list[tuple[str, Structure]],
        outputs: list[int],
        old: Mapping[int, int],
    ) -> Graph:
        shapes: list[Shape] = [body.nodes[i].shape for i in outputs]
        result = Tuple(tuple([Array(shape) if shape else SCALAR for shape in shapes]))
        origins = self._around.names.stored(old, len(body.nodes))
        return body.graph("repetition", parameters, outputs, result, origins)

    def _inside(self, body: Builder, column: Column, made: Mapping[int, int]) -> int:
        """An operand of a step in the body."""
        around = self._around
        carries = len(self._carries)
        if isinstance(column, Carried):
            return self._carries[column.slot, column.first]
        if isinstance(column, Within):
            if column.slot in made:
                return made[column.slot]
            if column.slot in self._arrays:
                return carries + self._streams[self._arrays[column.slot]]
            return self._constant(body, self._fixed[column.slot])
        if isinstance(column, Same):
            return self._constant(body, around.placed(column.node))
        return carries + self._streams[around.stream(column)]

    def _constant(self, body: Builder, node: int) -> int:
        value = self._around.builder.value(node)
        if value is not None:
            return body.literal(value)
        return len(self._carries) + len(self._streams) + self._same[node]
