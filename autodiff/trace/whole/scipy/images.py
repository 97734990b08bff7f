"""``scipy.ndimage`` on whole arrays: filters by axes or by sums of parts, places in between."""

from __future__ import annotations

import itertools
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from autodiff.graph.tree.leaves import Floats
from autodiff.trace.array_operand import ArrayOperand, WholeArray
from autodiff.trace.whole.linear_algebra import refuse, tracers
from autodiff.trace.whole.moving import as_tracer, tracer_in
from autodiff.trace.whole.scipy.filters import correlated, windows

__all__ = ["IMAGES"]

_LONGER = 12  # elements that SciPy puts beyond an edge that is repeated, for a spline
# What lies beyond an edge: as scipy.ndimage calls it, and as np.pad does.
_BEYOND = {
    "reflect": "symmetric", "grid-mirror": "symmetric", "mirror": "reflect", "nearest": "edge",
    "constant": "constant", "grid-constant": "constant", "wrap": "wrap", "grid-wrap": "wrap",
}  # fmt: skip


def _library() -> Any:
    return sys.modules["scipy.ndimage"]


# --- filters along one axis --------------------------------------------------------------------


_PerAxis: TypeAlias = int | Sequence[int]  # for all axes, or each


def _along(x: Any, axis: int, filtered: Callable[[Floats], Floats]) -> WholeArray:
    """A filter along an axis that is linear: the product with what it makes of units."""
    matrix = filtered(np.eye(x.shape[axis]))
    made: WholeArray = np.moveaxis(np.moveaxis(x, axis, -1) @ matrix, -1, axis)
    return made


def _of_one_axis(name: str) -> Callable[..., WholeArray]:
    """A filter of SciPy's that goes along one axis."""

    def function(input: WholeArray, *args: object, axis: int = -1, **named: object) -> WholeArray:
        if tracer_in((args, named)) is not None:
            refuse(f"scipy.ndimage.{name} can be traced in its data alone")
        (x,) = tracers(input)
        filtered = getattr(_library(), name)
        return _along(x, axis, lambda units: filtered(units, *args, axis=-1, **named))

    return function


def _each(x: WholeArray, value: object) -> Iterator[tuple[int, Any]]:
    """Axes with what is given for each, or for all of them."""
    given = value if isinstance(value, (list, tuple, np.ndarray)) else [value] * x.ndim
    return zip(range(x.ndim), given, strict=True)


def _gaussian_filter(
    input: WholeArray, sigma: ArrayLike, order: _PerAxis = 0, *args: object, **named: object
) -> WholeArray:
    x, smooth = tracers(input)[0], _OURS["gaussian_filter1d"]
    for (axis, width), (_, degree) in zip(_each(x, sigma), _each(x, order), strict=True):
        if width > 1e-15:
            x = smooth(x, width, *args, axis=axis, order=degree, **named)
    return x


def _uniform_filter(
    input: WholeArray, size: _PerAxis = 3, *args: object, **named: object
) -> WholeArray:
    (x,) = tracers(input)
    for axis, count in _each(x, size):
        if count > 1:
            x = _OURS["uniform_filter1d"](x, count, *args, axis=axis, **named)
    return x


def _slope(across: tuple[float, ...]) -> Callable[..., WholeArray]:
    """A difference along an axis, and a mean along the others."""

    def function(input: WholeArray, axis: int = -1, *args: object, **named: object) -> WholeArray:
        (x,) = tracers(input)
        for k in range(x.ndim):
            weights = (-1.0, 0.0, 1.0) if k == axis % x.ndim else across
            x = _OURS["correlate1d"](x, weights, *args, axis=k, **named)
        return x

    return function


def _laplace(input: WholeArray, *args: object, **named: object) -> object:
    (x,) = tracers(input)
    bent = [_OURS["correlate1d"](x, (1.0, -2.0, 1.0), axis=k, **named) for k in range(x.ndim)]
    return sum(bent[1:], bent[0])


def _derived(
    x: WholeArray, sigma: ArrayLike, order: int, *args: object, **named: object
) -> list[WholeArray]:
    """Of each axis, the derivative of what is smooth."""
    orders = np.eye(x.ndim, dtype=int) * order
    return [_gaussian_filter(x, sigma, row.tolist(), *args, **named) for row in orders]


def _gaussian_laplace(
    input: WholeArray, sigma: ArrayLike, *args: object, **named: object
) -> WholeArray:
    parts = _derived(tracers(input)[0], sigma, 2, *args, **named)
    return sum(parts[1:], parts[0])


def _gaussian_magnitude(
    input: WholeArray, sigma: ArrayLike, *args: object, **named: object
) -> WholeArray:
    parts = _derived(tracers(input)[0], sigma, 1, *args, **named)
    return np.sqrt(sum(part * part for part in parts))


# --- filters of several axes -------------------------------------------------------------------


def _padded(
    x: WholeArray, sizes: Sequence[int], mode: str, cval: float, origin: _PerAxis
) -> WholeArray:
    """The array with what its first and last parts need beyond its edges."""
    if mode not in _BEYOND:
        refuse(f"scipy.ndimage: mode {mode!r} cannot be traced; {', '.join(_BEYOND)} can be")
    before = [n // 2 + k for n, (_, k) in zip(sizes, _each(x, origin), strict=True)]
    widths = [(m, n - 1 - m) for m, n in zip(before, sizes, strict=True)]
    beyond = _BEYOND[mode]
    filling = {"constant_values": cval} if beyond == "constant" else {}
    padded: WholeArray = np.pad(x, widths, beyond, **filling)  # type: ignore[call-overload]
    return padded


def _correlate(
    input: WholeArray, weights: WholeArray, output: object = None, mode: str = "reflect",
    cval: float = 0.0, origin: _PerAxis = 0,
) -> object:  # fmt: skip
    like = tracer_in((input, weights))
    assert like is not None
    traced = tracer_in(weights) is not None
    kernel = as_tracer(weights, like) if traced else np.asarray(weights, float)
    padded = _padded(as_tracer(input, like), kernel.shape, mode, cval, origin)
    return correlated(padded, kernel)


def _convolve(
    input: WholeArray, weights: WholeArray, output: object = None, mode: str = "reflect",
    cval: float = 0.0, origin: _PerAxis = 0,
) -> object:  # fmt: skip
    x = input if isinstance(input, ArrayOperand) else np.asarray(input)
    kernel = weights if isinstance(weights, ArrayOperand) else np.asarray(weights)
    # A kernel turned round: the middle of evenly many is the other one.
    shifts = [-k - (n + 1) % 2 for n, (_, k) in zip(kernel.shape, _each(x, origin), strict=True)]
    return _correlate(input, np.flip(kernel), output, mode, cval, shifts)


def _chosen(choose: Callable[..., object]) -> Callable[..., object]:
    """What is chosen of each part: its largest, smallest or middle element."""

    def function(
        input: WholeArray, size: _PerAxis | None = None, footprint: ArrayLike | None = None,
        output: object = None, mode: str = "reflect", cval: float = 0.0, origin: _PerAxis = 0,
    ) -> object:  # fmt: skip
        (x,) = tracers(input)
        if footprint is not None:
            kept = np.asarray(footprint, bool)
            parts = windows(_padded(x, kept.shape, mode, cval, origin), kept.shape)
            return choose(parts[np.flatnonzero(kept)], axis=0)
        sizes = [int(n) for _, n in _each(x, size)]
        return choose(windows(_padded(x, sizes, mode, cval, origin), sizes), axis=0)

    return function


def _middle(parts: WholeArray, axis: int) -> object:
    """Of evenly many the later one, as SciPy has it."""
    return np.sort(parts, axis=axis)[parts.shape[axis] // 2]


# --- places between ----------------------------------------------------------------------------


def _wrapped(places: WholeArray, count: int, mode: str) -> WholeArray:
    """Which element stands at a place beyond an edge."""
    if count > 1 and mode in ("mirror", "constant"):
        period = 2 * count - 2
        folded = places % period
        return np.minimum(folded, period - folded)
    if mode in ("reflect", "grid-mirror"):
        folded = places % (2 * count)
        return np.minimum(folded, 2 * count - 1 - folded)
    return places % count if mode == "grid-wrap" else np.clip(places, 0, count - 1)


def _cubic(t: WholeArray) -> list[WholeArray]:
    """The weights of four neighbours, t behind the second."""
    s = 1.0 - t
    return [
        s * s * s / 6.0,
        (t * t * (t - 2.0) * 3.0 + 4.0) / 6.0,
        (s * s * (s - 2.0) * 3.0 + 4.0) / 6.0,
        t * t * t / 6.0,
    ]


def _map_coordinates(
    input: WholeArray, coordinates: WholeArray, output: object = None, order: int = 3,
    mode: str = "constant", cval: float = 0.0, prefilter: bool = True,
) -> object:  # fmt: skip
    """Splines of order 1 or 3 through an image, at places."""
    if order not in (1, 3) or mode not in ("constant", "nearest", "mirror", "reflect",
                                           "grid-mirror", "grid-wrap"):  # fmt: skip
        refuse(
            f"scipy.ndimage: order {order} with mode {mode!r} cannot be traced; orders 1 and 3 "
            "with constant, nearest, mirror, reflect and grid-wrap can be"
        )
    image: WholeArray
    image, at = tracers(input, coordinates)
    if order == 3 and prefilter:
        if mode == "nearest":
            image, at = np.pad(image, _LONGER, "edge"), at + float(_LONGER)
        for axis in range(image.ndim):
            image = _along(
                image,
                axis,
                lambda units: _library().spline_filter1d(units, 3, mode=mode),
            )
    taken = _neighbours(image, at, order, mode)
    if mode != "constant":
        return taken
    inside = True
    for k, n in enumerate(image.shape):
        inside = np.logical_and(inside, np.logical_and(at[k] >= 0.0, at[k] <= n - 1.0))
    return np.where(inside, taken, cval)


def _neighbours(image: WholeArray, at: WholeArray, order: int, mode: str) -> float | WholeArray:
    """The sum of the elements around each place, with their weights."""
    taps = []
    for axis, count in enumerate(image.shape):
        low = np.floor(at[axis])
        rest = at[axis] - low
        first, weights = (-1, _cubic(rest)) if order == 3 else (0, [1.0 - rest, rest])
        places = (_wrapped(low.astype(int) + k, count, mode) for k in itertools.count(first))
        taps.append([*zip(places, weights, strict=False)])
    total: float | WholeArray = 0.0
    for corner in itertools.product(*taps):
        weight = math.prod((w for _, w in corner[1:]), start=corner[0][1])
        total = total + weight * image[tuple(place for place, _ in corner)]
    return total


_OURS: dict[str, Callable[..., Any]] = {
    **{name: _of_one_axis(name) for name in (
        "convolve1d", "correlate1d", "gaussian_filter1d", "spline_filter1d", "uniform_filter1d")},
    "convolve": _convolve,
    "correlate": _correlate,
    "gaussian_filter": _gaussian_filter,
    "gaussian_gradient_magnitude": _gaussian_magnitude,
    "gaussian_laplace": _gaussian_laplace,
    "laplace": _laplace,
    "map_coordinates": _map_coordinates,
    "maximum_filter": _chosen(np.max),
    "median_filter": _chosen(_middle),
    "minimum_filter": _chosen(np.min),
    "prewitt": _slope((1.0, 1.0, 1.0)),
    "sobel": _slope((1.0, 2.0, 1.0)),
    "uniform_filter": _uniform_filter,
}  # fmt: skip
IMAGES = _OURS
