"""Operations on arrays while a graph is spread: on their numbers, or on lists as they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autodiff.errors import UnsupportedError
from autodiff.graph.graph import Builder
from autodiff.graph.typed_node import Shape
from autodiff.run.roll.spread.cells import FEW, Cells, Lists, Spread, at, cells_of, elements_of
from autodiff.run.roll.spread.over_lists import mapped, part_places, put, summed
from autodiff.table.arrays.array_row import ARRAY_ROWS, ArrayRow
from autodiff.table.arrays.row_params import RowParams
from autodiff.table.primitive import REGISTRY, Primitive
from autodiff.trace.placeholder import Tracer

__all__ = ["of_primitive"]

_ADD, _SUB, _NEG = (REGISTRY[name] for name in ("add", "sub", "neg"))
_SLICE = ARRAY_ROWS["slice"]


def of_primitive(
    builder: Builder, primitive: Primitive, given: Sequence[Spread], params: RowParams,
    shape: Shape, derived: bool,
) -> Spread:  # fmt: skip
    """The value of a node.

    Args:
        builder: Where numbers are computed.
        primitive: What it does.
        given: Its operands.
        params: Its parameters.
        shape: The shape of the result.
        derived: True if a zero of structure adds nothing.

    Raises:
        UnsupportedError: if it has none in numbers.
    """
    if primitive.name == "place" and shape[0] > FEW:
        return put(builder, given[0], params["key"], shape)
    if any(isinstance(x, Lists) for x in given):
        made = _of_lists(builder, primitive, given, params, shape, derived)
        if made is not None:
            return made
    numbers = [elements_of(builder, x) for x in given]
    if not isinstance(primitive, ArrayRow):
        function = _with_zeros(primitive) if derived else primitive
        with np.errstate(all="ignore"):  # constants are folded
            result = np.frompyfunc(function, len(numbers), 1)(*numbers)
    else:
        result = _of_row(primitive, numbers, params)
    return _cells(result)


def _cells(result: object) -> Cells:
    """An array of objects as cells, or the one object: NumPy would ask for its length."""
    if isinstance(result, np.ndarray):
        return cells_of(result.ravel(), result.shape)
    return cells_of([result], ())


def _of_row(row: ArrayRow, numbers: Sequence[Cells], params: RowParams) -> object:
    if row.integer or row.numeric:
        raise UnsupportedError(f"{row.name} is not computed number by number")
    given: list[Any] = [*numbers]
    if len(row.partials) >= 2 and row.partials[1] is None:
        if any(isinstance(x, Tracer) for x in given[1].ravel()):
            raise UnsupportedError(f"{row.name}: its places depend on numbers")
        given[1] = given[1].astype(np.float64).astype(np.intp)
    return (row.elements or row.impl)(*given, **params)


def _with_zeros(primitive: Primitive) -> Callable[..., object]:
    """An operation to which a zero of structure, a bare float, adds nothing."""
    if primitive is _ADD:
        return lambda x, y: y if _is_no_part(x) else x if _is_no_part(y) else _ADD(x, y)
    if primitive is _SUB:
        return lambda x, y: x if _is_no_part(y) else _NEG(y) if _is_no_part(x) else _SUB(x, y)
    if primitive is _NEG:
        return lambda x: x if _is_no_part(x) else _NEG(x)
    return primitive


def _is_no_part(x: object) -> bool:
    return type(x) is float and x == 0.0


# --- lists ---


def _of_lists(
    builder: Builder, primitive: Primitive, given: Sequence[Spread], params: RowParams,
    shape: Shape, derived: bool,
) -> Spread | None:  # fmt: skip
    """The value where an operand is lists; None if its numbers have to stand side by side."""
    if not isinstance(primitive, ArrayRow):
        if derived and primitive is _ADD and (sums := _added(builder, given)) is not None:
            return sums
        return mapped(builder, primitive, given, shape)
    first = given[0]
    if primitive.name == "slice" and isinstance(first, Lists):
        return _sliced(builder, first, params["key"])
    if primitive.name == "sum" and isinstance(first, Lists) and len(first.axes) == 1:
        return summed(builder, first, params["axes"])
    if primitive.name == "reshape" and isinstance(first, Lists):
        count = len(first.axes)
        if shape[:count] == first.axes and len(shape) >= count:
            return Lists(first.axes, first.cells.reshape(shape[count:]))
    if primitive.name == "stack" and isinstance(first, Lists):
        return _side_by_side(given, first, params["axis"])
    if primitive.name == "contract" and params["spec"] == "i,i->":
        product = mapped(builder, REGISTRY["mul"], given, (shape_of(first)[0],))
        return None if product is None else summed(builder, product, (0,))
    return None


def _side_by_side(given: Sequence[Spread], first: Lists, axis: int) -> Lists | None:
    """Lists as the layers of a short axis; None if the axis is a long one."""
    cells = [x.cells for x in given if isinstance(x, Lists) and x.axes == first.axes]
    back = axis - len(first.axes)
    if back < 0 or len(cells) < len(given) or len(given) > FEW:
        return None
    return Lists(first.axes, np.stack(cells, back))


def _added(builder: Builder, given: Sequence[Spread]) -> Spread | None:
    """The sum of lists, some of which are all zero by structure; None if none are."""
    x, y = given
    if not isinstance(x, Lists) or not isinstance(y, Lists) or x.shape != y.shape:
        return None
    if x.axes != y.axes or all(i is not None for i in (*x.cells.ravel(), *y.cells.ravel())):
        return None
    cells = np.empty(x.cells.shape, dtype=object)
    for cell in np.ndindex(*cells.shape):
        one, two = at(x.cells, cell), at(y.cells, cell)
        if one is not None and two is not None:
            pair = [Lists(x.axes, cells_of([i], ())) for i in (one, two)]
            both = mapped(builder, _ADD, pair, x.axes)
            if both is None:
                return None
            one = at(both.cells, ())
        cells[cell] = two if one is None else one
    return Lists(x.axes, cells)


def shape_of(value: Spread) -> Shape:
    """The shape of a value."""
    found: Shape = value.shape
    return found


def _sliced(builder: Builder, lists: Lists, key: Sequence[tuple[int, ...]]) -> Spread:
    """A part of lists."""
    count = len(lists.axes)
    front, back = tuple(key[:count]), tuple(key[count:])
    cells = _cells(lists.cells[tuple(p[0] if len(p) == 1 else part_places(p) for p in back)])
    axes = tuple(part[1] for part in front if len(part) == 3)
    if axes == lists.axes and all(part[::2] == (0, 1) for part in front):
        return Lists(axes, cells)
    made = np.empty(cells.shape, dtype=object)
    for cell in np.ndindex(*cells.shape):
        node = at(cells, cell)
        if node is not None:
            node = builder.add(_SLICE, (node,), (("key", front),), axes)
        made[cell] = node
    if axes:
        return Lists(axes, made)
    return cells_of([0.0 if i is None else Tracer(builder, i) for i in made.ravel()], made.shape)
