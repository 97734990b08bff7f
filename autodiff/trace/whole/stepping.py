"""NumPy's differences along an axis, and running sums and products, on whole arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.table import ops
from autodiff.table.arrays.choosing import running_place
from autodiff.table.arrays.indexing import concatenate, take_along
from autodiff.table.arrays.reshaping import broadcast_to, cumsum, reshape, sum_over
from autodiff.trace.array_operand import ArrayOperand
from autodiff.trace.integers import as_truth
from autodiff.trace.whole.fitting import axes
from autodiff.trace.whole.indices import get_item
from autodiff.trace.whole.moving import as_tracer
from autodiff.trace.whole.reducing import first_of, given_options

__all__ = ["FUNCTIONS", "accumulated", "steps_of", "trapezoids"]

_ASSOCIATIVE = (np.multiply, np.logaddexp, np.logaddexp2, np.hypot)  # in any order, but rounding


def _end(ends: dict[str, object], name: str, x: ArrayOperand, along: int) -> list[ArrayOperand]:
    """What ``np.diff`` puts before or behind an array; a number stands for a slice of it."""
    if name not in ends:
        return []
    end = as_tracer(ends[name], x)
    if end.ndim:
        return [end]
    return [broadcast_to(end, tuple(1 if i == along else n for i, n in enumerate(x.shape)))]


def _diff(a: object, n: int = 1, axis: int = -1, **kwargs: object) -> ArrayOperand:
    x = first_of(a, *kwargs.values())
    ends = given_options(kwargs)
    if ends:
        along = axes(axis, x.ndim)[0]
        x = concatenate(
            [*_end(ends, "prepend", x, along), x, *_end(ends, "append", x, along)], along
        )
    before = (slice(None),) * axes(axis, x.ndim)[0]
    for _ in range(n):
        x = get_item(x, (*before, slice(1, None))) - get_item(x, (*before, slice(None, -1)))
    return x


def _trapezoid(y: object, x: object = None, dx: float = 1.0, axis: int = -1) -> object:
    values = first_of(y, x)
    along = axes(axis, values.ndim)[0]
    return sum_over(trapezoids(values, x, dx, along), (along,))


def trapezoids(values: ArrayOperand, x: object, dx: float, along: int) -> ArrayOperand:
    """The area between each two neighbours along an axis."""
    before = (slice(None),) * along
    pairs = get_item(values, (*before, slice(1, None))) + get_item(
        values, (*before, slice(None, -1))
    )
    area = pairs * (0.5 * dx) if x is None else 0.5 * (pairs * steps_of(x, values.ndim, along))
    return as_tracer(area, values)


def steps_of(x: object, ndim: int, along: int) -> Any:
    """The steps between places, or rows of places, for an array of more axes along one of them."""
    steps = _diff(x, axis=-1) if isinstance(x, ArrayOperand) else np.diff(np.asarray(x), axis=-1)
    if np.ndim(steps) == 1 and ndim > 1:
        steps = steps.reshape([-1 if i == along else 1 for i in range(ndim)])
    return steps


def accumulated(
    ufunc: np.ufunc, function: Callable[..., object], a: object, axis: int = 0
) -> object:
    """``ufunc.accumulate``."""
    x = first_of(a)
    along = axes(axis, x.ndim)[0]
    if ufunc.__name__.startswith("logical_"):
        x = as_tracer(as_truth(x), x)
    if ufunc is np.add:
        return cumsum(x, along)
    if ufunc is np.maximum:
        return take_along(x, running_place(x, along), along)
    if ufunc is np.minimum:
        return -take_along(-x, running_place(-x, along), along)
    before: tuple[object, ...] = (slice(None),) * along
    if ufunc in _ASSOCIATIVE:
        return _doubled(function, x, before)
    parts: list[object] = []
    for i in range(x.shape[along]):
        one = get_item(x, (*before, slice(i, i + 1)))
        parts.append(function(parts[-1], one) if parts else one)
    return concatenate(parts, along) if parts else x


def _doubled(
    function: Callable[..., object], x: ArrayOperand, before: tuple[object, ...]
) -> object:
    """What elements are with all before them: twice as many of these with each step."""
    step, along = 1, len(before)
    while step < x.shape[along]:
        first, early, late = slice(step), slice(-step), slice(step, None)
        paired = function(get_item(x, (*before, early)), get_item(x, (*before, late)))
        x = concatenate([get_item(x, (*before, first)), paired], along)
        step *= 2
    return x


def _cumsum(a: object, axis: object = None) -> object:
    x = first_of(a)
    if axis is None:
        return cumsum(reshape(x, (x.size,)), 0)
    return cumsum(x, axes(axis, x.ndim)[0])


def _cumprod(a: object, axis: int | None = None) -> object:
    x = first_of(a)
    if axis is None:
        x, axis = as_tracer(reshape(x, (x.size,)), x), 0
    return accumulated(np.multiply, ops.mul, x, axis)


FUNCTIONS: dict[object, Callable[..., object]] = {
    np.diff: _diff,
    np.cumsum: _cumsum,
    np.cumprod: _cumprod,
    **{getattr(np, name): _trapezoid for name in ("trapezoid", "trapz") if name in np.__dict__},
}
