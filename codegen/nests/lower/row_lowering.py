"""What rows of arrays are made of: views, elementwise statements, folds.

A function gives None where it has nothing for these parameters: the row itself, over NumPy, then
computes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from autodiff.table.arrays.array_row import Shape
from autodiff.table.arrays.contraction import split_spec
from autodiff.table.arrays.row_params import Key, RowParams
from autodiff.table.primitive import REGISTRY
from codegen.nests.lower.blas_products import matrix_product
from codegen.nests.lower.builder import Builder, Numbers, Value
from codegen.nests.lower.loop_statement import Access, Fold, Pick, Statement
from codegen.nests.lower.ordering import ordered, scattered
from codegen.nests.lower.views import View, linear_map, strides_of

__all__ = ["ROWS", "Row"]


class Row:
    """One node on its way into statements.

    Args:
        to: Where they go.
        operands: What it is computed from.
        shapes: Their shapes.
        params: Its parameters.
        shape: Its own shape.
        maps: The operands that are constant arrays, as they were given.

    Attributes:
        in_place: True if nothing reads the first operand afterwards, which may be changed.
    """

    def __init__(
        self, to: Builder, operands: list[Value], shapes: list[Shape], params: RowParams,
        shape: Shape, maps: list[Numbers | None],
    ) -> None:  # fmt: skip
        self.to, self.operands, self.shapes = to, operands, shapes
        self.params, self.shape, self.maps = params, shape, maps
        self.in_place = False

    @property
    def is_forward(self) -> bool:
        """True if the key takes places in their order."""
        return all(len(part) == 1 or part[2] == 1 for part in self.params["key"])

    def view(self, place: int = 0) -> View:
        """An operand as an array."""
        value = self.operands[place]
        return value if isinstance(value, View) else self.to.packed(value, self.shapes[place])

    def changing(self) -> View:
        """The first operand, where it may be changed: as it lies, or a copy."""
        if self.in_place:
            return self.view()
        target = self.to.fresh(self.shape)
        self.to.copy(self.operands[0], target)
        return target


# --- views -------------------------------------------------------------------------------------


def _broadcast_to(row: Row) -> Value:
    value = row.operands[0]
    return value if isinstance(value, float) else value.broadcast(row.shape)


def _reshape(row: Row) -> Value:
    value = row.view()
    made = value.reshaped(row.shape) or row.to.packed(value, value.shape).reshaped(row.shape)
    assert made is not None  # a contiguous array takes any shape of its size
    return made


def _transpose(row: Row) -> Value:
    return row.view().transposed(row.params["axes"])


def _slice(row: Row) -> Value:
    return row.view().at(row.params["key"])


# --- reductions --------------------------------------------------------------------------------


def _sum(row: Row) -> Value:
    return row.to.fold(Fold.ADD, row.operands[0], row.shapes[0], row.params["axes"])


def _max(row: Row) -> Value:
    return row.to.fold(Fold.MAX, row.operands[0], row.shapes[0], row.params["axes"])


def _min(row: Row) -> Value:
    return row.to.fold(Fold.MIN, row.operands[0], row.shapes[0], row.params["axes"])


def _contract(row: Row) -> Value:
    one, two, result = split_spec(row.params["spec"])
    x, y = row.view(0), row.view(1)
    letters = list(dict.fromkeys(result + one + two))
    sizes = dict(zip(one + two, x.shape + y.shape, strict=True))

    def along(view: View, own: str) -> Access:
        strides = dict(zip(own, view.strides, strict=True))
        return Access(view.tensor, view.offset, tuple(strides.get(c, 0) for c in letters))

    product = matrix_product(x, y, row.params["spec"]) if row.to.blas else None
    if product is not None:
        target = row.to.fresh(row.shape)
        row.to.multiply(product, target)
        return target
    target = row.to.fresh(row.shape)
    reduced = any(c not in result for c in letters)
    statement = Statement(
        tuple(sizes[c] for c in letters),
        along(target, result),
        REGISTRY["mul"],
        (along(x, one), along(y, two)),
        Fold.ADD if reduced else None,
        fuses=reduced,
    )
    row.to.add(ordered(statement) if reduced else statement)
    return target


# --- parts -------------------------------------------------------------------------------------


def _zeros(row: Row) -> View:
    target = row.to.fresh(row.shape)
    row.to.copy(0.0, target)
    return target


def _place(row: Row) -> Value:
    if math.prod(row.shapes[0]) == math.prod(row.shape) and row.is_forward:
        return _reshape(row)  # new axes of length 1 are all that it adds
    target = _zeros(row)
    row.to.copy(row.operands[0], target.at(row.params["key"]))
    return target


def _assign(row: Row) -> Value:
    target = row.changing()
    row.to.copy(row.operands[1], target.at(row.params["key"]))
    return target


def _joined(row: Row, parts: Sequence[tuple[Value, Key]]) -> Value:
    target = row.to.fresh(row.shape)
    for value, key in parts:
        row.to.copy(value, target.at(key))
    return target


def _concatenate(row: Row) -> Value:
    axis, start, parts = row.params["axis"], 0, []
    for value, shape in zip(row.operands, row.shapes, strict=True):
        key = [(0, n, 1) for n in row.shape]
        key[axis] = (start, shape[axis], 1)
        start += shape[axis]
        parts.append((value, tuple(key)))
    return _joined(row, parts)


def _stack(row: Row) -> Value:
    axis, parts = row.params["axis"], []
    for place, value in enumerate(row.operands):
        key: list[tuple[int, ...]] = [(0, n, 1) for n in row.shape]
        key[axis] = (place,)
        parts.append((value, tuple(key)))
    return _joined(row, parts)


# --- index maps --------------------------------------------------------------------------------


def _index(row: Row, size: int) -> tuple[Value, Numbers | None]:
    """The index map of the second operand; if it is constant and fits, without negative places."""
    given = row.maps[1]
    if given is None or given.dtype.kind not in "iu":
        return row.operands[1], None
    places = np.where(given < 0, given + size, given)
    if places.size and not (places.min() >= 0 and places.max() < size):
        return row.operands[1], None
    return row.to.constant(places), places


def _picked(
    row: Row, view: View, axis: int, inside: tuple[int, int], strides: tuple[int, ...]
) -> Access:
    """The place in ``view`` where ``axis`` is said by the index map.

    Args:
        row: The node.
        view: The array.
        axis: The axis.
        inside: First of the loops that run over the index map, and how many there are.
        strides: Per loop, with nothing for the map.
    """
    value, places = _index(row, view.shape[axis])
    step, (first, count) = view.strides[axis], inside
    steps = None if places is None else linear_map(places)
    if steps is not None:
        own = list(strides)
        for k, by in enumerate(steps[1]):
            own[first + k] += by * step
        return Access(view.tensor, view.offset + steps[0] * step, tuple(own))
    if isinstance(value, float):
        value = row.to.packed(value, row.shapes[1])
    index = [0] * len(strides)
    for k in range(count):
        index[first + k] = value.strides[k] if value.shape[k] != 1 else 0
    size = view.shape[axis]
    fits = places is not None or row.to.below.get(value.tensor, size + 1) <= size
    pick = Pick(Access(value.tensor, value.offset, tuple(index)), step, size, fits)
    return Access(view.tensor, view.offset, strides, pick)


def _source(row: Row, axis: int) -> View:
    """What is picked from, with a step from place to place, without which none would be asked."""
    x = row.view()
    if x.strides[axis] != 0 or row.maps[1] is not None:
        return x
    if x.shape[axis] != 1:
        return row.to.packed(x, x.shape)
    strides = tuple(1 if i == axis else step for i, step in enumerate(x.strides))
    return replace(x, strides=strides)


def _gather(row: Row) -> Value | None:
    axis, count = row.params["axis"], len(row.shapes[1])
    x = _source(row, axis)
    if 0 in row.shapes[0] and 0 not in row.shape:
        return None  # there is nothing to pick from: NumPy says so
    strides = (*x.strides[:axis], *[0] * count, *x.strides[axis + 1 :])
    access = _picked(row, x, axis, (axis, count), strides)
    if access.pick is None:
        return View(access.tensor, access.offset, access.strides, row.shape)
    target = row.to.fresh(row.shape)
    row.to.add(Statement(row.shape, target.over(row.shape), None, (access,)))
    return target


def _take_along(row: Row) -> Value | None:
    axis = row.params["axis"]
    x = _source(row, axis)
    if 0 in row.shapes[0] and 0 not in row.shape:
        return None
    strides = tuple(0 if i == axis else s for i, s in enumerate(x.strides))
    access = _picked(row, x, axis, (0, len(row.shape)), strides)
    target = row.to.fresh(row.shape)
    row.to.add(Statement(row.shape, target.over(row.shape), None, (access,)))
    return target


def _scattered(
    row: Row, axis: int, inside: tuple[int, int], strides_for: Callable[[View], tuple[int, ...]]
) -> Value | None:
    """Zeros to which the first operand is added where the index map says."""
    if 0 in row.shape and 0 not in row.shapes[0]:
        return None
    target = _zeros(row)
    access = _picked(row, target, axis, inside, strides_for(target))
    loops = row.shapes[0]
    g = row.operands[0]
    operand = g if isinstance(g, float) else g.over(loops)
    added = Statement(loops, access, None, (operand,), Fold.ADD, starts=False)
    row.to.add(scattered(added))
    return target


def _scatter_add(row: Row) -> Value | None:
    axis, count = row.params["axis"], len(row.shapes[1])

    def strides(target: View) -> tuple[int, ...]:
        own = strides_of(target.shape)
        return (*own[:axis], *[0] * count, *own[axis + 1 :])

    return _scattered(row, axis, (axis, count), strides)


def _put_along(row: Row) -> Value | None:
    axis = row.params["axis"]

    def strides(target: View) -> tuple[int, ...]:
        return tuple(0 if i == axis else s for i, s in enumerate(target.strides))

    return _scattered(row, axis, (0, len(row.shapes[0])), strides)


def _changed_at(
    row: Row, fold: Fold | None = None, conditions: Sequence[Value] = ()
) -> Value | None:
    """The first operand with the third at a place of an axis, or added there."""
    axis = row.params["axis"]
    if row.shape[axis] == 0:
        return None
    target = row.changing()
    strides = (*target.strides[:axis], *target.strides[axis + 1 :])
    access = _picked(row, target, axis, (axis, 0), strides)
    y, loops = row.operands[2], row.shapes[2]
    operand = y if isinstance(y, float) else y.over(loops)
    for condition in conditions:  # elsewhere what is there
        chosen = row.to.fresh(loops)
        test = condition if isinstance(condition, float) else condition.over(loops)
        where, there = REGISTRY["where"], chosen.over(loops)
        row.to.add(Statement(loops, there, where, (test, operand, access)))
        operand = there
    row.to.add(Statement(loops, access, None, (operand,), fold, starts=False))
    return target


def _put_at(row: Row) -> Value | None:
    return _changed_at(row)


def _put_where(row: Row) -> Value | None:
    return _changed_at(row, conditions=row.operands[3:])


def _add_at(row: Row) -> Value | None:
    return _changed_at(row, Fold.ADD)


ROWS: dict[str, Callable[[Row], Value | None]] = {
    "broadcast_to": _broadcast_to,
    "reshape": _reshape,
    "transpose": _transpose,
    "slice": _slice,
    "sum": _sum,
    "max": _max,
    "min": _min,
    "contract": _contract,
    "place": _place,
    "assign": _assign,
    "concatenate": _concatenate,
    "stack": _stack,
    "gather": _gather,
    "take_along": _take_along,
    "scatter_add": _scatter_add,
    "put_along": _put_along,
    "put_at": _put_at,
    "put_where": _put_where,
    "add_at": _add_at,
}
