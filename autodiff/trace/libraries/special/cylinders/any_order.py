"""Bessel functions of any order: rows of whole ones, sums of half ones, and others for the rest."""

from __future__ import annotations

import math

from autodiff.table import ops
from autodiff.table.ops.rows import as_literal
from autodiff.table.primitive import Quantity
from autodiff.trace.libraries.special.cylinders import modified, waves

__all__ = ["iv", "jv", "kv", "yv"]


def iv(order: Quantity, x: Quantity) -> Quantity:
    """The modified Bessel function of the first kind."""
    n = as_literal(order)
    if n is not None and n % 1.0 == 0.0:
        found: Quantity = ops.iv(abs(n), x)
        return found
    return modified.iv_of_any_order(order, x)


def _mirrored(order: float, of_size: Quantity) -> Quantity:
    """A Bessel function of a negative whole order by that of its size: odd ones change sign."""
    return -of_size if order < 0.0 and order % 2.0 else of_size


def jv(order: object, x: Quantity) -> Quantity:
    """The Bessel function of the first kind."""
    n = as_literal(order)
    if n is None or n % 0.5 or (n < 0.0 and n % 1.0):
        return waves.jv_of_real_order(order, x)
    if n % 1.0:
        found: Quantity = ops.sqrt(x * (2.0 / math.pi)) * ops.spherical_jn(n - 0.5, x)
        return found
    return _mirrored(n, ops.jv(abs(n), x))


def yv(order: object, x: Quantity) -> Quantity:
    """That of the second kind."""
    n = as_literal(order)
    if n is None or n % 1.0:
        return waves.yv_of_real_order(order, x)
    return _mirrored(n, ops.yv(abs(n), x))


def kv(order: Quantity, x: Quantity) -> Quantity:
    """The modified one of the second kind."""
    n = as_literal(order)
    if n is None or n % 0.5:
        return modified.kv_of_any_order(order, x)
    n = abs(n)
    if n % 1.0 == 0.0:
        found: Quantity = ops.kv(n, x)
        return found
    # Of half orders a finite sum, all terms of one sign.
    m = int(n)
    total: Quantity = 1.0
    for k in range(m, 0, -1):
        total = 1.0 + total * ((m + k) * (m - k + 1) / (2.0 * k)) / x
    half: Quantity = ops.sqrt(math.pi / 2.0 / x) * ops.exp(-x) * total
    return half
