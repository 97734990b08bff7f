"""What each row of the table means over the reals, in 60-digit arithmetic.

The reference for tests of values and rules.  What is listed here is written by hand, not taken from
the table; a row that is not listed means what its SymPy text says, which its rule is proven from.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import sympy
from scipy import special

from autodiff.table.primitive import REGISTRY

__all__ = ["FUNCTIONS", "mp"]

mp = mpmath.mp.clone()
mp.dps = 60


def _where(c: Any, x: Any, y: Any) -> Any:
    return x if c else y


def _erfc(x: Any) -> Any:
    return mp.erfc(x) if abs(x) < 1000 else mp.mpf(0 if x > 0 else 2)  # mpmath overflows


def _normal(x: Any) -> Any:
    return _erfc(-x / mp.sqrt(2)) / 2


def _erfcinv(x: Any) -> Any:
    start = special.erfcinv(float(x)) if 0 < x < 0.5 else math.inf
    if math.isfinite(start):
        return _solved(x, mp.mpf(start))
    lost = max(0, -int(mp.mag(min(x, 2 - x)))) if 0 < x < 2 else 0
    with mp.workprec(mp.prec + 2 * lost + 10):
        return mp.erfinv(1 - x)


def _solved(value: Any, x: Any) -> Any:
    """Where erfc is ``value``, by Newton's steps from a double: each doubles the digits."""
    moved = mp.inf
    while abs(moved) > abs(x) * mp.ldexp(1, -mp.prec // 2 - 8):
        moved = (mp.erfc(x) - value) * mp.sqrt(mp.pi) / 2 * mp.exp(x * x)
        x += moved
    return x


def _round(x: Any) -> Any:
    low = mp.floor(x)
    rest = x - low
    if rest == mp.mpf(1) / 2:
        return low if low % 2 == 0 else low + 1
    return low if rest < mp.mpf(1) / 2 else low + 1


def _trunc(x: Any) -> Any:
    return mp.floor(x) if x >= 0 else mp.ceil(x)


def _spherical_jn(n: Any, x: Any) -> Any:
    if x == 0:
        return mp.mpf(n == 0)
    size, sign = abs(x), -1 if x < 0 and n % 2 else 1
    return sign * mp.sqrt(mp.pi / (2 * size)) * mp.besselj(n + mp.mpf(1) / 2, size)


def _real(function: Callable[..., Any]) -> Callable[..., Any]:
    """nan where the result is not real or not defined."""

    def real(*x: Any) -> Any:
        try:
            value = function(*x)
        except (ValueError, ZeroDivisionError):
            return mp.nan
        return value if isinstance(value, (mp.mpf, int, float)) else mp.nan

    return real


class _Meanings(dict[str, Callable[..., Any]]):
    """The listed meanings, and those of the SymPy texts of all other rows."""

    def __missing__(self, name: str) -> Callable[..., Any]:
        row = REGISTRY[name]
        symbols = [sympy.Symbol(f"x{place}") for place in range(row.arity)]
        expression = sympy.sympify(row.sympy.format(*symbols), evaluate=False)
        functions = {word: getattr(mp, word) for word in dir(mp) if not word.startswith("_")}
        self[name] = _real(sympy.lambdify(symbols, expression, [functions, "mpmath"]))
        return self[name]


FUNCTIONS = _Meanings({
    name: _real(function)
    for name, function in {
        "add": lambda x, y: x + y, "sub": lambda x, y: x - y, "mul": lambda x, y: x * y,
        "div": lambda x, y: x / y, "neg": lambda x: -x, "square": lambda x: x * x,
        "reciprocal": lambda x: 1 / x, "pow": mp.power, "pow_literal": mp.power,
        "lt": lambda x, y: x < y, "le": lambda x, y: x <= y, "gt": lambda x, y: x > y,
        "ge": lambda x, y: x >= y, "eq": lambda x, y: x == y, "ne": lambda x, y: x != y,
        "logical_and": lambda x, y: bool(x) and bool(y),
        "logical_or": lambda x, y: bool(x) or bool(y), "logical_not": lambda x: not x,
        "where": _where, "abs": abs, "sign": mp.sign, "maximum": max, "minimum": min,
        "at_least": max, "at_most": min, "clip": lambda x, a, b: a if x < a else b if x > b else x,
        "relu": lambda x: max(x, 0), "leaky_relu": lambda x, a: x if x > 0 else a * x,
        "elu": lambda x, a: x if x > 0 else a * mp.expm1(x),
        "exp": mp.exp, "expm1": mp.expm1, "exp2": lambda x: mp.power(2, x), "log": mp.log,
        "log1p": mp.log1p, "log2": lambda x: mp.log(x) / mp.log(2), "log10": mp.log10,
        "sqrt": mp.sqrt, "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)), "hypot": mp.hypot,
        "logaddexp": lambda x, y: max(x, y) + mp.log1p(mp.exp(-abs(x - y))),
        "xlogy": lambda x, y: x * mp.log(y), "sin": mp.sin, "cos": mp.cos, "tan": mp.tan,
        "asin": mp.asin, "acos": mp.acos, "atan": mp.atan, "atan2": mp.atan2, "sinh": mp.sinh,
        "cosh": mp.cosh, "tanh": mp.tanh, "asinh": mp.asinh, "acosh": mp.acosh, "atanh": mp.atanh,
        "sinc": mp.sincpi, "gaussian": lambda x, s: mp.exp(-s * x * x),
        "sigmoid": lambda x: 1 / (1 + mp.exp(-x)), "erf": mp.erf, "erfc": _erfc,
        "softplus": lambda x: mp.log1p(mp.exp(x)) if x < 0 else x + mp.log1p(mp.exp(-x)),
        "gelu": lambda x: x * _normal(x), "silu": lambda x: x / (1 + mp.exp(-x)),
        "gamma": mp.gamma, "lgamma": lambda x: mp.log(abs(mp.gamma(x))), "digamma": mp.digamma,
        "polygamma": lambda n, x: mp.polygamma(int(n), x), "i0": lambda x: mp.besseli(0, x),
        "erfcinv": _erfcinv,
        "i1": lambda x: mp.besseli(1, x), "iv": lambda n, x: mp.besseli(int(n), x),
        "spherical_jn": _spherical_jn, "floor": mp.floor, "ceil": mp.ceil, "trunc": _trunc,
        "rint": _round, "mod": lambda x, y: x - y * mp.floor(x / y),
        "fmod": lambda x, y: x - y * _trunc(x / y),
    }.items()
})  # fmt: skip
