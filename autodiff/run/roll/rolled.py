"""roll: a graph with its repetitions as loops, arrays and sums."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autodiff.graph.array_constant import ArrayConstant
from autodiff.graph.graph import Builder, Graph
from autodiff.graph.inputs import Inputs
from autodiff.graph.rebuild import live_nodes, rebuild
from autodiff.graph.structure import Array, leaf_parts
from autodiff.graph.typed_node import Shape
from autodiff.run.roll.columns import (
    Carried,
    Column,
    Joined,
    Picked,
    Same,
    Strided,
    Within,
    stream_of,
)
from autodiff.run.roll.in_numbers import Family, Operations
from autodiff.run.roll.names import Names
from autodiff.run.roll.recurrence import Recurrence
from autodiff.run.roll.repetition import Finder, Repetition
from autodiff.run.roll.step_kinds import Slots, sorted_slots
from autodiff.table.arrays.indexing import concatenate, gather, slice_, stack
from autodiff.table.arrays.reshaping import broadcast_to, reshape, sum_over, transpose
from autodiff.table.primitive import REGISTRY
from autodiff.trace.array_tracer import ArrayTracer

__all__ = ["roll"]

_PIECES = 200  # of which an array may be put together


def roll(graph: Graph) -> Graph | None:
    """``graph`` as a graph of arrays, with what repeats as loops, arrays and sums.

    Args:
        graph: A trace.  In one of scalars, equal nodes may stand several times: so every
            repetition looks like the others.

    Returns:
        None if nothing in it repeats.
    """
    rolling = _Rolling(graph)
    rolling.run()
    return rolling.finish() if rolling.loops else None


class _Rolled:
    """A repetition that was found, and the nodes of the new graph that it became."""

    def __init__(self, found: Repetition, slots: Slots) -> None:
        self.found, self.slots = found, slots
        self.fixed: dict[int, int] = {}  # a step -> its one node
        self.arrays: dict[int, int] = {}  # a step -> the array of its results
        self.last: dict[int, int] = {}  # a step -> its result in the last repetition
        self.recurrence: Recurrence | None = None


class _Rolling:
    """A graph on its way into another."""

    def __init__(self, graph: Graph) -> None:
        self.graph, self.operations = graph, Operations(graph)
        self.builder = Builder(Inputs(graph.parameters, False))
        self.names = Names(graph, self.operations)
        self.loops: list[_Rolled] = []
        self._starts: list[int] = []
        self._single: dict[int, int] = {}  # an operation outside of loops -> its node
        self._inputs: dict[int, int] = {}

    def run(self) -> None:
        """Go through all operations."""
        finder, place = Finder(self.operations), 0
        while place < len(self.operations):
            found = finder.at(place, self._locate)
            if found is None:
                self._keep(place)
                place += 1
            else:
                self._roll(found)
                place = found.end

    def finish(self) -> Graph:
        """The new graph."""
        graph, outputs, start = self.graph, [], 0
        for _, part in leaf_parts("", graph.result):
            shape = part.shape if isinstance(part, Array) else ()
            size = int(np.prod(shape, dtype=np.int64)) if graph.expanded else 1
            ids = graph.outputs[start : start + size]
            start += size
            if shape and graph.expanded:
                outputs.append(reshape(self._tracer(self._together(ids)), shape).index)
            else:
                outputs.append(self.placed(ids[0]))
        made = self.builder.graph(
            graph.name, graph.parameters, outputs, graph.result, self.names.origins()
        )
        return rebuild(made, live=live_nodes(made))

    # --- single nodes ---

    def _tracer(self, index: int) -> ArrayTracer:
        return ArrayTracer(self.builder, index)

    def _keep(self, place: int) -> None:
        """An operation that is in no loop."""
        node = self.operations.node(place)
        assert node.primitive is not None
        operands = tuple([self.placed(i) for i in node.operands])
        made = self.builder.add(node.primitive, operands, node.params, node.shape)
        self._single[place] = made
        self.names.became(made, self.operations.nodes[place])

    def _locate(self, place: int) -> tuple[int, int, int] | None:
        number = bisect_right(self._starts, place) - 1
        if number < 0:
            return None
        found = self.loops[number].found
        if place >= found.end:
            return None
        repetition, slot = divmod(place - found.start, found.period)
        return number, slot, repetition

    def placed(self, index: int) -> int:
        """The new node of an old one."""
        place = int(self.operations.position[index])
        if place >= 0:
            where = self._locate(place)
            return self._single[place] if where is None else self._result(*where)
        if index not in self._inputs:
            self._inputs[index] = self._placed_outside(index)
        return self._inputs[index]

    def _placed_outside(self, index: int) -> int:
        """An input, an element or a constant."""
        operations, graph = self.operations, self.graph
        family = int(operations.family[index])
        if family >= 0:
            element = int(operations.element[index])
            made = self._elements(operations.families[family], (element,), single=True)
            if graph.expanded:
                self.names.call(made, graph.inputs.names[index])
            return made
        node = graph.nodes[index]
        if node.primitive is None and node.params:
            value = node.value if node.array is None else node.array
            assert value is not None
            made = self.builder.literal(value)
            if node.array is not None:
                self.names.became(made, index)
            return made
        return index  # an argument of a graph of arrays

    def _result(self, number: int, slot: int, repetition: int) -> int:
        """What a step gave in one repetition."""
        loop = self.loops[number]
        if slot in loop.fixed:
            return loop.fixed[slot]
        if repetition == loop.found.times - 1:
            if slot in loop.last:
                return loop.last[slot]
            if loop.recurrence is not None and slot in loop.recurrence.finals:
                return loop.recurrence.final(slot)
        array = self._tracer(self._array(number, slot))
        key = ((repetition,), *((0, n, 1) for n in array.shape[1:]))
        return int(slice_(array, key).index)

    def _array(self, number: int, slot: int) -> int:
        """What a step gave in all repetitions."""
        loop = self.loops[number]
        found = loop.arrays.get(slot)
        if found is None and slot in loop.fixed:
            one = self._tracer(loop.fixed[slot])
            made = broadcast_to(reshape(one, (1, *one.shape)), (loop.found.times, *one.shape))
            found = loop.arrays[slot] = int(made.index)
        if found is None:
            assert loop.recurrence is not None
            found = loop.arrays[slot] = loop.recurrence.stacked(slot)
        return found

    # --- arrays ---

    def stream(self, column: Column) -> int:
        """The array of a column that no step of its loop computes."""
        if isinstance(column, Picked):
            nodes = [self._tracer(self.placed(i)) for i in column.nodes]
            return int(gather(stack(nodes), ArrayConstant(np.array(column.places))).index)
        if isinstance(column, Joined):
            return int(concatenate([self._piece(one) for one in column.pieces], 0).index)
        assert isinstance(column, Strided)
        if column.kind == "constant":
            rows: Any = column.source
            numbers = [x.array if isinstance(x, ArrayConstant) else x for x in rows]
            return self.builder.literal(ArrayConstant(np.array(numbers)))
        if column.kind == "element":
            assert isinstance(column.source, Family)
            made = self._elements(column.source, column.places)
            self.names.call(made, self._source_name(column.source))
            return made
        assert isinstance(column.source, tuple)
        number, slot = column.source
        return self._taken(self._tracer(self._array(number, slot)), 0, column.places)

    def _piece(self, column: Strided | Same) -> ArrayTracer:
        """An array of a stretch, or of one node."""
        if isinstance(column, Strided):
            return self._tracer(self.stream(column))
        return self._alone(column.node)

    def of_shape(self, index: int, shape: Shape) -> int:
        """A node of the old graph, as an array of a shape that it broadcasts to."""
        one = self._tracer(self.placed(index))
        return int((one if one.shape == shape else broadcast_to(one, shape)).index)

    def _alone(self, index: int) -> ArrayTracer:
        """An array of one node."""
        value = self.graph.constants.get(index)
        if value is not None:
            return self._tracer(self.builder.literal(ArrayConstant(np.array([value]))))
        one = self._tracer(self.placed(index))
        made: ArrayTracer = reshape(one, (1, *one.shape))
        return made

    def _source_name(self, family: Family) -> str:
        inputs = self.graph.inputs
        if self.graph.expanded:
            return inputs.parts[family.source].name
        return self.names.of(family.source)

    def _taken(self, array: ArrayTracer, axis: int, places: Sequence[int]) -> int:
        """Places of an axis, one after the other along a first axis."""
        start, count = places[0], len(places)
        step = places[1] - start if count > 1 else 1
        if step and tuple(places) == tuple(range(start, start + count * step, step)):
            key = [(0, n, 1) for n in array.shape]
            key[axis] = (start, count, step)
            made = slice_(array, tuple(key))
        else:
            made = gather(array, ArrayConstant(np.array(places)), axis)
        return int(made.index)

    def _elements(self, family: Family, places: Sequence[int], single: bool = False) -> int:
        """Elements of a family, or the one element."""
        source = self._tracer(family.source)
        if family.axis < 0:
            if not source.shape:
                return family.source
            if single:
                place = np.unravel_index(places[0], source.shape)
                return int(slice_(source, tuple((int(i),) for i in place)).index)
            return self._flat(source, places)
        key = (*family.key[: family.axis], (0, source.shape[family.axis], 1),
               *family.key[family.axis :])  # fmt: skip
        if single:
            key = (*key[: family.axis], (places[0],), *key[family.axis + 1 :])
            return int(slice_(source, key).index)
        taken = slice_(source, key)
        axis = sum(len(part) == 3 for part in key[: family.axis])
        made = self._tracer(self._taken(taken, axis, places))
        if axis:
            order = (axis, *(i for i in range(made.ndim) if i != axis))
            moved = transpose(made, order)
            return int(moved.index)
        return int(made.index)

    def _flat(self, source: ArrayTracer, places: Sequence[int]) -> int:
        """Elements of an array, counted row by row."""
        if source.ndim == 2 and len(places) > 1:
            width = source.shape[1]
            rows, columns = np.divmod(np.array(places), width)
            if (columns == columns[0]).all():
                column = slice_(source, ((0, source.shape[0], 1), (int(columns[0]),)))
                return self._taken(column, 0, [int(i) for i in rows])
        return self._taken(reshape(source, (source.size,)), 0, places)

    def _together(self, ids: Sequence[int]) -> int:
        """Any nodes of one shape, one after the other along a first axis."""
        whole = np.array(ids)
        found = stream_of(self.operations, whole, self._locate)
        if isinstance(found, (Strided, Joined)):
            return self.stream(found)
        pieces: list[ArrayTracer] = []
        start = 0
        while start < len(ids):
            end = self._alike(whole, start)
            column = stream_of(self.operations, whole[start:end], self._locate)
            if end - start > 1 and isinstance(column, Strided):
                pieces.append(self._tracer(self.stream(column)))
            else:
                end = start + 1
                pieces.append(self._alone(int(ids[start])))
            start = end
        return int(concatenate(pieces, 0).index)

    def _alike(self, ids: NDArray[np.intp], start: int) -> int:
        """Where nodes of one loop, or elements of one family, end."""
        operations = self.operations
        positions, families = operations.position[ids], operations.family[ids]
        first = self._locate(int(positions[start])) if positions[start] >= 0 else None
        end = start + 1
        while end < len(ids):
            if first is not None:
                here = self._locate(int(positions[end])) if positions[end] >= 0 else None
                if here is None or here[:2] != first[:2]:
                    break
            elif families[start] < 0 or families[end] != families[start]:
                break
            end += 1
        return end

    # --- loops ---

    def _roll(self, found: Repetition) -> None:
        """What a repetition becomes."""
        count, period = found.times, found.period
        late = self.operations.last_use[found.start : found.end] >= found.end
        used = [(int(k % period), int(k // period)) for k in np.flatnonzero(late)]
        slots = sorted_slots(self.operations, found, used)
        loop = _Rolled(found, slots)
        number = len(self.loops)
        for slot in slots.fixed:
            loop.fixed[slot] = self._applied(loop, slot, ())
        for slot in slots.before:
            loop.arrays[slot] = self._applied(loop, slot, (count,))
        if slots.core:
            loop.recurrence = Recurrence(self, found, slots, loop.fixed, loop.arrays)
        self.loops.append(loop)
        self._starts.append(found.start)
        for slot in slots.behind:
            loop.arrays[slot] = self._applied(loop, slot, (count,), number)
        for slot, added in slots.sums.items():
            loop.last[slot] = self._summed(loop, slot, added, number)

    def _operand(self, loop: _Rolled, column: Column, number: int | None) -> int:
        """An operand of an operation on arrays, or on what is the same in all repetitions."""
        if isinstance(column, Same):
            return self.placed(column.node)
        if isinstance(column, Within):
            if column.slot in loop.fixed:
                return loop.fixed[column.slot]
            if column.slot in loop.arrays or number is None:
                return loop.arrays[column.slot]
            return self._array(number, column.slot)
        return self.stream(column)

    def _applied(
        self, loop: _Rolled, slot: int, shape: tuple[int, ...], number: int | None = None
    ) -> int:
        """A step, as one operation for all repetitions."""
        found = loop.found
        node = self.operations.node(found.start + slot)
        assert node.primitive is not None
        operands = [self._operand(loop, c, number) for c in found.columns[slot]]
        made = self.builder.add(node.primitive, tuple(operands), node.params, shape or node.shape)
        self.names.became(made, self.operations.nodes[found.start + found.period + slot])
        return made

    def _summed(self, loop: _Rolled, slot: int, added: int, number: int) -> int:
        """What a step that adds up is in the end."""
        found, columns = loop.found, loop.found.columns[slot]
        first = next(c for place, c in enumerate(columns) if place != added)
        assert isinstance(first, Carried)
        terms = self._tracer(self._operand(loop, columns[added], number))
        total = sum_over(broadcast_to(terms, (found.times,)), (0,))
        begin = self.placed(first.first[0])
        node = self.operations.node(found.start + slot)
        if self.builder.value(begin) == 0.0 and node.primitive is REGISTRY["add"]:
            made = int(total.index)
        else:
            assert node.primitive is not None
            made = self.builder.add(node.primitive, (begin, total.index), (), ())
        self.names.became(made, self.operations.nodes[found.end - found.period + slot])
        return made
