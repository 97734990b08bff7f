"""Where the repetitions of a loop read and write elements: a place on some axes for each of them.

A place is a number on one axis, and a tuple of numbers where an index differs on several.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.capture.uncapturable import UncapturableError

__all__ = [
    "Axes",
    "Place",
    "along",
    "apart",
    "from_front",
    "front",
    "others",
    "parts_of",
    "put_along",
]

Place = int | tuple[int, ...]
Axes = tuple[int, ...]


def parts_of(place: Place) -> tuple[int, ...]:
    """The numbers of a place."""
    return place if isinstance(place, tuple) else (place,)


def others(shape: Sequence[int], axes: Sequence[int]) -> tuple[int, ...]:
    """The shape on all other axes."""
    return tuple(n for axis, n in enumerate(shape) if axis not in axes)


def from_front(
    shape: Sequence[int], axes: Sequence[int], columns: Sequence[Sequence[int]]
) -> tuple[Place, ...]:
    """The places for numbers on each of the axes, which may count from behind."""
    every: list[list[int]] = []
    for axis, column in zip(axes, columns, strict=True):
        if axis >= len(shape) or not all(-shape[axis] <= one < shape[axis] for one in column):
            raise UncapturableError
        every.append([int(one) % shape[axis] for one in column])
    return tuple(every[0]) if len(every) == 1 else tuple(zip(*every, strict=True))


def front(x: Any, axes: Axes) -> Any:
    """``x`` with these axes before all others."""
    return x if axes == (*range(len(axes)),) else np.moveaxis(x, axes, (*range(len(axes)),))


def along(x: Any, axes: Axes, places: Sequence[Place], rest: tuple[object, ...] = ()) -> Any:
    """What is at the places, along a first axis, and there ``rest``."""
    x = front(x, axes)
    every = len(axes) == 1 and places == (*range(x.shape[0]),)
    found = x if every else x[_key(places)]
    return found[(slice(None), *rest)] if rest else found


def put_along(
    x: ArrayTracer, axes: Axes, places: Sequence[Place], rest: tuple[object, ...], values: object
) -> None:
    """Put values to the places of an array, one after the other, and there to ``rest``."""
    front(x, axes)[(*_key(places), *rest)] = values


def _key(places: Sequence[Place]) -> tuple[object, ...]:
    """Places as an index: a slice, if they are one."""
    columns = [tuple(one) for one in zip(*map(parts_of, places), strict=True)]
    if len(columns) > 1:
        return tuple(map(np.array, columns))
    column, count = columns[0], len(places)
    step = column[1] - column[0] if count > 1 else 1
    if step and column == (*range(column[0], column[0] + step * count, step),):
        end = column[-1] + (1 if step > 0 else -1)
        return (slice(column[0], None if end < 0 else end, step),)
    return (np.array(column),)


def apart(
    one: tuple[tuple[int, ...], Sequence[Place], tuple[object, ...]],
    other: tuple[tuple[int, ...], Sequence[Place], tuple[object, ...]],
    ndim: int,
) -> bool:
    """True if no element of an array of so many axes is at places of both.

    Args:
        one: Axes, places on these, and where on all other axes.
        other: The same.
        ndim: How many axes the array has.
    """
    if one[0] == other[0] and set(one[1]).isdisjoint(other[1]):
        return True
    if not all(type(part) is int for part in (*one[2], *other[2])):
        return False
    if one[0] == other[0] and len(one[2]) == len(other[2]) and one[2] != other[2]:
        return True
    full = all(len(x[0]) + len(x[2]) == ndim for x in (one, other))
    return full and _whole(*one).isdisjoint(_whole(*other))


def _whole(
    axes: Axes, places: Sequence[Place], rest: Sequence[object]
) -> set[tuple[tuple[int, object], ...]]:
    """The places on all axes."""
    ndim = len(axes) + len(rest)
    free = [axis for axis in range(ndim) if axis not in axes]
    fixed = [*zip(free, rest, strict=True)]
    return {tuple(sorted([*zip(axes, parts_of(place), strict=True), *fixed])) for place in places}
