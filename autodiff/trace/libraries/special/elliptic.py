"""Elliptic integrals of an angle, Carlson's, Jacobi's functions, and the mean they come from.

Carlson's integrals halve the distances of their operands until a short polynomial is left; Jacobi's
functions go back along the arithmetic-geometric mean.  Formulas: Digital Library of Mathematical
Functions 19.8.1, 19.25.5, 19.25.9, 19.36; Carlson, arXiv:math/9409227; Abramowitz and Stegun 16.4.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from autodiff.table import ops
from autodiff.table.primitive import Quantity
from autodiff.trace.libraries.special.approximated import approximated
from autodiff.trace.libraries.special.incomplete import where_served
from autodiff.trace.libraries.special.integrals import ellipe, ellipk

__all__ = ["ELLIPTIC", "jacobi"]

_STEPS = 16  # each brings the operands four times nearer to each other, once they are alike
_DOWN = 9  # of the mean
_MEANS = 14


def _halved(x: Quantity, y: Quantity, z: Quantity) -> tuple[Quantity, ...]:
    """What is added to each, and the three a step later."""
    a, b, c = ops.sqrt(x), ops.sqrt(y), ops.sqrt(z)
    add = a * b + a * c + b * c
    return add, c, 0.25 * (x + add), 0.25 * (y + add), 0.25 * (z + add)


def _are_places(*numbers: Quantity) -> Quantity:
    found: Quantity = True
    for x in numbers:
        found = ops.logical_and(found, ops.ge(x, 0.0))
    return found


@approximated
def _rf(x: Quantity, y: Quantity, z: Quantity) -> Quantity:
    """Half the integral of 1 / sqrt((t + x) (t + y) (t + z)) from 0 on."""
    served = _are_places(x, y, z)
    for _ in range(_STEPS):
        _, _, x, y, z = _halved(x, y, z)
    mean = (x + y + z) / 3.0
    a, b = (mean - x) / mean, (mean - y) / mean
    c = -(a + b)
    e2, e3 = a * b - c * c, a * b * c
    total = 1.0 + e2 * (e2 / 24.0 - 0.1 - 3.0 * e3 / 44.0) + e3 / 14.0
    return where_served(served, total / ops.sqrt(mean))


@approximated
def _rd(x: Quantity, y: Quantity, z: Quantity) -> Quantity:
    """The same with the last factor cubed, and 3 / 2 for a half."""
    served = _are_places(x, y, z)
    total: Quantity = 0.0
    for k in range(_STEPS):
        before = z
        add, root, x, y, z = _halved(x, y, z)
        total = total + 0.25**k / (root * (before + add))
    mean = 0.2 * (x + y + 3.0 * z)
    a, b = (mean - x) / mean, (mean - y) / mean
    c = (a + b) / -3.0
    e2, e3 = a * b - 6.0 * c * c, (3.0 * a * b - 8.0 * c * c) * c
    e4, e5 = 3.0 * (a * b - c * c) * c * c, a * b * c * c * c
    short = (
        1.0 - 3.0 * e2 / 14.0 + e3 / 6.0 + 9.0 * e2 * e2 / 88.0 - 3.0 * e4 / 22.0
        - 9.0 * e2 * e3 / 52.0 + 3.0 * e5 / 26.0
    )  # fmt: skip
    last = 0.25**_STEPS * short / (mean * ops.sqrt(mean))
    return where_served(served, 3.0 * total + last)


@approximated
def _rc(x: Quantity, y: Quantity) -> Quantity:
    """The first with two operands alike, an angle or a logarithm; of y below 0 as well."""
    below = y < 0.0
    known = ops.where(below, -y, y)
    scale = ops.where(below, ops.sqrt(x / ops.where(below, x + known, 1.0)), 1.0)
    return scale * _rf(ops.where(below, x + known, x), known, known)


@approximated
def _rg(x: Quantity, y: Quantity, z: Quantity) -> Quantity:
    """The symmetric one of the second kind, with the largest operand last."""
    low, high = ops.minimum(x, y), ops.maximum(x, y)
    low, last = ops.minimum(low, z), ops.maximum(high, z)
    middle = ops.maximum(ops.minimum(x, y), ops.minimum(high, z))
    gone = ops.eq(middle, 0.0)
    y = ops.where(gone, 1.0, middle)
    part = (last - low) * (last - y) * _rd(low, y, last) / 3.0
    found = 0.5 * (last * _rf(low, y, last) - part + ops.sqrt(low * y / last))
    made: Quantity = ops.where(gone, 0.5 * ops.sqrt(last), found)
    return made


def _by_angle(phi: Quantity) -> tuple[Quantity, Quantity, Quantity]:
    """How often half a turn is in the angle, and sine and cosine of the rest."""
    turns = ops.rint(phi / math.pi)
    sign = ops.where(ops.eq(ops.mod(turns, 2.0), 0.0), 1.0, -1.0)
    return turns, sign * ops.sin(phi), sign * ops.cos(phi)


@approximated
def _ellipkinc(phi: Quantity, m: Quantity) -> Quantity:
    turns, sin, cos = _by_angle(phi)
    part = sin * _rf(ops.square(cos), 1.0 - m * ops.square(sin), 1.0)
    around = ops.eq(turns, 0.0)
    found: Quantity = ops.where(
        around, part, part + 2.0 * turns * ellipk(ops.where(around, 0.0, m))
    )
    return found


@approximated
def _ellipeinc(phi: Quantity, m: Quantity) -> Quantity:
    turns, sin, cos = _by_angle(phi)
    square = ops.square(sin)
    left, right = ops.square(cos), 1.0 - m * square
    less = m * sin * square * _rd(left, right, 1.0) / 3.0
    part = sin * _rf(left, right, 1.0) - less
    around = ops.eq(turns, 0.0)
    found: Quantity = ops.where(
        around, part, part + 2.0 * turns * ellipe(ops.where(around, 0.0, m))
    )
    return found


@approximated
def jacobi(u: Quantity, m: Quantity) -> tuple[Quantity, ...]:
    """sn, cn, dn and the angle, for m from 0 to 1."""
    at_end = ops.ge(m, 1.0)
    inside = ops.where(at_end, 0.5, m)
    a: Quantity = 1.0
    b = ops.sqrt(1.0 - inside)
    ratios: list[Quantity] = []
    for _ in range(_DOWN):
        a, b, c = 0.5 * (a + b), ops.sqrt(a * b), 0.5 * (a - b)
        ratios.append(c / a)
    phi = 2.0**_DOWN * a * u
    for ratio in reversed(ratios):
        phi = 0.5 * (phi + ops.asin(ratio * ops.sin(phi)))
    sech = 1.0 / ops.cosh(u)
    sn = ops.where(at_end, ops.tanh(u), ops.sin(phi))
    cn = ops.where(at_end, sech, ops.cos(phi))
    square = ops.square(ops.sin(phi))
    dn = ops.where(at_end, sech, ops.sqrt(1.0 - inside * square))
    ph = ops.where(at_end, 2.0 * ops.atan(ops.tanh(0.5 * u)), phi)
    served = ops.logical_and(ops.ge(m, 0.0), ops.le(m, 1.0))
    return tuple(where_served(served, one) for one in (sn, cn, dn, ph))


@approximated
def _agm(a: Quantity, b: Quantity) -> Quantity:
    """The arithmetic-geometric mean of two numbers of one sign."""
    sign = ops.where(a + b < 0.0, -1.0, 1.0)
    served = _are_places(a * sign, b * sign)
    a, b = abs(a), abs(b)
    gone = ops.logical_or(ops.eq(a, 0.0), ops.eq(b, 0.0))
    a, b = ops.where(gone, 1.0, a), ops.where(gone, 1.0, b)
    for _ in range(_MEANS):
        a, b = 0.5 * (a + b), ops.sqrt(a) * ops.sqrt(b)
    return where_served(served, sign * ops.where(gone, 0.0, a))


# What ``scipy.special`` offers under these names.
ELLIPTIC: dict[str, Callable[..., object]] = {
    "agm": _agm,
    "ellipeinc": _ellipeinc,
    "ellipkinc": _ellipkinc,
    "elliprc": _rc,
    "elliprd": _rd,
    "elliprf": _rf,
    "elliprg": _rg,
}
