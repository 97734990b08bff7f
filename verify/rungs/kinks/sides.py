"""Sides: derivatives from the left and from the right at a point, and what a number there is.

The one rule for a gradient at a point where a step of the function has no derivative:

- from both sides the function has the same derivative (or it is not defined on one side): that is
  the derivative, and another number, nan or infinity is WRONG;
- it has two, or none: there is no derivative, and whatever is returned is a CONVENTION;
- not known, or a part of the function has no value there: nothing is said.

Balls enclose one-sided derivatives rigorously (clarke.py) where functions have power series.  Here
is what they do not tell, the slopes of chords so short that their limit shows: x * sqrt(x) at 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mpmath import mpf

from verify.answer.reasons import Ruling
from verify.numbers.precise import Precise
from verify.program.limits import MORE_DIGITS
from verify.program.program import Program

__all__ = ["Chords", "ChordsOfSlopes", "Sides", "ruled"]

_LENGTHS = (40, 80, 120)  # of the chords, as negative powers of ten
# Of chords of slopes, the lengths; of the chords that tell a slope, the length, and how well those
# to both sides agree.
_OF_SLOPES, _WITHIN, _MEET = (20, 40, 60), 140, 100
_SHRINKS = 1e-4  # how much faster than the chords before the last two must agree
_NOISE = 1e-60  # of slopes that are the same
_SAME = 1e-9
_STEPS = 100_000  # to run at most


@dataclass(frozen=True)
class Sides:
    """Derivatives by one input at a point.

    Args:
        left: From the left, None if not known or not there.
        right: From the right.
        defined: Whether the function is defined on each side.
    """

    left: float | None
    right: float | None
    defined: tuple[bool, bool] = (True, True)

    @property
    def derivative(self) -> float | None:
        """The derivative, None if there is none, no finite one, or it is not known."""
        known = [x for x, there in zip((self.left, self.right), self.defined, strict=True) if there]
        if not known or None in known:
            return None
        low, high = min(known), max(known)  # type: ignore[type-var]  # None is not in it
        assert low is not None
        assert high is not None
        if math.isinf(low) or math.isinf(high):
            return None
        return high if high - low <= _SAME * (1.0 + abs(high)) else None

    def __str__(self) -> str:
        told = [("left", self.left), ("right", self.right)]
        return ", ".join(f"from the {side} {x:g}" for side, x in told if x is not None)


def ruled(sides: Sides, found: float) -> Ruling:
    """What is said of ``found`` where the function has these derivatives.

    >>> ruled(Sides(1.0, 1.0), 0.0), ruled(Sides(-1.0, 1.0), 0.0)
    (<Ruling.WRONG: 'WRONG'>, <Ruling.CONVENTION: 'CONVENTION'>)
    """
    derivative = sides.derivative
    if derivative is None:
        both = sides.left is not None and sides.right is not None
        return Ruling.CONVENTION if both else Ruling.UNKNOWN
    close = abs(found - derivative) <= _SAME * (1.0 + abs(derivative))
    return Ruling.RIGHT if close else Ruling.WRONG  # nan is not close to anything


class Chords:
    """Slopes of a function from one point, with many digits.

    Args:
        program: The function.
        point: Where.
    """

    _lengths: Sequence[int] = _LENGTHS

    def __init__(self, program: Program, point: Sequence[float]) -> None:
        self._program = program
        self._precise = Precise(MORE_DIGITS)
        self._point = [self._precise.context.mpf(x) for x in point]
        values = self._precise.run(program, self._point)
        computed = [values[place] for place, _ in program.computed()]
        self._value = values[program.outputs[0]]
        self._affordable = 6 * len(program.steps) <= _STEPS
        # A part that is infinite has no value, nor has what is made of it.
        self.has_value = self._precise.finite(self._value) and not any(
            x is not None and self._precise.context.isinf(x) for x in computed
        )

    def completed(self, sides: Sides, i: int) -> Sides:
        """Derivatives by input ``i``, those that are not known looked for."""
        if not (self.has_value and self._affordable):
            return sides
        found, defined = [], []
        for known, sign in ((sides.left, -1), (sides.right, 1)):
            slopes = [] if known is not None else self._slopes(i, sign)
            found.append(_limit(slopes) if known is None else known)
            defined.append(known is not None or bool(slopes))
        return Sides(found[0], found[1], (defined[0], defined[1]))

    def _slopes(self, i: int, sign: int) -> list[object]:
        """Slopes of ever shorter chords; none if the function is not defined on this side."""
        context, slopes = self._precise.context, []
        for digits in self._lengths:
            step = sign * context.mpf(10) ** -digits * (1 + abs(self._point[i]))
            moved = [*self._point[:i], self._point[i] + step, *self._point[i + 1 :]]
            value = self._at(moved)
            if value is None:
                return []
            slopes.append((value - self._value) / step)
        return slopes

    def _at(self, point: Sequence[mpf]) -> mpf | None:
        """The function's value, None if it is no number."""
        value = self._precise.run(self._program, point)[self._program.outputs[0]]
        return value if self._precise.finite(value) else None


class ChordsOfSlopes(Chords):
    """Slopes of a derivative, which is what chords of the function tell, even where it switches.

    Args:
        program: The function.
        point: Where.
        by: The input that it is differentiated by first.
    """

    _lengths = _OF_SLOPES

    def __init__(self, program: Program, point: Sequence[float], by: int) -> None:
        super().__init__(program, point)
        self._by = by
        slope = self._at(self._point) if self.has_value and self._affordable else None
        self.has_value = slope is not None
        self._value = slope

    def _at(self, point: Sequence[mpf]) -> mpf | None:
        """The slope of short chords to both sides, None if it is not the same."""
        context, by = self._precise.context, self._by
        step = context.mpf(10) ** -_WITHIN * (1 + abs(point[by]))
        beside = [[*point[:by], point[by] + s, *point[by + 1 :]] for s in (-step, step)]
        here, below, above = (super(ChordsOfSlopes, self)._at(p) for p in (point, *beside))
        if here is None or below is None or above is None:
            return None
        left, right = (here - below) / step, (above - here) / step
        meet = abs(right - left) <= context.mpf(10) ** -_MEET * (1 + abs(left))
        return (left + right) / 2 if meet else None


def _limit(slopes: Sequence[mpf]) -> float | None:
    """What slopes tend to, None if they do not show it."""
    if not slopes:
        return None
    first, second, third = slopes
    change = abs(third - second)
    tends = change <= max(_SHRINKS * abs(second - first), _NOISE)
    if not tends or change > _SAME * (1 + abs(third)):
        return None
    return 0.0 if abs(third) <= _SHRINKS * abs(second) else float(third)
