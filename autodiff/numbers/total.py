"""``math`` and division with IEEE 754 results: the same numbers, and infinities for exceptions.

Python's ``math`` raises where IEEE 754 defines a result: ``math.log(0.0)`` is an error, the
logarithm of zero is -inf.  Every function here is plain arithmetic over ``math``, stands alone, and
is copied by name into emitted files, so it holds to what compilers of Python read too: literals,
conditions, and ``except Exception`` where only the platform's libm knows whether a result
overflows.
"""

import math
from collections.abc import Callable

__all__ = ["TOTAL"]

TOTAL: dict[str, Callable[..., float]] = {}


def _total(function: Callable[..., float]) -> Callable[..., float]:
    """Register a total function; used as a decorator."""
    TOTAL[function.__name__] = function
    return function


# --- arithmetic ------------------------------------------------------------------------------


@_total
def div(x: float, y: float) -> float:
    """x / y; a finite x over zero is an infinity, 0/0 is nan."""
    return x / y if y != 0.0 else x * math.copysign(math.inf, y)


@_total
def mod(x: float, y: float) -> float:
    """x - y * floor(x / y): the sign of y, as Python's ``%``; nan for y = 0."""
    return x % y if y != 0.0 else math.nan


@_total
def fmod(x: float, y: float) -> float:
    """x - y * trunc(x / y): the sign of x, as C's ``fmod``."""
    return math.nan if y == 0.0 or math.isinf(x) else math.fmod(x, y)


@_total
def pow(x: float, y: float) -> float:
    """C's pow: (-8.0) ** (1/3) is nan, never complex; 0.0 ** -1.0 is inf."""
    try:
        return math.pow(x, y)
    except Exception:
        if abs(y) % 2.0 == 1.0:  # exact; y % 2.0 rounds next to an odd number
            return math.copysign(math.inf, x)
        return math.nan if x < 0.0 and y % 1.0 != 0.0 else math.inf


# --- exponentials, logarithms, roots ---------------------------------------------------------


@_total
def exp(x: float) -> float:
    """Exponential; inf where it overflows."""
    try:
        return math.exp(x)
    except Exception:
        return math.inf


@_total
def exp2(x: float) -> float:
    """2 ** x; inf where it overflows."""
    try:
        return math.exp2(x)
    except Exception:
        return math.inf


@_total
def expm1(x: float) -> float:
    """exp(x) - 1; inf where it overflows."""
    try:
        return math.expm1(x)
    except Exception:
        return math.inf


@_total
def log(x: float) -> float:
    """Natural logarithm; -inf at zero, nan below."""
    return math.log(x) if x > 0.0 else -math.inf if x == 0.0 else math.nan


@_total
def log2(x: float) -> float:
    """Logarithm to base 2; -inf at zero, nan below."""
    return math.log2(x) if x > 0.0 else -math.inf if x == 0.0 else math.nan


@_total
def log10(x: float) -> float:
    """Logarithm to base 10; -inf at zero, nan below."""
    return math.log10(x) if x > 0.0 else -math.inf if x == 0.0 else math.nan


@_total
def log1p(x: float) -> float:
    """log(1 + x); -inf at -1, nan below."""
    return math.log1p(x) if x > -1.0 else -math.inf if x == -1.0 else math.nan


@_total
def sqrt(x: float) -> float:
    """Square root; nan below zero."""
    return math.sqrt(x) if x >= 0.0 else math.nan


# --- trigonometric and hyperbolic ------------------------------------------------------------


@_total
def sin(x: float) -> float:
    """Sine; nan at the infinities."""
    return math.nan if math.isinf(x) else math.sin(x)


@_total
def cos(x: float) -> float:
    """Cosine; nan at the infinities."""
    return math.nan if math.isinf(x) else math.cos(x)


@_total
def tan(x: float) -> float:
    """Tangent; nan at the infinities."""
    return math.nan if math.isinf(x) else math.tan(x)


@_total
def asin(x: float) -> float:
    """Arc sine; nan outside [-1, 1]."""
    return math.asin(x) if abs(x) <= 1.0 else math.nan


@_total
def acos(x: float) -> float:
    """Arc cosine; nan outside [-1, 1]."""
    return math.acos(x) if abs(x) <= 1.0 else math.nan


@_total
def sinh(x: float) -> float:
    """Hyperbolic sine; inf of the sign of x where it overflows."""
    try:
        return math.sinh(x)
    except Exception:
        return math.copysign(math.inf, x)


@_total
def cosh(x: float) -> float:
    """Hyperbolic cosine; inf where it overflows."""
    try:
        return math.cosh(x)
    except Exception:
        return math.inf


@_total
def acosh(x: float) -> float:
    """Inverse hyperbolic cosine; nan below 1."""
    return math.acosh(x) if x >= 1.0 else math.nan


@_total
def atanh(x: float) -> float:
    """Inverse hyperbolic tangent; inf of the sign of x at -1 and 1, nan outside."""
    if abs(x) < 1.0:
        return math.atanh(x)
    return math.copysign(math.inf, x) if abs(x) == 1.0 else math.nan
