"""Scalar functions with IEEE-754 results that never raise: the reference meaning of primitives.

Python's ``math`` raises where IEEE 754 defines a result: ``math.log(0.0)`` is an error, the
logarithm of zero is -inf.  Every function here takes floats and gives the IEEE result, computed by
``math`` (so by the platform's libm) wherever that has one.

*Total functions* are ``math``'s own, or those of ``total.py`` where that raises.  *Portable
functions* are plain arithmetic over ``math`` and cannot raise.  Emitters copy the source text of
both into the files they write, so the same lines run in the interpreter and in emitted code.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from autodiff.numbers import total

__all__ = ["PORTABLE", "portable"]

exp, exp2, expm1 = total.exp, total.exp2, total.expm1
log, log2, log10, log1p = total.log, total.log2, total.log10, total.log1p
sqrt, cbrt = total.sqrt, math.cbrt
sin, cos, tan = total.sin, total.cos, total.tan
asin, acos, atan, atan2 = total.asin, total.acos, math.atan, math.atan2
sinh, cosh, tanh = total.sinh, total.cosh, math.tanh
asinh, acosh, atanh = math.asinh, total.acosh, total.atanh
erf, erfc, hypot = math.erf, math.erfc, math.hypot
div, pow, mod, fmod = total.div, total.pow, total.mod, total.fmod


def lt(x: float, y: float) -> float:
    """1.0 if x < y else 0.0."""
    return 1.0 if x < y else 0.0


def le(x: float, y: float) -> float:
    """1.0 if x <= y else 0.0."""
    return 1.0 if x <= y else 0.0


def gt(x: float, y: float) -> float:
    """1.0 if x > y else 0.0."""
    return 1.0 if x > y else 0.0


def ge(x: float, y: float) -> float:
    """1.0 if x >= y else 0.0."""
    return 1.0 if x >= y else 0.0


def eq(x: float, y: float) -> float:
    """1.0 if x == y else 0.0."""
    return 1.0 if x == y else 0.0


def ne(x: float, y: float) -> float:
    """1.0 if x != y else 0.0."""
    return 1.0 if x != y else 0.0


def logical_and(x: float, y: float) -> float:
    """1.0 if both are non-zero (nan is), else 0.0."""
    return 1.0 if x and y else 0.0


def logical_or(x: float, y: float) -> float:
    """1.0 if one is non-zero (nan is), else 0.0."""
    return 1.0 if x or y else 0.0


def logical_not(x: float) -> float:
    """1.0 if x is zero, else 0.0."""
    return 0.0 if x else 1.0


def where(condition: float, x: float, y: float) -> float:
    """x if the condition is non-zero, else y."""
    return x if condition else y


def maximum(x: float, y: float) -> float:
    """The larger operand; nan if one is nan; x at a tie."""
    return y if x < y or y != y else x


def minimum(x: float, y: float) -> float:
    """The smaller operand; nan if one is nan; x at a tie."""
    return y if x > y or y != y else x


def clip(x: float, low: float, high: float) -> float:
    """low below low, high above high, else x."""
    return low if x < low else high if x > high else x


def sign(x: float) -> float:
    """1.0 above zero, -1.0 below, 0.0 for both zeros; nan stays nan."""
    return 1.0 if x > 0.0 else -1.0 if x < 0.0 else 0.0 if x == 0.0 else x


def relu(x: float) -> float:
    """x above zero, else 0.0; nan stays nan."""
    return 0.0 if x <= 0.0 else x


def leaky_relu(x: float, slope: float) -> float:
    """x above zero, else slope * x."""
    return x if x > 0.0 else slope * x


# --- portable functions: plain arithmetic over ``math``, copied into emitted files -----------

PORTABLE: dict[str, Callable[..., float]] = {}


def portable(function: Callable[..., float]) -> Callable[..., float]:
    """Register a portable function; used as a decorator."""
    PORTABLE[function.__name__] = function
    return function


@portable
def floor(x: float) -> float:
    """Largest integer not above x; the sign of zero, inf and nan pass through."""
    return math.copysign(math.floor(x), x) if math.isfinite(x) else x


@portable
def ceil(x: float) -> float:
    """Smallest integer not below x; the sign of zero, inf and nan pass through."""
    return math.copysign(math.ceil(x), x) if math.isfinite(x) else x


@portable
def trunc(x: float) -> float:
    """Integer part of x; the sign of zero, inf and nan pass through."""
    return math.copysign(math.trunc(x), x) if math.isfinite(x) else x


@portable
def rint(x: float) -> float:
    """Nearest integer, ties to even; the sign of zero, inf and nan pass through."""
    return math.copysign(round(x), x) if math.isfinite(x) else x


@portable
def sigmoid(x: float) -> float:
    """1 / (1 + exp(-x)) without overflow."""
    e = math.exp(-abs(x))
    return (e if x < 0.0 else 1.0) / (1.0 + e)


@portable
def softplus(x: float) -> float:
    """log(1 + exp(x)) without overflow or cancellation."""
    return math.log1p(math.exp(-abs(x))) + (0.0 if x <= 0.0 else x)


@portable
def gaussian(x: float, scale: float) -> float:
    """exp(-scale * x * x), to the last digits in the tails too."""
    p = scale * x
    a = p * x
    if not 2.0 <= a < 746.0 or scale > 1e300:
        return math.inf if a < -709.782712893384 else math.exp(-a)
    if scale == 1.0 or scale == 0.5:  # the usual ones, which lose nothing
        if a < 4.0:
            return math.exp(-a)
        high = (x + 422212465065984.0) - 422212465065984.0  # 1.5 * 2**48: rounds to 1/16
        low = (x - high) * (x + high)
        return math.exp(-scale * (high * high)) * math.exp(-scale * low)
    # exp magnifies what the products p and a lost to rounding: split their factors (Dekker), so
    # that it is found exactly, and add it.
    c = 134217729.0 * x
    high = c - (c - x)
    low = x - high
    c = 134217729.0 * scale
    s = c - (c - scale)
    lost = ((s * high - p) + s * low + (scale - s) * high) + (scale - s) * low
    c = 134217729.0 * p
    s = c - (c - p)
    lost = lost * x + (((s * high - a) + s * low + (p - s) * high) + (p - s) * low)
    e = math.exp(-a)
    return e - e * lost


@portable
def elu(x: float, alpha: float) -> float:
    """x above zero, else alpha * (exp(x) - 1)."""
    return x if x > 0.0 else alpha * math.expm1(x)


@portable
def gelu(x: float) -> float:
    """x times the normal distribution function at x."""
    u = -0.7071067811865476 * x
    if not 1.0 < u < 30.0:
        return -0.0 if x == -math.inf else x * (0.5 * math.erfc(u))
    # erfc magnifies what rounding u lost: split the product exactly, and add it.
    high = 134217729.0 * x - (134217729.0 * x - x)
    lost = (-0.7071067690849304 * high - u) - 0.7071067690849304 * (x - high)
    lost -= 1.210161710447897e-08 * x
    return x * (0.5 * (math.erfc(u) - lost * (1.1283791670955126 * math.exp(-u * u))))


@portable
def silu(x: float) -> float:
    """x times the logistic function of x."""
    half = math.exp(-0.5 * abs(x))  # its square may be subnormal, x times it is not yet
    if x < 0.0:
        return -0.0 if x == -math.inf else x * half / (1.0 + half * half) * half
    return x / (1.0 + half * half)


@portable
def vanishing(x: float, y: float) -> float:
    """x times y, and 0 where x is zero and y infinite or nan."""
    if x == 0.0 and y - y != 0.0:
        return 0.0
    return x * y


@portable
def logaddexp(x: float, y: float) -> float:
    """log(exp(x) + exp(y)) without overflow."""
    if x == y:
        return x + 0.6931471805599453
    return (y if x < y or y != y else x) + math.log1p(math.exp(-abs(x - y)))


@portable
def sinc(x: float) -> float:
    """sin(pi x) / (pi x), 1 at zero, and 0 where pi x is infinite."""
    t = 3.141592653589793 * x
    if t == 0.0 or math.isinf(t):
        return 1.0 if t == 0.0 else 0.0
    return math.sin(t) / t


@portable
def xlogy(x: float, y: float) -> float:
    """x log(y), and 0 where x is zero and y is not nan."""
    if x == 0.0 and y == y:
        return 0.0
    if y > 0.0:
        return x * math.log(y)
    return x * (-math.inf if y == 0.0 else math.nan)
