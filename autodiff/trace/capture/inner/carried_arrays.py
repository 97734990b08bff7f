"""Elements of arrays that go from repetition to repetition as a whole.

Where one repetition reads what another wrote, anywhere, the loop carries the array: each repetition
takes elements of it at places that it computes, and leaves it with others in their places.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np

from autodiff.table import ops
from autodiff.table.arrays.reshaping import broadcast_to, reshape
from autodiff.table.primitive import Quantity
from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.capture.by_repetition import Known
from autodiff.trace.capture.uncapturable import UncapturableError

__all__ = ["is_computed", "place_of", "put_at", "taken_at"]


def is_computed(place: object) -> bool:
    """True for a traced whole number."""
    return isinstance(place, ArrayTracer) and place.integer and not place.shape


def place_of(one: object, size: int) -> object:
    """A place of an axis from its front, as a traced whole number if it differs."""
    if isinstance(one, Known):
        if not all(-size <= place < size for place in one.values):
            raise UncapturableError
        made = one.like([place % size for place in one.values])
        return made.owner.elements.places(made) if isinstance(made, Known) else made
    if is_computed(one):
        inside = ops.clip(one, -float(size), size - 1.0)  # what does nothing may be elsewhere
        return ops.where(ops.lt(inside, 0.0), inside + size, inside).as_indices()
    if isinstance(one, (int, np.integer)):
        if not -size <= one < size:
            raise UncapturableError
        return int(one) % size
    return one


def taken_at(x: ArrayTracer, parts: Sequence[object]) -> object:
    """``x[parts]``, where traced whole numbers are among them, or what a repetition knows."""
    return x[tuple([place_of(one, n) for one, n in zip(parts, x.shape, strict=False)])]


def put_at(x: ArrayTracer, parts: Sequence[object], value: object) -> None:
    """``x[parts] = value``, likewise."""
    tests: list[Quantity] = []
    kept: list[int] = []  # the shape of the value
    shape: list[int] = []  # the same with an axis for each place
    for axis, size in enumerate(x.shape):
        one = place_of(parts[axis], size) if axis < len(parts) else slice(None)
        if not isinstance(one, slice):
            places = np.arange(size).reshape((size, *(1,) * (x.ndim - axis - 1)))
            tests.append(ops.eq(x.known(places), one))
            shape.append(1)
        elif one == slice(None):
            kept.append(size)
            shape.append(size)
        else:
            raise UncapturableError
    given = value.tracer() if isinstance(value, Known) else value
    if isinstance(given, (ArrayTracer, np.ndarray)):
        given = reshape(broadcast_to(given, tuple(kept)), tuple(shape))
    x.assigned(ops.where(reduce(ops.logical_and, tests), given, x))
