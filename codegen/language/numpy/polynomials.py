"""Polynomials over arrays, for the functions of ``vectorized.py``, whose table lists these too."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Floats", "horner", "rational"]

Floats: TypeAlias = NDArray[np.float64]  # emitted files say np.ndarray


def horner(x: "Floats", coefficients: tuple[float, ...]) -> "Floats":
    """A polynomial at x, step by step in place; the highest coefficient comes first."""
    first, *between, last = coefficients
    p = np.multiply(x, first, out=np.empty_like(x))
    for c in between:
        p += c
        p *= x
    p += last
    return p


def rational(x: "Floats", coefficients: tuple[tuple[float, float], ...]) -> "Floats":
    """A quotient of polynomials at x: a pair holds a coefficient of each."""
    above, below = zip(*coefficients, strict=True)
    p = horner(x, above)
    p /= horner(x, below)
    return p
