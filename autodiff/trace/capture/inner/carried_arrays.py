"""Elements of arrays that go from repetition to repetition as a whole.

Where one repetition reads what another wrote, anywhere, the loop carries the array: each repetition
takes elements of it at places that it computes, and leaves it with others in their places.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autodiff.table import ops
from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.capture.by_repetition import Known
from autodiff.trace.capture.uncapturable import UncapturableError
from autodiff.trace.whole.indices import assign_at

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
    made = [place_of(one, n) for one, n in zip(parts, x.shape, strict=False)]
    if any(isinstance(one, slice) and one != slice(None) for one in made):
        raise UncapturableError
    assign_at(x, made, value.tracer() if isinstance(value, Known) else value)
