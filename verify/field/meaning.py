"""What the texts of the ``sympy`` column mean where conditions are numbers, too.

``Algebra`` (algebra.py) takes one side of every condition.  Here nothing is decided: a condition is
a number c, and ``where(c, x, y)`` is ``c * x + (1 - c) * y``.  Two kinds of numbers share this
reading: elements of a prime field (field.py) and nodes of the proof (compose.py).  A kind brings
its arithmetic as Python operators, and says what an order, an equality and a function of its
numbers is.
"""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any, Generic, TypeVar

from autodiff.table import ops
from autodiff.table.primitive import Operand, Primitive
from verify.numbers.algebra import compiled_column
from verify.program.program import Program

__all__ = ["Meaning", "Number", "PoleError", "Symbolic"]

_DIRECT: dict[Primitive, Callable[..., Any]] = {
    ops.add: operator.add,
    ops.sub: operator.sub,
    ops.mul: operator.mul,
    ops.div: operator.truediv,
}
_CONSTANTS = frozenset({"pi", "E", "EulerGamma"})


class PoleError(ArithmeticError):
    """A denominator is zero at this random point, or everywhere."""


class Symbolic(Operand):
    """A number of such a kind.

    Attributes:
        meaning: What texts mean over its kind.
    """

    __slots__ = ("meaning",)
    meaning: Meaning[Any]

    def bind(self, primitive: Primitive, operands: tuple[object, ...]) -> object:
        """Result of a primitive: the meaning of its text."""
        meaning = self.meaning
        function = meaning.of_primitive.get(primitive) or meaning.meaning_of(primitive)
        return function(*[x if isinstance(x, Symbolic) else meaning.lift(x) for x in operands])


Number = TypeVar("Number", bound=Symbolic)


class Meaning(ABC, Generic[Number]):
    """Meaning of texts over one kind of numbers.

    Attributes:
        of_primitive: The meaning of primitives met so far.
        turned: True once the chain rule has all values; what follows are derivatives.
    """

    turned = False

    def __init__(self) -> None:
        self.of_primitive: dict[Primitive, Callable[..., Number]] = dict(_DIRECT)
        self._functions: dict[tuple[str, int], Callable[..., Number]] = {}
        # When a number made by ``and`` or ``or`` is not zero.
        self._holds: dict[object, Number] = {}

    @cached_property
    def _names(self) -> dict[str, object]:
        """What texts may name; made for the first text, for a product needs none."""
        names: dict[str, object] = {
            "__builtins__": {},
            "literal": self.lift,
            "lt": lambda x, y: self.less(self.lift(x), self.lift(y)),
            "gt": lambda x, y: self.less(self.lift(y), self.lift(x)),
            "le": lambda x, y: self.negation(self.less(self.lift(y), self.lift(x))),
            "ge": lambda x, y: self.negation(self.less(self.lift(x), self.lift(y))),
            "eq": self._equal,
            "ne": lambda x, y: self.negation(self._equal(x, y)),
            "Eq": self._equal,
            "Ne": lambda x, y: self.negation(self._equal(x, y)),
            "And": self._and,
            "Or": self._or,
            "Not": lambda x: self.negation(self.truth(x)),
            "both": lambda x, y: self._decider(x, y, self._and),
            "either": lambda x, y: self._decider(x, y, self._or),
            "Piecewise": self._piecewise,
            "Max": lambda x, y: self._extreme(x, y, self.larger),
            "Min": lambda x, y: self._extreme(x, y, self.smaller),
            "sign": self._sign,
            "mod": lambda x, y: self.function("mod", x, y),
            "Rational": lambda p, q: self.lift(Fraction(p, q)),
        }
        return names | self._own_names()

    def _own_names(self) -> dict[str, object]:
        """What names mean to this kind of numbers alone."""
        return {}

    # --- what a kind of numbers says ---

    @abstractmethod
    def lift(self, value: object) -> Number:
        """The number that stands for a float, an int, a Fraction; a number stays itself."""

    @abstractmethod
    def key(self, x: Number) -> object:
        """What equal numbers have in common, to look them up."""

    @abstractmethod
    def less(self, x: Number, y: Number) -> Number:
        """The condition x < y."""

    @abstractmethod
    def equal(self, x: Number, y: Number) -> Number:
        """The condition x == y."""

    @abstractmethod
    def negation(self, condition: Number) -> Number:
        """The condition that holds where this one does not."""

    @abstractmethod
    def is_condition(self, x: Number) -> bool:
        """True for a number known to be 0 or 1."""

    @abstractmethod
    def conjunction(self, x: Number, y: Number) -> Number:
        """The condition that both conditions hold."""

    @abstractmethod
    def where(self, condition: Number, x: Number, y: Number) -> Number:
        """x where the condition holds, else y."""

    @abstractmethod
    def larger(self, x: Number, y: Number) -> Number:
        """The larger of two numbers."""

    @abstractmethod
    def smaller(self, x: Number, y: Number) -> Number:
        """The smaller of two numbers."""

    @abstractmethod
    def function(self, name: str, *operands: object) -> Number:
        """Any function that arithmetic does not make: exp, log, floor."""

    # --- texts ---

    def run(self, program: Program, inputs: Sequence[object]) -> list[object]:
        """The number at every place of ``program`` that matters, None at the others."""
        values = [*inputs, *[None] * len(program.steps)]
        functions = self._functions
        for place, step in program.computed():
            if type(step) is tuple:
                text, operands = step
                function = functions.get((text, len(operands)))
                if function is None:
                    function = self.text(text, len(operands))
                values[place] = function(*[values[i] for i in operands])
            else:
                values[place] = self.lift(step)
        return values

    def meaning_of(self, primitive: Primitive) -> Callable[..., Number]:
        """What a primitive does to numbers of this kind."""
        found = self.of_primitive[primitive] = self.text(primitive.sympy, primitive.arity)
        return found

    def as_called(self, primitive: Primitive) -> Callable[..., object]:
        """A primitive as emitted code calls it, with known numbers among its operands or alone."""
        return primitive

    def text(self, text: str, arity: int) -> Callable[..., Number]:
        """A primitive's text as a function of numbers of this kind."""
        key = text, arity
        found = self._functions.get(key)
        if found is None:
            code, used = compiled_column(text, arity)
            for name in used.difference(self._names):
                self._names[name] = self._named(name)
            found = self._functions[key] = eval(code, self._names)
        return found

    def _named(self, name: str) -> object:
        if name in _CONSTANTS:
            return self.function(name)
        return lambda *operands: self.function(name, *operands)

    # --- conditions ---

    def truth(self, given: object) -> Number:
        """What a condition sees of a number: whether it differs from zero."""
        x = self.lift(given)
        if self.is_condition(x):
            return x
        known = self._holds.get(self.key(x))
        return self.negation(self.equal(x, self.lift(0))) if known is None else known

    def _equal(self, x: object, y: object) -> Number:
        return self.equal(self.lift(x), self.lift(y))

    def _and(self, x: object, y: object) -> Number:
        return self.conjunction(self.truth(x), self.truth(y))

    def _or(self, x: object, y: object) -> Number:
        neither = self.conjunction(self.negation(self.truth(x)), self.negation(self.truth(y)))
        return self.negation(neither)

    def _decider(
        self, one: object, other: object, logical: Callable[[object, object], Number]
    ) -> Number:
        """Python's ``x and y``, ``x or y``: the operand that decides."""
        x, y = self.lift(one), self.lift(other)
        if self.is_condition(x) and self.is_condition(y):
            return logical(x, y)
        result = self.where(self.truth(x), *((y, x) if logical == self._and else (x, y)))
        self._holds[self.key(result)] = logical(x, y)
        return result

    def _piecewise(self, *pairs: tuple[object, object]) -> Number:
        *cases, (last, _) = pairs  # the last condition is always True
        result = self.lift(last)
        for value, condition in reversed(cases):
            result = self.where(self.truth(condition), self.lift(value), result)
        return result

    def _extreme(self, x: object, y: object, choose: Callable[[Number, Number], Number]) -> Number:
        return choose(self.lift(x), self.lift(y))

    def _sign(self, given: object) -> Number:
        """As every target spells it: two comparisons; at zero (and nan) x itself."""
        x, zero = self.lift(given), self.lift(0)
        at_zero = self.where(self.equal(x, zero), zero, x)
        below = self.where(self.less(x, zero), self.lift(-1), at_zero)
        return self.where(self.less(zero, x), self.lift(1), below)
