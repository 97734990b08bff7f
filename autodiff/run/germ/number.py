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
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from autodiff.table import ops
from autodiff.table.float import Float
from autodiff.table.primitive import Guarded, Operand, Primitive, Quantity

__all__ = [
    "FORMS",
    "ROUNDING",
    "ZERO",
    "Germ",
    "apply",
    "blur_of",
    "blurred",
    "known",
    "or_zero",
    "product_of",
    "settled",
    "summed",
    "total",
]

# A rest above both is no step any more (what vanished was divided by what vanished): it is added
# to the base, so that smooth functions are taken where the number is.
_RELATIVE, _ABSOLUTE = Float(2.0**-20), Float(2.0**-35)
ROUNDING, ZERO = Float(2.0**-50), Float(0.0)

# What is made of germs by name; ``_smooth`` does the rest.  The package fills it.
FORMS: dict[str, Callable[..., Germ]] = {}


class Germ(Operand):
    """``base + rest``.

    Args:
        base: The number at the point.
        rest: What is added along the step; None if nothing ever is.
        blur: How far off ``base + rest`` may be, for a number that may hold a quotient of vanishing
            numbers; None for all others, whose rest is right but for its last digits.
    """

    __slots__ = ("base", "blur", "rest")

    def __init__(self, base: Quantity, rest: Any, blur: object = None) -> None:
        self.base, self.rest, self.blur = base, rest, blur

    def bind(self, primitive: Primitive, operands: tuple[object, ...]) -> object:
        """The germ of ``primitive(*operands)``; a truth value for a predicate."""
        result = apply(primitive, operands)
        return result.base if primitive.predicate else result


def apply(
    primitive: Primitive,
    operands: tuple[object, ...],
    forms: Mapping[str, Callable[..., Germ]] = {},
) -> Germ:
    """The germ of ``primitive`` of germs and numbers; some may have other forms than here."""
    germs = [x if isinstance(x, Germ) else Germ(_base(x), None) for x in operands]
    if all(x.rest is None for x in germs):
        return Germ(primitive(*[x.base for x in germs]), None)
    form = forms.get(primitive.name) or FORMS.get(primitive.name)
    return _smooth(primitive, germs) if form is None else form(*germs)


def total(x: object) -> Any:
    """``base + rest`` as one number."""
    if not isinstance(x, Germ) or x.rest is None:
        return x.base if isinstance(x, Germ) else x
    return x.base + x.rest


def known(x: object) -> Any:
    """``base + rest``; nan where cancellation has left too little of it."""
    value = total(x)
    if not isinstance(x, Germ) or x.blur is None:
        return value
    sharp = x.blur <= ops.where(abs(value) > 2.0**-10, 2.0**-30 * abs(value), Float(2.0**-40))
    return ops.where(sharp, value, Float(math.nan))


def _base(x: Any) -> Operand:
    return x if isinstance(x, Operand) else Float(x)


def or_zero(x: Quantity | None) -> Quantity:
    """A rest as a number."""
    return ZERO if x is None else x


def blur_of(x: Germ) -> Any:
    """How far off it may be."""
    if x.blur is not None or x.rest is None:
        return x.blur
    return ROUNDING * abs(x.rest)


def blurred(*germs: Germ) -> bool:
    """True if one holds a quotient of vanishing numbers."""
    return any(x.blur is not None for x in germs)


def summed(*parts: Any) -> Any:
    """Sum; None stands for nothing."""
    result = None
    for part in parts:
        if part is not None:
            result = part if result is None else result + part
    return result


def product_of(x: Any, y: Any) -> Any:
    """Product; None stands for nothing."""
    return None if x is None or y is None else x * y


def settled(base: Quantity, rest: Quantity | None, blur: Quantity | None) -> Germ:
    """A germ whose rest is a step, or nothing."""
    if blur is None or rest is None:
        return Germ(base, rest, blur)
    far = ops.logical_and(abs(rest) > _RELATIVE * abs(base), abs(rest) > _ABSOLUTE)
    whole = base + rest
    return Germ(
        ops.where(far, whole, base),
        ops.where(far, ZERO, rest),
        ops.where(far, blur + ROUNDING * abs(whole), blur),
    )


# --- what has no form, by its rule --------------------------------------------------------------


def _smooth(primitive: Primitive, germs: list[Germ]) -> Germ:
    bases = [x.base for x in germs]
    out = primitive(*bases)

    def moved(parts: list[Any]) -> list[Any]:
        return [
            _opened(rule(part, out, *bases))
            for rule, part in zip(primitive.partials, parts, strict=True)
            if rule is not None and part is not None
        ]

    rest = summed(*moved([x.rest for x in germs]))
    if len(germs) == 1 and _is_flat_at_zero(primitive) and rest is not None:
        rest = _second_order(primitive, germs[0], Germ(out, 0.5 * rest))
    blur = None
    if blurred(*germs):
        blur = summed(*[abs(part) for part in moved([blur_of(x) for x in germs])])
    return Germ(out, rest, blur)


def _opened(part: object) -> object:
    """A contribution, 0 where it is gated off."""
    if not isinstance(part, Guarded):
        return part
    one, other = (part.value, ZERO) if part.polarity else (ZERO, part.value)
    return ops.where(part.condition, one, other)


def _is_flat_at_zero(primitive: Primitive) -> bool:
    """True for cos, cosh, ...: at 0 they move by the second order first."""
    rule = primitive.partials[0]
    return rule is not None and bool(rule(Float(1.0), Float(primitive.impl(0.0)), ZERO) == 0.0)


def _second_order(primitive: Primitive, x: Germ, middle: Germ) -> object:
    """The rest by the slope in the middle of the step."""
    rule = primitive.partials[0]
    assert rule is not None
    part = rule(Germ(ZERO, x.rest), middle, Germ(x.base, 0.5 * x.rest))
    moved = part.value if isinstance(part, Guarded) else part
    whole = summed(moved.base, moved.rest) if isinstance(moved, Germ) else moved
    return _opened(replace(part, value=whole) if isinstance(part, Guarded) else whole)
