"""``cmath`` and ``complex`` on traced values: pairs of their real and imaginary parts."""

from __future__ import annotations

import cmath
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from autodiff.table import ops
from autodiff.table.primitive import Operand, Quantity
from autodiff.trace.whole.pairs.complex_array import ComplexArray, angle, modulus, pair_of

__all__ = ["CMATH", "complex_number"]


def complex_number(real: object, imag: object = 0.0) -> ComplexArray:
    """``complex`` of traced values."""
    made: ComplexArray = pair_of(real) + pair_of(imag) * 1j
    return made


def _log(z: object, base: float | None = None) -> object:
    return ops.log(pair_of(z)) if base is None else ops.log(pair_of(z)) / np.log(base)


def _rect(r: Quantity, phi: Quantity) -> ComplexArray:
    return ComplexArray(r * ops.cos(phi), r * ops.sin(phi))


def _of_pair(function: Callable[[object], object]) -> Callable[[object], object]:
    return lambda z: function(pair_of(z))


_OURS: dict[str, Callable[..., Any]] = {
    **{
        name: _of_pair(getattr(ops, name))
        for name in ("cos", "cosh", "exp", "sin", "sinh", "sqrt", "tanh")
    },
    "log": _log,
    "log10": lambda z: _log(z, 10.0),
    "phase": lambda z: angle(pair_of(z)),
    "polar": lambda z: (modulus(pair_of(z)), angle(pair_of(z))),
    "rect": _rect,
}


def _where_traced(name: str, ours: Callable[..., object]) -> Callable[..., object]:
    original = getattr(cmath, name)

    @wraps(original)
    def function(*args: object) -> object:
        return (ours if any(isinstance(x, Operand) for x in args) else original)(*args)

    return function


CMATH: dict[str, Callable[..., object]] = {
    name: _where_traced(name, ours) for name, ours in _OURS.items()
}
