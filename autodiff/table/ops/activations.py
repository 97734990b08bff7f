"""Rows: smooth activations and the functions of the normal distribution."""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.table.ops.exponential import exp
from autodiff.table.ops.rows import UNIT, as_literal, function
from autodiff.table.ops.selection import where
from autodiff.table.ops.sums_and_products import mul, neg, square
from autodiff.table.primitive import Primitive, Quantity, elementwise

__all__ = [
    "erf",
    "erfc",
    "erfcinv",
    "erfinv",
    "gaussian",
    "gelu",
    "sigmoid",
    "silu",
    "softplus",
    "vanishing",
]


TWO_OVER_SQRT_PI = 1.1283791670955126
ONE_OVER_SQRT_TWO_PI = 0.3989422804014327
SQRT_HALF = 0.7071067811865476


def _sigmoid_rule(g: Quantity, out: Quantity, x: Quantity) -> object:
    e = exp(-abs(x))
    d = 1.0 + e
    return g * (e / (d * d))


vanishing: Primitive = function(
    "vanishing",
    lambda g, out, x, y: vanishing(g, y),
    lambda g, out, x, y: vanishing(x, g),
    python="{0} * {1} if {0} != 0.0 else vanishing({0}, {1})",
    numpy="vanishing",
    sympy="{0} * {1}",
    about="x times y, and 0 where x is zero and y infinite or nan",
)
_gaussian = function(
    "gaussian",
    lambda g, out, x, scale: vanishing(out, g * (-2.0 * scale * x)),
    None,
    python="exp(-{1} * {0} * {0}) if {1} * {0} * {0} < 2.0 else gaussian({0}, {1})",
    numpy="gaussian",
    sympy="exp(-{1}*{0}**2)",
    literal=(1,),
    about="exp(-scale * x * x) for a scale that is not differentiated",
)
sigmoid: Primitive = function(
    "sigmoid",
    _sigmoid_rule,
    numpy="sigmoid",
    sympy="1/(1 + exp(-{0}))",
    about="the logistic function, 1 / (1 + exp(-x))",
)
softplus = function(
    "softplus",
    lambda g, out, x: g * sigmoid(x),
    numpy="softplus",
    sympy="log(1 + exp({0}))",
    about="log(1 + exp(x)), without overflow",
)
erf = function(
    "erf",
    lambda g, out, x: g * (TWO_OVER_SQRT_PI * _gaussian(x, 1.0)),
    numpy="erf",
    about="error function",
)
erfc = function(
    "erfc",
    lambda g, out, x: -(g * (TWO_OVER_SQRT_PI * _gaussian(x, 1.0))),
    numpy="erfc",
    about="1 - erf(x), also where that is tiny",
)


def _inverse_rule(g: Quantity, w: Quantity, below: Quantity, above: Quantity) -> Any:
    """Of the inverse of erf at w, where erfc(w) is ``below`` and erfc(-w) is ``above``."""
    # exp(w*w) doubles w's rounding many times over: what erfc(w) makes of it is divided out.
    off = where(w < 0.0, _off(-w, above), _off(w, below))
    return g * (off / (TWO_OVER_SQRT_PI * _gaussian(w, 1.0)))


def _off(w: object, tail: Quantity) -> Any:
    return where(tail > 0.0, erfc(w) / tail, 1.0)


erfinv: Primitive = function(
    "erfinv",
    lambda g, out, x: _inverse_rule(g, out, 1.0 - x, 1.0 + x),
    numpy="erfinv",
    domain=(UNIT,),
    kinks=(("1, -1", "inf"),),
    about="inverse of the error function",
)
erfcinv: Primitive = function(
    "erfcinv",
    lambda g, out, x: -_inverse_rule(g, out, x, 2.0 - x),
    numpy="erfcinv",
    domain=((0.0, 2.0),),
    kinks=(("0, 2", "-inf"),),
    about="inverse of erfc, also where that is tiny",
)
gelu = function(
    "gelu",
    lambda g, out, x: (
        g * (0.5 * erfc(-SQRT_HALF * x) + x * (ONE_OVER_SQRT_TWO_PI * _gaussian(x, 0.5)))
    ),
    numpy="gelu",
    sympy="({0}*(1 + erf({0}/sqrt(2)))/2)",
    about="x times the normal distribution function at x",
)
silu = function(
    "silu",
    lambda g, out, x: g * (sigmoid(x) * (1.0 + x * sigmoid(-x))),
    numpy="silu",
    sympy="({0}/(1 + exp(-{0})))",
    about="x times the logistic function at x",
)


def gaussian(x: object, scale: object) -> Any:
    """``exp(-scale * x * x)``, to the last digits in the tails too if the scale is a number.

    Args:
        x: A float, a Value, a traced number, or an array of these (by element).
        scale: The same; it is differentiated by where it is no number.

    Returns:
        A float for floats; else what a Value, a traced number or an array computes with.

    Raises:
        ArgumentError: if an operand is no number.

    >>> import autodiff as ad
    >>> ad.gaussian(2.0, 0.25) == ad.exp(-1.0)
    True
    """
    if isinstance(scale, (np.ndarray, list, tuple)):
        return elementwise(gaussian, (x, scale))
    return exp(neg(mul(scale, square(x)))) if as_literal(scale) is None else _gaussian(x, scale)
