"""``scipy.integrate`` of samples: Simpson's rule, and areas up to each place."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autodiff.table.arrays.reshaping import sum_over
from autodiff.trace.array_operand import ArrayOperand
from autodiff.trace.whole.fitting import axes
from autodiff.trace.whole.linear_algebra import tracers
from autodiff.trace.whole.moving import FUNCTIONS
from autodiff.trace.whole.reducing import first_of
from autodiff.trace.whole.scipy.where_traced import each_where_traced
from autodiff.trace.whole.stepping import steps_of, trapezoids

__all__ = ["INTEGRALS"]


def _cumulative_trapezoid(
    y: object, x: object = None, dx: float = 1.0, axis: int = -1, initial: float | None = None
) -> object:
    values = first_of(y, x)
    along = axes(axis, values.ndim)[0]
    (made,) = tracers(np.cumsum(trapezoids(values, x, dx, along), axis=along))
    if initial is None:
        return made
    shape = [1 if i == along else n for i, n in enumerate(made.shape)]
    return np.concatenate([np.full(shape, float(initial)), made], axis=along)


def _last(x: ArrayOperand, axis: int) -> ArrayOperand:
    """An array with an axis moved behind the others."""
    (made,) = tracers(FUNCTIONS[np.moveaxis](x, axes(axis, x.ndim)[0], -1))
    return made


def _simpson(y: object, x: object = None, dx: float = 1.0, axis: int = -1) -> object:
    """Simpson's rule for places at any distances.

    A number of samples that is even has one step more at the end, which the parabola through the
    last three is integrated over (Cartwright 2017, as SciPy does).
    """
    values = _last(first_of(y, x), axis)
    count = values.shape[-1]
    if x is None:
        steps = np.full(count - 1, float(dx))
    else:
        several = isinstance(x, (ArrayOperand, np.ndarray)) and x.ndim > 1
        steps = steps_of(_last(first_of(x, y), axis) if several else x, 1, -1)
    if count == 2:
        return 0.5 * steps[..., 0] * (values[..., 0] + values[..., 1])
    odd = count - 1 + count % 2
    first, second = steps[..., 0 : odd - 1 : 2], steps[..., 1 : odd - 1 : 2]
    both = first + second
    panels = (
        both / 6.0
        * (
            values[..., 0 : odd - 2 : 2] * (2.0 - second / first)
            + values[..., 1 : odd - 1 : 2] * (both * both / (first * second))
            + values[..., 2:odd:2] * (2.0 - first / second)
        )
    )  # fmt: skip
    area: ArrayOperand = sum_over(panels, (panels.ndim - 1,))
    if odd == count:
        return area
    h, k = steps[..., -2], steps[..., -1]
    return area + (
        (2.0 * k**2 + 3.0 * h * k) / (6.0 * (h + k)) * values[..., -1]
        + (k**2 + 3.0 * h * k) / (6.0 * h) * values[..., -2]
        - k**3 / (6.0 * h * (h + k)) * values[..., -3]
    )


_OURS: dict[str, Callable[..., object]] = {
    "cumulative_trapezoid": _cumulative_trapezoid,
    "simpson": _simpson,
}
INTEGRALS = each_where_traced("scipy.integrate", _OURS)
