"""NumPy's ufuncs that are compositions of primitives, by the ufunc itself."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from autodiff.table import ops
from autodiff.table.ops.rows import as_literal
from autodiff.table.primitive import Quantity
from autodiff.trace.integers import is_whole, whole_number

__all__ = ["PAIRS", "UFUNCS", "fraction", "is_negative"]

_DEGREE = math.pi / 180.0


def _floor_divide(x: object, y: object) -> object:
    # As Python and NumPy: from the remainder, so that both belong together.
    remainder = ops.mod(x, y)
    made = ops.rint((x - remainder) / y)
    if is_whole("mod", (x, y)):
        return whole_number(made)
    if as_literal(y):
        return made
    ended = ops.where(ops.eq(y, 0.0), ops.sign(x) / y, made)
    below = ops.floor(0.5 * ops.sign(x) * ops.sign(y)) + (x - x)  # type: ignore[operator]
    return ops.where(ops.eq(abs(y), math.inf), below, ended)  # type: ignore[arg-type]


def is_negative(x: object) -> object:
    """True for what carries a minus, -0.0 included."""
    return ops.logical_or(ops.lt(x, 0.0), ops.lt(ops.reciprocal(x), 0.0))


_COMPOSED: dict[str, Callable[..., object]] = {
    "positive": lambda x: x,
    "conjugate": lambda x: x,
    "fabs": abs,
    "float_power": ops.pow,
    "power": ops.pow,
    "floor_divide": _floor_divide,
    "deg2rad": lambda x: x * _DEGREE,
    "radians": lambda x: x * _DEGREE,
    "rad2deg": lambda x: x / _DEGREE,
    "degrees": lambda x: x / _DEGREE,
    "isnan": lambda x: x != x,
    "isinf": lambda x: ops.eq(abs(x), math.inf),
    "isfinite": lambda x: ops.lt(abs(x), math.inf),
    "signbit": is_negative,
    "copysign": lambda x, y: ops.where(is_negative(y), -abs(x), abs(x)),
    "bitwise_and": ops.logical_and,
    "bitwise_or": ops.logical_or,
    "bitwise_xor": lambda x, y: ops.ne(1.0 * x, 1.0 * y),
    "logical_xor": lambda x, y: ops.ne(ops.ne(x, 0.0), ops.ne(y, 0.0)),
    "invert": ops.logical_not,
    "logaddexp2": lambda x, y: ops.logaddexp(x * ops.LN2, y * ops.LN2) / ops.LN2,
    "heaviside": lambda x, y: ops.where(
        x == 0.0, y, ops.where(x > 0.0, 1.0, ops.where(x < 0.0, 0.0, x))
    ),
    "ldexp": lambda x, y: x * 2.0**y,
    "fmax": lambda x, y: ops.where(x != x, y, ops.where(y != y, x, ops.maximum(x, y))),
    "fmin": lambda x, y: ops.where(x != x, y, ops.where(y != y, x, ops.minimum(x, y))),
}
UFUNCS = {getattr(np, name): function for name, function in _COMPOSED.items()}


def fraction(x: Quantity) -> Quantity:
    """What is behind the point of numbers, with their sign; 0 of infinite ones."""
    endless = ops.eq(abs(x), math.inf)
    finite: Quantity = np.where(endless, 0.0, x)  # type: ignore[arg-type]  # by its protocol
    return finite - ops.trunc(finite)


# Those of two results.
PAIRS: dict[np.ufunc, tuple[Callable[..., object], ...]] = {
    np.divmod: (np.floor_divide, np.remainder),
    np.modf: (fraction, np.trunc),
}
