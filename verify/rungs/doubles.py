"""Doubles: a text run as it would be, to see whether rounding leaves anything of its result.

A proof is about real numbers, where ``x + 1e17 - 1e17`` is x.  A text that is right only there is
found by running it on doubles at the points that were looked at, beside the chain rule, which tells
how well the function can be computed at all.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import combinations
from math import isfinite, nan, ulp

from mpmath import mpf

from autodiff.table.float import Float
from verify.numbers.precise import Precise
from verify.program.decimals import written
from verify.program.literals import is_short
from verify.program.number_steps import implementations, numbers_in
from verify.program.program import Program

__all__ = [
    "agree_at",
    "cancels_numbers",
    "is_lost",
    "made_of_numbers",
    "moved_by_inputs",
    "on_doubles",
]

_LOST = 1e-6  # relative; a larger difference is no rounding that anybody would expect
_SMALL = 1e-3  # what is smaller is measured by this
_ULPS = (-4, -2, -1, 1, 2, 4)  # by which inputs may be off
_SMALLEST, _LARGEST, _LONG = 1e-100, 1e100, 200  # of numbers made of numbers, and their texts


_BITS = 128  # of a denominator
_FRACTION = re.compile(r"(-?)(?:Rational\((-?\d+), (\d+)\)|(\d+\.\d+))")
_RATIONAL: dict[str, Callable[..., Fraction]] = {
    "{0} + {1}": operator.add,
    "{0} - {1}": operator.sub,
    "{0} * {1}": operator.mul,
    "{0} / {1}": operator.truediv,
    "-{0}": operator.neg,
}


def _as_decimal(size: float) -> str:
    return written(size) or repr(size)


def on_doubles(program: Program, point: Sequence[float]) -> list[float] | None:
    """What a program gives for doubles; None if a step has no implementation."""
    known = implementations()
    values = [*map(Float, point), *[Float(nan)] * len(program.steps)]
    for place, step in program.computed():
        if type(step) is tuple:
            function = known.get(step[0])
            if function is None:
                return None
            values[place] = Float(function(*[values[i] for i in step[1]]))
        else:
            values[place] = Float(step)  # type: ignore[arg-type]  # a float
    return [float(values[place]) for place in program.outputs]


def moved_by_inputs(program: Program, point: Sequence[float], output: int) -> float:
    """How far an output moves where inputs move as little as any rounding of them does.

    At x = 4e11 nobody knows ``cos(x)`` to six digits who knows x to sixteen.
    """
    moved = 0.0
    for place, x in enumerate(point):
        runs = [
            run[output]
            for step in _ULPS
            if (
                run := on_doubles(program, [*point[:place], x + step * ulp(x), *point[place + 1 :]])
            )
        ]
        moved = max([moved, *(abs(a - b) for a, b in combinations(runs, 2))])
    return moved


def made_of_numbers(
    program: Program, spelled: Callable[[float], str] = _as_decimal
) -> dict[float, str]:
    """What a program computes of numbers alone, such as ``3.4**12``, and the text of how.

    Args:
        program: The program.
        spelled: What each positive number is written as; as a decimal by default.
    """
    texts: dict[int, str] = {}
    found: dict[float, str] = {}
    for place, value in numbers_in(program).items():
        step = program.steps[place - program.inputs]
        if isinstance(step, float):
            if isfinite(step):
                texts[place] = f"{'-' * (step < 0.0)}{spelled(abs(step))}"
        elif all(i in texts for i in step[1]):
            texts[place] = _joined(step[0], [texts[i] for i in step[1]])
            if _SMALLEST < abs(value) < _LARGEST and len(texts[place]) < _LONG:
                text = texts[place] if value > 0.0 else f"-({texts[place]})"
                found.setdefault(abs(float(value)), text)
    return found


def _joined(text: str, operands: Sequence[str]) -> str:
    """A step of such numbers: a fraction if it is one of fractions, which is short."""
    if text in _RATIONAL:
        numbers = [_fraction(x) for x in operands]
        if None not in numbers and (numbers[-1] or text != "{0} / {1}"):
            made = _RATIONAL[text](*numbers)
            if made.denominator.bit_length() <= _BITS:
                return f"Rational({made.numerator}, {made.denominator})"
    return text.format(*map(_enclosed, operands))


def _fraction(text: str) -> Fraction | None:
    """What a text says that is a fraction, or a number that is exact as it was written."""
    found = _FRACTION.fullmatch(text)
    if found is None:
        return None
    minus, numerator, denominator, decimal = found.groups()
    if decimal and not is_short(float(decimal)):
        return None
    size = Fraction(decimal) if decimal else Fraction(int(numerator), int(denominator))
    return -size if minus else size


def _enclosed(text: str) -> str:
    return text if text.replace(".", "").isalnum() else f"({text})"


def agree_at(point: Sequence[float], output: int, one: Program, other: Program) -> bool:
    """True if programs have the same number among their outputs at a point, to half of all digits.

    Each constant is the double that it is.
    """
    precise = Precise()
    places = [precise.context.mpf(x) for x in point]
    x, y = (precise.run(p, places)[p.outputs[output]] for p in (one, other))
    return bool(abs(x - y) <= abs(x) * precise.context.mpf(10) ** (-precise.digits // 2))


def cancels_numbers(program: Program) -> bool:
    """True if rounding decides what is computed of numbers alone: ``sqrt(2.0)**2 - 2.0``."""
    precise, exact = Precise(), dict[int, mpf]()
    for place, value in numbers_in(program).items():
        step = program.steps[place - program.inputs]
        if isinstance(step, float):
            exact[place] = precise.literal(step)
            continue
        exact[place] = precise.apply(step[0], [exact[i] for i in step[1]])
        if abs(exact[place] - value) > _LOST * max(abs(exact[place]), abs(value)):
            return True
    return False


def is_lost(found: float, expected: float) -> bool:
    """True if a double is not nearly what it should be."""
    return not abs(found - expected) <= _LOST * max(abs(expected), _SMALL)
