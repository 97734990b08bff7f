"""Interpolators of SciPy's at traced places, and through traced values: polynomials between knots.

An interpolator that is made of numbers, in the function or outside, is SciPy's own and says what
its polynomials are; ``Interpolant`` stands for it where places are traced.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autodiff.graph.tree.leaves import Floats
from autodiff.table import ops
from autodiff.table.primitive import Quantity
from autodiff.trace.array_operand import ArrayOperand, WholeArray
from autodiff.trace.whole.linear_algebra import refuse
from autodiff.trace.whole.moving import as_tracer, tracer_in

__all__ = ["INTERPOLATORS", "Interpolant", "Piecewise", "Steps", "akima_through", "grid_through",
           "hermite_through", "pchip_through", "pieces_of", "standing_for"]  # fmt: skip


class Piecewise:
    """Polynomials between known places.

    Args:
        places: The knots, in order.
        coefficients: Per power, the highest first, and piece; numbers or traced.
        outside: What there is before the first knot and behind the last; None: polynomials.
    """

    def __init__(
        self, places: Floats, coefficients: WholeArray, outside: Sequence[object] | None = None
    ) -> None:
        self.places, self.coefficients, self.outside = places, coefficients, outside

    def __call__(self, x: object, nu: int = 0, extrapolate: object = None) -> Quantity:
        """The value at places, or the derivative of an order."""
        like = tracer_in((x, self.coefficients))
        assert like is not None
        at, outside = as_tracer(x, like), self.outside
        if extrapolate is not None:
            outside = None if extrapolate is True else (np.nan, np.nan)
        segment = np.searchsorted(self.places, at, side="right") - 1
        segment = np.clip(segment, 0, len(self.places) - 2)
        made = self._summed(segment, at - like.known(self.places)[segment], nu, like)
        if outside is None:
            return made
        first, last = self.places[0], self.places[-1]
        there = np.reshape(at, (*at.shape, *(1,) * (made.ndim - at.ndim)))
        after = ops.where(there > last, outside[1], made)
        whole: Quantity = ops.where(there < first, outside[0], after)
        return whole

    def derivative(self, nu: int = 1) -> Piecewise:
        """The derivative of an order."""
        rows = self.coefficients
        degree = self.coefficients.shape[0] - 1
        for _ in range(nu):
            powers = np.arange(degree, 0, -1).reshape(-1, *(1,) * (rows.ndim - 1))
            rows, degree = (rows[:-1] * powers, degree - 1) if degree else (rows * 0.0, 0)
        return Piecewise(self.places, rows, self.outside)

    def antiderivative(self, nu: int = 1) -> Piecewise:
        """The integral from the first knot, so many times."""
        made = self
        for _ in range(nu):
            made = made._integral()
        return made

    def _integral(self) -> Piecewise:
        rest = (1,) * (self.coefficients.ndim - 2)
        count = self.coefficients.shape[0]
        rows = self.coefficients / np.arange(count, 0, -1).reshape(-1, 1, *rest)
        wide = np.diff(self.places).reshape(-1, *rest)
        over = sum(rows[k] * wide ** (count - k) for k in range(count))
        before = np.concatenate([0.0 * over[:1], np.cumsum(over, axis=0)[:-1]])
        return Piecewise(self.places, np.concatenate([rows, before[None]]), self.outside)

    def integrate(self, a: Quantity, b: Quantity) -> Quantity:
        """The integral between two places."""
        whole = self.antiderivative()
        made: Quantity = whole(b) - whole(a)
        return made

    def _summed(
        self, segment: object, beyond: WholeArray, nu: int, like: ArrayOperand
    ) -> WholeArray:
        """Horner's rule on the derivatives of the powers."""
        given = as_tracer(self.coefficients, like)
        degree, total = given.shape[0] - 1, np.zeros(())
        beyond = np.reshape(beyond, (*beyond.shape, *(1,) * (given.ndim - 2)))
        for row in range(degree - nu + 1):
            power = degree - row
            factor = float(np.prod(np.arange(power - nu + 1, power + 1)))
            total = total * beyond + factor * given[row][segment]
        return total


_SIDES = {"nearest": "left", "nearest-up": "right", "previous": "right", "next": "left"}


class Steps:
    """What keeps its value from one border to the next.

    Args:
        places: The knots, in order.
        values: At the knots, numbers or traced.
        kind: Which knot counts: the "nearest", the "previous" or the "next".
        outside: What there is before the first knot and behind the last; None: as inside.
    """

    def __init__(
        self, places: Floats, values: WholeArray, kind: str, outside: Sequence[object] | None = None
    ) -> None:
        middles = 0.5 * (places[1:] + places[:-1])
        self._borders = {"previous": places[1:], "next": places[:-1]}.get(kind, middles)
        self._ends = places[0], places[-1]
        self._side: Any = _SIDES[kind]
        # As SciPy has it: there is no knot before the first one, and none behind the last.
        nothing = {"previous": (np.nan, None), "next": (None, np.nan)}.get(kind)
        self._values, self._outside = values, nothing if outside is None else outside

    def __call__(self, x: object) -> Quantity:
        """The value at places."""
        like = tracer_in((x, self._values))
        assert like is not None
        at = as_tracer(x, like)
        made: Quantity = as_tracer(self._values, like)[
            np.searchsorted(self._borders, at, side=self._side)
        ]
        if self._outside is None:
            return made
        below, above = (made if one is None else one for one in self._outside)
        made = ops.where(at < self._ends[0], below, ops.where(at > self._ends[1], above, made))
        return made


class Interpolant:
    """An interpolator of SciPy's, which is asked with numbers and with traced places.

    Args:
        original: SciPy's.
    """

    def __init__(self, original: Any) -> None:
        self._original = original

    def __call__(self, x: object, *args: Any, **named: Any) -> Any:
        """The value at places."""
        if tracer_in(x) is None:
            return self._original(x, *args, **named)
        return pieces_of(self._original)(x, *args, **named)

    def derivative(self, *order: int) -> Interpolant:
        """Its derivative."""
        return Interpolant(self._original.derivative(*order))

    def antiderivative(self, *order: int) -> Interpolant:
        """Its integral from the first knot."""
        return Interpolant(self._original.antiderivative(*order))

    def integrate(self, a: object, b: object, *args: object) -> Any:
        """Its integral between two places."""
        if tracer_in((a, b)) is None:
            return self._original.integrate(a, b, *args)
        integral = self.antiderivative()
        return integral(b) - integral(a)

    def __getattr__(self, name: str) -> object:
        return getattr(self._original, name)


def pieces_of(original: Any) -> Any:
    """What an interpolator is made of."""
    library = sys.modules["scipy.interpolate"]
    nothing = (np.nan, np.nan)
    if isinstance(original, library.PPoly):
        kept = True if original.extrapolate is None else original.extrapolate
        if kept == "periodic":
            refuse("a periodic spline cannot be traced at traced places; wrap the places first")
        return Piecewise(original.x, original.c, None if kept else nothing)
    if isinstance(original, library.interp1d):
        if np.ndim(original.y) != 1:
            refuse("scipy.interpolate.interp1d of several rows cannot be traced at traced places")
        outside = None
        if not isinstance(original.fill_value, str):
            ends = original._fill_value_below, original._fill_value_above
            outside = [float(np.ravel(one)[0]) for one in ends]
        if original._kind in _SIDES:
            x, y = np.asarray(original.x, float), np.asarray(original.y, float)
            return Steps(x, y, original._kind, outside)
        return Piecewise(*_of_interp1d(original, library), outside)
    spline = original if isinstance(original, library.BSpline) else original._eval_args
    made = library.PPoly.from_spline(spline)
    wide = np.flatnonzero(np.diff(made.x) > 0.0)
    places = np.append(made.x[wide], made.x[wide[-1] + 1])
    kept = getattr(original, "extrapolate", True)
    return Piecewise(places, made.c[:, wide], None if kept else nothing)


def _of_interp1d(original: Any, library: Any) -> tuple[Floats, Floats]:
    if original._kind in ("linear", "slinear"):
        x, y = np.asarray(original.x, float), np.asarray(original.y, float)
        return x, np.stack([np.diff(y) / np.diff(x), y[:-1]])
    spline = getattr(original, "_spline", None)
    if spline is None:
        refuse(f"scipy.interpolate.interp1d(kind={original._kind!r}) cannot be traced")
    made = pieces_of(library.BSpline(spline.t, np.ravel(spline.c), spline.k))
    return made.places, made.coefficients


def pchip_through(x: object, y: object, axis: int = 0, extrapolate: object = None) -> Piecewise:
    """``PchipInterpolator`` through traced values: slopes between those of neighbouring chords."""
    places, values = _known_places(x, y, "PchipInterpolator")
    h = np.diff(places)
    chord = (values[1:] - values[:-1]) / h
    one, two = 2.0 * h[1:] + h[:-1], h[1:] + 2.0 * h[:-1]
    before, after = chord[:-1], chord[1:]
    same = before * after > 0.0
    mean = (one + two) / (one / ops.where(same, before, 1.0) + two / ops.where(same, after, 1.0))
    inside = ops.where(same, mean, 0.0)
    first, last = _end(h[0], h[1], chord[0], chord[1]), _end(h[-1], h[-2], chord[-1], chord[-2])
    slope = np.concatenate([np.reshape(first, (1,)), inside, np.reshape(last, (1,))])
    return _hermite(places, values, slope, extrapolate)


def akima_through(
    x: object, y: object, axis: int = 0, *, method: str = "akima", extrapolate: object = None
) -> Piecewise:
    """``Akima1DInterpolator`` through traced values: slopes weighted by how little others turn."""
    places, values = _known_places(x, y, "Akima1DInterpolator")
    inner = np.diff(values) / np.diff(places)
    before, after = 2.0 * inner[0] - inner[1], 2.0 * inner[-1] - inner[-2]
    ends = [2.0 * before - inner[0], before], [after, 2.0 * after - inner[-1]]
    m = np.concatenate([np.stack(ends[0]), inner, np.stack(ends[1])])
    turn = np.abs(np.diff(m))
    if method == "makima":
        turn = turn + 0.5 * np.abs(m[1:] + m[:-1])
    one, two = turn[2:], turn[:-2]
    straight = one + two <= 1e-9 * np.max(one + two)
    weighted = (one * m[1:-2] + two * m[2:-1]) / ops.where(straight, 1.0, one + two)
    slope = ops.where(straight, 0.5 * (m[3:] + m[:-3]), weighted)
    return _hermite(places, values, slope, bool(extrapolate))


def hermite_through(
    x: object, y: object, dydx: object, axis: int = 0, extrapolate: object = None
) -> Piecewise:
    """``CubicHermiteSpline`` through traced values, with traced slopes."""
    like = tracer_in((y, dydx))
    assert like is not None
    places, values = _known_places(x, as_tracer(y, like), "CubicHermiteSpline")
    return _hermite(places, values, as_tracer(dydx, like), extrapolate)


def _known_places(x: object, y: object, name: str) -> tuple[Floats, ArrayOperand]:
    like = tracer_in(y)
    if like is None or tracer_in(x) is not None or as_tracer(y, like).ndim != 1:
        refuse(f"scipy.interpolate.{name} can be traced in values along one axis, at known places")
    return np.asarray(x, float), as_tracer(y, like)


def _hermite(
    places: Floats, values: ArrayOperand, slope: WholeArray, extrapolate: object
) -> Piecewise:
    """Cubic polynomials with given slopes at the knots."""
    h = np.diff(places)
    chord = (values[1:] - values[:-1]) / h
    twist = (slope[:-1] + slope[1:] - 2.0 * chord) / h
    rows = [twist / h, (chord - slope[:-1]) / h - twist, slope[:-1], values[:-1]]
    return Piecewise(places, np.stack(rows), (np.nan, np.nan) if extrapolate is False else None)


def _end(h0: float, h1: float, m0: Any, m1: Any) -> Any:
    """The slope at an end: of the parabola there, kept from turning round."""
    slope = ((2.0 * h0 + h1) * m0 - h0 * m1) / (h0 + h1)
    steep = np.logical_and(m0 * m1 <= 0.0, abs(slope) > 3.0 * abs(m0))
    return ops.where(slope * m0 <= 0.0, 0.0, ops.where(steep, 3.0 * m0, slope))


class Grid:
    """Linear interpolation on a regular grid of any dimension.

    Args:
        points: The places along each axis.
        values: At the points, numbers or traced.
        outside: What there is beyond; None: the nearest piece goes on.
    """

    def __init__(
        self, points: Sequence[Floats], values: WholeArray, outside: object = np.nan
    ) -> None:
        self._points = [np.asarray(x, float) for x in points]
        self._values, self._outside = values, outside

    def __call__(self, xi: Any, method: object = None) -> Quantity:
        """The values at places, the axes along the last one."""
        like = tracer_in((xi, self._values))
        assert like is not None
        if method not in (None, "linear"):
            refuse(f"a grid with method={method!r} cannot be traced; method='linear' can be")
        apart = isinstance(xi, tuple)
        if apart:
            shape = np.broadcast_shapes(*map(np.shape, xi))
            xi = np.stack([np.broadcast_to(as_tracer(x, like), shape) for x in xi], axis=-1)
        at: WholeArray = as_tracer(xi, like)
        values = as_tracer(self._values, like)
        at = np.reshape(at, (-1, len(self._points))) if at.ndim == 1 and not apart else at
        low, share, inside = [], [], None
        for k, places in enumerate(self._points):
            x = at[..., k]
            i = np.clip(np.searchsorted(places, x, side="right") - 1, 0, len(places) - 2)
            start = like.known(places)[i]
            low.append(i)
            share.append((x - start) / (like.known(places)[i + 1] - start))
            within = np.logical_and(x >= places[0], x <= places[-1])
            inside = within if inside is None else np.logical_and(inside, within)
        total: Quantity = 0.0
        for corner in itertools.product((0, 1), repeat=len(low)):
            weight: Quantity = 1.0
            for side, part in zip(corner, share, strict=True):
                weight = weight * (part if side else 1.0 - part)
            total = total + weight * values[tuple(i + s for i, s in zip(low, corner, strict=True))]
        return total if self._outside is None else ops.where(inside, total, self._outside)


def grid_through(
    points: Sequence[Floats], values: WholeArray, method: str = "linear",
    bounds_error: bool = True, fill_value: float | None = np.nan, **named: object,
) -> Grid:  # fmt: skip
    """``RegularGridInterpolator`` through traced values."""
    if method != "linear" or named or tracer_in(points) is not None:
        refuse(f"scipy.interpolate.RegularGridInterpolator(method={method!r}) cannot be traced "
               "through traced values; method='linear' at known points can be")  # fmt: skip
    return Grid(points, values, np.nan if bounds_error else fill_value)


class _GridOfNumbers(Interpolant):
    """A grid of numbers, as ``Interpolant``."""

    def __call__(self, x: object, method: object = None, **named: object) -> Any:
        """The values at places."""
        if tracer_in(x) is None:
            return self._original(x, method, **named)
        original = self._original
        outside = np.nan if original.bounds_error else original.fill_value
        return Grid(original.grid, original.values, outside)(x, method or original.method)


INTERPOLATORS: dict[str, Callable[[Any], object]] = {
    **dict.fromkeys(
        (
            "Akima1DInterpolator", "BSpline", "CubicHermiteSpline", "CubicSpline",
            "InterpolatedUnivariateSpline", "LSQUnivariateSpline", "PPoly", "PchipInterpolator",
            "UnivariateSpline", "interp1d",
        ),
        Interpolant,
    ),
    "RegularGridInterpolator": _GridOfNumbers,
}  # fmt: skip


def standing_for() -> dict[type, Callable[[Any], object]]:
    """By the class of an interpolator that a function finds, what stands for it."""
    library = sys.modules.get("scipy.interpolate")
    if library is None:
        return {}
    return {getattr(library, name): made for name, made in INTERPOLATORS.items()}
