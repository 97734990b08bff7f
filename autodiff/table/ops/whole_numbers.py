"""Rows: rounding and remainders."""

from __future__ import annotations

from autodiff.numbers import ieee
from autodiff.table.ops.rows import function, infix

__all__ = ["ceil", "floor", "fmod", "mod", "rint", "trunc"]


_STEP = (("at a step", "0"),)
floor = function(
    "floor",
    None,
    kinks=_STEP,
    about="the largest whole number that is at most x",
)
ceil = function(
    "ceil",
    None,
    sympy="ceiling",
    kinks=_STEP,
    about="the smallest whole number that is at least x",
)
trunc = function(
    "trunc",
    None,
    sympy="sign({0})*floor(Abs({0}))",
    kinks=_STEP,
    about="x without its fraction",
)
# The half above goes to the even neighbour.
_UP = "floor({0} + Rational(1, 2))"
rint = function(
    "rint",
    None,
    sympy=f"({_UP} - Piecewise((1, And(Eq({_UP}, {{0}} + Rational(1, 2)), "
    f"Ne({_UP}, 2*floor({_UP}/2)))), (0, True)))",
    kinks=_STEP,
    about="the nearest whole number, the even one of two",
)
mod = infix(
    "mod",
    "%",
    "remainder",
    ieee.mod,
    lambda g, out, x, y: g,
    lambda g, out, x, y: -(g * rint((x - out) / y)),
    kinks=_STEP,
    about="remainder with the sign of the divisor, Python's %",
)
fmod = function(
    "fmod",
    lambda g, out, x, y: g,
    lambda g, out, x, y: -(g * rint((x - out) / y)),
    sympy="({0} - {1}*sign({0}/{1})*floor(Abs({0}/{1})))",
    kinks=_STEP,
    about="remainder with the sign of the dividend, C's fmod",
)
