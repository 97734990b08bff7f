"""Operations on lists element by element, and their sums, as loops."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autodiff.errors import UnsupportedError
from autodiff.graph.graph import Builder, Graph
from autodiff.graph.inputs import Inputs
from autodiff.graph.loops.body_inputs import parts_named
from autodiff.graph.loops.loop_nodes import Loop
from autodiff.graph.structure import SCALAR, Tuple
from autodiff.graph.typed_node import Shape
from autodiff.run.roll.spread.cells import FEW, Lists, Spread, at, cells_of, columns_of, placed
from autodiff.table.arrays.array_row import ARRAY_ROWS
from autodiff.table.primitive import REGISTRY, Primitive
from autodiff.trace.placeholder import Tracer

__all__ = ["mapped", "part_places", "put", "summed"]

_ADD, _PLACE = REGISTRY["add"], ARRAY_ROWS["place"]


def mapped(
    builder: Builder, primitive: Primitive, given: Sequence[Spread], shape: Shape
) -> Lists | None:
    """An operation on lists and numbers, element by element; None if they are not alike."""
    axes = next(x.axes for x in given if isinstance(x, Lists))
    if len(axes) != 1 or any(isinstance(x, Lists) and x.axes != axes for x in given):
        return None
    if shape[:1] != axes or any(isinstance(x, Lists) and len(x.shape) != len(shape) for x in given):
        return None
    rest = shape[1:]
    operands = [x.cells if isinstance(x, Lists) else x for x in given]
    if any(not isinstance(x, Lists) and x.ndim > len(rest) for x in given):
        return None
    aligned = [np.broadcast_to(x, rest) for x in operands]
    cells = np.empty(rest, dtype=object)
    for cell in np.ndindex(*rest):
        cells[cell] = _map(builder, primitive, axes[0], [x[cell] for x in aligned])
    return Lists(axes, cells)


def _map(builder: Builder, primitive: Primitive, length: int, given: Sequence[object]) -> int:
    """The node of the list that an operation makes of lists (nodes) and numbers."""
    streams: dict[int, int] = {}
    fixed: dict[int, int] = {}
    kinds: list[tuple[str, object]] = []
    for one in given:
        if one is None:
            kinds.append(("number", 0.0))
        elif isinstance(one, (int, np.integer)):
            kinds.append(("stream", streams.setdefault(int(one), len(streams))))
        elif isinstance(one, Tracer) and one.builder.value(one.index) is None:
            kinds.append(("fixed", fixed.setdefault(one.index, len(fixed))))
        else:
            number = one.builder.value(one.index) if isinstance(one, Tracer) else one
            kinds.append(("number", number))
    names = ["x"] * len(streams) + ["fixed"] * len(fixed)
    parameters = parts_named(names, [()] * len(names))
    inside = Builder(Inputs(parameters, False))
    places = [
        inside.literal(float(at)) if kind == "number"  # type: ignore[arg-type]
        else at if kind == "stream" else len(streams) + at  # type: ignore[operator]
        for kind, at in kinds
    ]  # fmt: skip
    output = inside.add(primitive, tuple(places))  # type: ignore[arg-type]
    body = inside.graph("element", parameters, [output], Tuple((SCALAR,)))
    return Loop(body, length, 0, len(streams), False).add(builder, [*streams, *fixed], 0)


def put(builder: Builder, value: Spread, key: Sequence[tuple[int, ...]], shape: Shape) -> Spread:
    """Zeros of a shape whose first axis is long, with a value at a key."""
    first, *back = key
    cells = np.empty(shape[1:], dtype=object)
    places = tuple(p[0] if len(p) == 1 else part_places(p) for p in back)
    if any(n > FEW for n in shape[1:2]):
        raise UnsupportedError(f"zeros of shape {shape} with a part are not lists of lists")
    if isinstance(value, Lists):
        given, along = value.cells, value.axes[0]
    elif len(first) == 1:
        given, along = value, 1
    else:
        lists = columns_of(builder, value)
        given, along = lists.cells, lists.axes[0]
    made = np.empty(given.shape, dtype=object)
    params = (("key", (first,)), ("shape", shape[:1]))
    for cell in np.ndindex(*given.shape):
        one = at(given, cell)
        whole = along == shape[0] and first == (0, along, 1)
        if one is not None and not whole:
            node = one.index if isinstance(one, Tracer) else one
            node = placed(builder, one) if isinstance(one, float) else node
            one = builder.add(_PLACE, (node,), params, shape[:1])
        made[cell] = one
    cells[places] = made if made.shape else at(made, ())
    return Lists(shape[:1], cells)


def part_places(part: tuple[int, ...]) -> slice:
    """As Python writes a part (start, count, step) of an axis."""
    start, count, step = part
    stop = start + count * step
    return slice(start, None if stop < 0 else stop, step)


def summed(builder: Builder, lists: Lists, axes: Sequence[int]) -> Spread | None:
    """Sums over the first axis, and perhaps others; None if that one stays."""
    if 0 not in axes:
        return None
    totals = np.empty(lists.cells.shape, dtype=object)
    for cell in np.ndindex(*lists.cells.shape):
        node = at(lists.cells, cell)
        totals[cell] = 0.0 if node is None else Tracer(builder, _total(builder, node))
    rest = tuple(axis - 1 for axis in axes if axis)
    made = totals.sum(axis=rest) if rest else totals
    flat = np.asarray(made, dtype=object)
    return cells_of(flat.ravel(), flat.shape)


def _total(builder: Builder, node: int) -> int:
    (length,) = builder.nodes[node].shape
    body = _adding()
    zero = placed(builder, 0.0)
    return Loop(body, length, 1, 1, False).add(builder, [zero, node], 0)


def _adding() -> Graph:
    parameters = parts_named(["total", "x"], [(), ()])
    inside = Builder(Inputs(parameters, False))
    output = inside.add(_ADD, (0, 1))
    return inside.graph("sum", parameters, [output], Tuple((SCALAR,)))
