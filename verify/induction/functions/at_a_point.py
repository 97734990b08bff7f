"""At a point: what nodes are at one drawn at random, roots as roots of numbers (generic.py).

They tell what is surely no divisor of zero, and which guesses are not worth a proof.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TypeAlias

from verify.induction.functions.generic import (
    PRIME,
    Element,
    is_regular,
    product,
    raised,
    summed,
)
from verify.induction.nodes import Nodes
from verify.induction.normal import Polynomial

__all__ = ["ARITHMETIC", "Key", "Values"]

ARITHMETIC = frozenset({"add", "sub", "mul", "div", "neg", "pow", "where"})
Key: TypeAlias = frozenset[tuple[frozenset[int], int]]  # an Element, to look it up
_ROOTS = 8  # more are not told from each other
_PAIR = 2  # of which nothing is known: worth a proof; of more terms there are too many guesses


class Values:
    """The value of each node, None where there are conditions or a pole.

    Args:
        nodes: The table.
        defined: Functions by others.
        squares: Of roots and cosines.
    """

    def __init__(
        self, nodes: Nodes, defined: Mapping[int, Polynomial], squares: Mapping[int, Polynomial]
    ) -> None:
        self._nodes, self._defined, self._squares = nodes, defined, squares
        self._values: dict[int, Element | None] = {}
        self._squared: dict[int, Element] = {}
        self._draw = random.Random(0)  # any will do

    def forget(self) -> None:
        """Find all values again, now that something else is known."""
        self._values.clear()
        self._squared.clear()

    def is_regular(self, i: int) -> bool:
        """True only for a node that is no divisor of zero."""
        value = self._value(i)
        return value is not None and is_regular(value, self._squared)

    def differ(self, terms: Sequence[tuple[int, int]]) -> bool:
        """True if a sum of nodes, with a sign each, is known not to be zero."""
        total = self.at(terms)
        return len(terms) > _PAIR if total is None else bool(total)

    def at(self, terms: Sequence[tuple[int, int]]) -> Key | None:
        """What a sum of nodes, with a sign each, is there; None if nothing is known of one."""
        result: Element = {}
        for i, sign in terms:
            value = self._value(i)
            if value is None:
                return None
            result = summed(result, {roots: sign * a % PRIME for roots, a in value.items()})
        return frozenset(result.items())

    def _value(self, symbol: int) -> Element | None:
        """What a node is at a point drawn at random; None if there are conditions, or is a pole.

        What is regular there is so everywhere (generic.py).
        """
        waiting = [symbol]
        while waiting:
            i = waiting[-1]
            made = self._defined.get(i) or self._squares.get(i) or self._by_arithmetic(i)
            left = [s for m in made or () for s, _ in m if s not in self._values]
            if not left:
                waiting.pop()
                if i not in self._values:
                    self._note_value(i, made)
            waiting += left
        return self._values[symbol]

    def _by_arithmetic(self, i: int) -> Polynomial | None:
        is_made = self._nodes.made[i][0] in ("number", *ARITHMETIC)
        return self._nodes.definition(i) if is_made else None

    def _note_value(self, i: int, made: Polynomial | None) -> None:
        is_root = i in self._squares and i not in self._defined
        if self._nodes.made[i][0] == "where" or self._nodes.is_condition(i):
            self._values[i] = None
        elif made is None:
            self._values[i] = {frozenset(): self._draw.randrange(2, PRIME)}
        elif (value := self._evaluated(made)) is None or not is_root:
            self._values[i] = value
        elif len(self._squared) < _ROOTS:
            self._squared[i], self._values[i] = value, {frozenset({i}): 1}
        else:
            self._values[i] = None

    def _evaluated(self, polynomial: Polynomial) -> Element | None:
        result: Element = {}
        for monomial, coefficient in polynomial.items():
            number = Fraction(coefficient)
            below = pow(number.denominator, -1, PRIME)
            term: Element = {frozenset(): number.numerator * below % PRIME}
            for symbol, exponent in monomial:
                x = self._values[symbol]
                power = None if x is None else raised(x, exponent, self._squared)
                if power is None:
                    return None
                term = product(term, power, self._squared)
            result = summed(result, term)
        return result
