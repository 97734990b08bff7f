"""What NumPy does part by part in Python, on whole arrays: apply_along_axis, vectorize."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.errors import TraceError, user_location
from autodiff.table.arrays.reshaping import broadcast_to, reshape
from autodiff.trace.array_operand import WholeArray
from autodiff.trace.whole.fitting import axes
from autodiff.trace.whole.moving import as_tracer, tracer_in

__all__ = ["FUNCTIONS", "for_each_element"]

_MOST = 2000


def _require_few(count: int, name: str) -> None:
    if count > _MOST:
        raise TraceError(
            f"{user_location()}: {name} calls its function {count} times; at most {_MOST} are "
            "traced. Write it with operations on whole arrays"
        )


def _along_axis(
    func1d: Callable[..., object], axis: int, arr: Any, *args: object, **kwargs: object
) -> WholeArray:
    along = axes(axis, arr.ndim)[0]
    moved = np.moveaxis(arr, along, -1)
    front = moved.shape[:-1]
    _require_few(int(np.prod(front)), "np.apply_along_axis")
    flat = reshape(moved, (int(np.prod(front)), moved.shape[-1]))
    parts = [as_tracer(func1d(row, *args, **kwargs), arr) for row in flat]
    made = np.stack(parts)
    made = made.reshape((*front, *parts[0].shape))
    return np.moveaxis(made, -1, along) if parts[0].ndim == 1 else made


def for_each_element(function: Callable[..., object], arrays: tuple[Any, ...]) -> object:
    """``function`` of each element of arrays that broadcast, as ``np.vectorize`` calls it."""
    like = tracer_in(arrays)
    assert like is not None
    shape = np.broadcast_shapes(*(np.shape(x) for x in arrays))
    count = int(np.prod(shape))
    _require_few(count, "np.vectorize")
    flat = [reshape(broadcast_to(as_tracer(x, like), shape), (count,)) for x in arrays]
    parts = [as_tracer(function(*[x[i] for x in flat]), like) for i in range(count)]
    return np.stack(parts).reshape(shape) if shape else parts[0]


FUNCTIONS: dict[object, Callable[..., object]] = {np.apply_along_axis: _along_axis}
