"""Sines and their like of degrees, which turn at whole numbers exactly."""

from __future__ import annotations

import math
from collections.abc import Callable

from autodiff.table import ops
from autodiff.table.primitive import Quantity

__all__ = ["DEGREES"]

_ONE = math.pi / 180.0


def _part(x: Quantity) -> tuple[Quantity, Quantity]:
    """How many right angles, from 0 to 3, and the rest in radians."""
    turns = ops.rint(x / 90.0)
    return ops.mod(turns, 4.0), (x - 90.0 * turns) * _ONE


def _sine(x: Quantity, quarters: float) -> Quantity:
    turns, rest = _part(x)
    turns = ops.mod(turns + quarters, 4.0)
    odd = ops.eq(ops.mod(turns, 2.0), 1.0)
    size = ops.where(odd, ops.cos(rest), ops.sin(rest))
    found: Quantity = ops.where(turns >= 2.0, -size, size)
    return found


def _sindg(x: Quantity) -> Quantity:
    return _sine(x, 0.0)


def _cosdg(x: Quantity) -> Quantity:
    return _sine(x, 1.0)


# What ``scipy.special`` offers under these names.
DEGREES: dict[str, Callable[..., object]] = {
    "cosdg": _cosdg,
    "cotdg": lambda x: _cosdg(x) / _sindg(x),
    "radian": lambda d, m, s: (d + (m + s / 60.0) / 60.0) * _ONE,
    "sindg": _sindg,
    "tandg": lambda x: _sindg(x) / _cosdg(x),
}
