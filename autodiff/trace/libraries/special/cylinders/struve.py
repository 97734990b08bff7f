"""Struve's functions: power series, and beyond what Bessel functions lack by Laguerre's points.

Formulas: Digital Library of Mathematical Functions 11.2.1, 11.2.2, 11.2.5, 11.5.2, 11.6.2.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from autodiff.errors import TraceError, user_location
from autodiff.table import ops
from autodiff.table.ops.rows import as_literal
from autodiff.table.primitive import Quantity
from autodiff.trace.libraries.special.approximated import approximated
from autodiff.trace.libraries.special.incomplete import where_served

__all__ = ["modified_struve", "struve"]

_BORDER, _BORDER_OF_MODIFIED = 8.0, 40.0
_LEAST, _MOST = -0.5, 10.0

Bessel = Callable[[float, Quantity], Quantity]


def _order(name: str, order: object) -> float:
    v = as_literal(order)
    if v is None or not _LEAST <= v <= _MOST:
        shown = "a traced number" if v is None else f"{v:g}"
        raise TraceError(
            f"{user_location()}: scipy.special.{name} of the order {shown} cannot be traced; "
            f"expected a number from {_LEAST:g} to {_MOST:g} that is no traced one"
        )
    return v


def _series(v: float, x: Quantity, sign: float, terms: int) -> Quantity:
    quarter = 0.25 * sign * (x * x)
    total: Quantity = 1.0
    for k in range(terms, 0, -1):
        total = 1.0 + total * quarter / ((k + 0.5) * (k + v + 0.5))
    scale = math.gamma(1.5) * math.gamma(v + 1.5)
    found: Quantity = ops.pow(0.5 * x, v + 1.0) * total / scale
    return found


def _signed(v: float, x: Quantity, of_size: Quantity) -> Quantity:
    """Of whole orders they are even or odd; of others there are none below 0."""
    if v % 1.0:
        return where_served(ops.ge(x, 0.0), of_size)
    return of_size if v % 2.0 else of_size * ops.where(x < 0.0, -1.0, 1.0)


@approximated
def struve(order: object, x: Quantity, second: Bessel) -> Quantity:
    """Struve's function, which the Bessel function of the second kind is nearly, far from 0."""
    v = _order("struve", order)
    near = abs(x) < _BORDER
    left, right = ops.where(near, abs(x), 1.0), ops.where(near, _BORDER, abs(x))
    points, weights = np.polynomial.laguerre.laggauss(30)
    rest: Quantity = 0.0
    if v > _LEAST:
        for point, weight in zip(points.tolist(), weights.tolist(), strict=True):
            rest = rest + weight * ops.pow(1.0 + ops.square(point / right), v - 0.5)
        scale = math.sqrt(math.pi) * math.gamma(v + 0.5)
        rest = rest * ops.pow(0.5 * right, v - 1.0) / scale
    found = ops.where(near, _series(v, left, -1.0, 32), second(v, right) + rest)
    return _signed(v, x, found)


@approximated
def modified_struve(order: object, x: Quantity, first: Bessel) -> Quantity:
    """The modified one, which the modified Bessel function of the first kind is, far from 0."""
    v = _order("modstruve", order)
    near = abs(x) < _BORDER_OF_MODIFIED
    left, right = ops.where(near, abs(x), 1.0), ops.where(near, _BORDER_OF_MODIFIED, abs(x))
    found = ops.where(near, _series(v, left, 1.0, 90), first(abs(v), right))
    return _signed(v, x, found)
