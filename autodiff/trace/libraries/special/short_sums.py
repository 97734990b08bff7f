"""Special functions that are short sums: zeta functions, dilogarithms, integrals by a few points.

Each keeps its digits to about 1e-14, and so do its slopes, by every operand.  Formulas: Digital
Library of Mathematical Functions 7.3, 7.9, 25.11.28, 25.12; Rybicki, Computers in Physics 3 (1989)
85; Owen, Annals of Mathematical Statistics 27 (1956) 1075.
"""

from __future__ import annotations

import math

import numpy as np

from autodiff.table import ops
from autodiff.table.primitive import Quantity
from autodiff.trace.libraries.special.approximated import approximated
from autodiff.trace.libraries.special.differences import polynomial
from autodiff.trace.libraries.special.incomplete import where_served

__all__ = [
    "dawsn",
    "erfi",
    "fresnel_c",
    "fresnel_s",
    "kolmogorov",
    "owens_t",
    "riemann",
    "riemann_less_1",
    "spence",
    "zeta",
]

# Bernoulli's numbers B(2), B(4), ...
_BERNOULLI = (
    1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798,
    -174611 / 330, 854513 / 138, -236364091 / 2730,
)  # fmt: skip
_DILOGARITHM = [b / math.factorial(2 * k + 3) for k, b in enumerate(_BERNOULLI)]
_ADDED = 12


@approximated
def zeta(s: Quantity, q: Quantity) -> Quantity:
    """The sum of (k + q)**-s, k = 0, 1, ..., for s above 1 and q above 0."""
    return where_served(ops.logical_and(s >= 1.0, q > 0.0), _hurwitz(s, q))


def _hurwitz(s: Quantity, q: Quantity) -> Quantity:
    total: Quantity = 0.0
    for k in range(_ADDED):
        total = total + ops.pow(q + float(k), -s)
    end = q + float(_ADDED)
    square = ops.mul(end, end)
    rest: Quantity = 0.0
    for j in range(len(_BERNOULLI) - 1, -1, -1):  # of Euler and Maclaurin
        factor: Quantity = s if j == 0 else (s + (2.0 * j - 1.0)) * (s + 2.0 * j) / square
        rest = factor * (_BERNOULLI[j] / math.factorial(2 * j + 2) + rest)
    last = ops.pow(end, -s)
    found = total + last * (ops.div(end, s - 1.0) + 0.5 + ops.div(rest, end))
    value: Quantity = ops.where(ops.eq(s, 1.0), math.inf, found)
    return value


def spence(x: Quantity) -> Quantity:
    """The dilogarithm of 1 - x: the integral of log(t) / (1 - t) from 1 to x."""
    low, high, at_end = x < 0.5, x > 2.0, ops.eq(x, 0.0)
    part = ops.where(high, ops.div(1.0, ops.where(high, x, 1.0)), ops.where(low, x, 0.25))
    part = ops.where(at_end, 0.25, part)
    apart = ops.logical_or(low, high)
    log = ops.log(ops.where(apart, 1.0, x))
    # The logarithm that the series is in: of 1 - part, or of x.
    w = ops.where(apart, -ops.log1p(-ops.where(apart, part, 0.25)), -log)
    series = w * (1.0 - 0.25 * w) + ops.mul(w, ops.mul(w * w, polynomial(_DILOGARITHM, w * w)))
    rest = math.pi**2 / 6.0 - ops.log(part) * ops.log1p(-part) - series
    size = ops.log(ops.where(high, x, 1.0))
    beyond = ops.where(high, -0.5 * ops.square(size) - rest, rest)
    found = ops.where(apart, beyond, series)
    value: Quantity = ops.where(at_end, math.pi**2 / 6.0 + ops.xlogy(x, x), found)
    return where_served(ops.ge(x, 0.0), value)


def dawsn(x: Quantity) -> Quantity:
    """exp(-x * x) times the integral of exp(t * t) from 0 to x."""
    near = abs(x) < 6.0
    left, right = ops.where(near, x, 0.0), ops.where(near, 6.0, x)
    step = 0.2
    total: Quantity = 0.0
    for n in range(63, 0, -2):
        apart = ops.gaussian(left - n * step, 1.0) - ops.gaussian(left + n * step, 1.0)
        total = total + apart / float(n)
    small = abs(x) < 0.5
    inside = ops.where(small, x, 0.0)
    series = [1.0]
    for k in range(1, 18):
        series.append(series[-1] * -2.0 / (2.0 * k + 1.0))
    tiny = inside * polynomial(series, inside * inside)
    fraction: Quantity = right
    for k in range(30, 0, -1):
        fraction = right - ops.div(0.5 * k, fraction)
    middle = ops.where(small, tiny, total / math.sqrt(math.pi))
    found: Quantity = ops.where(near, middle, ops.div(0.5, fraction))
    return found


def erfi(x: Quantity) -> Quantity:
    """2 / sqrt(pi) times the integral of exp(t * t) from 0 to x."""
    beyond = abs(x) > 26.64  # infinite, and so is its slope: no difference of infinities
    inside = ops.where(beyond, 0.0, x)
    half = ops.exp(0.5 * (inside * inside))
    found = 2.0 / math.sqrt(math.pi) * (half * dawsn(inside)) * half
    far = ops.where(beyond, x, 0.0)
    value: Quantity = ops.where(beyond, far * ops.exp(far * far), found)
    return value


@approximated
def kolmogorov(x: Quantity) -> Quantity:
    """The chance that the greatest deviation, scaled, of many draws is above x."""
    low, positive = x < 0.82, x > 0.04  # below all of it is 1 to the last digit
    left = ops.where(ops.logical_and(low, positive), x, 0.5)
    right = ops.where(low, 1.0, x)
    first = -0.125 * math.pi**2 / ops.square(left)
    below: Quantity = 0.0
    above: Quantity = 0.0
    for k in range(5, 0, -1):
        below = below + ops.exp((2.0 * k - 1.0) ** 2 * first)
        above = 2.0 * ops.exp(-2.0 * k**2 * ops.square(right)) - above
    near = 1.0 - math.sqrt(2.0 * math.pi) / left * below
    found: Quantity = ops.where(low, ops.where(positive, near, 1.0), above)
    return found


def fresnel_s(x: Quantity) -> Quantity:
    """The integral of sin(pi t * t / 2) from 0 to x."""
    return _fresnel(x, 1)


def fresnel_c(x: Quantity) -> Quantity:
    """The integral of cos(pi t * t / 2) from 0 to x."""
    return _fresnel(x, 0)


def _fresnel(x: Quantity, sine: int) -> Quantity:
    near, gone = abs(x) < 2.0, abs(x) > 1e8
    left = ops.where(near, x, 0.0)
    right = ops.where(ops.logical_or(near, gone), 2.0, abs(x))
    angle = 0.5 * math.pi * (left * left)
    terms = [
        (-1.0) ** k / (math.factorial(2 * k + sine) * (4 * k + 2 * sine + 1)) for k in range(20)
    ]
    series = left * polynomial(terms, angle * angle)
    series = series * angle if sine else series
    # The complementary function of a complex number by its fraction, in real and imaginary parts.
    scale = 0.5 * math.sqrt(math.pi)
    re, im = scale * right, -scale * right
    above, beside = re, im
    for k in range(60, 0, -1):
        size = ops.square(above) + ops.square(beside)
        above, beside = re + 0.5 * k * above / size, im - 0.5 * k * beside / size
    size = (ops.square(above) + ops.square(beside)) * math.sqrt(math.pi)
    up, down = above / size, -beside / size
    # The square of x by halves, less what turns round.
    whole = 2.0 * ops.rint(0.5 * right)
    off = right - whole
    phase = 2.0 * ops.mod(whole * off, 2.0) + off * off
    cos, sin = ops.cos(0.5 * math.pi * phase), ops.sin(0.5 * math.pi * phase)
    real, imaginary = up * cos - down * sin, up * sin + down * cos
    # (1 + i) / 2 times 1 less that.
    tail = 0.5 * (real + imaginary) if sine else 0.5 * (real - imaginary)
    beyond = ops.where(gone, 0.5, 0.5 - tail)
    sign = ops.where(x < 0.0, -1.0, 1.0)
    found: Quantity = ops.where(near, series, sign * beyond)
    return found


@approximated
def owens_t(h: Quantity, a: Quantity) -> Quantity:
    """The integral of exp(-h * h * (1 + t * t) / 2) / (1 + t * t) / (2 pi) from 0 to a."""
    size, high = abs(h), abs(a) > 1.0
    width = ops.where(high, abs(a), 1.0)
    inside = ops.where(high, ops.div(1.0, width), a)
    at = ops.where(high, size * width, size)
    points, weights = np.polynomial.legendre.leggauss(40)
    total: Quantity = 0.0
    for point, weight in zip(points.tolist(), weights.tolist(), strict=True):
        off = 1.0 + ops.square(inside * (0.5 + 0.5 * point))
        total = total + weight * ops.exp(-0.5 * ops.square(at) * off) / off
    part = total * inside * (0.25 / math.pi)
    one, two = (0.5 * ops.erfc(x * math.sqrt(0.5)) for x in (size, at))
    whole = 0.5 * (one + two) - one * two - part
    found: Quantity = ops.where(high, ops.where(a < 0.0, -whole, whole), part)
    return found


@approximated
def riemann(s: Quantity) -> Quantity:
    """The sum of k**-s, k = 1, 2, ..., and what continues it below 1."""
    low = s < -0.5  # nearer to 0 the mirrored one, at 1 - s, is at its pole
    above, below = ops.where(low, 2.0, s), ops.where(low, s, -1.0)
    wave = ops.sin(0.5 * math.pi * ops.mod(below, 4.0))
    size = ops.mul(ops.exp2(below), ops.pow(math.pi, below - 1.0))
    mirrored = ops.mul(ops.mul(size, wave), ops.gamma(1.0 - below)) * _hurwitz(1.0 - below, 1.0)
    found: Quantity = ops.where(low, mirrored, _hurwitz(above, 1.0))
    return found


@approximated
def riemann_less_1(s: Quantity) -> Quantity:
    """The sum of k**-s, k = 2, 3, ..., and what continues it below 1."""
    above = s > 1.0
    rest = _hurwitz(ops.where(above, s, 2.0), 2.0)
    found: Quantity = ops.where(above, rest, riemann(ops.where(above, 0.0, s)) - 1.0)
    return found
