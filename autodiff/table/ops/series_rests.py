"""Rows: what is left of a function after the first terms of its power series.

``f_rest_k(x)`` is ``f(x)`` minus the first k terms that are not zero.  Where x is tiny the
difference has no digit left, and these have all.  Each rule is a form in which nothing cancels.
"""

from __future__ import annotations

import math

from autodiff.table.ops.exponential import expm1, hypot
from autodiff.table.ops.rows import function
from autodiff.table.ops.sums_and_products import square
from autodiff.table.ops.trigonometric import sin, sinh
from autodiff.table.primitive import Primitive

__all__ = ["atan_rest_1", "exp_rest_2", "exp_rest_3", "log1p_rest_2", "sin_rest_1", "sinh_rest_1"]

exp_rest_2: Primitive = function(
    "exp_rest_2",
    lambda g, out, x: g * expm1(x),
    numpy="exp_rest_2",
    sympy="(exp({0}) - 1 - {0})",
    about="exp(x) - 1 - x, also where x is tiny",
)
exp_rest_3 = function(
    "exp_rest_3",
    lambda g, out, x: g * exp_rest_2(x),
    numpy="exp_rest_3",
    sympy="(exp({0}) - 1 - {0} - {0}**2/2)",
    about="exp(x) - 1 - x - x * x / 2, also where x is tiny",
)
log1p_rest_2 = function(
    "log1p_rest_2",
    lambda g, out, x: g * (x * (x / (1.0 + x))),
    numpy="log1p_rest_2",
    sympy="(log(1 + {0}) - {0} + {0}**2/2)",
    domain=((-1.0, math.inf),),
    about="log(1 + x) - x + x * x / 2, also where x is tiny",
)
sin_rest_1 = function(
    "sin_rest_1",
    lambda g, out, x: -(g * (2.0 * square(sin(0.5 * x)))),
    numpy="sin_rest_1",
    sympy="(sin({0}) - {0})",
    about="sin(x) - x, also where x is tiny",
)
sinh_rest_1 = function(
    "sinh_rest_1",
    lambda g, out, x: g * (2.0 * square(sinh(0.5 * x))),
    numpy="sinh_rest_1",
    sympy="(sinh({0}) - {0})",
    about="sinh(x) - x, also where x is tiny",
)


atan_rest_1 = function(
    "atan_rest_1",
    lambda g, out, x: -(g * square(x / hypot(1.0, x))),  # where x * x is no double, too
    numpy="atan_rest_1",
    sympy="(atan({0}) - {0})",
    about="atan(x) - x, also where x is tiny",
)
