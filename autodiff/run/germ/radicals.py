"""Roots of germs: the difference of two roots over what it is multiplied by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autodiff.run.germ.number import ZERO, Germ, blur_of, settled, summed, total
from autodiff.run.germ.quotients import either
from autodiff.table import ops
from autodiff.table.primitive import Quantity

__all__ = ["ROOTS"]


def _quotient(x: object, y: object) -> object:
    """x / y, and 0 where nothing moves."""
    return ops.where(y == 0.0, ZERO, ops.div(x, y))


def _sqrt(x: Germ) -> Germ:
    low, high = ops.sqrt(x.base), ops.sqrt(x.base + x.rest)
    return _over(low, x.rest, low + high, x.blur)


def _cbrt(x: Germ) -> Germ:
    low, high = ops.cbrt(x.base), ops.cbrt(x.base + x.rest)
    return _over(low, x.rest, low * low + low * high + high * high, x.blur)


def _hypot(x: Germ, y: Germ) -> Germ:
    low, high = ops.hypot(x.base, y.base), ops.hypot(total(x), total(y))
    moved = summed(
        None if x.rest is None else (2.0 * x.base + x.rest) * x.rest,
        None if y.rest is None else (2.0 * y.base + y.rest) * y.rest,
    )
    result = _over(low, moved, low + high, None)
    return Germ(result.base, result.rest, either(x, y))


def _over(low: Quantity, moved: Quantity, below: Quantity, blur: object) -> Germ:
    return Germ(low, _quotient(moved, below), None if blur is None else _quotient(blur, below))


def _pow_literal(x: Germ, n: Germ) -> Germ:
    power: Any = n.base
    power = float(power)
    at_zero = x.base == 0.0
    base = ops.pow(x.base, power)
    slope = power * ops.pow(x.base, power - 1.0)
    rest = ops.where(at_zero, ops.pow(x.rest, power), slope * x.rest)
    if power > 0.0 and x.blur is None:
        return Germ(base, rest)
    if power < 0.0:
        base = ops.where(at_zero, ZERO, base)
    blur = abs(power * ops.pow(total(x), power - 1.0)) * blur_of(x)
    return settled(base, rest, blur)


def _acos(x: Germ) -> Germ:
    """At an end of its domain it moves as a root does."""
    end = abs(x.base) == 1.0
    root = _sqrt(Germ(ZERO, -2.0 * x.base * x.rest)).rest
    inside = -ops.div(x.rest, ops.sqrt(1.0 - x.base * x.base))
    rest = ops.where(end, x.base * root, inside)
    blur = None if x.blur is None else abs(ops.div(x.blur * rest, x.rest))
    return Germ(ops.acos(x.base), rest, blur)


def _asin(x: Germ) -> Germ:
    opposite = _acos(x)
    return Germ(ops.asin(x.base), -opposite.rest, opposite.blur)


def _acosh(x: Germ) -> Germ:
    root = _sqrt(Germ(ZERO, 2.0 * x.rest)).rest
    inside = ops.div(x.rest, ops.sqrt((x.base - 1.0) * (x.base + 1.0)))
    rest = ops.where(x.base == 1.0, root, inside)
    blur = None if x.blur is None else abs(ops.div(x.blur * rest, x.rest))
    return Germ(ops.acosh(x.base), rest, blur)


ROOTS: dict[str, Callable[..., Germ]] = {
    "sqrt": _sqrt, "root_of_squares": _sqrt, "cbrt": _cbrt, "hypot": _hypot,
    "pow_literal": _pow_literal, "acos": _acos, "asin": _asin, "acosh": _acosh,
}  # fmt: skip
