"""``scipy.special.wofz`` of traced complex numbers, whose real part is Voigt's profile.

Inside a circle Weideman's polynomial of (L + iz) / (L - iz), outside Gauss's sum of 1 / (z - x)
over Hermite's nodes; below the real axis w(z) = 2 exp(-z^2) - w(-z).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.polynomial.hermite import hermgauss
from numpy.typing import NDArray

from autodiff.table import ops
from autodiff.table.arrays.array_row import shape_of
from autodiff.table.arrays.indexing import stack
from autodiff.table.arrays.reshaping import reshape, sum_over
from autodiff.table.primitive import Quantity
from autodiff.trace.array_operand import ArrayOperand
from autodiff.trace.whole.linear_algebra import tracers
from autodiff.trace.whole.pairs.complex_array import ComplexArray, pair_of

__all__ = ["FADDEEVA"]

_TERMS, _STRIDE = 40, 8  # of the polynomial; how many of them are found at once
_SCALE = np.sqrt(_TERMS / np.sqrt(2.0))
_CIRCLE = 64.0  # its radius, squared
_NODES, _WEIGHTS = hermgauss(12)


def _coefficients() -> NDArray[np.float64]:
    """Of the polynomial, the lowest first (Weideman 1994)."""
    count = 2 * _TERMS
    t = _SCALE * np.tan(np.arange(1 - count, count) * np.pi / (2 * count))
    values = np.concatenate([[0.0], np.exp(-(t**2)) * (_SCALE**2 + t**2)])
    return np.real(np.fft.fft(np.fft.fftshift(values)))[1 : _TERMS + 1] / (2 * count)


def _wofz(z: object) -> ComplexArray:
    """The Faddeeva function."""
    given = pair_of(z)
    re, im = tracers(given.part(0), given.part(1))
    below = im < 0.0
    x, y = ops.where(below, -re, re), abs(im)
    inside = x * x + y * y < _CIRCLE
    near, far = _near(ComplexArray(x, y)), _far(x, y)
    made = [ops.where(inside, a, b) for a, b in ((near.re, far[0]), (near.im, far[1]))]
    lower = ComplexArray(ops.where(below, re, 0.0), ops.where(below, im, 0.0))
    around = 2.0 * np.exp(-(lower * lower))
    mirrored = zip((around.re, around.im), made, strict=True)
    return ComplexArray(*[ops.where(below, both - one, one) for both, one in mirrored])


def _voigt_profile(x: object, sigma: object, gamma: object) -> ArrayOperand:
    """A normal line of width sigma and a Lorentzian one of width gamma, folded."""
    at, width, other = tracers(x, sigma, gamma)
    narrow = ops.eq(width, 0.0)
    scale = ops.where(narrow, 1.0, width) * np.sqrt(2.0)
    folded = _wofz(ComplexArray(at / scale, other / scale)).part(0) / (scale * np.sqrt(np.pi))
    alone = ops.where(narrow, other, 1.0)
    lorentzian = alone / (np.pi * (at * at + alone * alone))
    found: ArrayOperand = ops.where(narrow, lorentzian, folded)
    return found


def _near(z: ComplexArray) -> ComplexArray:
    under = _SCALE - 1j * z
    at = (_SCALE + 1j * z) / under
    powers = [pair_of(at * 0.0 + 1.0), at]
    while len(powers) <= _STRIDE:
        powers.append(powers[-1] * at)
    *low, high = powers
    factors = _coefficients().reshape(-1, _STRIDE).T
    axis = len(shape_of(at.re))
    re, im = (stack([p.part(k) for p in low], axis) @ factors for k in (0, 1))
    last = factors.shape[1] - 1
    total = ComplexArray(re[..., last], im[..., last])
    for k in range(last - 1, -1, -1):
        total = total * high + ComplexArray(re[..., k], im[..., k])
    made: ComplexArray = 2.0 * total / (under * under) + (1.0 / np.sqrt(np.pi)) / under
    return made


def _far(x: Quantity, y: Quantity) -> tuple[Quantity, Quantity]:
    shape = shape_of(x)
    apart, above = reshape(x, (*shape, 1)) - _NODES, reshape(y, (*shape, 1))
    shares = (_WEIGHTS / np.pi) / (apart * apart + above * above)
    along = (len(shape),)
    return sum_over(above * shares, along), sum_over(apart * shares, along)


# What ``scipy.special`` offers under these names.
FADDEEVA: dict[str, Callable[..., object]] = {"voigt_profile": _voigt_profile, "wofz": _wofz}
