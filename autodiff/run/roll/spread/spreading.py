"""spread: a graph of arrays as loops over numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autodiff.errors import UnsupportedError
from autodiff.graph.array_constant import ArrayConstant
from autodiff.graph.graph import Builder, Graph
from autodiff.graph.inputs import Inputs
from autodiff.graph.loops.body_inputs import part_of, parts_named, user_name
from autodiff.graph.loops.loop_nodes import Loop, LoopNodes, loops_of
from autodiff.graph.loops.loop_values import loop_results
from autodiff.graph.loops.trim import trimmed
from autodiff.graph.rebuild import live_nodes
from autodiff.graph.structure import Tuple
from autodiff.graph.typed_node import Shape
from autodiff.run.roll.spread.cells import (
    FEW,
    Cells,
    Lists,
    Spread,
    at,
    cells_of,
    columns_of,
    elements_of,
    placed,
)
from autodiff.run.roll.spread.row_in_numbers import of_primitive
from autodiff.run.roll.spread.user_names import spread_origins
from autodiff.table.arrays.array_row import ARRAY_ROWS
from autodiff.table.float import Float
from autodiff.trace.placeholder import Tracer

__all__ = ["spread"]

_MOST = 1500  # nodes of a spread graph and of its bodies
_SLICE, _STACK, _RESHAPE, _BROADCAST = (
    ARRAY_ROWS[name] for name in ("slice", "stack", "reshape", "broadcast_to")
)


def spread(graph: Graph, derived: bool = False) -> Graph:
    """``graph`` with loops over numbers.

    Args:
        graph: A graph of arrays.
        derived: True for a graph that holds derivatives: zeros that its structure has, and not
            its numbers, add nothing.

    Raises:
        UnsupportedError: if that is not possible, or too long.
    """
    builder = Builder(Inputs(graph.parameters, False))
    names = graph.inputs.node_names
    inputs = [
        _input(builder, i, shape, shape[0] in _lengths(graph) if shape else False)
        for i, shape in enumerate(graph.inputs.shapes)
    ]
    spreading = _Spreading(graph, builder, derived)
    values = spreading.run(inputs)
    outputs = [_whole(builder, values[i]) for i in graph.outputs]
    origins = spread_origins(graph, values, builder, names)
    return builder.graph(graph.name, graph.parameters, outputs, graph.result, origins)


def _lengths(graph: Graph) -> set[int]:
    """The lengths of its loops."""
    return {group.loop.length for group in loops_of(graph).values() if group.loop.length > FEW}


def _input(builder: Builder, node: int, shape: Shape, long: bool) -> Spread:
    """An argument: its elements, or lists of them."""
    if not shape:
        return cells_of([Tracer(builder, node)], ())
    if long or shape[0] > FEW:
        return _lists(builder, node, shape)
    elements = [_element(builder, node, place) for place in np.ndindex(*shape)]
    return cells_of(elements, shape)


def _element(builder: Builder, node: int, place: tuple[int, ...]) -> Tracer:
    key = tuple((i,) for i in place)
    return Tracer(builder, builder.add(_SLICE, (node,), (("key", key),)))


def _lists(builder: Builder, node: int, shape: Shape) -> Lists:
    """An array's columns: its first axis, and those behind it that are long, stay axes."""
    count = 1
    while count < len(shape) and shape[count] > FEW:
        count += 1
    axes, rest = shape[:count], shape[count:]
    whole = tuple((0, n, 1) for n in axes)
    cells = np.empty(rest, dtype=object)
    for cell in np.ndindex(*rest):
        key = (*whole, *((i,) for i in cell))
        cells[cell] = builder.add(_SLICE, (node,), (("key", key),), axes) if rest else node
    return Lists(axes, cells)


def _whole(builder: Builder, value: Spread) -> int:
    """The node of an output."""
    if not isinstance(value, Lists):
        if not value.shape:
            return placed(builder, value[()])
        nodes = tuple([placed(builder, x) for x in value.ravel()])
        flat = builder.add(_STACK, nodes, (("axis", 0),), (len(nodes),))
        return _reshaped(builder, flat, value.shape)
    lists = [_full(builder, value.axes) if node is None else node for node in value.cells.ravel()]
    if not value.cells.shape:
        return int(lists[0])
    shape = (*value.axes, len(lists))
    params = (("axis", len(value.axes)),)
    return _reshaped(builder, builder.add(_STACK, tuple(lists), params, shape), value.shape)


def _reshaped(builder: Builder, node: int, shape: Shape) -> int:
    if builder.nodes[node].shape == shape:
        return node
    return builder.add(_RESHAPE, (node,), (("shape", shape),), shape)


class _Spreading:
    """The nodes of one graph on their way into another.

    Args:
        graph: The graph of arrays.
        builder: Where numbers and lists are computed.
        derived: As for ``spread``.
    """

    def __init__(self, graph: Graph, builder: Builder, derived: bool) -> None:
        self._graph, self._builder, self._derived = graph, builder, derived

    def run(self, inputs: Sequence[Spread]) -> list[Any]:
        """The values of all nodes; None for those that nobody needs."""
        graph, builder = self._graph, self._builder
        values: list[Any] = [*inputs]
        live, loops = live_nodes(graph), loops_of(graph)
        for index in range(len(inputs), len(graph.nodes)):
            node = graph.nodes[index]
            if index < len(values):
                continue
            if not live[index]:
                values.append(None)
                continue
            if node.primitive is None:
                values.append(self._constant(index))
            elif index in loops:
                values.append(self._result(loops[index], index, values))
            else:
                given = [values[i] for i in node.operands]
                made = of_primitive(builder, node.primitive, given, node.named,
                                    node.shape, self._derived)  # fmt: skip
                values.append(made)
            if len(builder.nodes) > _MOST:
                raise UnsupportedError(f"{graph.name}: written number by number it is too long")
        return values

    def _constant(self, index: int) -> Spread:
        array = self._graph.nodes[index].array
        if array is None:
            return cells_of([Float(self._graph.nodes[index].value or 0.0)], ())
        if array.array.size > FEW * FEW and array.shape[0] > FEW:
            count = 1
            while count < len(array.shape) and array.shape[count] > FEW:
                count += 1
            cells = np.empty(array.shape[count:], dtype=object)
            for cell in np.ndindex(*cells.shape):
                part = array.array[(..., *cell)]
                cells[cell] = self._builder.literal(ArrayConstant(part))
            return Lists(array.shape[:count], cells)
        numbers = array.array.ravel().tolist()
        return cells_of([Float(x) for x in numbers], array.shape)

    # --- loops ---

    def _result(self, group: LoopNodes, index: int, values: list[Spread]) -> Spread:
        known: dict[int, Spread] | None = self._builder_results().get(id(group))
        if known is None:
            live = live_nodes(self._graph)
            wanted = [k for k, node in group.members.items() if live[node]]
            loop, operands, places = trimmed(group.loop, group.operands, wanted)
            given = [values[i] for i in operands]
            made = self._loop(loop, given, [user_name(self._graph, i) for i in operands])
            known = {group.members[k]: made[places[k]] for k in wanted}
            self._builder_results()[id(group)] = known
        return known[index]

    def _builder_results(self) -> dict[int, dict[int, Spread]]:
        if not hasattr(self, "_known"):
            self._known: dict[int, dict[int, Spread]] = {}
        return self._known

    def _loop(self, loop: Loop, given: Sequence[Spread], names: Sequence[str]) -> list[Spread]:
        if loop.length <= FEW:
            return self._unrolled(loop, given)
        return _Body(self._builder, loop, given, names, self._derived).results()

    def _unrolled(self, loop: Loop, given: Sequence[Spread]) -> list[Spread]:
        operands = [elements_of(self._builder, x) for x in given]

        def step(inside: list[Spread]) -> list[Spread]:
            parts = [cells_of(np.asarray(x, dtype=object).ravel(), np.shape(x)) for x in inside]
            values = _Spreading(loop.body, self._builder, self._derived).run(parts)
            return [elements_of(self._builder, values[i]) for i in loop.body.outputs]

        results = loop_results(loop, operands, step, object)
        return [cells_of(np.asarray(x, dtype=object).ravel(), np.shape(x)) for x in results]


class _Body:
    """A loop over numbers on its way.

    Args:
        builder: Where its results stand.
        loop: The loop.
        given: Its operands.
        names: How the user calls these.
        derived: As for ``spread``.
    """

    def __init__(
        self, builder: Builder, loop: Loop, given: Sequence[Spread], names: Sequence[str],
        derived: bool,
    ) -> None:  # fmt: skip
        self._outer, self._loop, self._derived = builder, loop, derived
        self._names: list[str] = []
        self._shapes: list[Shape] = []
        self._operands: list[int] = []
        self._plans: list[tuple[Shape | None, Cells]] = []  # axes of lists, and places of inputs
        self._known: dict[int, int] = {}
        for place, value in enumerate(given):
            self._take(place, value, names[place])

    def _input(self, name: str, shape: Shape, operand: int) -> int:
        self._names.append(name)
        self._shapes.append(shape)
        self._operands.append(operand)
        return len(self._operands) - 1

    def _take(self, place: int, value: Spread, known: str) -> None:
        """Inputs of the body for one operand: for each of its numbers and lists."""
        loop, outer = self._loop, self._outer
        name = loop.body.parameters[place][0]
        if place < loop.carries:
            cells = elements_of(outer, value)
            made = [
                self._input(_part(name, cell), (), placed(outer, at(cells, cell)))
                for cell in np.ndindex(*cells.shape)
            ]
            self._plans.append((None, cells_of(made, cells.shape)))
        elif place in loop.stream_places:
            lists = columns_of(outer, value)
            inner = lists.axes[1:]
            found = np.empty(lists.cells.shape, dtype=object)
            for cell in np.ndindex(*lists.cells.shape):
                node = at(lists.cells, cell)
                found[cell] = 0.0 if node is None else self._input(_part(name, cell), inner, node)
            self._plans.append((inner or None, found))
        else:
            self._fixed(known or name, value)

    def _fixed(self, name: str, value: Spread) -> None:
        """What stays the same; a constant is one inside, too."""
        axes, cells = (value.axes, value.cells) if isinstance(value, Lists) else (None, value)
        found = np.empty(cells.shape, dtype=object)
        for cell in np.ndindex(*cells.shape):
            one = at(cells, cell)
            if isinstance(one, float) or one is None:
                found[cell] = one
                continue
            node = one.index if isinstance(one, Tracer) else one
            constant = self._outer.nodes[node].value
            if constant is not None:
                found[cell] = Float(constant)
                continue
            if node not in self._known:
                self._known[node] = self._input(_part(name, cell), axes or (), node)
            found[cell] = self._known[node]
        self._plans.append((axes, found))

    def results(self) -> list[Spread]:
        """The values of the results."""
        loop = self._loop
        parameters = parts_named(self._names, self._shapes)
        builder = Builder(Inputs(parameters, False))
        inside = [_inside(builder, axes, cells) for axes, cells in self._plans]
        values = _Spreading(loop.body, builder, self._derived).run(inside)
        outputs: list[int] = []
        ends: list[tuple[Shape | None, Cells]] = []  # per result: inner axes, places of outputs
        for k, output in enumerate(loop.body.outputs):
            value = values[output]
            if k < loop.carries:
                value = elements_of(builder, value)
            axes, cells = (value.axes, value.cells) if isinstance(value, Lists) else (None, value)
            found = np.empty(cells.shape, dtype=object)
            for cell in np.ndindex(*cells.shape):
                found[cell] = len(outputs)
                one = at(cells, cell)
                if axes is None:
                    outputs.append(placed(builder, one))
                else:
                    outputs.append(_full(builder, axes) if one is None else one)
            ends.append((axes, found))
        result = Tuple(tuple([part_of(builder.nodes[i].shape) for i in outputs]))
        body = builder.graph(
            loop.body.name, parameters, outputs, result,
            spread_origins(loop.body, values, builder, [name for name, _ in parameters]),
        )  # fmt: skip
        made = loop._replace(body=body, carries=self._carries, streams=self._streams)
        return [self._end(made, k, *end) for k, end in enumerate(ends)]

    @property
    def _carries(self) -> int:
        return sum(cells.size for _, cells in self._plans[: self._loop.carries])

    @property
    def _streams(self) -> int:
        places = self._loop.stream_places
        return sum(not isinstance(x, float) for p in places for x in self._plans[p][1].ravel())

    def _end(self, made: Loop, k: int, axes: Shape | None, places: Cells) -> Spread:
        nodes = np.empty(places.shape, dtype=object)
        for cell in np.ndindex(*places.shape):
            nodes[cell] = made.add(self._outer, self._operands, at(places, cell))
        if k < self._loop.carries:
            tracers = [Tracer(self._outer, node) for node in nodes.ravel()]
            return cells_of(tracers, places.shape)
        return Lists((made.length, *(axes or ())), nodes)


def _inside(builder: Builder, axes: Shape | None, cells: Cells) -> Spread:
    if axes is not None:
        return Lists(axes, cells)
    numbers = [Tracer(builder, x) if isinstance(x, int) else x for x in cells.ravel()]
    return cells_of(numbers, cells.shape)


def _full(builder: Builder, axes: Shape) -> int:
    return builder.add(_BROADCAST, (builder.literal(0.0),), (("shape", axes),), axes)


def _part(name: str, cell: Sequence[int]) -> str:
    return "_".join([name, *map(str, cell)])
