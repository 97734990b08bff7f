"""Switches and steps of germs: a germ lies on the side that its rest points to."""

from __future__ import annotations

from collections.abc import Callable

from autodiff.run.germ.number import ZERO, Germ, apply, blur_of, blurred, or_zero, total
from autodiff.run.germ.quotients import either, multiply, subtract
from autodiff.table import ops
from autodiff.table.primitive import REGISTRY, Quantity

__all__ = ["AMONG_INFINITIES", "SWITCHES"]


def _difference(x: Germ, y: Germ) -> Quantity:
    base = x.base - y.base
    rest = subtract(Germ(ZERO, x.rest), Germ(ZERO, y.rest)).rest
    return base if rest is None else base + rest


def _among_infinities(x: Germ, y: Germ) -> Quantity:
    """The same where a number may be infinite: two that are equal are not apart."""
    base = ops.where(x.base == y.base, ZERO, x.base - y.base)
    return _difference(Germ(base, x.rest), Germ(ZERO, y.rest))


def _chosen(condition: object, x: Germ, y: Germ) -> Germ:
    """x where the condition holds, else y."""
    rest = None
    if x.rest is not None or y.rest is not None:
        rest = ops.where(condition, or_zero(x.rest), or_zero(y.rest))
    blur = None
    if blurred(x, y):
        blur = ops.where(condition, or_zero(blur_of(x)), or_zero(blur_of(y)))
    return Germ(ops.where(condition, x.base, y.base), rest, blur)


def _where(condition: Germ, x: Germ, y: Germ) -> Germ:
    truth = condition.base if condition.rest is None else total(condition) != 0.0
    return _chosen(truth, x, y)


def _logical(name: str) -> Callable[..., Germ]:
    primitive = REGISTRY[name]
    return lambda *x: Germ(
        primitive(*[c.base if c.rest is None else total(c) != 0.0 for c in x]), None
    )


def _abs(x: Germ) -> Germ:
    return Germ(abs(x.base), ops.where(total(x) < 0.0, -x.rest, x.rest), x.blur)


def _sign(x: Germ) -> Germ:
    return Germ(ops.sign(total(x)), None)


def _comparing(apart: Callable[[Germ, Germ], Quantity]) -> dict[str, Callable[..., Germ]]:
    """Switches that compare two germs, by how far apart they are."""

    def compared(name: str) -> Callable[[Germ, Germ], Germ]:
        primitive = REGISTRY[name]
        return lambda x, y: Germ(primitive(apart(x, y), ZERO), None)

    def at_least(x: Germ, bound: Germ) -> Germ:
        return _chosen(apart(x, bound) < 0.0, bound, x)

    def at_most(x: Germ, bound: Germ) -> Germ:
        return _chosen(apart(x, bound) > 0.0, bound, x)

    def maximum(x: Germ, y: Germ) -> Germ:
        return _chosen(ops.logical_or(apart(x, y) < 0.0, y.base != y.base), y, x)

    def minimum(x: Germ, y: Germ) -> Germ:
        return _chosen(ops.logical_or(apart(x, y) > 0.0, y.base != y.base), y, x)

    def clip(x: Germ, low: Germ, high: Germ) -> Germ:
        inside = _chosen(apart(x, high) > 0.0, high, x)
        return _chosen(apart(x, low) < 0.0, low, inside)

    return {
        "at_least": at_least, "at_most": at_most, "maximum": maximum, "minimum": minimum,
        "clip": clip, **{name: compared(name) for name in ("lt", "le", "gt", "ge", "eq", "ne")},
    }  # fmt: skip


def _relu(x: Germ) -> Germ:
    return _chosen(total(x) <= 0.0, Germ(ZERO, None), x)


def _leaky_relu(x: Germ, slope: Germ) -> Germ:
    return _chosen(total(x) > 0.0, x, multiply(slope, x))


def _elu(x: Germ, alpha: Germ) -> Germ:
    below = apply(ops.expm1, (x,))
    return _chosen(total(x) > 0.0, x, multiply(alpha, below))


# --- steps: on one side of a step, the value of that side ----------------------------------------


def _stepped(down: Quantity, up: Quantity, at: object, x: Germ) -> Germ:
    """``down`` or ``up`` where x moves off the step ``at`` to that side."""
    return Germ(ops.where(x.rest < 0.0, down, ops.where(x.rest > 0.0, up, at)), None)


def _floor(x: Germ) -> Germ:
    at = ops.floor(x.base)
    return _stepped(ops.where(at == x.base, at - 1.0, at), at, at, x)


def _ceil(x: Germ) -> Germ:
    at = ops.ceil(x.base)
    return _stepped(at, ops.where(at == x.base, at + 1.0, at), at, x)


def _trunc(x: Germ) -> Germ:
    return _chosen(total(x) < 0.0, _ceil(x), _floor(x))


def _rint(x: Germ) -> Germ:
    low = ops.floor(x.base)
    at, half = ops.rint(x.base), x.base - low == 0.5
    return _stepped(ops.where(half, low, at), ops.where(half, low + 1.0, at), at, x)


def _remainder(x: Germ, y: Germ, at: Quantity, sign: Quantity) -> Germ:
    """``x - k * y``, by one ``y`` further where it leaves 0 for the side of the other sign."""
    k = ops.rint(ops.div(x.base - at, y.base))
    rest = or_zero(x.rest) if y.rest is None else or_zero(x.rest) - k * y.rest
    wrapped = ops.logical_and(at == 0.0, rest * sign < 0.0)
    step = sign * abs(y.base)
    more = rest if y.rest is None else rest + ops.where(sign * y.base < 0.0, -y.rest, y.rest)
    return Germ(ops.where(wrapped, step, at), ops.where(wrapped, more, rest), either(x, y))


def _mod(x: Germ, y: Germ) -> Germ:
    return _remainder(x, y, ops.mod(x.base, y.base), ops.sign(y.base))


def _fmod(x: Germ, y: Germ) -> Germ:
    return _remainder(x, y, ops.fmod(x.base, y.base), ops.sign(total(x)))


SWITCHES: dict[str, Callable[..., Germ]] = {
    "abs": _abs, "where": _where, "sign": _sign,
    "relu": _relu, "leaky_relu": _leaky_relu, "elu": _elu,
    "floor": _floor, "ceil": _ceil, "trunc": _trunc, "rint": _rint, "mod": _mod, "fmod": _fmod,
    **_comparing(_difference),
    **{name: _logical(name) for name in ("logical_and", "logical_or", "logical_not")},
}  # fmt: skip
# Of graphs in which a number is infinite, whatever the inputs are.
AMONG_INFINITIES: dict[str, Callable[..., Germ]] = _comparing(_among_infinities)
