"""``np.gradient`` of traced values: differences along any axes, with any spacing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from autodiff.table.primitive import Quantity
from autodiff.trace.array_operand import WholeArray
from autodiff.trace.arrays import has_objects
from autodiff.trace.libraries.constructors import as_array
from autodiff.trace.libraries.reductions import refuse
from autodiff.trace.whole.fitting import axes

__all__ = ["array_gradient"]


def array_gradient(
    f: object, *spacing: ArrayLike, axis: int | Sequence[int] | None = None, edge_order: int = 1
) -> object:
    """``np.gradient``: of second order inside, of order ``edge_order`` at both ends."""
    array = as_array(f)
    named = range(array.ndim) if axis is None else np.atleast_1d(axis)
    along = [one for a in named for one in axes(a, array.ndim)]
    everywhere = len(spacing) < 2 and np.ndim(spacing[0] if spacing else 1.0) == 0
    steps = [*(spacing or (1.0,))] * (len(along) if everywhere else 1)
    if len(steps) != len(along) or edge_order not in (1, 2):
        refuse(
            f"np.gradient with {len(spacing)} spacings for {len(along)} axes, edge_order="
            f"{edge_order}",
            "Give one number, or a spacing for each axis, and edge_order 1 or 2",
        )
    if any(array.shape[a] < edge_order + 1 for a in along):
        refuse(
            f"np.gradient of an array of shape {array.shape}",
            f"Each axis needs {edge_order + 1} elements or more",
        )
    found = [_along(array, a, h, edge_order) for a, h in zip(along, steps, strict=True)]
    return found[0] if len(found) == 1 else tuple(found)


def _along(array: Any, axis: int, spacing: ArrayLike, edge_order: int) -> WholeArray:
    first = np.moveaxis(array, axis, 0)
    steps = _steps(spacing, len(first))
    # Each distance stands before all numbers of its place.
    rows = [h if np.ndim(h) == 0 else h[(...,) + (None,) * (first.ndim - 1)] for h in steps]
    inner = _inner(first, *rows)
    ends = (_first_order if edge_order == 1 else _second_order)(first, *rows)
    return np.moveaxis(np.concatenate([ends[0], inner, ends[1]]), 0, axis)


def _steps(spacing: ArrayLike, count: int) -> tuple[Any, Any]:
    """The distances to the neighbours before and behind each place but the ends'."""
    if np.ndim(spacing) == 0:
        return spacing, spacing
    if np.shape(spacing) != (count,):
        refuse(
            f"np.gradient with coordinates of shape {np.shape(spacing)} for {count} elements",
            "Give one coordinate for each element along the axis",
        )
    distances = np.diff(as_array(spacing))
    same = not has_objects(distances) and bool(np.all(distances == distances[0]))
    return (distances[0], distances[0]) if same else (distances[:-1], distances[1:])


def _inner(f: WholeArray, before: Any, behind: Any) -> Any:
    if np.ndim(before) == 0:
        return (f[2:] - f[:-2]) / (2.0 * before)
    a = -behind / (before * (before + behind))
    b = (behind - before) / (before * behind)
    c = before / (behind * (before + behind))
    return a * f[:-2] + b * f[1:-1] + c * f[2:]


def _ends(step: Any, place: int) -> Any:
    return step if np.ndim(step) == 0 else step[place]


def _first_order(f: WholeArray, before: Quantity, behind: Quantity) -> tuple[object, object]:
    start, stop = _ends(before, 0), _ends(behind, -1)
    return (f[1:2] - f[:1]) / start, (f[-1:] - f[-2:-1]) / stop


def _second_order(f: WholeArray, before: Quantity, behind: Quantity) -> tuple[object, object]:
    a, b, c = _weights(before, behind, 0)
    left = a * f[:1] + b * f[1:2] + c * f[2:3]
    a, b, c = _weights(behind, before, -1)
    right = -c * f[-3:-2] + -b * f[-2:-1] + -a * f[-1:]
    return left, right


def _weights(near: Any, far: Any, place: int) -> tuple[Any, Any, Any]:
    """What an end and its two neighbours count in the slope, from the end inwards."""
    if np.ndim(near) == 0:
        return -1.5 / near, 2.0 / near, -0.5 / near
    x, y = near[place], far[place]
    return -(2.0 * x + y) / (x * (x + y)), (x + y) / (x * y), -x / (y * (x + y))
