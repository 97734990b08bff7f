"""Polynomials over arrays, for the functions of ``vectorized.py``, whose table lists these too."""

from typing import Any

import numpy as np

__all__ = ["horner", "rational"]


def horner(x: "Any", coefficients: tuple[float, ...]) -> "Any":
    """A polynomial at x, step by step in place; the highest coefficient comes first."""
    first, *between, last = coefficients
    p = np.multiply(x, first, out=np.empty_like(x))
    for c in between:
        p += c
        p *= x
    p += last
    return p


def rational(x: "Any", coefficients: tuple[tuple[float, float], ...]) -> "Any":
    """A quotient of polynomials at x: a pair holds a coefficient of each."""
    above, below = zip(*coefficients, strict=True)
    p = horner(x, above)
    p /= horner(x, below)
    return p
