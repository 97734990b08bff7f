"""Structure: what steps of a program need to be defined, over the reals.

A quotient needs a denominator that is not zero, a logarithm a positive number.  Such a *need* is
taken apart (``x * y`` is not zero if neither is) and dropped where signs show that it always holds
(``1 + exp(x)``), so that needs of two programs can be told from each other by what is left.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from verify.induction.made import Made, Making
from verify.induction.shapes import Form, Shapes
from verify.induction.signs import DEEP, NOT_NEGATIVE, POSITIVE, Signs

__all__ = ["Need", "Structures"]

# A kind ("nonzero", "positive", "nonnegative", or the name of a function) and what needs it.
Need = tuple[Any, ...]
_OF_ONE = {"log": "positive", "sqrt": "nonnegative"}
_ELSEWHERE = frozenset({
    "acos", "acosh", "asin", "atan2", "atanh", "besselk", "bessely", "digamma", "erfcinv", "erfinv",
    "gamma", "loggamma", "polygamma", "tan",
})  # fmt: skip


class Structure(Made):
    """A number that is known by how it was made.

    Attributes:
        shape: Its shape, with every text written out.
    """

    __slots__ = ("shape",)
    meaning: Structures

    def __init__(self, meaning: Structures, shape: int) -> None:
        self.meaning, self.shape = meaning, shape

    def __neg__(self) -> Structure:
        return Structure(self.meaning, -self.shape)

    def __pow__(self, y: object) -> Structure:
        return self.meaning.node("pow", self, y)

    def __rpow__(self, x: object) -> Structure:
        return self.meaning.node("pow", x, self)


class Structures(Making[Structure]):
    """Numbers known by how they were made, and what they need.

    Attributes:
        shapes: The table behind them.
        needs: What was needed since somebody emptied this.
    """

    def __init__(self) -> None:
        super().__init__()
        self.shapes = Shapes()
        self.needs: list[Need] = []
        self._signs = Signs(self.shapes)
        self._reductions: dict[tuple[str, int], tuple[Need, ...]] = {}
        self._names |= {name: partial(self._function_of, name) for name in _ELSEWHERE}
        self._names |= {"Abs": self._abs, "floor": partial(self._function_of, "floor")}
        self._operations: dict[str, Callable[[int, int], int]] = {
            "add": self.shapes.add,
            "sub": lambda x, y: self.shapes.add(x, -y),
            "mul": self._product,
            "div": self._quotient,
            "pow": self._power,
        }

    # --- making ---

    def input(self, place: int) -> Structure:
        """An input."""
        return Structure(self, self.shapes.input(place))

    def lift(self, value: Any) -> Structure:
        """A number."""
        if isinstance(value, Structure):
            return value
        return Structure(self, self.shapes.number(float(value)))

    def node(self, operation: str, x: object, y: object) -> Structure:
        """A sum, difference, product, quotient or power."""
        found = self._operations[operation](self.lift(x).shape, self.lift(y).shape)
        return Structure(self, found)

    def _product(self, x: int, y: int) -> int:
        return (
            self.shapes.number(0.0)
            if 0.0 in (self._value(x), self._value(y))
            else (self.shapes.multiply(x, y))
        )

    def _value(self, shape: int) -> float | None:
        return self.shapes.value(shape)

    def _quotient(self, x: int, y: int) -> int:
        self._need("nonzero", y)
        return self.shapes.divide(x, y)

    def _power(self, x: int, y: int) -> int:
        exponent = self._value(y)
        if exponent is None:
            self._need("nonnegative", x)
            if self._signs.sign(y) != POSITIVE:
                self._need("nonzero", x)
        else:
            if exponent % 1.0:
                self._need("nonnegative", x)
            if exponent < 0.0:
                self._need("nonzero", x)
        return self.shapes.power(x, y)

    def function(self, name: str, *operands: object) -> Structure:
        """A function that is defined everywhere, or whose need has a name."""
        places = [self.lift(x).shape for x in operands]
        if name in _OF_ONE:
            self._need(_OF_ONE[name], places[0])
        if name == "mod":
            self._need("nonzero", places[1])
        return Structure(self, self.shapes.called(name, *places))

    def _function_of(self, name: str, *operands: object) -> object:
        found = self.function(name, *operands)
        one, first = self.shapes.number(1.0), self.lift(operands[0]).shape
        if name in ("asin", "acos"):
            self._need("nonnegative", self.shapes.add(one, -self.shapes.multiply(first, first)))
        elif name == "acosh":
            self._need("nonnegative", self.shapes.add(first, -one))
        elif name == "atanh":
            self._need("positive", self.shapes.add(one, -self.shapes.multiply(first, first)))
        elif name == "tan":
            self._need("nonzero", self.function("cos", *operands).shape)
        elif name in _ELSEWHERE and any(self._value(self.lift(x).shape) is None for x in operands):
            self.needs.append((name, abs(found.shape)))
        return found

    def _abs(self, x: object) -> Structure:
        return Structure(self, self.shapes.called("Abs", abs(self.lift(x).shape)))

    # --- conditions ---

    def key(self, x: Structure) -> int:
        """Its shape."""
        shape: int = x.shape
        return shape

    def _condition(self, kind: str, form: Form) -> Structure:
        return Structure(self, self.shapes.called("condition", kind, form))  # type: ignore[arg-type]

    def less(self, x: Structure, y: Structure) -> Structure:
        """The condition x < y."""
        asked = self.shapes.form(x.shape, y.shape)
        if asked is None:
            return self.function("less", x, y)
        form, sign = asked
        if not form:
            return self.lift(float(sign < 0))
        return self._condition("below" if sign > 0 else "above", form)

    def equal(self, x: Structure, y: Structure) -> Structure:
        """The condition x == y."""
        asked = self.shapes.form(x.shape, y.shape)
        if asked is None:
            return self.function("equal", x, y)
        form, sign = asked
        return self._condition("zero", form) if form else self.lift(float(sign == 0))

    def is_condition(self, x: Structure) -> bool:
        """True for comparisons, and what logic makes of them."""
        made = self.shapes.made[abs(x.shape)]
        return made[0] == "call" and made[1] in _CONDITIONS

    def negation(self, condition: Structure) -> Structure:
        """Not c."""
        made = self.shapes.made[abs(condition.shape)]
        if made[:2] == ("call", "not"):
            return Structure(self, made[2])
        return self.function("not", condition)

    def conjunction(self, x: Structure, y: Structure) -> Structure:
        """Both."""
        low, high = sorted((x.shape, y.shape))
        return Structure(self, self.shapes.called("and", low, high))

    def where(self, condition: Structure, x: Structure, y: Structure) -> Structure:
        """A choice."""
        return x if x.shape == y.shape else self.function("where", condition, x, y)

    def larger(self, x: Structure, y: Structure) -> Structure:
        """The larger of two."""
        return self.function("Max", x, y)

    def smaller(self, x: Structure, y: Structure) -> Structure:
        """The smaller of two."""
        return self.function("Min", x, y)

    def facts(self, condition: int, holds: bool) -> Iterator[tuple[int, bool]]:
        """What is known where a condition holds, or does not: conditions, and whether they hold."""
        yield condition, holds
        operation, *rest = self.shapes.made[abs(condition)]
        if operation != "call":
            return
        if rest[0] == "not":
            yield from self.facts(rest[1], not holds)
        elif rest[0] == "and" and holds:
            yield from self.facts(rest[1], True)
            yield from self.facts(rest[2], True)

    # --- needs ---

    def _need(self, kind: str, shape: int) -> None:
        self.needs += self.reduced(kind, shape)

    def reduced(self, kind: str, shape: int, deep: int = DEEP) -> tuple[Need, ...]:
        """What is left of a need, taken apart."""
        key = kind, shape
        known = self._reductions.get(key)
        if known is None:
            left = dict.fromkeys(self._left(kind, shape, deep))
            known = self._reductions[key] = tuple(left)
        return known

    def _left(self, kind: str, shape: int, deep: int) -> Iterator[Need]:
        known, negative = self._signs.sign(shape), self._signs.sign(-shape)
        if known == POSITIVE or (kind == "nonzero" and negative == POSITIVE):
            return
        if kind == "nonnegative" and known == NOT_NEGATIVE:
            return
        if kind == "positive" and known == NOT_NEGATIVE:
            kind = "nonzero"
        number = self._value(shape)
        if number is not None and math.isfinite(number) and not deep:
            return
        parts = self._parts(kind, shape) if deep else None
        if parts is None:
            yield kind, (abs(shape) if kind == "nonzero" else shape)
            return
        for more, part in parts:
            yield from self.reduced(more, part, deep - 1)

    def _parts(self, kind: str, shape: int) -> list[tuple[str, int]] | None:
        """Needs that a need amounts to; None if it is taken as it is."""
        operation, *rest = self.shapes.made[abs(shape)]
        if kind == "nonzero":
            if operation == "multiply":
                return [(kind, rest[0]), (kind, rest[1])]
            if operation in ("divide", "power"):
                return [(kind, rest[0])]
            if operation == "add" and (factors := self._factors(rest)):
                return [(kind, x) for x in factors]
            if operation == "call" and rest[0] in ("sqrt", "Abs", "power", "asinh", "atan", "erf"):
                return [(kind, rest[1])]
            if operation == "call" and rest[0] == "where" and self._is_zero_where(*rest[1:]):
                return [(kind, rest[2])]
        elif shape > 0 and operation == "multiply" and (square := self._of_factors(rest)):
            return [(kind, square)]
        elif shape > 0 and operation in ("multiply", "divide"):
            for one, other in (rest, rest[::-1]):
                if self._signs.sign(one) == POSITIVE:
                    return [(kind, other)]
        return None

    def _is_zero_where(self, condition: int, _: int, otherwise: int) -> bool:
        """True if what a choice gives else is zero only where the condition holds."""
        asked = self.shapes.form(otherwise, self.shapes.number(0.0))
        made = self.shapes.made[abs(condition)]
        return asked is not None and made == ("call", "condition", "zero", asked[0])

    def _factors(self, terms: list[int]) -> list[int]:
        """1 - x and 1 + x, of the terms of 1 - x * x or its negative; [] of others."""
        for one, other in (terms, terms[::-1]):
            made = self.shapes.made[abs(other)]
            is_square = made[0] == "multiply" and made[1] == made[2]
            is_one = abs(self._value(one) or 0.0) == 1.0 and (one > 0) is not (other > 0)
            if is_square and is_one:
                unit = self.shapes.number(1.0)
                return [self.shapes.add(unit, x) for x in (made[1], -made[1])]
        return []

    def _of_factors(self, factors: list[int]) -> int:
        """1 - x * x of the factors 1 - x and 1 + x, or 0."""
        unit = self.shapes.number(1.0)
        made = self.shapes.made[factors[0]]
        if made[0] != "add" or unit not in made[1:]:
            return 0
        x = abs(made[2] if made[1] == unit else made[1])
        pair = sorted(abs(self.shapes.add(unit, y)) for y in (x, -x))
        square = self.shapes.multiply(x, x)
        return self.shapes.add(unit, -square) if pair == sorted(factors) else 0


_CONDITIONS = frozenset({"condition", "less", "equal", "and", "not"})
