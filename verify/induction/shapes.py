"""Shapes: what a computation does in floating point, so that one question is known from another.

Two computations of one shape give the same double for the same inputs: they are the same operations
on the same numbers, up to what IEEE-754 makes exact (``x * y`` is ``y * x``, ``1 * x`` is ``x``,
``x - y`` is ``-(y - x)``, ``x + x`` is ``2 * x``).  Real algebra is coarser: ``(x + 1e16) - 1e16``
is ``x`` there, and 4.0 for 3.3 as a double.  A proof over the reals may use the coarser equality
for what is computed, but not for what is *asked*: which branch runs is decided by doubles.

So a comparison becomes a form, ``sum of +-shape, compared with 0``.  Its sign is exactly that of
the real difference of the two doubles (gradual underflow), so forms obey linear arithmetic.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from typing import Any

from verify.program.number_steps import numbers_in
from verify.program.program import Program

__all__ = ["CONSTANT", "Form", "Shapes"]

CONSTANT = 0  # the core of every number; its coefficient is the number
# A form: cores with their coefficients, the first coefficient positive.
Form = tuple[tuple[int, Fraction], ...]
_LARGEST_POWER = 64
_HYPOT, _SQRT = "sqrt({0}**2 + {1}**2)", "sqrt({0})"
_WHERE = "Piecewise(({1}, {0}), ({2}, True))"
_FEW, _SMALL = 64, 1 << 20  # numbers that a shape may be, ints whose sums no double rounds


def _is_few(x: float) -> bool:
    return x != x or (abs(x) < _SMALL and x % 1 == 0)


class Shapes:
    """A table of shapes: a shape is the place of its core, negative for the negated core.

    Args:
        strict: Whether ``x ** 2.0``, which some libraries round otherwise, is no product.
        ordered: False where sums of the same terms are one shape, whichever are added first, and
            a length is the root of a sum of squares: one real number, which doubles know equally
            well in any order.

    Attributes:
        made: Operation and operands of each core; place 0 is reserved for numbers.
    """

    def __init__(self, strict: bool = False, ordered: bool = True) -> None:
        self._strict, self._ordered = strict, ordered
        self.made: list[tuple[Any, ...]] = [("number",)]
        self._places: dict[tuple[object, ...], int] = {}
        self._numbers: dict[int, float] = {}  # core -> a number not below zero
        self._few: dict[int, frozenset[int | None]] = {}

    def _core(self, *made: object) -> int:
        place = self._places.get(made)
        if place is None:
            place = self._places[made] = len(self.made)
            self.made.append(made)
        return place

    # --- numbers and operations ---

    def input(self, place: int) -> int:
        """The shape of an input."""
        return self._core("input", place)

    def number(self, value: float) -> int:
        """The shape of a double; -0.0 is taken for 0.0."""
        core = self._core("number", repr(abs(value)))
        self._numbers[core] = abs(value)
        return -core if value < 0.0 else core

    def value(self, shape: int) -> float | None:
        """The double that a shape is, if it is one."""
        size = self._numbers.get(abs(shape))
        return None if size is None else math.copysign(size, shape)

    def is_exact(self, shape: int) -> bool:
        """True for inputs and numbers: nothing was rounded on the way."""
        return self.made[abs(shape)][0] in ("input", "number")

    def add(self, x: int, y: int) -> int:
        """x + y, whichever comes first; x + 0.0 is x, but for the sign of a zero."""
        if 0.0 in (self.value(x), self.value(y)):
            return y if self.value(x) == 0.0 else x
        if x == y:
            return self.multiply(self.number(2.0), x)
        if (abs(x), x) > (abs(y), y):
            x, y = y, x
        terms = (x, y) if self._ordered else self._terms(x, y)
        sign = 1 if terms[0] > 0 else -1
        return sign * self._core("add", *(sign * term for term in terms))

    def _terms(self, x: int, y: int) -> tuple[int, ...]:
        """What is added in all, in one order; two sums where rounding may decide what is left."""
        parts = [self.made[abs(z)] for z in (x, y)]
        terms = sorted(
            (
                term if z > 0 else -term
                for z, (operation, *operands) in zip((x, y), parts, strict=True)
                for term in (operands if operation == "add" else [abs(z)])
            ),
            key=lambda term: (abs(term), term),
        )
        cores = {abs(term) for term in terms}
        numbers = cores & self._numbers.keys()
        return tuple(terms) if len(cores) == len(terms) and len(numbers) < 2 else (x, y)

    def multiply(self, x: int, y: int) -> int:
        """x * y, whichever comes first; a product with one is the other factor."""
        for factor, other in ((x, y), (y, x)):
            if self._numbers.get(abs(factor)) == 1.0:
                return other if factor > 0 else -other
        core = self._core("multiply", *sorted((abs(x), abs(y))))
        return core if (x > 0) is (y > 0) else -core

    def divide(self, x: int, y: int) -> int:
        """x / y; by a power of two, the product with its inverse."""
        divisor = self._numbers.get(abs(y))
        if divisor and math.frexp(divisor)[0] == 0.5 and 1e-300 < divisor < 1e300:
            return self.multiply(x, self.number(math.copysign(1.0 / divisor, y)))
        core = self._core("divide", abs(x), abs(y))
        return core if (x > 0) is (y > 0) else -core

    def power(self, x: int, y: int) -> int:
        """x ** y; a square is the product."""
        exponent = self.value(y)
        if exponent == 1.0:
            return x
        if exponent == 2.0 and not self._strict:
            return self.multiply(x, x)
        if exponent is not None and exponent % 1.0 == 0.0 and abs(exponent) <= _LARGEST_POWER:
            core = self._core("power", abs(x), int(exponent))
            return -core if x < 0 and exponent % 2.0 else core
        return self.called("power", x, y)

    def called(self, name: str, *operands: int) -> int:
        """A function of shapes."""
        return self._core("call", name, *operands)

    def apply(self, text: str, operands: Sequence[int]) -> int:
        """The shape of a primitive's result, by its text."""
        if text == "{0} + {1}":
            return self.add(operands[0], operands[1])
        if text == "{0} - {1}":
            return self.add(operands[0], -operands[1])
        if text == "{0} * {1}":
            return self.multiply(operands[0], operands[1])
        if text == "{0} / {1}":
            return self.divide(operands[0], operands[1])
        if text == "1 / {0}":
            return self.divide(self.number(1.0), operands[0])
        if text == "-{0}":
            return -operands[0]
        if text == "{0}**2":
            return self.multiply(operands[0], operands[0])
        if text == "{0} ** {1}":
            return self.power(operands[0], operands[1])
        if text == _HYPOT and not self._ordered:
            return self.called(_SQRT, self.add(*map(self._square, operands)))
        return self.called(text, *operands)

    def _square(self, x: int) -> int:
        operation, *rest = self.made[abs(x)]
        is_root = operation == "call" and rest[0] == _SQRT
        return int(rest[1]) if is_root else self.multiply(x, x)

    def run(self, program: Program, inputs: Sequence[int] | None = None) -> list[int]:
        """The shape at every place of a program that matters; 0 at the others.

        What it computes of numbers alone is the double that it is.
        """
        places, numbers = range(program.inputs), numbers_in(program)
        shapes = list(inputs or [self.input(i) for i in places]) + [0] * len(program.steps)
        for place, step in program.computed():
            if math.isfinite(number := numbers.get(place, math.nan)):
                shapes[place] = self.number(float(number))
            elif type(step) is tuple:
                shapes[place] = self.apply(step[0], [shapes[i] for i in step[1]])
            else:
                shapes[place] = self.number(step)  # type: ignore[arg-type]  # a float
        return shapes

    # --- questions ---

    def numbers_of(self, shape: int) -> frozenset[int | None]:
        """The few ints one of which a shape is, None for nan; empty if nobody can say.

        An index that conditions choose is such a number, and what is added to it.
        """
        known = self._few.get(shape)
        if known is None:
            known = self._few[shape] = self._find_numbers(shape)
        return known

    def _find_numbers(self, shape: int) -> frozenset[int | None]:
        value = self.value(shape)
        if value is not None:
            return frozenset({None if math.isnan(value) else int(value)} if _is_few(value) else ())
        if shape < 0:
            return frozenset(None if x is None else -x for x in self.numbers_of(-shape))
        operation, *operands = self.made[shape]
        if operation == "call" and operands[0] == _WHERE:
            sides = [self.numbers_of(x) for x in operands[2:]]
            found = sides[0] | sides[1] if all(sides) else frozenset[int | None]()
        elif operation in ("add", "multiply"):
            by = operator.add if operation == "add" else operator.mul
            pairs = product(*map(self.numbers_of, operands))
            found = frozenset(None if x is None or y is None else by(x, y) for x, y in pairs)
        else:
            return frozenset()
        small = all(x is None or _is_few(x) for x in found)
        return found if len(found) <= _FEW and small else frozenset()

    def form(self, x: int, y: int) -> tuple[Form, int] | None:
        """The difference x - y as a form and its sign; None where an operand is inf or nan.

        A number, or the same shape twice, has the empty form, and the sign is the answer.
        """
        terms: dict[int, Fraction] = {}
        for shape, factor in (*self._parts(x, y), *self._parts(y, x, -1)):
            value = self._numbers.get(abs(shape))
            if value is not None and not math.isfinite(value):
                return None
            core = abs(shape) if value is None else CONSTANT
            size = Fraction(1 if value is None else value) * (factor if shape > 0 else -factor)
            terms[core] = terms.get(core, Fraction(0)) + size
        left = sorted((core, size) for core, size in terms.items() if size)
        cores = [size for core, size in left if core != CONSTANT]
        if not cores:
            number = left[0][1] if left else 0
            return (), (number > 0) - (number < 0)
        scale = abs(cores[0])
        sign = 1 if cores[0] > 0 else -1
        return tuple((core, sign * size / scale) for core, size in left), sign

    def summands(self, x: int, other: int) -> list[int]:
        """What x is the sum of, where it is compared with another shape."""
        return [shape for shape, _ in self._parts(x, other)]

    def _parts(self, x: int, other: int, factor: int = 1) -> list[tuple[int, int]]:
        """x as summands: a sum compared with zero is a comparison of its two terms."""
        operation, *operands = self.made[abs(x)]
        if operation == "add" and self._numbers.get(abs(other)) == 0.0:
            sign = factor if x > 0 else -factor
            return [(operands[0], sign), (operands[1], sign)]
        return [(x, factor)]

    def is_exact_form(self, form: Form) -> bool:
        """True if every part is an input or a number."""
        return all(core == CONSTANT or self.is_exact(core) for core, _ in form)
