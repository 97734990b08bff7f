"""Sine and cosine integrals, circular and hyperbolic: power series, and fractions beyond 5.

Each is within about 1e-14 of the larger of itself and 1, and so is its slope.  Formulas: Digital
Library of Mathematical Functions 6.2.9 to 6.2.20, 6.6.5, 6.6.6, 6.9.1.
"""

from __future__ import annotations

import math

from autodiff.table import ops
from autodiff.table.primitive import Quantity
from autodiff.trace.libraries.special.approximated import approximated
from autodiff.trace.libraries.special.integrals import exp1, expi

__all__ = ["chi", "ci", "shi", "si"]

_EULER = 0.5772156649015329
_BORDER = 5.0  # between series and fraction
_NEAR = 2.0  # the same of the hyperbolic ones
_STEPS = 40


def _odd(x: Quantity, sign: float, terms: int) -> Quantity:
    """The sum of sign**k x**(2 k + 1) / ((2 k + 1) (2 k + 1)!), k = 0, 1, ..."""
    square, total = x * x, 0.0 * x
    for k in range(terms, 0, -1):
        total = square * (sign / (2.0 * k * (2.0 * k + 1.0))) * (1.0 / (2.0 * k + 1.0) + total)
    found: Quantity = x * (1.0 + total)
    return found


def _even(x: Quantity, sign: float, terms: int) -> Quantity:
    """The sum of sign**k x**(2 k) / (2 k (2 k)!), k = 1, 2, ..."""
    square, total = x * x, 0.0 * x
    for k in range(terms, 0, -1):
        total = square * (sign / (2.0 * k * (2.0 * k - 1.0))) * (1.0 / (2.0 * k) + total)
    found: Quantity = total
    return found


def _beyond(x: Quantity) -> tuple[Quantity, Quantity]:
    """The integrals of exp(-x t) / (1 + t**2), and of t times that, t from 0 on, for large x.

    Together they are exp(z) times the exponential integral of z = i x: its fraction.
    """
    real: Quantity = 2.0 * _STEPS + 1.0
    imaginary: Quantity = x
    for k in range(_STEPS, 0, -1):
        scale = float(k * k) / (real * real + imaginary * imaginary)
        real, imaginary = (2.0 * k - 1.0) - scale * real, x + scale * imaginary
    size = real * real + imaginary * imaginary
    return imaginary / size, real / size


@approximated
def si(x: Quantity) -> Quantity:
    """The integral of sin(t) / t from 0 to x."""
    size = abs(x)
    near = size <= _BORDER
    right = ops.where(near, _BORDER, size)
    first, second = _beyond(right)
    far = 0.5 * math.pi - first * ops.cos(right) - second * ops.sin(right)
    found = ops.where(near, _odd(ops.where(near, x, 1.0), -1.0, 17), ops.sign(x) * far)
    value: Quantity = ops.where(size < math.inf, found, ops.sign(x) * (0.5 * math.pi))
    return value


@approximated
def ci(x: Quantity) -> Quantity:
    """The integral of cos(t) / t from infinity to abs(x)."""
    size = abs(x)
    near = size <= _BORDER
    left, right = ops.where(near, size, 1.0), ops.where(near, _BORDER, size)
    first, second = _beyond(right)
    far = first * ops.sin(right) - second * ops.cos(right)
    below = ops.log(left) + _EULER + _even(left, -1.0, 17)
    end = ops.where(x > 0.0, 0.0, math.nan)  # as SciPy
    value: Quantity = ops.where(size < math.inf, ops.where(near, below, far), end)
    return value


@approximated
def shi(x: Quantity) -> Quantity:
    """The integral of sinh(t) / t from 0 to x."""
    size = abs(x)
    near = size <= _NEAR
    right = ops.where(near, _NEAR, size)
    far = 0.5 * (expi(right) + exp1(right))
    value: Quantity = ops.where(near, _odd(ops.where(near, x, 1.0), 1.0, 12), ops.sign(x) * far)
    return value


@approximated
def chi(x: Quantity) -> Quantity:
    """Euler's number, log(abs(x)), and the integral of (cosh(t) - 1) / t from 0 to x."""
    size = abs(x)
    near = size <= _NEAR
    left, right = ops.where(near, size, 1.0), ops.where(near, _NEAR, size)
    far = 0.5 * (expi(right) - exp1(right))
    below = ops.log(left) + _EULER + _even(left, 1.0, 12)
    value: Quantity = ops.where(near, below, far)
    return value
