"""Bessel functions of spheres, of whole orders, and slopes of Bessel functions: recurrences.

Formulas: Digital Library of Mathematical Functions 10.6.7, 10.29.5, 10.47, 10.49, 10.51.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from autodiff.table import ops
from autodiff.table.primitive import Quantity
from autodiff.trace.libraries.special.approximated import approximated
from autodiff.trace.libraries.special.cylinders.modified import ive
from autodiff.trace.libraries.special.whole_orders import whole_order

__all__ = ["of_sphere", "slope_of"]

_MOST = 100.0
_BORDER = 2.0


def _upwards(n: int, x: Quantity, one: Quantity, other: Quantity, sign: float) -> Quantity:
    """The member n of a family, from those of the orders 0 and 1."""
    for k in range(1, n + 1):
        one, other = other, (2.0 * k + 1.0) / x * other + sign * one
    return one


def _second(n: int, x: Quantity) -> Quantity:
    cos, sin = ops.cos(x), ops.sin(x)
    return _upwards(n, x, -cos / x, -(cos / x + sin) / x, -1.0)


def _modified_second(n: int, x: Quantity) -> Quantity:
    decay = ops.exp(-x) * (0.5 * math.pi) / x
    return _upwards(n, x, decay, decay * (1.0 + 1.0 / x), 1.0)


@approximated
def _modified_first(n: int, x: Quantity) -> Quantity:
    small = abs(x) < _BORDER
    left, right = ops.where(small, x, 1.0), ops.where(small, _BORDER, abs(x))
    half, total = 0.5 * (left * left), 1.0 + 0.0 * left
    for k in range(20, 0, -1):
        total = 1.0 + total * half / (k * (2.0 * (n + k) + 1.0))
    near = total / math.prod(range(1, 2 * n + 2, 2))
    for _ in range(n):
        near = near * left
    grown = ops.exp(0.5 * right)
    far = ops.sqrt(0.5 * math.pi / right) * ive(n + 0.5, right) * grown * grown
    sign = ops.where(x < 0.0, -1.0, 1.0) if n % 2 else 1.0
    found: Quantity = ops.where(small, near, sign * far)
    return found


# By SciPy's names; and the signs of the orders below and above in a slope.
_FAMILIES: dict[str, tuple[Callable[[int, Quantity], Quantity], float, float]] = {
    "spherical_jn": (lambda n, x: ops.spherical_jn(float(n), x), 1.0, -1.0),
    "spherical_yn": (_second, 1.0, -1.0),
    "spherical_in": (_modified_first, 1.0, 1.0),
    "spherical_kn": (_modified_second, -1.0, -1.0),
}


def of_sphere(name: str, order: object, x: Quantity, derivative: bool) -> Quantity:
    """A Bessel function of a sphere, or its slope."""
    n = whole_order(name, order, _MOST)
    function, below, above = _FAMILIES[name]
    if not derivative:
        return function(n, x)
    up = above * (n + 1.0) * function(n + 1, x)
    return (up + below * n * function(n - 1, x)) / (2.0 * n + 1.0) if n else up


def slope_of(
    function: Callable[..., Quantity], sign: float, all_signs: float
) -> Callable[..., Quantity]:
    """Slopes of any order of a Bessel function: sums of its neighbours.

    Args:
        function: Of the order and the place.
        sign: Of every other neighbour.
        all_signs: Of all, for each slope.
    """

    def slope(order: Quantity, x: Quantity, n: int) -> Quantity:
        total: Quantity = 0.0
        for k in range(n + 1):
            total = total + math.comb(n, k) * sign**k * function(order - n + 2.0 * k, x)
        return total * (0.5 * all_signs) ** n

    return slope
