"""Spherical harmonics of traced angles, as ``scipy.special.sph_harm_y`` gives them."""

from __future__ import annotations

import math
from collections.abc import Callable

from autodiff.errors import ArgumentError, user_location
from autodiff.table import ops
from autodiff.table.ops.rows import as_literal
from autodiff.trace.libraries.special.orthogonal import associated
from autodiff.trace.libraries.special.whole_orders import whole_order
from autodiff.trace.whole.linear_algebra import tracers
from autodiff.trace.whole.pairs.complex_array import ComplexArray

__all__ = ["HARMONICS"]

_MOST = 80.0  # a degree up to which what normalises them is a double


def _sph_harm_y(n: object, m: object, theta: object, phi: object) -> ComplexArray:
    """The harmonic of a degree and an order, at a polar and an azimuthal angle."""
    degree, order = whole_order("sph_harm_y", n, _MOST), as_literal(m)
    if order is None or order % 1.0 or abs(order) > degree:
        raise ArgumentError(
            f"{user_location()}: scipy.special.sph_harm_y of the order {m!r}; expected a whole "
            f"number from {-degree} to {degree} that is no traced value"
        )
    size, (polar, azimuth) = abs(int(order)), tracers(theta, phi)
    factorials = math.factorial(degree - size) / math.factorial(degree + size)
    scale = math.sqrt((2 * degree + 1) / (4.0 * math.pi) * factorials)
    if order < 0.0 and size % 2:
        scale = -scale
    radius = scale * associated(degree, size, ops.cos(polar), ops.sin(polar))
    turn = order * azimuth
    return ComplexArray(radius * ops.cos(turn), radius * ops.sin(turn))


# What ``scipy.special`` offers under these names.
HARMONICS: dict[str, Callable[..., object]] = {"sph_harm_y": _sph_harm_y}
