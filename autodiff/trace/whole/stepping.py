"""NumPy's differences along an axis, and the sums that undo them, on whole arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.table.arrays.indexing import concatenate
from autodiff.table.arrays.reshaping import broadcast_to, sum_over
from autodiff.trace.array_operand import ArrayOperand
from autodiff.trace.whole.fitting import axes
from autodiff.trace.whole.indices import get_item
from autodiff.trace.whole.moving import as_tracer
from autodiff.trace.whole.reducing import first_of, given_options

__all__ = ["FUNCTIONS", "steps_of", "trapezoids"]


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


FUNCTIONS: dict[object, Callable[..., object]] = {
    np.diff: _diff,
    **{getattr(np, name): _trapezoid for name in ("trapezoid", "trapz") if name in np.__dict__},
}
