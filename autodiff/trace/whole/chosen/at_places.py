"""``ufunc.at``: what is added, or compared, at the places of an array made inside a trace."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.errors import TraceError, user_location
from autodiff.table import ops
from autodiff.table.arrays.choosing import max_over, min_over, places_of
from autodiff.table.arrays.indexing import scatter_add
from autodiff.table.arrays.reshaping import broadcast_to, reshape
from autodiff.trace.array_operand import ArrayOperand, value_of
from autodiff.trace.whole.moving import as_tracer

__all__ = ["at_places"]

_EXTREMES: dict[np.ufunc, tuple[Callable[..., object], float]] = {
    np.maximum: (max_over, -math.inf),
    np.minimum: (min_over, math.inf),
}
_COMPARED = 1_000_000  # values for each place, most of which are not its own


def at_places(
    ufunc: np.ufunc, function: Callable[..., object], a: object, indices: Any, b: object = None
) -> None:
    """Change ``a`` at places, each as often as it is named.

    Raises:
        TraceError: for another function, an array from outside, or too many values to compare.
    """
    if ufunc not in (np.add, np.subtract, *_EXTREMES) or not isinstance(a, ArrayOperand):
        raise TraceError(
            f"{user_location()}: np.{ufunc.__name__}.at cannot be traced here; np.add.at, "
            "np.maximum.at and np.minimum.at on an array made inside the function can be"
        )
    several = indices if isinstance(indices, tuple) else (indices,)
    if any(isinstance(one, ArrayOperand) and value_of(one) is None for one in several):
        front, rest = a.shape[: len(several)], a.shape[len(several) :]
        index: Any = several[0] if len(several) == 1 else places_of(front, several)
    else:
        places = np.arange(a.size).reshape(a.shape)[
            np.asarray(value_of(indices), int) if isinstance(indices, ArrayOperand) else indices
        ]
        front, rest, index = a.shape, (), a.known(places, True)
    count, value = math.prod(front), broadcast_to(as_tracer(b, a), index.shape + rest)
    if ufunc in _EXTREMES:
        found = _extremes(ufunc, index, value, count)
    elif not rest:
        flat, all_places = reshape(value, (value.size,)), reshape(index, (index.size,))
        found = scatter_add(flat, all_places, 0, count)
    else:
        found = scatter_add(value, index, 0, count)
    a.assigned(function(a, reshape(found, a.shape)))


def _extremes(ufunc: np.ufunc, index: ArrayOperand, value: ArrayOperand, count: int) -> object:
    """The largest or smallest of the values that go to each place."""
    if count * value.size > _COMPARED:
        raise TraceError(
            f"{user_location()}: np.{ufunc.__name__}.at of {value.size} values at {count} places "
            f"compares each with each, at most {_COMPARED} here. Sort them by place, and use "
            f"np.{ufunc.__name__}.reduceat"
        )
    over, neutral = _EXTREMES[ufunc]
    size, rest = index.size, value.shape[len(index.shape) :]
    given = reshape(index, (1, size))
    places = ops.where(given < 0.0, given + float(count), given)
    own = ops.eq(places, value.known(np.arange(float(count))[:, None]))
    own = reshape(own, (count, size, *(1,) * len(rest)))
    return over(ops.where(own, reshape(value, (1, size, *rest)), neutral), (1,))
