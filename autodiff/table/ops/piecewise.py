"""Rows: activations made of pieces."""

from __future__ import annotations

from typing import Any

from autodiff.table.ops.exponential import exp, expm1
from autodiff.table.ops.rows import function
from autodiff.table.ops.selection import where
from autodiff.table.primitive import unless

__all__ = ["elu", "leaky_relu", "relu"]


relu = function(
    "relu",
    lambda g, out, x: where(x > 0.0, g, 0.0),
    python="0.0 if {0} <= 0.0 else {0}",
    numpy="np.maximum(0.0, {0})",
    sympy="Max({0}, 0)",
    ufunc="",
    kinks=(("0", "0"),),
    about="x where it is positive, else 0",
)
_leaky_relu = function(
    "leaky_relu",
    lambda g, out, x, slope: where(x > 0.0, g, slope * g),
    lambda g, out, x, slope: unless(x > 0.0, g * x),
    python="{0} if {0} > 0.0 else {1} * {0}",
    numpy="np.where({0} > 0.0, {0}, {1} * {0})",
    sympy="Piecewise(({0}, {0} > 0), ({1}*{0}, True))",
    kinks=(("0", "slope"),),
    about="x where it is positive, else slope times x",
)
_elu = function(
    "elu",
    lambda g, out, x, alpha: where(x > 0.0, g, g * (alpha * exp(x))),
    lambda g, out, x, alpha: unless(x > 0.0, g * expm1(x)),
    numpy="np.where({0} > 0.0, {0}, {1} * np.expm1({0}))",
    sympy="Piecewise(({0}, {0} > 0), ({1}*(exp({0}) - 1), True))",
    kinks=(("0", "alpha"),),
    about="x where it is positive, else alpha times (exp(x) - 1)",
)


def leaky_relu(x: object, slope: object = 0.01) -> Any:
    """x above zero, else slope * x.

    Args:
        x: A float, a Value, a traced number, or an array of these (by element).
        slope: As ``x``.

    Returns:
        A float for floats; else what a Value, a traced number or an array computes with.

    Raises:
        ArgumentError: if an operand is no number.

    >>> import autodiff as ad
    >>> ad.leaky_relu(-2.0), ad.grad(lambda x: ad.leaky_relu(x, 0.1))(0.0)
    (-0.02, 0.1)
    """
    return _leaky_relu(x, slope)


def elu(x: object, alpha: object = 1.0) -> Any:
    """x above zero, else alpha * (exp(x) - 1).

    Args:
        x: A float, a Value, a traced number, or an array of these (by element).
        alpha: As ``x``.

    Returns:
        A float for floats; else what a Value, a traced number or an array computes with.

    Raises:
        ArgumentError: if an operand is no number.

    >>> import autodiff as ad
    >>> ad.elu(2.0), ad.grad(ad.elu)(0.0)
    (2.0, 1.0)
    """
    return _elu(x, alpha)
