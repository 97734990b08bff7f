"""``scipy.signal`` on whole arrays: filters with traced coefficients, responses, windows."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from autodiff.forking import late_import
from autodiff.table.primitive import Quantity
from autodiff.trace.array_operand import WholeArray
from autodiff.trace.whole.linear_algebra import refuse, tracers
from autodiff.trace.whole.moving import tracer_in
from autodiff.trace.whole.pairs.complex_array import (
    ComplexArray,
    complex_constant,
    is_complex,
    pair_of,
    product,
)

__all__ = ["FILTERS", "correlated", "windows"]

# What convolve2d sees beyond an edge, as np.pad calls it.
_BEYOND = {"fill": "constant", "wrap": "wrap", "symm": "symmetric"}
_MOST_TAPS = 400
_of_vectors: Callable[..., Any] = np.convolve


# --- recurrences -------------------------------------------------------------------------------


def _one_vector(x: WholeArray, name: str) -> WholeArray:
    (vector,) = tracers(x)
    if vector.ndim != 1 or not vector.size:
        refuse(f"scipy.signal.{name}: coefficients of shape {vector.shape}; expected a vector")
    return vector


def lfilter(
    b: WholeArray, a: WholeArray, x: WholeArray, axis: int = -1, zi: WholeArray | None = None
) -> Any:
    """A rational filter: a sum over what comes in, and a recurrence over what goes out."""
    given: Any = tracers(b, a, x)
    gains, rests = (_one_vector(one, "lfilter") for one in given[:2])
    gains, rests = gains / rests[0], rests[1:] / rests[0]
    signal: Any = np.moveaxis(given[2], axis, 0)
    length, taps = signal.shape[0], gains.size
    summed = _summed_past(gains, signal)
    if zi is not None:
        known: Any = tracers(zi, x)[0]
        state = np.moveaxis(known, axis, 0)
        if state.shape[0] > length:
            refuse("scipy.signal.lfilter(zi=...) of so few samples cannot be traced")
        summed = np.concatenate([summed[: state.shape[0]] + state, summed[state.shape[0] :]])
    made: Any = _with_feedback(rests, summed) if rests.size else summed
    if zi is None:
        return np.moveaxis(made, 0, axis)
    order = state.shape[0]
    after = [
        sum(gains[k] * signal[length + i - k] for k in range(i + 1, taps))
        - sum(rests[k - 1] * made[length + i - k] for k in range(i + 1, rests.size + 1))
        for i in range(order)
    ]
    return np.moveaxis(made, 0, axis), np.moveaxis(np.stack(after), 0, axis)


def _summed_past(gains: WholeArray, signal: WholeArray) -> WholeArray:
    if signal.ndim == 1:
        made: WholeArray = np.convolve(signal, gains)[: signal.shape[0]]
        return made
    length = signal.shape[0]
    total: WholeArray = gains[0] * signal
    for k in range(1, min(gains.size, length)):
        before = np.zeros((k, *signal.shape[1:]))
        total = total + gains[k] * np.concatenate([before, signal[: length - k]])
    return total


def _with_feedback(rests: WholeArray, summed: WholeArray) -> Any:
    """y[n] = s[n] - a[1] y[n - 1] - a[2] y[n - 2] - ..."""
    weights = [rests[k] for k in range(rests.size)]

    def step(past: tuple[WholeArray, ...], s: WholeArray) -> tuple[object, object]:
        y = s
        for weight, before in zip(weights, past, strict=True):
            y = y - weight * before
        return (y, *past[:-1]), y

    scan = late_import("autodiff.trace.regions.scan").scan  # which traces what it repeats
    start = 0.0 if summed.ndim == 1 else np.zeros(summed.shape[1:])
    return scan(step, (start,) * len(weights), summed)[1]


def _sosfilt(
    sos: WholeArray, x: WholeArray, axis: int = -1, zi: WholeArray | None = None
) -> WholeArray:
    if zi is not None:
        refuse("scipy.signal.sosfilt(zi=...) with traced values cannot be traced; leave it out")
    sections, made = tracers(sos, x)
    for k in range(sections.shape[0]):
        made = lfilter(sections[k, :3], sections[k, 3:], made, axis)
    return made


# --- responses ---------------------------------------------------------------------------------


def _frequencies(
    wanted: int | WholeArray, whole: bool, fs: float, include_nyquist: bool
) -> WholeArray:
    if wanted is None or isinstance(wanted, (int, np.integer)):
        end = 2.0 * np.pi if whole else np.pi
        count = 512 if wanted is None else int(wanted)
        return np.linspace(0.0, end, count, endpoint=include_nyquist and not whole)
    return 2.0 * np.pi * np.asarray(wanted, float) / fs


def _at_circle(coefficients: WholeArray, w: WholeArray) -> Any:
    """A polynomial of exp(-i w)."""
    c: WholeArray = np.reshape(tracers(coefficients)[0], (-1,))
    return complex_constant(np.exp(-1j * np.outer(w, np.arange(c.size)))) @ c


def _freqz(
    b: WholeArray, a: float | WholeArray = 1.0, worN: int | WholeArray = 512,  # noqa: N803
    whole: bool = False, plot: object = None,
    fs: float = 2.0 * np.pi, include_nyquist: bool = False,
) -> tuple[WholeArray, WholeArray]:  # fmt: skip
    top, below = tracers(b, a)
    w = _frequencies(worN, whole, fs, include_nyquist)
    return w * fs / (2.0 * np.pi), _at_circle(top, w) / _at_circle(below, w)


def _sosfreqz(
    sos: WholeArray, worN: int | WholeArray = 512, whole: bool = False, fs: float = 2.0 * np.pi  # noqa: N803
) -> tuple[WholeArray, WholeArray]:  # fmt: skip
    (sections,) = tracers(sos)
    w = _frequencies(worN, whole, fs, False)
    made: Any = 1.0
    for section in sections:
        made = made * (_at_circle(section[:3], w) / _at_circle(section[3:], w))
    return w * fs / (2.0 * np.pi), made


def _hilbert(x: WholeArray, N: int | None = None, axis: int = -1) -> ComplexArray:  # noqa: N803
    signal: Any = tracers(x)[0]
    if N not in (None, signal.shape[axis]):
        refuse(f"scipy.signal.hilbert(N={N}) cannot be traced; pad the signal or cut it first")
    units = np.eye(signal.shape[axis])
    turned = np.imag(sys.modules["scipy.signal"].hilbert(units, axis=-1))
    imaginary = np.moveaxis(np.moveaxis(signal, axis, -1) @ turned, -1, axis)
    return ComplexArray(signal, imaginary)


# --- windows -----------------------------------------------------------------------------------


def windows(x: WholeArray, sizes: Sequence[int]) -> WholeArray:
    """All parts of these sizes, each element of a part along a new first axis."""
    counts = [n - size + 1 for n, size in zip(x.shape, sizes, strict=True)]
    return np.stack(
        [
            x[tuple(slice(i, i + n) for i, n in zip(start, counts, strict=True))]
            for start in itertools.product(*map(range, sizes))
        ]
    )


def correlated(x: WholeArray, weights: WholeArray) -> Quantity:
    """The sums of the weights times each part of the array."""
    counts = [n - size + 1 for n, size in zip(x.shape, weights.shape, strict=True)]
    total: Quantity = 0.0
    for start in itertools.product(*map(range, weights.shape)):
        weight = weights[start]
        if not (isinstance(weight, float) and weight == 0.0):
            part = x[tuple(slice(i, i + n) for i, n in zip(start, counts, strict=True))]
            total = total + weight * part
    return total


def _medfilt(volume: WholeArray, kernel_size: ArrayLike | None = None) -> WholeArray:
    (x,) = tracers(volume)
    sizes = np.broadcast_to(3 if kernel_size is None else kernel_size, (x.ndim,))
    padded = np.pad(x, [(int(n) // 2, int(n) // 2) for n in sizes])
    return np.median(windows(padded, [int(n) for n in sizes]), axis=0)


def _spread(
    x: WholeArray, y: WholeArray, mode: str, name: str, boundary: str = "fill",
    fillvalue: float = 0.0, *, middle: int = 1,
) -> Any:  # fmt: skip
    """The convolution of arrays of any dimension: of vectors NumPy's, else sums of parts.

    Args:
        x: The array.
        y: The weights.
        mode: Where they meet.
        name: How to call it in an error.
        boundary: What there is beyond an edge.
        fillvalue: The same, a number.
        middle: 0 where the middle of evenly many weights is the later one.
    """
    shorter = any(n < m for n, m in zip(x.shape, y.shape, strict=True))
    if shorter and mode != "same" and boundary == "fill":
        x, y = y, x
    if mode not in ("full", "same", "valid") or boundary not in _BEYOND or fillvalue:
        refuse(f"scipy.signal.{name}(mode={mode!r}, boundary={boundary!r}) cannot be traced")
    first = [(m - middle) // 2 if mode == "same" else 0 for m in y.shape]
    if x.ndim == y.ndim == 1 and boundary == "fill":
        made = _of_vectors(x, y, "valid" if mode == "valid" else "full")
        return made[first[0] : first[0] + x.shape[0]] if mode == "same" else made
    if y.size > _MOST_TAPS:
        refuse(f"scipy.signal.{name} with {y.size} weights; at most {_MOST_TAPS} can be traced")
    widths = [(0, 0) if mode == "valid" else (m - 1 - k, k if mode == "same" else m - 1)
              for m, k in zip(y.shape, first, strict=True)]  # fmt: skip
    return correlated(np.pad(x, widths, _BEYOND[boundary]), np.flip(y))  # type: ignore[call-overload]


def _convolve(in1: WholeArray, in2: WholeArray, mode: str = "full", method: str = "auto") -> object:
    def times(x: WholeArray, y: WholeArray) -> Quantity:
        made: Quantity = _spread(_as_known(x), _as_known(y), mode, "convolve")
        return made

    if is_complex(in1) or is_complex(in2):
        return product(pair_of(in1), pair_of(in2), times)
    return times(in1, in2)


def _correlate(
    in1: WholeArray, in2: WholeArray, mode: str = "full", method: str = "auto"
) -> object:
    return _spread(_as_known(in1), np.flip(_as_known(in2)), mode, "correlate")


def _convolve2d(
    in1: WholeArray, in2: WholeArray, mode: str = "full", *args: Any, **kwargs: Any
) -> object:
    return _spread(_as_known(in1), _as_known(in2), mode, "convolve2d", *args, **kwargs)


def _correlate2d(
    in1: WholeArray, in2: WholeArray, mode: str = "full", *args: Any, **kwargs: Any
) -> object:
    turned = np.flip(_as_known(in2))
    return _spread(_as_known(in1), turned, mode, "correlate2d", *args, **kwargs, middle=0)


def _as_known(x: WholeArray) -> WholeArray:
    """Numbers as an array of them."""
    return np.asarray(x, float) if tracer_in(x) is None else tracers(x)[0]


FILTERS: dict[str, Callable[..., object]] = {
    "convolve": _convolve,
    "convolve2d": _convolve2d,
    "correlate": _correlate,
    "correlate2d": _correlate2d,
    "fftconvolve": _convolve,
    "freqz": _freqz,
    "freqz_sos": _sosfreqz,
    "hilbert": _hilbert,
    "medfilt": _medfilt,
    "medfilt2d": _medfilt,
    "oaconvolve": _convolve,
    "sosfilt": _sosfilt,
    "sosfreqz": _sosfreqz,
}
