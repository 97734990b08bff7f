"""Functions that are linear in one array: the product with the matrix that they stand for.

A filter, a transform, a fit of a line: the library's own function is asked what it makes of each
unit array while the function is traced, and the product is recorded.  What else such a function is
given (coefficients, places, widths) has to be known then.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from autodiff.graph.tree.leaves import Floats
from autodiff.table.arrays.indexing import stack
from autodiff.table.primitive import Quantity
from autodiff.trace.whole.linear_algebra import refuse, tracers
from autodiff.trace.whole.matrix_products import matmul
from autodiff.trace.whole.moving import as_tracer, tracer_in
from autodiff.trace.whole.scipy.filters import FILTERS, lfilter
from autodiff.trace.whole.scipy.images import IMAGES
from autodiff.trace.whole.scipy.interpolants import (
    INTERPOLATORS,
    Interpolant,
    Piecewise,
    Steps,
    akima_through,
    grid_through,
    hermite_through,
    pchip_through,
    pieces_of,
)
from autodiff.trace.whole.scipy.spectra_of_parts import SPECTRA
from autodiff.trace.whole.scipy.where_traced import each_where_traced

__all__ = ["FFT", "FUNCTIONS", "INTERPOLATE", "NDIMAGE", "SIGNAL"]

_MOST_UNITS = 1500


def _linear_in(function: Callable[[Floats], object], x: object, name: str) -> Any:
    """What a linear function makes of a traced array.

    Args:
        function: The function of numbers.
        x: The array.
        name: How to call it in an error.
    """
    (array,) = tracers(x)
    if array.size > _MOST_UNITS:
        refuse(f"{name} of {array.size} elements; at most {_MOST_UNITS} can be traced")
    columns = [
        np.asarray(function(unit.reshape(array.shape)), float) for unit in np.eye(array.size)
    ]
    shape = columns[0].shape
    matrix = np.stack([column.ravel() for column in columns], axis=1)
    return matmul(array.known(matrix), array.reshape(array.size)).reshape(shape)


def _linear(module: str, name: str, *places: int) -> Callable[..., object]:
    """A function of a library's, linear in its argument at each of these places."""
    called = f"{module}.{name}"

    def function(*args: object, **kwargs: object) -> object:
        traced = [i for i, x in enumerate(args) if tracer_in(x) is not None]
        if len(traced) != 1 or traced[0] not in places or tracer_in(kwargs) is not None:
            refuse(
                f"{called} can be traced in its data alone, by position: everything else has to "
                "be numbers. Write what it computes with np.convolve, sums and products"
            )
        at = traced[0]

        def of_data(data: Floats) -> object:
            given = [*args[:at], data, *args[at + 1 :]]
            return getattr(sys.modules[module], name)(*given, **kwargs)

        return _linear_in(of_data, args[at], called)

    return function


def _all(module: str, places: tuple[int, ...], names: str) -> dict[str, Callable[..., object]]:
    return {name: _linear(module, name, *places) for name in names.split()}


def _filtered(b: Any, a: Any, x: Any, *args: Any, **kwargs: Any) -> object:
    """A product where the signal alone is traced and short, else the recurrence."""
    with_state = "zi" in kwargs or len(args) > 1
    if tracer_in((b, a, args, kwargs)) is None and np.size(x) <= _MOST_UNITS and not with_state:
        return _linear("scipy.signal", "lfilter", 2)(b, a, x, *args, **kwargs)
    return lfilter(b, a, x, *args, **kwargs)


SIGNAL = each_where_traced(
    "scipy.signal",
    {
        **_all("scipy.signal", (0,), "detrend savgol_filter resample resample_poly decimate"),
        **_all("scipy.signal", (1,), "sosfiltfilt upfirdn"),
        **_all("scipy.signal", (2,), "filtfilt"),
        **FILTERS,
        **SPECTRA,
        "lfilter": _filtered,
    },
)
NDIMAGE = each_where_traced(
    "scipy.ndimage",
    {
        **_all("scipy.ndimage", (0,), "affine_transform rotate shift spline_filter zoom"),
        **IMAGES,
    },
)
FFT = each_where_traced("scipy.fft", _all("scipy.fft", (0,), "dct dctn dst dstn idct idctn idst"))


def _cubic_spline(
    x: object,
    y: object,
    axis: int = 0,
    bc_type: object = "not-a-knot",
    extrapolate: object = None,
) -> Piecewise:
    known = tracer_in((x, bc_type)) is None and extrapolate != "periodic"
    values = tracers(y)[0] if known else None
    if values is None or axis % max(values.ndim, 1):
        refuse(
            "scipy.interpolate.CubicSpline can be traced in values along the first axis, at "
            "places that are known, without extrapolate='periodic'"
        )
    spline, count = sys.modules["scipy.interpolate"].CubicSpline, values.shape[0]
    still = spline(x, np.zeros(count), bc_type=bc_type).c  # not 0 where ends have given slopes
    units = [spline(x, unit, bc_type=bc_type).c - still for unit in np.eye(count)]
    made = np.tensordot(np.stack(units, -1), values, 1)
    made = made + still.reshape(*still.shape, *(1,) * (values.ndim - 1)) if still.any() else made
    outside = (np.nan, np.nan) if extrapolate is False else None
    return Piecewise(np.asarray(x, float), made, outside)


def _interp1d(
    x: object, y: object, kind: object = "linear", *args: object, **kwargs: object
) -> object:
    steps = kind in ("nearest", "nearest-up", "previous", "next")
    if (
        not (steps or kind == "linear")
        or args
        or kwargs.keys() - {"fill_value", "bounds_error", "axis"}
    ):
        refuse(
            f"scipy.interpolate.interp1d(kind={kind!r}) cannot be traced; kind='linear', "
            "'nearest', 'previous', 'next' or CubicSpline can be"
        )
    values, outside = tracers(y)[0], kwargs.get("fill_value")
    if values.ndim != 1 or tracer_in(x) is not None:
        refuse("scipy.interpolate.interp1d can be traced in values along one axis, at known places")
    places = np.asarray(x, float)
    if steps:
        ends = None if outside == "extrapolate" else (np.nan, np.nan)
        if outside not in (None, "extrapolate"):
            ends = outside if isinstance(outside, tuple) else (outside, outside)
        return Steps(places, values, str(kind), ends)
    if outside == "extrapolate":
        slopes = (values[1:] - values[:-1]) / np.diff(places)
        return Piecewise(places, stack([slopes, values[:-1]]))
    return lambda at: np.interp(at, places, values)


class _Maker:
    """An interpolator's class: ours through traced values, SciPy's through numbers."""

    def __init__(self, name: str, through: Callable[..., object] | None) -> None:
        self._name, self._through = name, through

    def __call__(self, *args: object, **named: object) -> object:
        """An interpolator."""
        if tracer_in((args, named)) is None:
            return INTERPOLATORS.get(self._name, Interpolant)(self._original(*args, **named))
        if self._through is None:
            refuse(
                f"scipy.interpolate.{self._name} through traced values cannot be traced; "
                "CubicSpline, PchipInterpolator, interp1d and RegularGridInterpolator can be"
            )
        return self._through(*args, **named)

    @property
    def _original(self) -> Callable[..., object]:
        made: Callable[..., object] = getattr(sys.modules["scipy.interpolate"], self._name)
        return made

    def __getattr__(self, name: str) -> object:
        return getattr(self._original, name)  # BSpline.design_matrix


def _b_spline(
    t: ArrayLike, c: object, k: int, extrapolate: bool | str = True, axis: int = 0
) -> Piecewise:
    if tracer_in((t, k)) is not None or tracers(c)[0].ndim != 1:
        refuse("scipy.interpolate.BSpline can be traced in coefficients of one axis")
    spline = sys.modules["scipy.interpolate"].BSpline
    pieces = pieces_of(spline(t, np.zeros(np.shape(t)[0] - k - 1), k, extrapolate))
    coefficients = _linear_in(lambda v: pieces_of(spline(t, v, k)).coefficients, c, "BSpline")
    return Piecewise(pieces.places, coefficients, pieces.outside)


def _fitted(name: str) -> Callable[..., Piecewise]:
    """A function of SciPy's that makes a spline linear in its values, at known places."""

    def through(x: ArrayLike, y: object, *args: object, **named: object) -> Piecewise:
        if tracer_in((x, args, named)) is not None or tracers(y)[0].ndim != 1:
            refuse(f"scipy.interpolate.{name} can be traced in values along one axis alone")
        if name == "make_smoothing_spline" and not args[1:] and named.get("lam") is None:
            refuse("scipy.interpolate.make_smoothing_spline without lam= chooses by the values")
        make = getattr(sys.modules["scipy.interpolate"], name)
        still = make(x, np.zeros(np.size(x)), *args, **named)  # not 0 where ends have given slopes
        found = _linear_in(lambda v: make(x, v, *args, **named).c - still.c, y, name)
        return _b_spline(still.t, found + still.c, still.k)

    return through


def _splrep(
    x: Any, y: object, w: object = None, xb: object = None, xe: object = None, k: int = 3,
    task: int = 0, s: float | None = None, *args: object, **named: object,
) -> tuple[Any, Any, int]:  # fmt: skip
    if s or args or named or w is not None or tracer_in((x, xb, xe)) is not None:
        refuse("scipy.interpolate.splrep can be traced in its values, at known places, with s=0")
    fit = sys.modules["scipy.interpolate"].splrep
    knots, _, _ = fit(x, np.zeros(np.shape(x)), None, xb, xe, k)
    found = _linear_in(lambda v: fit(x, v, None, xb, xe, k)[1], y, "scipy.interpolate.splrep")
    return knots, found, k


def _splev(x: object, tck: Sequence[Any], der: int = 0, ext: int = 0) -> Quantity:
    knots, coefficients, degree = tck
    used = np.size(knots) - degree - 1
    if ext not in (0, 1) or tracer_in(knots) is not None:
        refuse(f"scipy.interpolate.splev(ext={ext}) cannot be traced; ext=0 and 1 can be")
    if tracer_in(coefficients) is not None:
        pieces = _b_spline(knots, tracers(coefficients)[0][:used], degree)
    else:
        pieces = pieces_of(
            sys.modules["scipy.interpolate"].BSpline(knots, coefficients[:used], degree)
        )
    if ext == 1:
        pieces = Piecewise(pieces.places, pieces.coefficients, (0.0, 0.0))
    return pieces(x, der)


_THROUGH: dict[str, Callable[..., object]] = {
    "Akima1DInterpolator": akima_through, "BSpline": _b_spline, "CubicHermiteSpline":
    hermite_through, "CubicSpline": _cubic_spline, "PchipInterpolator": pchip_through,
    "interp1d": _interp1d,
    "RegularGridInterpolator": grid_through,
}  # fmt: skip
INTERPOLATE: dict[str, Callable[..., object]] = {
    name: _Maker(name, _THROUGH.get(name)) for name in INTERPOLATORS
}
_FITTED = "make_interp_spline", "make_lsq_spline", "make_smoothing_spline"
INTERPOLATE |= {name: _Maker(name, _fitted(name)) for name in _FITTED}
INTERPOLATE |= each_where_traced(
    "scipy.interpolate",
    {"splrep": _splrep, "splev": _splev, **_all("scipy.interpolate", (1,), "griddata")},
)


def _polyfit(x: Any, y: object, deg: int, rcond: float | None = None, **named: Any) -> object:
    if tracer_in(named) is not None or named.get("full") or named.get("cov"):
        refuse("np.polyfit can be traced without full=, cov= and traced weights")
    if (like := tracer_in(x)) is not None:
        places, values = as_tracer(x, like), as_tracer(y, like)
        rows = [places**k for k in range(deg, 0, -1)]
        powers = np.stack([*rows, like.known(np.ones(places.shape))], axis=1)
        if (weights := named.get("w")) is not None:
            powers, values = powers * np.reshape(weights, (-1, 1)), (values.T * weights).T
        sizes = np.sqrt(np.sum(powers * powers, axis=0))
        q, r = np.linalg.qr(powers / sizes)
        return (np.linalg.solve(r, q.T @ values).T / sizes).T
    return _linear_in(lambda values: np.polyfit(x, values, deg, rcond, **named), y, "np.polyfit")


FUNCTIONS: dict[object, Callable[..., object]] = {np.polyfit: _polyfit, np.polymul: np.convolve}
