"""Germ: a number that moves by an infinitesimal step, and what every primitive makes of it.

A germ is ``base + rest``.  ``base`` is the number at the point; ``rest`` is how far it moves while
the inputs move by a tiny step (``2**-200``): not a first derivative but the whole difference, with
an exponent of its own.  A double keeps 53 digits of it however small it is, so ``-(x * x)`` at 0
moves by ``-step * step``, and ``x / hypot(x, y)`` at the origin is ``step_x / hypot(step_x,
step_y)``: the sign of a rest says on which side of a switch the germ lies, whatever the order of
contact, and quotients of things that vanish together are what they tend to.

What cancels leaves nothing to look at: numbers that come from such quotients carry how far they may
be off, and one that is all error is nan, never a guess.

Differences are exact where a primitive is algebraic, and to first order (to second where the first
vanishes) where it is not.  The parts are numbers or tracers: the same lines interpret and record.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autodiff.table import ops
from autodiff.table.float import Float
from autodiff.table.primitive import REGISTRY, Guarded, Operand, Primitive

__all__ = ["Germ", "apply", "known", "total"]

# A rest above both is no step any more (what vanished was divided by what vanished): it is added
# to the base, so that smooth functions are taken where the number is.
_RELATIVE, _ABSOLUTE = Float(2.0**-20), Float(2.0**-35)
_ROUNDING = Float(2.0**-50)
_ZERO = Float(0.0)


class Germ(Operand):
    """``base + rest``.

    Args:
        base: The number at the point.
        rest: What is added along the step; None if nothing ever is.
        blur: How far off ``base + rest`` may be, for a number that may hold a quotient of vanishing
            numbers; None for all others, whose rest is right but for its last digits.
    """

    __slots__ = ("base", "blur", "rest")

    def __init__(self, base: Any, rest: Any, blur: Any = None) -> None:
        self.base, self.rest, self.blur = base, rest, blur

    def bind(self, primitive: Primitive, operands: tuple[Any, ...]) -> Any:
        """The germ of ``primitive(*operands)``; a truth value for a predicate."""
        result = apply(primitive, operands)
        return result.base if primitive.predicate else result


def apply(primitive: Primitive, operands: tuple[Any, ...]) -> Germ:
    """The germ of ``primitive`` of germs and numbers."""
    germs = [x if isinstance(x, Germ) else Germ(_base(x), None) for x in operands]
    if all(x.rest is None for x in germs):
        return Germ(primitive(*[x.base for x in germs]), None)
    form = _FORMS.get(primitive.name)
    return _smooth(primitive, germs) if form is None else form(*germs)


def total(x: Any) -> Any:
    """``base + rest`` as one number."""
    if not isinstance(x, Germ):
        return x
    return x.base if x.rest is None else x.base + x.rest


def known(x: Any) -> Any:
    """``base + rest``; nan where cancellation has left too little of it."""
    value = total(x)
    if not isinstance(x, Germ) or x.blur is None:
        return value
    sharp = x.blur <= ops.where(abs(value) > 2.0**-10, 2.0**-30 * abs(value), Float(2.0**-40))
    return ops.where(sharp, value, Float(math.nan))


def _base(x: Any) -> Any:
    return x if isinstance(x, Operand) else Float(x)


def _or_zero(x: Any) -> Any:
    return _ZERO if x is None else x


def _blur(x: Germ) -> Any:
    if x.blur is not None or x.rest is None:
        return x.blur
    return _ROUNDING * abs(x.rest)


def _blurred(*germs: Germ) -> bool:
    return any(x.blur is not None for x in germs)


def _sum(*parts: Any) -> Any:
    """Sum; None stands for nothing."""
    result = None
    for part in parts:
        if part is not None:
            result = part if result is None else result + part
    return result


def _product(x: Any, y: Any) -> Any:
    return None if x is None or y is None else x * y


def _settled(base: Any, rest: Any, blur: Any) -> Germ:
    """A germ whose rest is a step, or nothing."""
    if blur is None or rest is None:
        return Germ(base, rest, blur)
    far = ops.logical_and(abs(rest) > _RELATIVE * abs(base), abs(rest) > _ABSOLUTE)
    whole = base + rest
    return Germ(
        ops.where(far, whole, base),
        ops.where(far, _ZERO, rest),
        ops.where(far, blur + _ROUNDING * abs(whole), blur),
    )


# --- arithmetic ------------------------------------------------------------------------------


def _either(x: Germ, y: Germ) -> Any:
    """Blur of a sum."""
    return _sum(_blur(x), _blur(y)) if _blurred(x, y) else None


def _add(x: Germ, y: Germ) -> Germ:
    return _settled(x.base + y.base, _sum(x.rest, y.rest), _either(x, y))


def _sub(x: Germ, y: Germ) -> Germ:
    rest = x.rest if y.rest is None else -y.rest if x.rest is None else x.rest - y.rest
    return _settled(x.base - y.base, rest, _either(x, y))


def _neg(x: Germ) -> Germ:
    return Germ(-x.base, None if x.rest is None else -x.rest, x.blur)


def _mul(x: Germ, y: Germ) -> Germ:
    rest = _sum(_product(x.base, y.rest), _product(y.base, x.rest), _product(x.rest, y.rest))
    blur = None
    if _blurred(x, y):
        blur = _sum(_product(abs(total(x)), _blur(y)), _product(abs(total(y)), _blur(x)))
    return _settled(x.base * y.base, rest, blur)


def _square(x: Germ) -> Germ:
    blur = _product(2.0 * abs(total(x)), x.blur)
    return _settled(x.base * x.base, x.rest * (2.0 * x.base + x.rest), blur)


def _div(x: Germ, y: Germ) -> Germ:
    if y.rest is None:
        rest = None if x.rest is None else ops.div(x.rest, y.base)
        blur = None if x.blur is None else abs(ops.div(x.blur, y.base))
        return Germ(ops.div(x.base, y.base), rest, blur)
    none = y.base == 0.0
    base = ops.where(none, _ZERO, ops.div(x.base, y.base))
    over = _or_zero(x.rest) - base * y.rest + ops.where(none, x.base, _ZERO)
    below = y.base + y.rest
    rest = ops.div(over, below)
    whole = abs(base + rest)
    blur = ops.div(_sum(_blur(x), whole * _blur(y)), abs(below))
    return _settled(base, rest, blur + _ROUNDING * abs(rest))


# --- roots: the difference of two roots over what it is multiplied by -------------------------


def _quotient(x: Any, y: Any) -> Any:
    """x / y, and 0 where nothing moves."""
    return ops.where(y == 0.0, _ZERO, ops.div(x, y))


def _sqrt(x: Germ) -> Germ:
    low, high = ops.sqrt(x.base), ops.sqrt(x.base + x.rest)
    return _over(low, x.rest, low + high, x.blur)


def _cbrt(x: Germ) -> Germ:
    low, high = ops.cbrt(x.base), ops.cbrt(x.base + x.rest)
    return _over(low, x.rest, low * low + low * high + high * high, x.blur)


def _hypot(x: Germ, y: Germ) -> Germ:
    low, high = ops.hypot(x.base, y.base), ops.hypot(total(x), total(y))
    moved = _sum(
        None if x.rest is None else (2.0 * x.base + x.rest) * x.rest,
        None if y.rest is None else (2.0 * y.base + y.rest) * y.rest,
    )
    result = _over(low, moved, low + high, None)
    return Germ(result.base, result.rest, _either(x, y))


def _over(low: Any, moved: Any, below: Any, blur: Any) -> Germ:
    return Germ(low, _quotient(moved, below), None if blur is None else _quotient(blur, below))


def _pow_literal(x: Germ, n: Germ) -> Germ:
    power = float(n.base)
    at_zero = x.base == 0.0
    base = ops.pow(x.base, power)
    slope = power * ops.pow(x.base, power - 1.0)
    rest = ops.where(at_zero, ops.pow(x.rest, power), slope * x.rest)
    if power > 0.0 and x.blur is None:
        return Germ(base, rest)
    if power < 0.0:
        base = ops.where(at_zero, _ZERO, base)
    blur = abs(power * ops.pow(total(x), power - 1.0)) * _blur(x)
    return _settled(base, rest, blur)


# --- switches: a germ lies on the side that its rest points to --------------------------------


def _difference(x: Germ, y: Germ) -> Any:
    base = x.base - y.base
    rest = _sub(Germ(_ZERO, x.rest), Germ(_ZERO, y.rest)).rest
    return base if rest is None else base + rest


def _compared(name: str) -> Callable[[Germ, Germ], Any]:
    primitive = REGISTRY[name]
    return lambda x, y: Germ(primitive(_difference(x, y), _ZERO), None)


def _chosen(condition: Any, x: Germ, y: Germ) -> Germ:
    """x where the condition holds, else y."""
    rest = None
    if x.rest is not None or y.rest is not None:
        rest = ops.where(condition, _or_zero(x.rest), _or_zero(y.rest))
    blur = None
    if _blurred(x, y):
        blur = ops.where(condition, _or_zero(_blur(x)), _or_zero(_blur(y)))
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


def _at_least(x: Germ, bound: Germ) -> Germ:
    return _chosen(_difference(x, bound) < 0.0, bound, x)


def _at_most(x: Germ, bound: Germ) -> Germ:
    return _chosen(_difference(x, bound) > 0.0, bound, x)


def _maximum(x: Germ, y: Germ) -> Germ:
    return _chosen(ops.logical_or(_difference(x, y) < 0.0, y.base != y.base), y, x)


def _minimum(x: Germ, y: Germ) -> Germ:
    return _chosen(ops.logical_or(_difference(x, y) > 0.0, y.base != y.base), y, x)


def _clip(x: Germ, low: Germ, high: Germ) -> Germ:
    inside = _chosen(_difference(x, high) > 0.0, high, x)
    return _chosen(_difference(x, low) < 0.0, low, inside)


def _relu(x: Germ) -> Germ:
    return _chosen(total(x) <= 0.0, Germ(_ZERO, None), x)


def _leaky_relu(x: Germ, slope: Germ) -> Germ:
    return _chosen(total(x) > 0.0, x, _mul(slope, x))


def _elu(x: Germ, alpha: Germ) -> Germ:
    below = apply(ops.expm1, (x,))
    return _chosen(total(x) > 0.0, x, _mul(alpha, below))


# --- steps: on one side of a step, the value of that side -------------------------------------


def _stepped(down: Any, up: Any, at: Any, x: Germ) -> Germ:
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


def _remainder(x: Germ, y: Germ, at: Any, sign: Any) -> Germ:
    """``x - k * y``, by one ``y`` further where it leaves 0 for the side of the other sign."""
    k = ops.rint(ops.div(x.base - at, y.base))
    rest = _or_zero(x.rest) if y.rest is None else _or_zero(x.rest) - k * y.rest
    wrapped = ops.logical_and(at == 0.0, rest * sign < 0.0)
    step = sign * abs(y.base)
    more = rest if y.rest is None else rest + ops.where(sign * y.base < 0.0, -y.rest, y.rest)
    return Germ(ops.where(wrapped, step, at), ops.where(wrapped, more, rest), _either(x, y))


def _mod(x: Germ, y: Germ) -> Germ:
    return _remainder(x, y, ops.mod(x.base, y.base), ops.sign(y.base))


def _fmod(x: Germ, y: Germ) -> Germ:
    return _remainder(x, y, ops.fmod(x.base, y.base), ops.sign(total(x)))


# --- everything else, by its rule -------------------------------------------------------------


def _smooth(primitive: Primitive, germs: list[Germ]) -> Germ:
    bases = [x.base for x in germs]
    out = primitive(*bases)

    def moved(parts: list[Any]) -> list[Any]:
        return [
            _opened(rule(part, out, *bases))
            for rule, part in zip(primitive.partials, parts, strict=True)
            if rule is not None and part is not None
        ]

    rest = _sum(*moved([x.rest for x in germs]))
    if len(germs) == 1 and _is_flat_at_zero(primitive) and rest is not None:
        rest = _second_order(primitive, germs[0], Germ(out, 0.5 * rest))
    blur = None
    if _blurred(*germs):
        blur = _sum(*[abs(part) for part in moved([_blur(x) for x in germs])])
    return Germ(out, rest, blur)


def _opened(part: Any) -> Any:
    """A contribution, 0 where it is gated off."""
    if not isinstance(part, Guarded):
        return part
    one, other = (part.value, _ZERO) if part.polarity else (_ZERO, part.value)
    return ops.where(part.condition, one, other)


def _is_flat_at_zero(primitive: Primitive) -> bool:
    """True for cos, cosh, ...: at 0 they move by the second order first."""
    rule = primitive.partials[0]
    return rule is not None and bool(rule(Float(1.0), Float(primitive.impl(0.0)), _ZERO) == 0.0)


def _second_order(primitive: Primitive, x: Germ, middle: Germ) -> Any:
    """The rest by the slope in the middle of the step."""
    rule = primitive.partials[0]
    assert rule is not None
    moved = rule(Germ(_ZERO, x.rest), middle, Germ(x.base, 0.5 * x.rest))
    return _sum(moved.base, moved.rest) if isinstance(moved, Germ) else moved


_FORMS: dict[str, Callable[..., Any]] = {
    "add": _add, "sub": _sub, "mul": _mul, "div": _div, "neg": _neg, "square": _square,
    "reciprocal": lambda x: _div(Germ(Float(1.0), None), x), "hypot": _hypot, "abs": _abs,
    "sqrt": _sqrt, "cbrt": _cbrt, "pow_literal": _pow_literal, "where": _where, "sign": _sign,
    "at_least": _at_least, "at_most": _at_most, "maximum": _maximum, "minimum": _minimum,
    "clip": _clip, "relu": _relu, "leaky_relu": _leaky_relu, "elu": _elu,
    "floor": _floor, "ceil": _ceil, "trunc": _trunc, "rint": _rint, "mod": _mod, "fmod": _fmod,
    **{name: _compared(name) for name in ("lt", "le", "gt", "ge", "eq", "ne")},
    **{name: _logical(name) for name in ("logical_and", "logical_or", "logical_not")},
}  # fmt: skip
