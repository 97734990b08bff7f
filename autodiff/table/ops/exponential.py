"""Rows: exponentials, logarithms, roots."""

from __future__ import annotations

import math

from autodiff.table.ops.rows import POSITIVE, function
from autodiff.table.ops.selection import where
from autodiff.table.primitive import Primitive, Quantity, when

__all__ = [
    "LN2",
    "cbrt",
    "exp",
    "exp2",
    "expm1",
    "hypot",
    "hypot_1",
    "log",
    "log1p",
    "log2",
    "log10",
    "root_of_squares",
    "sqrt",
]


LN2 = 0.6931471805599453
LOG2E = 1.4426950408889634
LOG10E = 0.4342944819032518

exp: Primitive = function("exp", lambda g, out, x: g * out, about="e to the power x")
expm1: Primitive = function(
    "expm1",
    lambda g, out, x: g * exp(x),
    sympy="(exp({0}) - 1)",
    about="exp(x) - 1, also where x is tiny",
)
exp2 = function("exp2", lambda g, out, x: LN2 * g * out, sympy="2**({0})", about="2 to the power x")
log = function("log", lambda g, out, x: g / x, domain=(POSITIVE,), about="natural logarithm")
log1p = function(
    "log1p",
    lambda g, out, x: g / (1.0 + x),
    sympy="log(1 + {0})",
    domain=((-1.0, math.inf),),
    about="logarithm of 1 + x, also where x is tiny",
)
log2 = function(
    "log2",
    lambda g, out, x: LOG2E * g / x,
    sympy="(log({0})/log(2))",
    domain=(POSITIVE,),
    about="logarithm to the base 2",
)
log10 = function(
    "log10",
    lambda g, out, x: LOG10E * g / x,
    sympy="(log({0})/log(10))",
    domain=(POSITIVE,),
    about="logarithm to the base 10",
)
sqrt = function(
    "sqrt",
    lambda g, out, x: 0.5 * g / out,
    domain=(POSITIVE,),
    kinks=(("0", "inf"),),
    about="square root",
)
# What a trace makes of sqrt where squares are added up under it: a length, as hypot is.
root_of_squares = function(
    "root_of_squares",
    lambda g, out, x: where(out == 0.0, 0.0, 0.5 * g / out),
    value="sqrt({0})",
    domain=(POSITIVE,),
    kinks=(("0", "0"),),
    about="square root of a sum of squares",
)
cbrt = function(
    "cbrt",
    lambda g, out, x: g / out / out / 3.0,  # which has the slope 0 at infinity
    sympy="sign({0})*Abs({0})**Rational(1, 3)",
    kinks=(("0", "inf"),),
    about="cube root, of negative numbers too",
)


def _hypot_rule(g: Quantity, out: Quantity, x: Quantity) -> object:
    return when(out != 0.0, g * (x / out))


hypot = function(
    "hypot",
    lambda g, out, x, y: _hypot_rule(g, out, x),
    lambda g, out, x, y: _hypot_rule(g, out, y),
    sympy="sqrt({0}**2 + {1}**2)",
    kinks=(("(0, 0)", "0, 0"),),
    about="length of the vector (x, y), without overflow",
)
hypot_1: Primitive = function(
    "hypot_1",
    # Slopes are divided by it: at infinity nothing is left of them.
    lambda g, out, x: when(out != math.inf, g * (x / out)),
    value="hypot(1.0, {0})",
    about="sqrt(1 + x * x), without overflow",
)
