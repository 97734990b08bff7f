"""Arithmetic of germs: differences are exact."""

from __future__ import annotations

from collections.abc import Callable

from autodiff.run.germ.number import (
    ROUNDING,
    ZERO,
    Germ,
    blur_of,
    blurred,
    or_zero,
    product_of,
    settled,
    summed,
    total,
)
from autodiff.table import ops
from autodiff.table.float import Float
from autodiff.table.primitive import Quantity

__all__ = ["ARITHMETIC", "either", "multiply", "subtract"]


def either(x: Germ, y: Germ) -> Quantity | None:
    """Blur of a sum."""
    return summed(blur_of(x), blur_of(y)) if blurred(x, y) else None


def _add(x: Germ, y: Germ) -> Germ:
    return settled(x.base + y.base, summed(x.rest, y.rest), either(x, y))


def subtract(x: Germ, y: Germ) -> Germ:
    """x - y."""
    rest = x.rest if y.rest is None else -y.rest if x.rest is None else x.rest - y.rest
    return settled(x.base - y.base, rest, either(x, y))


def _neg(x: Germ) -> Germ:
    return Germ(-x.base, None if x.rest is None else -x.rest, x.blur)


def multiply(x: Germ, y: Germ) -> Germ:
    """x * y."""
    rest = summed(
        product_of(x.base, y.rest), product_of(y.base, x.rest), product_of(x.rest, y.rest)
    )
    blur = None
    if blurred(x, y):
        blur = summed(product_of(abs(total(x)), blur_of(y)), product_of(abs(total(y)), blur_of(x)))
    return settled(x.base * y.base, rest, blur)


def _square(x: Germ) -> Germ:
    blur = product_of(2.0 * abs(total(x)), x.blur)
    return settled(x.base * x.base, x.rest * (2.0 * x.base + x.rest), blur)


def _div(x: Germ, y: Germ) -> Germ:
    if y.rest is None:
        rest = None if x.rest is None else ops.div(x.rest, y.base)
        blur = None if x.blur is None else abs(ops.div(x.blur, y.base))
        return Germ(ops.div(x.base, y.base), rest, blur)
    none = y.base == 0.0
    base = ops.where(none, ZERO, ops.div(x.base, y.base))
    over = or_zero(x.rest) - base * y.rest + ops.where(none, x.base, ZERO)
    below = y.base + y.rest
    rest = ops.div(over, below)
    whole = abs(base + rest)
    blur = ops.div(summed(blur_of(x), whole * blur_of(y)), abs(below))
    return settled(base, rest, blur + ROUNDING * abs(rest))


ARITHMETIC: dict[str, Callable[..., Germ]] = {
    "add": _add, "sub": subtract, "mul": multiply, "div": _div, "neg": _neg, "square": _square,
    "reciprocal": lambda x: _div(Germ(Float(1.0), None), x),
}  # fmt: skip
