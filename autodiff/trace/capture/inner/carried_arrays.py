"""Elements of arrays that go from repetition to repetition as a whole.

Where one repetition reads what another wrote, anywhere, the loop carries the array: each repetition
takes elements of it at places that it computes, and leaves it with others in their places.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autodiff.table import ops
from autodiff.table.arrays.array_row import ARRAY_ROWS
from autodiff.table.arrays.one_place import add_at
from autodiff.table.arrays.reshaping import reshape
from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.capture.by_repetition import Known
from autodiff.trace.capture.uncapturable import UncapturableError
from autodiff.trace.whole.indices import assign_at

__all__ = ["add_there", "is_computed", "place_of", "put_at", "taken_at"]


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
    add_there(x)


def add_there(x: ArrayTracer) -> None:
    """Where what was put is a sum with what was there, add there."""
    added = _added(x)
    if added is not None:
        x.assigned(added)


def _added(x: ArrayTracer) -> ArrayTracer | None:
    """An array where something was put that is a sum with what was there: what is added there."""
    builder, nodes = x.builder, x.builder.nodes
    last = nodes[x.index]
    put = nodes[last.operands[0]] if last.primitive is ARRAY_ROWS["reshape"] else last
    if put.primitive is not ARRAY_ROWS["put_at"]:
        return None
    whole, place, value = put.operands
    axis, total = put.named["axis"], nodes[value]
    if total.primitive not in (ops.add, ops.sub):
        return None
    pairs = [total.operands, total.operands[::-1]][: 2 if total.primitive is ops.add else 1]
    for old, more in pairs:
        before = nodes[old]
        same = before.operands == (whole, place) and before.primitive is ARRAY_ROWS["gather"]
        if same and before.named["axis"] == axis:
            part = ArrayTracer(builder, more)
            part = part if total.primitive is ops.add else -part
            given = ArrayTracer(builder, whole), ArrayTracer(builder, place), part
            return reshape(add_at(*given, axis), x.shape)
    return None
