"""Signs: whether a shape is above zero, or not below, wherever it is defined."""

from __future__ import annotations

import math
from typing import Any

from verify.induction.shapes import Form, Shapes

__all__ = ["DEEP", "NOT_NEGATIVE", "POSITIVE", "UNKNOWN", "Signs"]

POSITIVE, NOT_NEGATIVE, UNKNOWN = 2, 1, 0
_ABOVE_ZERO = frozenset({"exp", "cosh", "erfc"})
_NOT_BELOW_ZERO = frozenset({"sqrt", "Abs"})
_WITHIN_ONE = frozenset({"sin", "cos", "tanh", "erf"})
_NEVER_ONE = frozenset({"tanh", "erf"})  # of these
_COUNTED = 1000  # numbers of which one is the largest
DEEP = 40


class Signs:
    """What is known of the signs of shapes.

    Args:
        shapes: The table behind them.
    """

    def __init__(self, shapes: Shapes) -> None:
        self._shapes = shapes
        self._signs: dict[int, int] = {}
        self._bounds: dict[int, tuple[float, bool]] = {}

    def sign(self, shape: int, deep: int = DEEP) -> int:
        """Whether a number is above zero, or not below."""
        if shape not in self._signs:
            for part in self._sums_in(shape) if deep else ():  # however many terms there are
                self._signs[part] = self._find_sign(part, deep)
            self._signs[shape] = self._find_sign(shape, deep)
        return self._signs[shape]

    def _sums_in(self, shape: int) -> list[int]:
        """The sums that a sum is made of, itself not among them, those without sums first."""
        seen, waiting = {shape}, [shape]
        while waiting:
            top = waiting.pop()
            operation, *rest = self._shapes.made[abs(top)]
            if operation == "add":
                parts = (part if top > 0 else -part for part in rest)
                new = {part for part in parts if part not in self._signs} - seen
                seen |= new
                waiting += new
        sums = (part for part in seen - {shape} if self._shapes.made[abs(part)][0] == "add")
        return sorted(sums, key=abs)

    def _find_sign(self, shape: int, deep: int) -> int:
        number = self._shapes.value(shape)
        if number is not None:
            return POSITIVE if number > 0 else UNKNOWN if number < 0 else NOT_NEGATIVE
        if not deep:
            return UNKNOWN
        operation, *rest = self._shapes.made[abs(shape)]
        if operation == "add" and self._least(shape, deep) > (0.0, False):
            return POSITIVE
        if operation == "add" and self._counts_the_largest(shape):
            return POSITIVE
        if operation == "add":
            parts = [x if shape > 0 else -x for x in rest]
            signs = [self.sign(x, deep - 1) for x in parts]
            return max(signs) if UNKNOWN not in signs else UNKNOWN
        if shape < 0:
            return UNKNOWN
        if operation in ("multiply", "divide"):
            if rest[0] == rest[1]:
                return max(NOT_NEGATIVE, self.sign(rest[0], deep - 1))
            return min(self.sign(x, deep - 1) for x in rest)
        if operation == "power":
            even = NOT_NEGATIVE if rest[1] % 2 == 0 else UNKNOWN
            return max(even, self.sign(rest[0], deep - 1))
        return self._sign_of_call(rest, deep) if operation == "call" else UNKNOWN

    def _counts_the_largest(self, shape: int) -> bool:
        """True of a sum over numbers of what is above zero where one is the largest of them.

        One of them is: Max gives one of its operands, bit for bit.
        """
        forms: set[Form] = set()
        terms = [shape]
        while terms:
            term = terms.pop()
            operation, *rest = self._shapes.made[abs(term)]
            if term > 0 and operation == "add":
                terms += rest
                continue
            form = self._counted(rest) if term > 0 and operation == "call" else None
            if form is None or len(forms) > _COUNTED:
                return False
            forms.add(form)
        largest = {core for form in forms for core, _ in form if self._parts_of(core)}
        return any(self._is_counted(core, forms) for core in sorted(largest))

    def _is_counted(self, largest: int, forms: set[Form]) -> bool:
        """True if what a number is the largest of is counted, or what that is the largest of."""
        parts = self._parts_of(largest)
        while parts:
            part = parts.pop()
            asked = self._shapes.form(part, largest)
            if asked is not None and asked[0] in forms:
                continue
            inner = self._parts_of(part) if self._is_alike(part, largest) else []
            if not inner:
                return False
            parts += inner
        return True

    def _counted(self, call: list[Any]) -> Form | None:
        """What is zero where a choice is above zero, if it is nowhere below."""
        if call[0] != "where" or self.sign(call[2]) != POSITIVE or not self.sign(call[3]):
            return None
        made = self._shapes.made[abs(call[1])]
        form: Form | None = made[3] if made[:3] == ("call", "condition", "zero") else None
        return form

    def _parts_of(self, shape: int) -> list[int]:
        """What a number is the larger, or the smaller, of; [] if it is no such thing."""
        made = self._shapes.made[shape] if shape > 0 else ()
        return [*made[2:]] if made[:2] in (("call", "Max"), ("call", "Min")) else []

    def _is_alike(self, one: int, other: int) -> bool:
        return one > 0 and self._shapes.made[one][:2] == self._shapes.made[other][:2]

    def _least(self, shape: int, deep: int) -> tuple[float, bool]:
        """What a shape is not below, and whether it is above: 1 of 2 + sin(x), 0 of 1 - tanh(x)."""
        known = self._bounds.get(shape)
        if known is None:
            known = self._bounds[shape] = self._find_least(shape, deep)
        return known

    def _find_least(self, shape: int, deep: int) -> tuple[float, bool]:
        number = self._shapes.value(shape)
        if number is not None:
            return number, False
        operation, *rest = self._shapes.made[abs(shape)]
        if operation == "call" and rest[0] in _WITHIN_ONE:
            return -1.0, rest[0] in _NEVER_ONE
        if operation == "multiply" and deep:
            return self._least_of_product(shape, rest, deep)
        if operation == "add" and deep:
            parts = [self._least(x if shape > 0 else -x, deep - 1) for x in rest]
            return sum(least for least, _ in parts), any(above for _, above in parts)
        sign = self.sign(shape, deep - 1) if deep else UNKNOWN
        return (0.0, sign == POSITIVE) if sign else (-math.inf, False)

    def _least_of_product(self, shape: int, factors: list[int], deep: int) -> tuple[float, bool]:
        """Of a number times something: 3 * sin(x) is at least -3, -sin(x) * sin(x) at least -1."""
        names = [self._shapes.made[abs(x)][:2] for x in factors]
        if shape < 0 and all(made[0] == "call" and made[1] in _WITHIN_ONE for made in names):
            return -1.0, any(made[1] in _NEVER_ONE for made in names)
        for one, other in (factors, factors[::-1]):
            number = self._shapes.value(one)
            if number and math.frexp(number)[0] == 0.5:  # exactly
                least, above = self._least(other if shape > 0 else -other, deep - 1)
                return number * least, above
        sign = self.sign(shape, deep - 1)
        return (0.0, sign == POSITIVE) if sign else (-math.inf, False)

    def _sign_of_call(self, call: list[Any], deep: int) -> int:
        name, *operands = call
        if name in _ABOVE_ZERO:
            return POSITIVE
        if name in _NOT_BELOW_ZERO:
            above = POSITIVE in (self.sign(x, deep - 1) for x in (operands[0], -operands[0]))
            return POSITIVE if above else NOT_NEGATIVE
        if name == "power":
            return max(NOT_NEGATIVE, self.sign(operands[0], deep - 1))
        if name in ("sinh", "tanh", "asinh", "atan", "erf"):
            return self.sign(operands[0], deep - 1)
        if name == "besseli" and self._shapes.value(operands[0]) == 0.0:
            return POSITIVE
        if name == "log":
            return self._sign_of_log(operands[0], deep)
        if name == "where":
            return min(self.sign(x, deep - 1) for x in operands[1:])
        if name in ("Max", "Min"):
            signs = [self.sign(x, deep - 1) for x in operands]
            return max(signs) if name == "Max" else min(signs)
        return UNKNOWN

    def _sign_of_log(self, inside: int, deep: int) -> int:
        operation, *rest = self._shapes.made[abs(inside)]
        if inside < 0 or operation != "add":
            number = self._shapes.value(inside)
            return POSITIVE if number is not None and number > 1.0 else UNKNOWN
        for one, other in (rest, rest[::-1]):
            if (self._shapes.value(one) or 0.0) >= 1.0:
                return self.sign(other, deep - 1)
        return UNKNOWN
