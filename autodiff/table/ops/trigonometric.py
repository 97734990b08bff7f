"""Rows: trigonometric and hyperbolic functions, and their inverses."""

from __future__ import annotations

import math

from autodiff.table.ops.exponential import exp, hypot, hypot_1, sqrt
from autodiff.table.ops.gamma_and_bessel import spherical_jn
from autodiff.table.ops.rows import UNIT, function
from autodiff.table.primitive import Primitive, Quantity

__all__ = [
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cos",
    "cosh",
    "sin",
    "sinc",
    "sinh",
    "tan",
    "tanh",
]


sin = function("sin", lambda g, out, x: g * cos(x), about="sine of x, in radians")
cos: Primitive = function("cos", lambda g, out, x: -(g * sin(x)), about="cosine of x, in radians")
tan = function("tan", lambda g, out, x: g * (1.0 + out * out), about="tangent of x, in radians")
asin = function(
    "asin",
    lambda g, out, x: g / sqrt((1.0 - x) * (1.0 + x)),
    numpy="np.arcsin",
    domain=(UNIT,),
    kinks=(("-1, 1", "inf"),),
    about="inverse sine, in radians",
)
acos = function(
    "acos",
    lambda g, out, x: -(g / sqrt((1.0 - x) * (1.0 + x))),
    numpy="np.arccos",
    domain=(UNIT,),
    kinks=(("-1, 1", "-inf"),),
    about="inverse cosine, in radians",
)


def _over_square_of_hypot(g: object, x: object) -> object:
    """g / (1 + x*x), whose square neither overflows nor underflows."""
    h = hypot_1(x)
    return g / h / h


atan = function(
    "atan",
    lambda g, out, x: _over_square_of_hypot(g, x),
    numpy="np.arctan",
    about="inverse tangent, in radians",
)


def _atan2_rule(g: Quantity, toward: Quantity, x: Quantity, y: Quantity) -> Quantity:
    h = hypot(x, y)
    return g * (toward / h / h)


atan2 = function(
    "atan2",
    lambda g, out, y, x: _atan2_rule(g, x, x, y),
    lambda g, out, y, x: -_atan2_rule(g, y, x, y),
    numpy="np.arctan2",
    kinks=(("(0, 0)", "nan, nan"),),
    about="angle of the point (x, y), in radians",
)
sinh = function("sinh", lambda g, out, x: g * cosh(x), about="hyperbolic sine")
cosh: Primitive = function("cosh", lambda g, out, x: g * sinh(x), about="hyperbolic cosine")


def _tanh_rule(g: Quantity, out: Quantity, x: Quantity) -> object:
    e = exp(-2.0 * abs(x))
    d = 1.0 + e
    return g * (4.0 * e / (d * d))


tanh = function("tanh", _tanh_rule, about="hyperbolic tangent")
asinh = function(
    "asinh",
    lambda g, out, x: g / hypot_1(x),
    numpy="np.arcsinh",
    about="inverse hyperbolic sine",
)
acosh = function(
    "acosh",
    lambda g, out, x: g / sqrt(x - 1.0) / sqrt(x + 1.0),  # which has the slope 0 at infinity
    numpy="np.arccosh",
    domain=((1.0, math.inf),),
    kinks=(("1", "inf"),),
    about="inverse hyperbolic cosine",
)
atanh = function(
    "atanh",
    lambda g, out, x: g / ((1.0 - x) * (1.0 + x)),
    numpy="np.arctanh",
    domain=(UNIT,),
    about="inverse hyperbolic tangent",
)
sinc = function(
    "sinc",
    lambda g, out, x: -(g * (math.pi * spherical_jn(1.0, math.pi * x))),  # sinc is j0(pi x)
    numpy="sinc",
    sympy="sinc(pi*{0})",
    about="sin(pi x) / (pi x), and 1 at 0",
)
