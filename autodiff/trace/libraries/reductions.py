"""NumPy's reductions on traced arrays: norms, moments, extremes, and those that skip nan."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np
from numpy.typing import DTypeLike

from autodiff.errors import TraceError, user_location
from autodiff.table import ops
from autodiff.table.primitive import Operand
from autodiff.trace.array_operand import WholeArray
from autodiff.trace.arrays import OperandArray, reduced
from autodiff.trace.libraries.constructors import CONSTRUCTORS, as_array, holds_operands
from autodiff.trace.whole.fitting import Axes, axes

__all__ = [
    "array_average",
    "array_bincount",
    "array_corrcoef",
    "array_cov",
    "array_histogram",
    "array_mean",
    "array_nanmean",
    "array_nanstd",
    "array_nanvar",
    "array_norm",
    "array_std",
    "array_var",
    "extreme_of",
    "over_nan",
    "over_numbers",
    "over_some",
    "refuse",
]


def refuse(what: str, instead: str) -> NoReturn:
    """Say that a function of NumPy cannot be traced, and what to write instead."""
    raise TraceError(f"{user_location()}: {what} cannot be traced. {instead}")


def array_norm(x: object, ord: object = None, axis: Axes = None, keepdims: bool = False) -> object:
    """``np.linalg.norm`` of vectors, and Frobenius's of matrices."""
    array = as_array(x)
    one_axis = array.ndim == 1 if axis is None else np.ndim(axis) == 0
    if ord in (None, "fro") or (ord == 2 and one_axis):
        # A chain of hypot: no overflow, and at zero the gradient 0 where sqrt(sum(x*x)) gives nan.
        numbers = array if _count(np.shape(array), axis) > 1 else np.abs(array)
        return reduced(np.hypot, ops.hypot, numbers, axis=axis, keepdims=keepdims)
    size = np.abs(array)
    if isinstance(ord, (int, float)) and one_axis:
        if math.isinf(ord):
            return (np.max if ord > 0 else np.min)(size, axis=axis, keepdims=keepdims)
        if ord == 0:
            return np.sum(np.not_equal(array, 0.0) * 1.0, axis=axis, keepdims=keepdims)
        if ord == 1:
            return np.sum(size, axis=axis, keepdims=keepdims)
        return np.sum(size**ord, axis=axis, keepdims=keepdims) ** (1.0 / ord)
    return refuse(
        f"np.linalg.norm(ord={ord!r}) of a matrix",
        "The Frobenius norm (ord=None) and the norms of vectors can be",
    )


def array_var(
    a: object, axis: Axes = None, dtype: DTypeLike | None = None, out: object = None,
    ddof: float = 0, keepdims: bool = False, **other: object,
) -> object:  # fmt: skip
    """``np.var``: the mean square of the deviations."""
    deviation, count = _deviation(a, axis, dtype, out, ddof, other, "var")
    return np.sum(deviation * deviation, axis=axis, keepdims=keepdims) / count


def array_std(
    a: object, axis: Axes = None, dtype: DTypeLike | None = None, out: object = None,
    ddof: float = 0, keepdims: bool = False, **other: object,
) -> object:  # fmt: skip
    """``np.std``: the root of ``np.var``, with a slope where one number is its own mean."""
    deviation, count = _deviation(a, axis, dtype, out, ddof, other, "std")
    if _count(np.shape(deviation), axis) == 1 and count == 1:
        # Zero whatever the element is; the root of its square would have an infinite slope.
        return np.sum(np.abs(deviation), axis=axis, keepdims=keepdims)
    return np.sqrt(np.sum(deviation * deviation, axis=axis, keepdims=keepdims) / count)


def _deviation(
    a: object, axis: Axes, dtype: DTypeLike | None, out: object, ddof: float,
    other: dict[str, object], name: str,
) -> tuple[WholeArray, float]:  # fmt: skip
    correction = other.pop("correction", None)
    given = [key for key, value in other.items() if value is not np._NoValue]
    if given or out is not None or (dtype is not None and np.dtype(dtype) != np.float64):
        refuse(f"np.{name} with {', '.join(given) or 'out or dtype'}", "Leave it out")
    array = as_array(a)
    ddof = correction if isinstance(correction, (int, float)) else ddof
    mean = np.mean(array, axis=axis, keepdims=True)
    return array - mean, max(_count(array.shape, axis) - ddof, 0.0)


def _count(shape: tuple[int, ...], axis: object) -> int:
    return math.prod(shape[a] for a in axes(axis, len(shape)))


def extreme_of(name: str) -> Callable[..., object]:
    """``np.max`` or ``np.min`` of that name, which take ``where`` and ``initial``."""
    ufunc = np.maximum if name in ("max", "amax") else np.minimum

    def extreme(a: object, axis: Axes = None, out: object = None, **kwargs: Any) -> object:
        if out is not None:
            refuse(f"np.{name}(out=...)", "Assign the result to a name")
        return ufunc.reduce(as_array(a), axis=axis, **kwargs)

    return extreme


def array_mean(
    a: object, axis: Axes = None, dtype: DTypeLike | None = None, out: object = None, **kwargs: Any
) -> object:
    """``np.mean``."""
    if out is not None:
        refuse("np.mean(out=...)", "Assign the result to a name")
    array = as_array(a)
    total = np.sum(array, axis=axis, dtype=dtype, **kwargs)
    mask = kwargs.get("where", True)
    if mask is not True:
        there = np.broadcast_to(mask, array.shape) * 1.0
        return total / np.sum(there, axis=axis, keepdims=kwargs.get("keepdims", False))
    return total / float(_count(array.shape, axis))


def array_average(
    a: object,
    axis: Any = None,
    weights: object = None,
    returned: bool = False,
    *,
    keepdims: object = False,
) -> object:
    """``np.average``."""
    array = as_array(a)
    if weights is None:
        counts = np.ones(array.shape)
    else:
        counts = as_array(weights)
        if counts.shape != array.shape:
            if counts.ndim != 1 or np.ndim(axis) or axis is None:
                refuse("np.average with weights of another shape", "Give one weight per element")
            shape = [1] * array.ndim
            shape[axis] = -1
            counts = np.broadcast_to(counts.reshape(shape), array.shape)
    keep = keepdims is True
    total = np.sum(counts, axis=axis, keepdims=keep)
    found = np.sum(array * counts, axis=axis, keepdims=keep) / total
    return (found, total) if returned else found


def over_nan(a: object, neutral: float) -> WholeArray:
    """An array with another number for nan."""
    array = as_array(a)
    return np.where(np.isnan(array), neutral, array)


def over_numbers(reduction: Callable[..., WholeArray], neutral: float) -> Callable[..., WholeArray]:
    """``np.nansum`` and such: nan replaced by what changes nothing."""

    def function(a: object, *args: object, **kwargs: object) -> WholeArray:
        return reduction(over_nan(a, neutral), *args, **kwargs)

    return function


def over_some(extreme: Callable[..., WholeArray], neutral: float) -> Callable[..., object]:
    """``np.nanmax`` and ``np.nanmin``: nan where there is nothing else."""
    over = over_numbers(extreme, neutral)

    def function(a: object, axis: Axes = None, *args: object, **kwargs: Any) -> object:
        keep = {"keepdims": kwargs["keepdims"]} if "keepdims" in kwargs else {}
        nothing = np.all(np.isnan(as_array(a)), axis=axis, **keep)
        return np.where(nothing, math.nan, over(a, axis, *args, **kwargs))

    return function


def array_nanmean(a: object, axis: Axes = None, **kwargs: Any) -> object:
    """``np.nanmean``: over what is not nan."""
    if kwargs.get("out") is not None:
        refuse("np.nanmean(out=...)", "Assign the result to a name")
    array = as_array(a)
    there = np.where(np.isnan(array), 0.0, 1.0)
    total = np.sum(over_nan(array, 0.0), axis=axis, **kwargs)
    return total / np.sum(there, axis=axis, **kwargs)


def array_nanvar(
    a: object, axis: Axes = None, *, ddof: float = 0, keepdims: object = False
) -> WholeArray:
    """``np.nanvar``: the mean square of the deviations of what is not nan."""
    array = as_array(a)
    there = np.where(np.isnan(array), 0.0, 1.0)
    deviation = np.where(
        np.isnan(array), 0.0, array - array_nanmean(array, axis=axis, keepdims=True)
    )
    keep = keepdims is True
    squares = np.sum(deviation * deviation, axis=axis, keepdims=keep)
    count = np.sum(there, axis=axis, keepdims=keep)
    variance: WholeArray = squares / np.where(count > ddof, count - ddof, math.nan)
    return variance


def array_nanstd(
    a: object, axis: Axes = None, *, ddof: float = 0, keepdims: object = False
) -> object:
    """``np.nanstd``; where all are equal, the root of their variance has no slope."""
    variance = array_nanvar(a, axis, ddof=ddof, keepdims=keepdims)
    none = variance == 0.0
    return np.where(none, 0.0, np.sqrt(np.where(none, 1.0, variance)))


def array_cov(
    m: object, y: object = None, rowvar: bool = True, bias: bool = False, ddof: float | None = None,
    fweights: object = None, aweights: object = None, *, dtype: object = None,
) -> WholeArray:  # fmt: skip
    """``np.cov`` of one or two sets of observations."""
    if dtype is not None:
        refuse("np.cov with dtype", "Leave it out: traced values are doubles")
    rows = np.atleast_2d(as_array(m))
    rows = rows if rowvar or rows.shape[0] == 1 else rows.T
    if y is not None:
        more = np.atleast_2d(as_array(y))
        rows = np.concatenate([rows, more if rowvar or more.shape[0] == 1 else more.T])
    ddof = (0 if bias else 1) if ddof is None else ddof
    given = [as_array(w) for w in (fweights, aweights) if w is not None]
    weights = math.prod(given[1:], start=given[0]) if given else np.ones(rows.shape[1])
    count = np.sum(weights)
    lost = ddof * np.sum(weights * given[-1]) / count if ddof and aweights is not None else ddof
    if given:
        centred = rows - np.reshape(np.average(rows, axis=1, weights=weights), (-1, 1))
        spread = (centred * weights) @ centred.T
    else:
        centred = rows - np.mean(rows, axis=1, keepdims=True)
        spread = centred @ centred.T
    whole = count - lost
    covariance: WholeArray = np.squeeze(
        spread / (whole if isinstance(whole, Operand) else max(whole, 0.0))
    )
    return covariance


def array_corrcoef(x: object, y: object = None, rowvar: bool = True) -> object:
    """``np.corrcoef``: covariances over deviations."""
    covariance = array_cov(x, y, rowvar)
    if np.ndim(covariance) == 0:
        return covariance / covariance
    spread = np.sqrt(np.diagonal(covariance))
    return covariance / spread[:, None] / spread[None, :]


def array_bincount(x: Any, /, weights: object = None, minlength: int = 0) -> object:
    """``np.bincount``: counts, or sums of traced weights, into the bins that integers name."""
    traced = isinstance(x, (Operand, OperandArray)) or holds_operands(x)
    if traced and not (getattr(x, "integer", False) and minlength):
        refuse(
            "np.bincount of traced bins",
            "Close over the bins, or pass integers and minlength=",
        )
    bins = x if traced else np.asarray(x)
    amounts = as_array(np.ones(bins.shape) if weights is None else weights)
    if bins.ndim != 1 or bins.dtype.kind not in "biu" or bins.shape != amounts.shape:
        raise TraceError(
            f"{user_location()}: np.bincount: found bins of shape {bins.shape} and dtype "
            f"{bins.dtype} with weights of shape {amounts.shape}; expected whole numbers, one per "
            "weight"
        )
    length = minlength if traced else max(int(bins.max(initial=-1)) + 1, minlength)
    found = CONSTRUCTORS["zeros"](length)
    np.add.at(found, bins, amounts)
    return found


def array_histogram(
    a: object,
    bins: Any = 10,
    range: tuple[float, float] | None = None,
    density: object = None,
    weights: object = None,
) -> tuple[object, object]:
    """``np.histogram``: counts, which no derivative has, or sums of weights; and the edges."""
    x = np.ravel(as_array(a))
    if isinstance(bins, str):
        refuse(f"np.histogram(bins={bins!r})", "Give the number of bins, or their edges")
    if np.ndim(bins) == 0:
        low, high = (np.min(x), np.max(x)) if range is None else range
        same = np.equal(low, high)
        edges = np.linspace(
            np.where(same, low - 0.5, low), np.where(same, high + 0.5, high), int(bins) + 1
        )
    else:
        edges = as_array(bins)
    column = x[:, None]
    inside = np.logical_and(column >= edges[:-1], column < edges[1:])
    # The last bin holds its upper edge too.
    ends = np.arange(edges.shape[0] - 1) == edges.shape[0] - 2
    inside = np.logical_or(inside, np.logical_and(column == edges[-1], ends))
    amounts = 1.0 if weights is None else np.ravel(as_array(weights))[:, None]
    found = np.sum(np.where(inside, amounts, 0.0), axis=0)
    return (found / (np.diff(edges) * np.sum(found)) if density else found), edges
