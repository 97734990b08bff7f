"""Elements of lists at places that are traced whole numbers: ``table[int(x)]``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autodiff.table import ops
from autodiff.table.arrays.indexing import scatter_add
from autodiff.table.primitive import Quantity
from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.branching.choices import is_number
from autodiff.trace.integers import is_rounded
from autodiff.trace.placeholder import Tracer
from autodiff.trace.whole.moving import as_tracer

__all__ = ["is_place", "item_at", "put_at"]


def is_place(key: object) -> bool:
    """True for one traced whole number."""
    return isinstance(key, Tracer) and getattr(key, "shape", ()) == () and is_rounded(key)


def item_at(x: Any, place: Any) -> Any:
    """``x[place]``."""
    if not isinstance(x, (list, tuple)) or not x:
        return x[place]
    if all(map(is_number, x)):
        return _one_of(x, place)
    first = x[0]
    rows = all(isinstance(row, (list, tuple)) and len(row) == len(first) for row in x)
    if rows and all(is_number(one) for row in x for one in row):
        return type(first)([_one_of(column, place) for column in zip(*x, strict=True)])
    if all(isinstance(one, (np.ndarray, ArrayTracer)) for one in x):
        return as_tracer(list(x), place)[place] if isinstance(place, ArrayTracer) else x[place]
    return x[place]  # which says what is wrong


def _one_of(items: Sequence[object], place: ArrayTracer) -> object:
    if isinstance(place, ArrayTracer):
        return as_tracer(list(items), place)[place]
    found: object = math.nan
    where = _from_front(place, len(items))
    for k in range(len(items) - 1, -1, -1):
        found = ops.where(ops.eq(where, float(k)), items[k], found)
    return found


def put_at(x: list[object], place: ArrayTracer, value: object) -> None:
    """``x[place] = value``."""
    if not isinstance(x, list) or not all(map(is_number, [*x, value])):
        x[place] = value
        return
    if isinstance(place, ArrayTracer):
        there = scatter_add(place.known(1.0), place, 0, len(x))
        chosen = [ops.gt(there[k], 0.0) for k in range(len(x))]
        before = x
    else:
        where = _from_front(place, len(x))
        chosen = [ops.eq(where, float(k)) for k in range(len(x))]
        inside = ops.logical_and(ops.ge(where, 0.0), ops.lt(where, float(len(x))))
        before = [ops.where(inside, old, math.nan) for old in x]
    x[:] = [ops.where(one, value, old) for one, old in zip(chosen, before, strict=True)]


def _from_front(place: ArrayTracer, count: int) -> Quantity:
    return ops.where(ops.lt(place, 0.0), place + float(count), place)
