"""Rows: functions without the exponential that makes them overflow, vanish or lose their digits."""

from __future__ import annotations

from autodiff.table.ops.activations import TWO_OVER_SQRT_PI, erfc, gaussian, vanishing
from autodiff.table.ops.rows import function
from autodiff.table.ops.selection import where
from autodiff.table.primitive import Primitive, Quantity

__all__ = ["erfcx", "i1_over_i0", "i2erfcx", "ierfcx", "log_erfc", "log_i0"]

erfcx: Primitive = function(
    "erfcx",
    lambda g, out, x: -(g * (2.0 * ierfcx(x))),
    numpy="erfcx",
    sympy="exp({0}**2)*erfc({0})",
    about="exp(x * x) * erfc(x), also where one is huge and the other tiny",
)
ierfcx: Primitive = function(
    "ierfcx",
    lambda g, out, x: -(g * (4.0 * i2erfcx(x))),
    numpy="ierfcx",
    sympy="(1/sqrt(pi) - {0}*exp({0}**2)*erfc({0}))",
    about="exp(x * x) times the integral of erfc from x to infinity",
)
i2erfcx: Primitive = function(
    "i2erfcx",
    lambda g, out, x: vanishing(out, 2.0 * g * x) - g * ierfcx(x),
    numpy="i2erfcx",
    sympy="((1 + 2*{0}**2)*exp({0}**2)*erfc({0})/4 - {0}/(2*sqrt(pi)))",
    about="exp(x * x) times the integral of the integral of erfc from x to infinity",
)


def _log_erfc_rule(g: Quantity, out: Quantity, x: Quantity) -> object:
    slope = where(x < 0.0, gaussian(x, 1.0) / erfc(x), 1.0 / erfcx(x))
    return -(g * (TWO_OVER_SQRT_PI * slope))


log_erfc = function(
    "log_erfc",
    _log_erfc_rule,
    numpy="log_erfc",
    sympy="log(erfc({0}))",
    about="log(erfc(x)), also where erfc(x) is tiny or nearly 1",
)


def _ratio_rule(g: Quantity, out: Quantity, x: Quantity) -> object:
    at_zero = x == 0.0
    return g * where(at_zero, 0.5, 1.0 - out * out - out / where(at_zero, 1.0, x))


i1_over_i0: Primitive = function(
    "i1_over_i0",
    _ratio_rule,
    numpy="i1_over_i0",
    sympy="besseli(1, {0})/besseli(0, {0})",
    about="i1(x) / i0(x), also where both overflow",
)
log_i0 = function(
    "log_i0",
    lambda g, out, x: g * i1_over_i0(x),
    numpy="log_i0",
    sympy="log(besseli(0, {0}))",
    about="logarithm of i0(x), also where that overflows",
)
