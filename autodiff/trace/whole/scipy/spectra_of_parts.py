"""``scipy.signal`` on whole arrays: spectra of a signal's parts."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autodiff.trace.array_operand import WholeArray
from autodiff.trace.whole.linear_algebra import refuse, tracers
from autodiff.trace.whole.pairs.complex_array import ComplexArray

__all__ = ["SPECTRA"]


class _Segments:
    """How ``welch`` and its like cut a signal and what they make of the parts."""

    def __init__(
        self, length: int, fs: float = 1.0, window: object = "hann", nperseg: int | None = None,
        noverlap: int | None = None, nfft: int | None = None, detrend: str | bool = "constant",
        return_onesided: bool = True, scaling: str = "density", axis: int = -1,
        average: str = "mean",
    ) -> None:  # fmt: skip
        library = sys.modules["scipy.signal"]
        if average != "mean" or not return_onesided or callable(detrend):
            refuse(
                "scipy.signal spectra can be traced one-sided, with average='mean' and a detrend "
                "that has a name"
            )
        if isinstance(window, (str, tuple)):
            count = min(256 if nperseg is None else nperseg, length)
            window = library.get_window(window, count)
        self.window = np.asarray(window, float)
        count = self.window.size
        self.step = count - (count // 2 if noverlap is None else noverlap)
        self.places = np.arange(0, length - count + 1, self.step)[:, None] + np.arange(count)
        self.times = (self.places[:, 0] + count / 2) / fs  # the middles of the parts
        self.size, self.axis, self.detrend = count if nfft is None else nfft, axis, detrend
        whole = fs * np.sum(self.window**2) if scaling == "density" else np.sum(self.window) ** 2
        self.scale = np.full(self.size // 2 + 1, 2.0 / whole)
        self.scale[0] = 1.0 / whole
        if self.size % 2 == 0:
            self.scale[-1] = 1.0 / whole
        self.frequencies = np.fft.rfftfreq(self.size, 1.0 / fs)

    def spectra(self, x: WholeArray) -> Any:
        """The transforms of the parts."""
        signal: Any = tracers(x)[0]
        parts: Any = np.moveaxis(signal, self.axis, -1)[..., self.places]
        if self.detrend == "linear":
            units = np.eye(self.window.size)
            parts = parts @ sys.modules["scipy.signal"].detrend(units, axis=-1)
        elif self.detrend:
            parts = parts - np.mean(parts, axis=-1, keepdims=True)
        return np.fft.rfft(parts * self.window, self.size)

    def averaged(self, products: WholeArray) -> Any:
        """The mean over the parts, which are the last axis but one."""
        return np.moveaxis(np.mean(products, axis=-2) * self.scale, -1, self.axis)


def _length(x: WholeArray, named: Mapping[str, Any]) -> int:
    return int(tracers(x)[0].shape[named.get("axis", -1)])


def _welch(x: WholeArray, fs: float = 1.0, *args: Any, **named: Any) -> tuple[object, WholeArray]:
    cut = _Segments(_length(x, named), fs, *args, **named)
    found = cut.spectra(x)
    return cut.frequencies, cut.averaged(found.real**2 + found.imag**2)


def _periodogram(
    x: WholeArray, fs: float = 1.0, window: object = "boxcar", nfft: int | None = None,
    *args: object, **named: object,
) -> tuple[object, WholeArray]:  # fmt: skip
    length = _length(x, named)
    if nfft is not None and nfft < length:
        refuse("scipy.signal.periodogram(nfft=...) below the signal's length cannot be traced")
    return _welch(x, fs, window, length, 0, nfft, *args, **named)


def _csd(
    x: WholeArray, y: WholeArray, fs: float = 1.0, *args: Any, **named: Any
) -> tuple[object, ComplexArray]:
    one, two = tracers(x, y)
    cut = _Segments(_length(one, named), fs, *args, **named)
    return cut.frequencies, cut.averaged(cut.spectra(one).conj() * cut.spectra(two))


def _coherence(x: WholeArray, y: WholeArray, *args: Any, **named: Any) -> tuple[object, WholeArray]:
    one, two = tracers(x, y)
    frequencies, both = _csd(one, two, *args, **named)
    own = [_welch(each, *args, **named)[1] for each in (one, two)]
    return frequencies, (both.real**2 + both.imag**2) / (own[0] * own[1])


def _before_times(parts: Any, axis: int) -> Any:
    """Parts with their frequencies where the signal had its axis, and the parts last."""
    return np.moveaxis(parts, -1, axis - (axis < 0))


def _stft(
    x: WholeArray, fs: float = 1.0, window: object = "hann", nperseg: int = 256,
    noverlap: int | None = None, nfft: int | None = None, detrend: str | bool = False,
    return_onesided: bool = True, boundary: str | None = "zeros", padded: bool = True,
    axis: int = -1, scaling: str = "spectrum",
) -> tuple[object, object, ComplexArray]:  # fmt: skip
    if boundary not in ("zeros", None):
        refuse(f"scipy.signal.stft(boundary={boundary!r}) cannot be traced; 'zeros' and None can")
    signal, length = tracers(x)[0], _length(x, {"axis": axis})
    first = _Segments(length, fs, window, nperseg, noverlap, nfft, detrend, return_onesided)
    count, edge = first.window.size, first.window.size // 2 if boundary else 0
    after = -(length + 2 * edge - count) % first.step if padded else 0
    widths = [(0, 0)] * signal.ndim
    widths[axis] = edge, edge + after
    options = fs, first.window, count, noverlap, nfft, detrend, return_onesided, "density", axis
    cut = _Segments(length + 2 * edge + after, *options)
    whole = np.sum(cut.window) if scaling == "spectrum" else np.sqrt(fs * np.sum(cut.window**2))
    times = cut.times - (0.5 * count / fs if boundary else 0.0)
    made = cut.spectra(np.pad(signal, widths)) * (1.0 / whole)
    return cut.frequencies, times, _before_times(made, axis)


def _spectrogram(
    x: WholeArray, fs: float = 1.0, window: object = ("tukey", 0.25), nperseg: int | None = None,
    noverlap: int | None = None, nfft: int | None = None, detrend: str | bool = "constant",
    return_onesided: bool = True, scaling: str = "density", axis: int = -1,
) -> tuple[object, object, WholeArray]:  # fmt: skip
    options = nfft, detrend, return_onesided, scaling, axis
    length = _length(x, {"axis": axis})
    cut = _Segments(length, fs, window, nperseg, noverlap, *options)
    if noverlap is None:
        cut = _Segments(length, fs, window, nperseg, cut.window.size // 8, *options)
    found = cut.spectra(x)
    power = (found.real**2 + found.imag**2) * cut.scale
    return cut.frequencies, cut.times, _before_times(power, axis)


SPECTRA: dict[str, Callable[..., object]] = {
    "coherence": _coherence,
    "csd": _csd,
    "periodogram": _periodogram,
    "spectrogram": _spectrogram,
    "stft": _stft,
    "welch": _welch,
}
