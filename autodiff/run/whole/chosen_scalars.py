"""Orders and places that depend on numbers, element by element: each place is a number itself.

The first of the largest is found by comparing one after the other, an order by counting who comes
before, and an element at a place by asking every place in turn.  Where an index is out of bounds,
no place is the one meant, and what is read there is nan.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autodiff.table import ops
from autodiff.table.arrays.array_row import Objects
from autodiff.table.primitive import Quantity

__all__ = ["AT_PLACES", "MOST_PLACES", "PLACES"]

MOST_PLACES = 5000  # comparisons of one row


def _first_largest(x: Objects, axis: int) -> object:
    return _largest_so_far(np.moveaxis(x, axis, 0))[-1]


def _running_place(x: Objects, axis: int) -> object:
    return _layers(_largest_so_far(np.moveaxis(x, axis, 0)), axis)


def _largest_so_far(rows: Objects) -> list[Objects]:
    """After each row the place of the first largest; a nan is the largest from then on."""
    best: Objects = rows[0]
    place: float | Objects = 0.0
    at_nan: float | Objects = 0.0
    found: list[Objects] = [np.zeros(rows.shape[1:]).astype(object)]
    known = _each(ops.ge, best, -math.inf)
    for k in range(1, len(rows)):
        place = _each(ops.where, _each(ops.gt, rows[k], best), float(k), place)
        at_nan = _each(ops.where, known, float(k), at_nan)
        best = _each(ops.maximum, best, rows[k])
        known = _each(ops.ge, best, -math.inf)
        found.append(_each(ops.where, known, place, at_nan))
    return found


def _order(x: Objects, axis: int) -> object:
    """Who comes first, second ...: by how many come before; equals stay in order, nans are last."""
    rows = np.moveaxis(x, axis, 0)
    known = [_each(ops.ge, row, -math.inf) for row in rows]
    numbers = _counted(known, rows.shape[1:])
    before = []
    for i, row in enumerate(rows):
        smaller = [
            _each(ops.le if j < i else ops.lt, other, row)
            for j, other in enumerate(rows) if j != i
        ]  # fmt: skip
        nans = _counted([_each(ops.logical_not, one) for one in known[:i]], rows.shape[1:])
        behind = _each(ops.add, numbers, nans)
        before.append(_each(ops.where, known[i], _counted(smaller, rows.shape[1:]), behind))
    return _layers([_whose(before, float(place)) for place in range(len(rows))], axis)


def _whose(before: Sequence[Objects], place: float) -> Objects:
    """Which of them has so many before it."""
    found = np.zeros(np.shape(before[0])).astype(object)
    for i in range(1, len(before)):
        found = _each(ops.where, _each(ops.eq, before[i], place), float(i), found)
    return found


def _searched(x: Objects, places: Objects, side: str) -> object:
    behind = ops.ge if side == "left" else ops.gt
    return _counted([_each(ops.logical_not, _each(behind, one, x)) for one in places], np.shape(x))


def _flat_places(*indices: object, shape: Sequence[int]) -> float | Objects:
    total: float | Objects = 0.0
    for index, n, inside in zip(indices, shape, _strides(shape), strict=True):
        total = _each(lambda t, i, n=n, w=inside: t + _from_front(i, n) * float(w), total, index)
    return total


def _strides(shape: Sequence[int]) -> list[int]:
    return [math.prod(shape[i + 1 :]) for i in range(len(shape))]


def _from_front(index: Quantity, n: int) -> Quantity:
    if isinstance(index, float):
        return index + n if index < 0.0 else index
    return ops.where(ops.lt(index, 0.0), index + float(n), index)


def _counted(conditions: Sequence[object], shape: tuple[int, ...]) -> object:
    """How many of them hold, for each element."""
    count = np.zeros(shape).astype(object)
    for one in conditions:
        count = _each(lambda number, holds: number + ops.where(holds, 1.0, 0.0), count, one)
    return count


def _layers(parts: Sequence[Objects], axis: int) -> Objects:
    """Arrays of one shape as the layers of a new axis."""
    made = np.empty((len(parts), *np.shape(parts[0])), dtype=object)
    for i, part in enumerate(parts):
        made[i] = part[()] if isinstance(part, np.ndarray) else part
    return np.moveaxis(made, 0, axis)


def _each(function: Callable[..., object], *arrays: object) -> Objects:
    """A function of scalars over arrays of them."""
    with np.errstate(all="ignore"):
        return np.asarray(np.frompyfunc(function, len(arrays), 1)(*arrays), dtype=object)


# --- elements at places: read, added ---


def _at(values: Objects, place: Any) -> Any:
    """The one of the values that is at a place."""
    found: float | Objects = math.nan
    place = _from_front(place, len(values))
    for k in range(len(values) - 1, -1, -1):
        found = _each(ops.where, ops.eq(place, float(k)), values[k], found)
    return found


def _gathered(x: Objects, index: Objects, axis: int) -> Objects:
    values = np.moveaxis(x, axis, 0)
    made = np.empty((index.size, *values.shape[1:]), dtype=object)
    for i, place in enumerate(index.ravel()):
        made[i] = _at(values, place)[()]
    whole = made.reshape(index.shape + values.shape[1:])
    return np.moveaxis(whole, range(index.ndim), range(axis, axis + index.ndim))


def _taken_along(x: Objects, index: Objects, axis: int) -> Objects:
    values, places = np.moveaxis(x, axis, 0), np.moveaxis(index, axis, 0)
    made = np.empty(places.shape, dtype=object)
    for where in np.ndindex(*places.shape):
        made[where] = _at(values[(slice(None), *where[1:])], places[where])[()]
    return np.moveaxis(made, 0, axis)


def _scattered(g: Objects, index: Objects, axis: int, size: int) -> object:
    """Each element is added where its place says; one that has no place makes everything nan."""
    terms = np.moveaxis(g, range(axis, axis + index.ndim), range(index.ndim))
    terms = terms.reshape(index.size, *terms.shape[index.ndim :])
    total = [np.zeros(terms.shape[1:]).astype(object)] * size
    for term, given in zip(terms, index.ravel(), strict=True):
        place = _from_front(given, size)
        inside = ops.logical_and(ops.ge(place, 0.0), ops.lt(place, float(size)))
        nothing, some = ops.where(inside, 0.0, math.nan), _each(_where_inside(inside), term)
        for k in range(size):
            total[k] = _each(
                lambda t, s, k=k, p=place, n=nothing: t + ops.where(ops.eq(p, float(k)), s, n),
                total[k], some,
            )  # fmt: skip
    return _layers(total, axis)


def _put_at(x: Objects, index: Objects, y: Objects, axis: int) -> object:
    """Each element, or what is put in its place; all nan for a place that is none."""
    return _changed_at(x, index, y, axis, lambda there, old, new: ops.where(there, new, old))


def _put_where(x: Objects, index: Objects, y: Objects, condition: Objects, axis: int) -> object:
    """The same where a condition holds."""
    holds = condition[()]
    return _changed_at(
        x,
        index,
        y,
        axis,
        lambda there, old, new: ops.where(ops.logical_and(there, holds), new, old),
    )


def _add_at(x: Objects, index: Objects, y: Objects, axis: int) -> object:
    """The same with what is added to it."""
    return _changed_at(x, index, y, axis, lambda there, old, new: ops.where(there, old + new, old))


def _changed_at(
    x: Objects, index: Objects, y: Objects, axis: int, change: Callable[..., object]
) -> object:
    rows = np.moveaxis(x, axis, 0)
    place = _from_front(index.item(), len(rows))
    inside = ops.logical_and(ops.ge(place, 0.0), ops.lt(place, float(len(rows))))
    made = [
        _each(lambda old, new, k=k: change(ops.eq(place, float(k)), old, new), row, y)
        for k, row in enumerate(rows)
    ]
    return _layers([_each(_where_inside(inside), row) for row in made], axis)


def _where_inside(inside: object) -> Callable[[Any], object]:
    return lambda x: ops.where(inside, x, math.nan)


# By the name of a row, what it is element by element.
PLACES: dict[str, Callable[..., object]] = {
    "argmax": _first_largest,
    "argsort": _order,
    "places": _flat_places,
    "running_place": _running_place,
    "searchsorted": _searched,
}
AT_PLACES: dict[str, Callable[..., object]] = {
    "gather": _gathered, "scatter_add": _scattered, "take_along": _taken_along,
    "put_at": _put_at, "put_where": _put_where, "add_at": _add_at,
}  # fmt: skip
