"""Identities of what is left after the first terms of a series: x - sin(x), (exp(x) - 1) / x.

The right sides hold rows of such rests (``autodiff.table.ops.series_rests``) and are sums of terms
of one size, so their derivatives keep their digits, too; they hold near zero, where the left side
loses them, and elsewhere ask and keep the left side.
"""

from __future__ import annotations

from collections.abc import Callable

from autodiff.table.ops import (
    asin,
    atan,
    atan_rest_1,
    cos,
    cosh,
    exp_rest_2,
    exp_rest_3,
    expm1,
    log,
    log1p,
    log1p_rest_2,
    sin,
    sin_rest_1,
    sinh,
    sinh_rest_1,
    spherical_jn,
    sqrt,
    square,
    tanh,
    where,
)
from autodiff.table.primitive import Quantity
from codegen.stable.two_forms import Identity

__all__ = ["SERIES"]


def _expm1_over(x: Quantity) -> Quantity:
    """(exp(x) - 1) / x, near zero."""
    return 1.0 + 0.5 * x + exp_rest_3(x) / x


def _log1p_over(x: Quantity) -> Quantity:
    """log(1 + x) / x, near zero."""
    return 1.0 - 0.5 * x + log1p_rest_2(x) / x


def _cosh_and_sinh(x: Quantity) -> Quantity:
    """x cosh(x) - sinh(x), near zero."""
    return x * (2.0 * square(sinh(0.5 * x))) - sinh_rest_1(x)


def _asin_less(x: Quantity) -> Quantity:
    """asin(x) - x, near zero: twice an inverse tangent of half the angle."""
    root = 1.0 + sqrt((1.0 - x) * (1.0 + x))
    return x * square(x / root) + 2.0 * atan_rest_1(x / root)


def _near(
    name: str,
    form: Callable[[Quantity], Quantity],
    near: Callable[[Quantity], Quantity],
    within: float = 1.0,
) -> Identity:
    """A form beside the one that is as good near zero; elsewhere it stays what it is."""
    return Identity(name, form, lambda x: where(abs(x) < within, near(x), form(x)), smooth=True)


_EXP = (
    Identity("exp(x) - 1 - x", lambda x: expm1(x) - x, exp_rest_2, sure=True, smooth=True),
    Identity(
        "exp(x) - 1 - x - x^2 / 2",
        lambda x: exp_rest_2(x) - 0.5 * square(x),
        exp_rest_3,
        sure=True,
        smooth=True,
    ),
    _near("(exp(x) - 1) / x", lambda x: expm1(x) / x, _expm1_over),
    _near("x / (exp(x) - 1)", lambda x: x / expm1(x), lambda x: 1.0 / _expm1_over(x)),
    _near("x / (exp(-x) - 1)", lambda x: x / expm1(-x), lambda x: -1.0 / _expm1_over(-x)),
    _near("(exp(-x) - 1) / x", lambda x: expm1(-x) / x, lambda x: -_expm1_over(-x)),
    _near(
        "(exp(x) - 1 - x) / x^2",
        lambda x: exp_rest_2(x) / square(x),
        lambda x: 0.5 + exp_rest_3(x) / square(x),
    ),
    _near(
        "1 / x - 1 / (exp(x) - 1)",
        lambda x: 1.0 / x - 1.0 / expm1(x),
        lambda x: (0.5 + exp_rest_3(x) / square(x)) / _expm1_over(x),
    ),
)

_LOG = (
    _near(
        "log(1 + x) - x", lambda x: log1p(x) - x, lambda x: log1p_rest_2(x) - 0.5 * square(x), 0.5
    ),
    Identity(
        "log(1 + x) - x + x^2 / 2",
        lambda x: log1p(x) - x + 0.5 * square(x),
        log1p_rest_2,
        smooth=True,
    ),
    _near("log(1 + x) / x", lambda x: log1p(x) / x, _log1p_over, 0.5),
    _near("x / log(1 + x)", lambda x: x / log1p(x), lambda x: 1.0 / _log1p_over(x), 0.5),
)

_ANGLES = (
    Identity("sin(x) - x", lambda x: sin(x) - x, sin_rest_1, sure=True, smooth=True),
    Identity("sin(x) / x", lambda x: sin(x) / x, lambda x: spherical_jn(0, x), smooth=True),
    Identity(
        "sin(x) / x - 1", lambda x: sin(x) / x - 1.0, lambda x: sin_rest_1(x) / x, smooth=True
    ),
    Identity(
        "log(sin(x) / x)",
        lambda x: log(sin(x) / x),
        lambda x: log1p(sin_rest_1(x) / x),
        smooth=True,
    ),
    Identity(
        "(1 - cos(x)) / x^2",
        lambda x: (1.0 - cos(x)) / square(x),
        lambda x: 0.5 * square(spherical_jn(0, 0.5 * x)),
        smooth=True,
    ),
    Identity(
        "(1 - cos(x)) / x",
        lambda x: (1.0 - cos(x)) / x,
        lambda x: 0.5 * (x * square(spherical_jn(0, 0.5 * x))),
        smooth=True,
    ),
    Identity("atan(x) - x", lambda x: atan(x) - x, atan_rest_1, sure=True, smooth=True),
    _near("atan(x) / x", lambda x: atan(x) / x, lambda x: 1.0 + atan_rest_1(x) / x),
)

_ARCS = (
    _near("asin(x) - x", lambda x: asin(x) - x, _asin_less, 0.5),
    _near("asin(x) / x", lambda x: asin(x) / x, lambda x: 1.0 + _asin_less(x) / x, 0.5),
)

_HYPERBOLIC = (
    Identity("sinh(x) - x", lambda x: sinh(x) - x, sinh_rest_1, sure=True, smooth=True),
    _near("sinh(x) / x", lambda x: sinh(x) / x, lambda x: 1.0 + sinh_rest_1(x) / x),
    _near("log(sinh(x) / x)", lambda x: log(sinh(x) / x), lambda x: log1p(sinh_rest_1(x) / x)),
    _near(
        "(cosh(x) - 1) / x^2",
        lambda x: (cosh(x) - 1.0) / square(x),
        lambda x: 0.5 * square(1.0 + sinh_rest_1(0.5 * x) / (0.5 * x)),
    ),
    _near("tanh(x) - x", lambda x: tanh(x) - x, lambda x: -_cosh_and_sinh(x) / cosh(x)),
    _near(
        "tanh(x) / x",
        lambda x: tanh(x) / x,
        lambda x: 1.0 + (sinh_rest_1(x) / x - 2.0 * square(sinh(0.5 * x))) / cosh(x),
    ),
    _near(
        "1 / tanh(x) - 1 / x",
        lambda x: 1.0 / tanh(x) - 1.0 / x,
        lambda x: _cosh_and_sinh(x) / (x * sinh(x)),
    ),
    Identity(
        "cosh(x) / sinh(x) - 1 / x",
        lambda x: cosh(x) / sinh(x) - 1.0 / x,
        lambda x: where(abs(x) < 1.0, _cosh_and_sinh(x) / (x * sinh(x)), 1.0 / tanh(x) - 1.0 / x),
        smooth=True,
    ),
)

SERIES = (*_EXP, *_LOG, *_ANGLES, *_ARCS, *_HYPERBOLIC)
