"""Rows: powers, with a general and with a literal exponent."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autodiff.numbers import ieee
from autodiff.table.ops.exponential import log, sqrt
from autodiff.table.ops.rows import POSITIVE, as_literal, function
from autodiff.table.ops.selection import logical_and, logical_or, where
from autodiff.table.ops.sums_and_products import reciprocal, square
from autodiff.table.primitive import REAL, Operand, Primitive, Quantity, elementwise, unless

__all__ = ["pow", "pow_literal"]


def _pow_base(g: Quantity, out: Quantity, x: Quantity, y: Quantity) -> object:
    # y - 1 is exact from 0.5 on, and x**(y-1) does not underflow before the derivative does;
    # below, y * out / x avoids the rounding of the exponent but is nan at zero and infinity.
    # At y = 0 it is zero by itself, and its slope along y there is 1 / x.
    exact = logical_or(y >= 0.5, logical_or(x == 0.0, abs(x) == math.inf))
    partial = where(exact, y * _pow(x, y - 1.0), y * out / x)
    return unless(logical_and(x == 0.0, y == 0.0), g * partial)


def _pow_exponent(g: Quantity, out: Quantity, x: Quantity, y: Quantity) -> object:
    return unless(logical_and(x == 0.0, y >= 0.0), g * (out * log(x)))


_pow = function(
    "pow",
    _pow_base,
    _pow_exponent,
    numpy="np.power",
    sympy="{0} ** {1}",
    domain=(POSITIVE, REAL),
    kinks=(
        ("0 ** y, y > 0", "d/dy = 0"),
        ("0 ** 0", "d/dx = 0, d/dy = 0"),
        ("x < 0", "d/dy = nan"),
    ),
    about="x to the power y",
)


def _is_exact_predecessor(n: float) -> bool:
    if not math.isfinite(n):
        return False
    (above, below), (found, found_below) = n.as_integer_ratio(), (n - 1.0).as_integer_ratio()
    return (above - below) * found_below == found * below


def _pow_literal_base(g: Quantity, out: Quantity, x: Quantity, n: Any) -> object:
    n = float(n)
    direct = n * g * _raise_to(x, n - 1.0)
    if _is_exact_predecessor(n):
        return direct
    edge = logical_or(x == 0.0, abs(x) == math.inf)
    return where(edge, direct, n * g * (out / x))


pow_literal = Primitive(
    "pow_literal",
    ieee.pow,
    (_pow_literal_base, None),
    "pow({0}, {1})",
    "np.power({0}, {1})",
    "{0} ** {1}",
    literal=(1,),
    domain=(POSITIVE, REAL),
    kinks=(("0 ** n, 0 < n < 1", "inf"),),
    about="x to the power of a number that is not differentiated",
)


def _raise_to(x: object, n: float) -> object:
    """x ** n for a literal n; the exponents that are plain arithmetic are written as such."""
    if n == 0.0:
        return x.constant(1.0) if isinstance(x, Operand) else 1.0
    if n == 1.0:
        return x
    arithmetic = {2.0: square, -1.0: reciprocal, 0.5: sqrt}.get(n)
    return arithmetic(x) if arithmetic else pow_literal(x, n)


def pow(x: object, y: object) -> Any:
    """x ** y.  A literal exponent has its own rule, good at zero and for negative x.

    ``x ** 2`` is one multiplication, ``x ** -1`` one division, ``x ** 0.5`` a square root.

    Args:
        x: A float, a Value, a traced number, or an array of these (by element).
        y: As ``x``.

    Returns:
        A float for floats; else what a Value, a traced number or an array computes with.

    Raises:
        ArgumentError: if an operand is no number.

    >>> import autodiff as ad
    >>> ad.grad(lambda x: x ** 3)(-2.0)
    12.0
    """
    if isinstance(x, np.ndarray) or isinstance(y, np.ndarray):
        return elementwise(pow, (x, y))
    n = as_literal(y)
    if n is not None and isinstance(x, Operand):
        return _raise_to(x, n)
    return _pow(x, y)
