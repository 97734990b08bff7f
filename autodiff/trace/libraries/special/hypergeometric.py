"""Hypergeometric functions by their power series, which Kummer's and Pfaff's forms make positive.

Beyond where the series is short enough the result is nan.  Formulas: Digital Library of
Mathematical Functions 13.2.2, 13.2.39, 15.2.1, 15.8.1.
"""

from __future__ import annotations

from autodiff.table import ops
from autodiff.table.primitive import Quantity
from autodiff.trace.libraries.special.approximated import approximated
from autodiff.trace.libraries.special.incomplete import where_served

__all__ = ["hyp0f1", "hyp1f1", "hyp2f1"]

_FARTHEST = 60.0  # argument of the confluent function
_NEAREST = 0.9  # to the end of the circle of convergence


def _series(
    above: tuple[Quantity, ...], below: tuple[Quantity, ...], x: Quantity, terms: int
) -> Quantity:
    """The sum of x**k / k! times the rising factorials above over those below."""
    total: Quantity = 1.0
    for k in range(terms, 0, -1):
        factor: Quantity = 1.0 / k
        for one in above:
            factor = factor * (one + (k - 1.0))
        for one in below:
            factor = ops.div(factor, one + (k - 1.0))
        total = 1.0 + ops.mul(total, ops.mul(factor, x))
    return total


@approximated
def hyp0f1(b: Quantity, z: Quantity) -> Quantity:
    """The confluent limit function."""
    inside = abs(z) <= _FARTHEST
    found = _series((), (b,), ops.where(inside, z, 0.0), 60)
    return where_served(inside, found)


@approximated
def hyp1f1(a: Quantity, b: Quantity, z: Quantity) -> Quantity:
    """Kummer's confluent function."""
    inside, below = abs(z) <= _FARTHEST, z < 0.0
    x = ops.where(inside, z, 0.0)
    found = _series((ops.where(below, b - a, a),), (b,), abs(x), 230)
    return where_served(inside, ops.mul(found, ops.exp(ops.minimum(x, 0.0))))


@approximated
def hyp2f1(a: Quantity, b: Quantity, c: Quantity, z: Quantity) -> Quantity:
    """Gauss's function, for z from -9 to 0.9."""
    below = z < 0.0
    inside = ops.logical_and(z <= _NEAREST, z >= -_NEAREST / (1.0 - _NEAREST))
    x = ops.where(inside, z, 0.0)
    rest = 1.0 - ops.minimum(x, 0.0)
    turned = ops.where(below, ops.div(-x, rest), x)
    found = _series((a, ops.where(below, c - b, b)), (c,), turned, 420)
    return where_served(inside, ops.mul(found, ops.pow(rest, -a)))
