"""NumPy's reductions, running sums and orders on whole arrays."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, NoReturn

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from autodiff.errors import TraceError, user_location
from autodiff.table import ops
from autodiff.table.arrays.choosing import (
    argmax,
    argsort,
    max_over,
    min_over,
    search,
    sort,
)
from autodiff.table.arrays.indexing import concatenate, scatter_add
from autodiff.table.arrays.reshaping import broadcast_to, reshape, sum_over
from autodiff.trace.array_operand import ArrayOperand
from autodiff.trace.arrays import check_dtype
from autodiff.trace.integers import as_truth
from autodiff.trace.whole.fitting import axes
from autodiff.trace.whole.indices import get_item
from autodiff.trace.whole.moving import as_tracer, tracer_in

__all__ = [
    "FUNCTIONS",
    "first_of",
    "given_options",
    "in_one_period",
    "reduced",
    "reduced_at",
    "stored",
]


def _refuse(message: str) -> NoReturn:
    raise TraceError(f"{user_location()}: {message}")


def first_of(a: object, *rest: object) -> ArrayOperand:
    """``a`` as a tracer, where it or something else is one."""
    like = tracer_in((a, rest))
    assert like is not None
    return as_tracer(a, like)


_TRUTHS: dict[np.ufunc, Callable[..., object]] = {np.logical_and: min_over, np.logical_or: max_over}
_NEUTRAL: dict[np.ufunc, float] = {
    np.add: 0.0,
    np.multiply: 1.0,
    np.maximum: -math.inf,
    np.minimum: math.inf,
}


def reduced(
    ufunc: np.ufunc,
    function: Callable[..., object],
    a: object,
    axis: object = 0,
    dtype: DTypeLike | None = None,
    out: object = None,
    keepdims: bool = False,
    initial: object = None,
    where: object = True,
) -> object:
    """``ufunc.reduce``."""
    check_dtype(dtype, f"np.{ufunc.__name__}.reduce")
    x = first_of(a, where, initial)
    if ufunc is np.logical_xor:
        x = as_tracer(as_truth(x), x)
    if where is not True:
        neutral = _NEUTRAL.get(ufunc, initial)
        if neutral is None or neutral is np._NoValue:
            _refuse(f"np.{ufunc.__name__}.reduce(where=...) needs initial=")
        x = as_tracer(ops.where(where, x, neutral), x)
    along = axes(axis, x.ndim)
    made: Any
    if ufunc is np.add:
        made = sum_over(x, along)
    elif ufunc is np.maximum:
        made = max_over(x, along)
    elif ufunc is np.minimum:
        made = min_over(x, along)
    elif ufunc in _TRUTHS:
        made = _TRUTHS[ufunc](ops.ne(x, 0.0), along)
    elif ufunc.identity is None and ufunc not in (np.fmax, np.fmin):
        made, initial = _from_the_left(function, x, along, ufunc, initial), None
    else:
        made = _halved(function, x, along, ufunc)
    if keepdims:
        made = reshape(made, tuple(1 if i in along else n for i, n in enumerate(x.shape)))
    if initial is not None and initial is not np._NoValue:
        made = function(made, initial) if ufunc is not np.add else made + initial
    return stored(out, made)


def stored(out: object, made: object) -> object:
    """``out``, which holds ``made`` from now on; ``made`` where there is no ``out``."""
    if out is None:
        return made
    one = out[0] if isinstance(out, tuple) else out
    if not isinstance(one, ArrayOperand):
        _refuse("out= is no traced array; assign the result to a name")
    one[...] = made
    return one


def _from_the_left(
    function: Callable[..., object], x: ArrayOperand, along: tuple[int, ...], ufunc: np.ufunc,
    initial: object,
) -> object:  # fmt: skip
    """One element after the other, where their grouping matters: quotients, powers."""
    if len(along) != 1:
        _refuse(f"np.{ufunc.__name__}.reduce along {len(along)} axes; reduce one at a time")
    before: tuple[object, ...] = (slice(None),) * along[0]
    start = [] if initial is None or initial is np._NoValue else [initial]
    rows = [*start, *(get_item(x, (*before, i)) for i in range(x.shape[along[0]]))]
    if not rows:
        _refuse(f"np.{ufunc.__name__}.reduce of an empty axis, shape {x.shape}")
    return reduce(function, rows)


def _halved(
    function: Callable[..., object], x: ArrayOperand, along: tuple[int, ...], ufunc: np.ufunc
) -> object:
    """By halves: as many nodes as the axis has binary digits."""
    for axis in reversed(along):
        n = x.shape[axis]
        if n == 0:
            neutral = ufunc.identity
            if neutral is None:
                _refuse(f"np.{ufunc.__name__}.reduce of an empty axis, shape {x.shape}")
            return broadcast_to(
                x.known(float(neutral)),
                tuple(m for i, m in enumerate(x.shape) if i not in along),
            )
        before = (slice(None),) * axis
        while n > 1:
            half = n // 2
            paired = function(
                get_item(x, (*before, slice(half))), get_item(x, (*before, slice(half, 2 * half)))
            )
            rest = [get_item(x, (*before, slice(2 * half, None)))] if n % 2 else []
            x = concatenate([paired, *rest], axis)
            n = half + n % 2
        x = get_item(x, (*before, 0))
    return x


def reduced_at(
    ufunc: np.ufunc, function: Callable[..., object], a: object, indices: object, axis: int = 0,
) -> Any:  # fmt: skip
    """``ufunc.reduceat``: from each place to the next, at places that are known."""
    if tracer_in(indices) is not None:
        _refuse(f"np.{ufunc.__name__}.reduceat at traced places; close over the places")
    x: Any = first_of(a)
    places = np.asarray(indices, int)
    rows = np.moveaxis(x, axes(axis, x.ndim)[0], 0)
    ends = [*places[1:], rows.shape[0]]
    if ufunc is np.add and np.all(np.diff(places) > 0):
        segments = np.repeat(np.arange(places.size), np.diff([*places, rows.shape[0]]))
        made = scatter_add(rows[places[0] :], x.known(segments, True), 0, places.size)
    else:
        parts = [rows[i : max(j, i + 1)] for i, j in zip(places, ends, strict=True)]
        whole: list[Any] = [reduced(ufunc, function, part, 0) for part in parts]
        made = np.stack(whole)
    return np.moveaxis(made, 0, axes(axis, x.ndim)[0])


def _count_nonzero(a: object, axis: object = None, *, keepdims: bool = False) -> object:
    return np.sum(  # type: ignore[call-overload]
        ops.where(ops.ne(first_of(a), 0.0), 1, 0), axis, keepdims=keepdims
    )


def given_options(kwargs: dict[str, object]) -> dict[str, Any]:
    """What was given of NumPy's options."""
    return {k: v for k, v in kwargs.items() if v is not np._NoValue}


def _reduction(ufunc: np.ufunc, function: Callable[..., object]) -> Callable[..., object]:
    def call(
        a: object,
        axis: object = None,
        *,
        keepdims: bool = False,
        initial: object = None,
        where: object = True,
    ) -> object:
        return reduced(ufunc, function, a, axis, None, None, keepdims, initial, where)

    return call


# --- orders ------------------------------------------------------------------------------------


def _sorted(a: object, axis: object = -1) -> ArrayOperand:
    x = first_of(a)
    if axis is None:
        x, axis = as_tracer(reshape(x, (x.size,)), x), 0
    return sort(x, axes(axis, x.ndim)[0])


def _argsort(a: object, axis: object = -1) -> object:
    x = first_of(a)
    if axis is None:
        x, axis = as_tracer(reshape(x, (x.size,)), x), 0
    return argsort(x, axes(axis, x.ndim)[0])


def _lexsorted(keys: Sequence[object], axis: int = -1) -> object:
    """The order by the last key; what is equal in it by the one before, and so on."""
    rows = [first_of(key, keys) for key in keys]
    if any(row.ndim != 1 for row in rows):
        _refuse("np.lexsort of keys with several axes; sort each row apart")
    order = argsort(rows[0], 0)
    for key in rows[1:]:
        order = order[argsort(key[order], 0)]
    return order


def _arg_extreme(sign: float) -> Callable[..., object]:
    def call(a: object, axis: object = None, *, keepdims: bool = False) -> object:
        x = first_of(a)
        kept = [1] * x.ndim if axis is None else [*x.shape]
        if axis is None:
            x, axis = as_tracer(reshape(x, (x.size,)), x), 0
        else:
            kept[axes(axis, x.ndim)[0]] = 1
        made = argmax(x if sign > 0 else -x, axes(axis, x.ndim)[0])
        return reshape(made, tuple(kept)) if keepdims else made

    return call


def _searchsorted(a: object, v: object, side: str = "left", sorter: object = None) -> object:
    if sorter is not None:
        _refuse("np.searchsorted(sorter=...); sort first")
    x = first_of(v, a)
    return search(as_tracer(a, x), x, side)


def _digitize(x: object, bins: ArrayLike, right: bool = False) -> object:
    """Bins that fall are counted from their end; those that a call brings may do either."""
    like = first_of(x, bins)
    edges = as_tracer(bins, like)
    rising = _searchsorted(edges, x, "left" if right else "right")
    falling = _searchsorted(edges[::-1], x, "right" if right else "left")
    counted = len(edges) - as_tracer(falling, like)
    if tracer_in([bins]) is None:
        return rising if np.all(np.diff(bins) >= 0.0) else counted
    return ops.where(edges[0] <= edges[-1], rising, counted)


def _unwrap(
    p: object, discont: float | None = None, axis: int = -1, *, period: float = 2.0 * np.pi
) -> object:
    x: Any = first_of(p)
    x = np.moveaxis(x, axis, -1)
    steps = x[..., 1:] - x[..., :-1]
    turns = np.where(
        np.abs(steps) < max(discont or 0.0, 0.5 * period), 0.0, np.round(steps / period)
    )
    made = np.concatenate([x[..., :1], x[..., 1:] - period * np.cumsum(turns, axis=-1)], axis=-1)
    return np.moveaxis(made, -1, axis)


def _interp(
    x: object,
    xp: object,
    fp: object,
    left: object = None,
    right: object = None,
    period: object = None,
) -> object:
    points = first_of(x, xp, fp)
    places, values = as_tracer(xp, points), as_tracer(fp, points)
    if period is not None:
        points, places, values = in_one_period(points, places, values, period)
        left = right = None
    n = places.shape[0]
    segment = search(places, points, "right")  # 0: left of all, n: at the end or right of it
    low = _limited(segment - 1.0, 0.0, float(n - 2))
    high = _limited(segment, 1.0, float(n - 1))
    start, end = get_item(places, low), get_item(places, high)
    one, other = get_item(values, low), get_item(values, high)
    inside = one + (other - one) / (end - start) * (points - start)
    first, last = get_item(places, 0), get_item(places, n - 1)
    made = ops.where(points < first, get_item(values, 0) if left is None else left, inside)
    made = ops.where(ops.eq(points, last), get_item(values, n - 1), made)
    return ops.where(points > last, get_item(values, n - 1) if right is None else right, made)


def in_one_period(x: Any, places: Any, values: Any, period: Any) -> tuple[Any, Any, Any]:
    """Where ``np.interp(period=)`` interpolates: in order, with a neighbour beyond either end."""
    period = abs(period)
    places = places % period
    order = np.argsort(places)
    places, values = places[order], values[order]
    around = np.concatenate([places[-1:] - period, places, places[:1] + period])
    return x % period, around, np.concatenate([values[-1:], values, values[:1]])


def _limited(index: object, low: float, high: float) -> object:
    made = ops.clip(index, low, high)
    return made.as_indices() if isinstance(made, ArrayOperand) else made.astype(np.int64)


FUNCTIONS: dict[object, Callable[..., object]] = {
    np.sum: _reduction(np.add, ops.add),
    np.prod: _reduction(np.multiply, ops.mul),
    np.max: _reduction(np.maximum, ops.maximum),
    np.amax: _reduction(np.maximum, ops.maximum),
    np.min: _reduction(np.minimum, ops.minimum),
    np.amin: _reduction(np.minimum, ops.minimum),
    np.all: _reduction(np.logical_and, ops.logical_and),
    np.any: _reduction(np.logical_or, ops.logical_or),
    np.ptp: lambda a, axis=None, *, keepdims=False: (
        np.max(a, axis=axis, keepdims=keepdims) - np.min(a, axis=axis, keepdims=keepdims)
    ),
    np.count_nonzero: _count_nonzero,
    np.sort: _sorted,
    np.partition: lambda a, kth, axis=-1: _sorted(a, axis),
    np.argsort: _argsort,
    np.argpartition: lambda a, kth, axis=-1: _argsort(a, axis),  # sorted is parted
    np.lexsort: _lexsorted,
    np.argmax: _arg_extreme(1.0),
    np.argmin: _arg_extreme(-1.0),
    np.searchsorted: _searchsorted,
    np.digitize: _digitize,
    np.unwrap: _unwrap,
    np.interp: _interp,
}
