"""NumPy's functions that are compositions of primitives, by the function itself.

What is not here runs as NumPy wrote it, element by element, where that is possible; the rest is
refused by name, with what to write instead.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any, NoReturn

import numpy as np

from autodiff.errors import Limit, TraceError, user_location
from autodiff.table import ops
from autodiff.table.primitive import Quantity
from autodiff.trace.array_operand import WholeArray
from autodiff.trace.arrays import elementwise
from autodiff.trace.libraries.constructors import as_array, holds_operands
from autodiff.trace.libraries.reductions import (
    array_average,
    array_bincount,
    array_corrcoef,
    array_cov,
    array_histogram,
    array_mean,
    array_nanmean,
    array_nanstd,
    array_nanvar,
    array_norm,
    array_std,
    array_var,
    extreme_of,
    over_nan,
    over_numbers,
    over_some,
    refuse,
)  # fmt: skip
from autodiff.trace.libraries.slopes import array_gradient
from autodiff.trace.libraries.sorting import (
    array_median,
    array_partition,
    array_quantile,
    array_sort,
)
from autodiff.trace.libraries.ufuncs import is_negative
from autodiff.trace.whole.reducing import in_one_period

__all__ = ["FUNCTIONS"]

# --- reductions --------------------------------------------------------------------------------


# --- choosing ----------------------------------------------------------------------------------


def _where(condition: object, *branches: object) -> object:
    if len(branches) != 2:
        raise TraceError(
            f"{user_location()}: np.where(condition) needs numbers to find indices; "
            "write np.where(condition, x, y), or np.argmax(condition) for the first place"
        )
    operands = (condition, *branches)
    if any(isinstance(x, (np.ndarray, list, tuple)) for x in operands):
        return elementwise(ops.where, operands)
    return ops.where(*operands)


def _select(condlist: Any, choicelist: Any, default: object = 0.0) -> object:
    result = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        result = _where(condition, choice, result)
    return result


def _kind_of(x: object) -> object:
    """What decides a type: of traced values, that they are doubles."""
    return np.float64 if holds_operands([x]) else x


def _piecewise(x: Any, condlist: object, funclist: Any, *args: object, **kw: object) -> object:
    functions = list(funclist)
    conditions = list(condlist) if isinstance(condlist, (list, tuple)) else [condlist]
    default = functions.pop() if len(functions) == len(conditions) + 1 else 0.0
    values = [f(x, *args, **kw) if callable(f) else f for f in [*functions, default]]
    # NumPy lets the last condition that holds decide.
    return reduce(
        lambda result, pair: _where(pair[0], pair[1], result),
        zip(conditions, values[:-1], strict=True),
        values[-1] + 0.0 * x,
    )


def clip(
    a: object,
    a_min: object = None,
    a_max: object = None,
    out: object = None,
    *,
    min: object = None,
    max: object = None,
) -> object:
    """As ``np.clip``."""
    low, high = a_min if min is None else min, a_max if max is None else max
    operands = a, -math.inf if low is None else low, math.inf if high is None else high
    whole = any(isinstance(x, np.ndarray) for x in operands)
    made: Any = elementwise(ops.clip, operands) if whole else ops.clip(*operands)
    return made if out is None else _into(out, made)


def _into(out: Any, made: Any) -> object:
    np.copyto(out, made)
    return out


def _nan_to_num(
    x: object, copy: bool = True, nan: object = 0.0, posinf: object = None, neginf: object = None
) -> object:
    high = sys.float_info.max if posinf is None else posinf
    low = -sys.float_info.max if neginf is None else neginf
    finite = _where(x == math.inf, high, _where(x == -math.inf, low, x))
    made = _where(x != x, nan, finite)
    return made if copy or not np.shape(as_array(x)) else _into(x, made)


def _isclose(
    a: Any, b: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> object:
    a, b = as_array(a), as_array(b)
    near = np.less_equal(np.abs(a - b), atol + rtol * np.abs(b))
    close = np.logical_or(np.logical_and(near, np.isfinite(b)), np.equal(a, b))
    if equal_nan:
        close = np.logical_or(close, np.logical_and(np.isnan(a), np.isnan(b)))
    return close[()] if np.shape(close) == () else close


def _allclose(
    a: object, b: object, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> object:
    return np.all(as_array(_isclose(a, b, rtol, atol, equal_nan)))


def _array_equal(a1: object, a2: object, equal_nan: bool = False) -> object:
    a, b = as_array(a1), as_array(a2)
    if np.shape(a) != np.shape(b):
        return False
    same = np.equal(a, b)
    return np.all(np.logical_or(same, np.logical_and(a != a, b != b)) if equal_nan else same)


# --- shapes ------------------------------------------------------------------------------------


def _stacked(name: str, at_least: Callable[..., WholeArray], axis: int) -> Callable[..., object]:
    def stack(tup: Iterable[object], **kwargs: Any) -> object:
        parts = [at_least(as_array(one)) for one in tup]
        along = 0 if name == "hstack" and parts[0].ndim == 1 else axis
        return np.concatenate(parts, axis=along, **kwargs)

    return stack


def _linspace(
    start: Quantity, stop: Quantity, num: int = 50, endpoint: bool = True, retstep: bool = False,
    dtype: object = None, axis: int = 0,
) -> object:  # fmt: skip
    if axis != 0 or dtype is not None:
        refuse("np.linspace with axis or dtype", "Write start + step * np.arange(n)")
    step = (stop - start) / max(num - 1 if endpoint else num, 1)
    points = [start + step * float(i) for i in range(num)]
    if endpoint and num > 1:
        points[-1] = np.broadcast_to(as_array(stop), np.shape(as_array(points[0])))
    made = np.stack([as_array(point) for point in points]) if points else np.zeros(0)
    return (made, step) if retstep else made


def _interp(
    x: Any, xp: object, fp: object, left: object = None, right: object = None, period: object = None
) -> object:
    places, values = np.asarray(xp), as_array(fp)
    if places.dtype.kind not in "fiu":
        refuse("np.interp with traced places", "Close over the places, xp")
    if period is not None:
        x, places, values = in_one_period(x, places, values, period)
    result: object = values[0] if left is None else left
    for i in range(len(places) - 1):
        slope = (values[i + 1] - values[i]) / float(places[i + 1] - places[i])
        part = values[i] + slope * (x - float(places[i]))
        if i:
            result = _where(np.greater_equal(x, float(places[i])), part, result)
        else:  # a nan is no place below the first
            result = _where(np.less(x, float(places[0])), result, part)
    result = _where(np.greater_equal(x, float(places[-1])), values[-1], result)
    return result if right is None else _where(np.greater(x, float(places[-1])), right, result)


def _round(a: Quantity, decimals: int = 0, out: object = None) -> object:
    if out is not None:
        refuse("np.round(out=...)", "Assign the result to a name")
    if not decimals:
        return _unary(ops.rint)(a)
    # As NumPy: scaled by a power of ten, rounded, scaled back.
    scale = 10.0 ** abs(decimals)
    if decimals > 0:
        return _unary(ops.rint)(a * scale) / scale
    return _unary(ops.rint)(a / scale) * scale


def _unary(function: Callable[[object], object]) -> Callable[[object], Any]:
    return lambda x: elementwise(function, (x,)) if isinstance(x, np.ndarray) else function(x)


def _angle(z: object, deg: bool = False) -> object:
    """``np.angle`` of real numbers: half a turn where they are negative."""
    half = 180.0 if deg else math.pi
    return _unary(lambda x: ops.where(x != x, x, ops.where(is_negative(x), half, 0.0)))(z)


def _astype(x: Any, dtype: object, /, *, copy: bool = True, device: object = None) -> object:
    """``np.astype``."""
    return x.astype(dtype)


def _copy(a: WholeArray, order: object = "K") -> object:
    return a.copy()


# --- what needs the numbers --------------------------------------------------------------------

_ORDER = "which elements come first"
_NEEDS_NUMBERS = {
    _ORDER: (
        "argsort argpartition argmax argmin lexsort searchsorted digitize unique nonzero "
        "flatnonzero argwhere count_nonzero unwrap intersect1d union1d setdiff1d isin in1d"
    ),
    "complex numbers": "fft.fft fft.ifft fft.rfft fft.irfft fft.fftn fft.ifftn",
    "roots": "roots",
    "linear algebra": (
        "linalg.solve linalg.inv linalg.det linalg.slogdet linalg.cholesky linalg.eigh "
        "linalg.eigvalsh linalg.svd linalg.qr linalg.lstsq linalg.pinv linalg.cond"
    ),
    "eigenvalues": "linalg.eig linalg.eigvals",
    "a rank": "linalg.matrix_rank",
    "several counts": "histogram2d histogramdd",
}
_WAYS_OUT = {
    _ORDER: (
        "That depends on the numbers: close over the indices, or write np.maximum, np.minimum, "
        "np.max, np.min, np.where"
    ),
    "eigenvalues": (
        "Those of a general matrix may be complex: use np.linalg.eigh or eigvalsh where it is "
        "symmetric, np.linalg.svd where singular values serve"
    ),
    "a rank": "It is a whole number, which no derivative has: find it outside the function",
    "several counts": (
        "Count by one number with np.histogram, or add weights with np.bincount(bins, weights=)"
    ),
    "complex numbers": "Only real numbers can be traced; write the real and imaginary parts",
    "roots": (
        "Roots may be complex, and more or fewer of them real elsewhere: follow one that is real "
        "with ad.root(lambda z: np.polyval(c, z), start)"
    ),
    "linear algebra": (
        "It has a rule for whole arrays: trace(..., expand=False) records it, and compile_gradient "
        "and compile_hessian do so by themselves; matrices that do not depend on traced values "
        "may be inverted outside"
    ),
}


# What traces of numbers alone lack: what is said of whole arrays, if these fail, tells more.
_OF_SCALARS: dict[str, Limit] = {_ORDER: "order", "linear algebra": "opaque"}


def _refused(name: str, reason: str) -> Callable[..., object]:
    def function(*_: object, **__: object) -> NoReturn:
        try:
            refuse(f"np.{name}", _WAYS_OUT[reason])
        except TraceError as error:
            raise error.of(_OF_SCALARS.get(reason)) from None

    return function


def _found(name: str) -> object:
    place: object = np
    for part in name.split("."):
        place = getattr(place, part, None)
    return place


_REFUSED = {
    _found(name): _refused(name, reason)
    for reason, names in _NEEDS_NUMBERS.items()
    for name in names.split()
    if _found(name) is not None
}
FUNCTIONS: dict[object, Callable[..., object]] = {
    **_REFUSED,
    np.bincount: array_bincount,
    np.where: _where,
    np.select: _select,
    np.piecewise: _piecewise,
    np.clip: clip,
    np.linalg.norm: array_norm,
    np.mean: array_mean,
    np.var: array_var,
    np.std: array_std,
    np.max: extreme_of("max"),
    np.amax: extreme_of("amax"),
    np.min: extreme_of("min"),
    np.amin: extreme_of("amin"),
    np.cov: array_cov,
    np.corrcoef: array_corrcoef,
    np.nansum: over_numbers(np.sum, 0.0),
    np.nanprod: over_numbers(np.prod, 1.0),
    np.nanmax: over_some(np.max, -math.inf),
    np.nanmin: over_some(np.min, math.inf),
    np.nanmean: array_nanmean,
    np.nan_to_num: _nan_to_num,
    np.isclose: _isclose,
    np.allclose: _allclose,
    np.array_equal: _array_equal,
    np.vstack: _stacked("vstack", np.atleast_2d, 0),
    np.hstack: _stacked("hstack", np.atleast_1d, 1),
    np.linspace: _linspace,
    np.gradient: array_gradient,
    np.sort: array_sort,
    np.partition: array_partition,
    np.median: array_median(False),
    np.nanmedian: array_median(True),
    np.quantile: array_quantile("quantile"),
    np.percentile: array_quantile("percentile"),
    np.nanquantile: array_quantile("nanquantile"),
    np.nanpercentile: array_quantile("nanpercentile"),
    np.nanargmax: lambda a, axis=None: np.argmax(over_nan(a, -math.inf), axis=axis),
    np.nanargmin: lambda a, axis=None: np.argmin(over_nan(a, math.inf), axis=axis),
    np.histogram: array_histogram,
    np.angle: _angle,
    np.interp: _interp,
    np.i0: _unary(ops.i0),
    np.sinc: _unary(ops.sinc),
    np.round: _round,
    np.around: _round,
    np.fix: _unary(ops.trunc),
    np.real: lambda val: val,
    np.imag: np.zeros_like,
    np.isreal: lambda x: np.ones(np.shape(x), dtype=bool)[()],
    np.iscomplex: lambda x: np.zeros(np.shape(x), dtype=bool)[()],
    np.result_type: lambda *given: np.result_type(*map(_kind_of, given)),  # type: ignore[arg-type]
    np.common_type: lambda *given: np.common_type(*map(np.zeros, (1,) * len(given))),
    np.copy: _copy,
    np.average: array_average,
    np.nanvar: array_nanvar,
    np.nanstd: array_nanstd,
    np.nancumsum: over_numbers(np.cumsum, 0.0),
    np.nancumprod: over_numbers(np.cumprod, 1.0),
    **({np.astype: _astype} if hasattr(np, "astype") else {}),
}
