"""What NumPy does part by part in Python, on whole arrays: apply_along_axis, vectorize."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.table.arrays.reshaping import broadcast_to, reshape
from autodiff.trace.array_operand import WholeArray
from autodiff.trace.capture.calls.with_elements import each_element
from autodiff.trace.capture.lists.listed_rows import stacked
from autodiff.trace.whole.fitting import axes
from autodiff.trace.whole.moving import as_tracer, tracer_in

__all__ = ["FUNCTIONS", "for_each_element"]


def _along_axis(
    func1d: Callable[..., object], axis: int, arr: Any, *args: object, **kwargs: object
) -> WholeArray:
    along = axes(axis, arr.ndim)[0]
    moved = np.moveaxis(arr, along, -1)
    front = moved.shape[:-1]
    flat = reshape(moved, (int(np.prod(front)), moved.shape[-1]))

    def each(row: object) -> object:
        return func1d(row, *args, **kwargs)

    parts = [as_tracer(x, arr) for x in each_element(each, [flat], "np.apply_along_axis")]
    made = np.reshape(np.stack(parts), (*front, *parts[0].shape))
    return np.moveaxis(made, -1, along) if parts[0].ndim == 1 else made


def for_each_element(function: Callable[..., object], arrays: tuple[Any, ...]) -> object:
    """``function`` of each element of arrays that broadcast, as ``np.vectorize`` calls it."""
    like = tracer_in(arrays)
    assert like is not None
    shape = np.broadcast_shapes(*(np.shape(x) for x in arrays))
    flat = [reshape(broadcast_to(as_tracer(x, like), shape), (math.prod(shape),)) for x in arrays]
    parts = [as_tracer(x, like) for x in each_element(function, flat, "np.vectorize")]
    return stacked(parts).reshape(shape) if shape else parts[0]


FUNCTIONS: dict[object, Callable[..., object]] = {np.apply_along_axis: _along_axis}
