"""Factors: what a text needs, met as a product of what the chain rule needs.

``a*(1 - a) > 0`` where sqrt(a) and sqrt((1 - sqrt(a))*(1 + sqrt(a))) are divided by; a sum that is
not scaled, where the function takes the logarithm of the scaled one, or of several in a row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations_with_replacement
from typing import NamedTuple, TypeAlias

from verify.induction.compose import Composition, lanes
from verify.induction.functions.generic import PRIME
from verify.induction.functions.needed import needed
from verify.induction.functions.relations import Relations
from verify.induction.nodes import Nodes
from verify.program.program import Program

__all__ = ["is_product"]

_MOST, _PAIRED = 40, 10  # needs that are looked at, and of which products are
_NUMBERS, _ITEMS, _GUESSES = 12, 60, 4
_Items: TypeAlias = tuple[tuple[int, int], ...]  # numbers, and 1 or -1 for those divided by
_SERVES = {
    "nonzero": frozenset({"nonzero", "positive"}),
    "positive": frozenset({"positive"}),
    "nonnegative": frozenset({"positive", "nonnegative"}),
}


def is_product(need: str, wanted: Program, known: Sequence[tuple[str, Program]]) -> bool:
    """True if a number is what it has to be as one of others, or a product of some.

    Args:
        need: "nonzero", "positive" or "nonnegative".
        wanted: What has to be that.
        known: What is that, and what is another of these.
    """
    composition = Composition(lanes(1))
    nodes, surely = composition.nodes, set[int]()
    inputs = [composition.input(i) for i in range(wanted.inputs)]

    def number(program: Program) -> int:
        values = composition.run(program, inputs)
        surely.update(needed(program, values, program.outputs[0], nodes))
        return composition.lift(values[program.outputs[0]]).index

    x = number(wanted)
    every = [(kind, number(program)) for kind, program in known[:_MOST]]
    given = [node for kind, node in every if kind in _SERVES[need]][:_PAIRED]
    products = [nodes.arithmetic("mul", *pair) for pair in combinations_with_replacement(given, 2)]
    relations = Relations(nodes, [x, *given, *products], surely)
    either = (x, nodes.negative(x)) if need == "nonzero" else (x,)
    if any(relations.prove(i, y) for i in either for y in (*given, *products)):
        return True
    numbers = {abs(c) for p in (wanted, *(p for _, p in known)) for c in p.literals()}
    scales = [Fraction(c) for c in sorted(numbers) if c and c - c == 0.0][:_NUMBERS]
    return _Factors(nodes, every, scales).has(need, x)


class _Factored(NamedTuple):
    """What decides the sign of a product.

    Args:
        sign: That of the numbers in it.
        odd: Factors whose sign counts.
        factors: All factors that may be zero.
    """

    sign: int
    odd: frozenset[int]
    factors: frozenset[int]

    def times(self, other: _Factored) -> _Factored:
        """The product, or the quotient."""
        odd, factors = self.odd ^ other.odd, self.factors | other.factors
        return _Factored(self.sign * other.sign, odd, factors)


_ONE = _Factored(1, frozenset(), frozenset())


class _Factors:
    """What is known of factors.

    Args:
        nodes: The table.
        known: What numbers are, and the numbers.
        scales: Numbers that others may be multiples of.
    """

    def __init__(
        self, nodes: Nodes, known: Sequence[tuple[str, int]], scales: Sequence[Fraction]
    ) -> None:
        self._nodes = nodes
        both = [c for scale in (Fraction(1), *scales) for c in (scale, 1 / scale)]
        self._scales = dict.fromkeys(sign * c for c in both for sign in (1, -1))
        factored = [(kind, self._factored(node)) for kind, node in known]
        # A product that is not zero has no factor that is, and nobody divides by zero.
        self._apart = {f for kind, x in factored if kind != "nonnegative" for f in x.factors}
        self._factors = {f for _, x in factored for f in x.factors}
        self._items = [*dict.fromkeys((*(node for _, node in known), *sorted(self._factors)))]
        self._signed: dict[int, _Factored] = {}  # by the largest factor that it decides
        for kind, x in factored:
            if kind != "nonzero" and (left := self._reduced(x)).odd:
                self._signed[max(left.odd)] = left

    def has(self, need: str, x: int) -> bool:
        """True if a number is what it has to be."""
        whole = _ONE
        for factor, exponent in self._parts(x):
            part = self._factored(factor)
            if factor not in self._factors and part.factors:
                part = self._as_product(factor) or part
            whole = whole.times(_raised(part, exponent))
        if need != "nonnegative" and whole.factors - self._apart:
            return False
        if need == "nonzero":
            return True
        left = self._reduced(whole)
        return left.sign > 0 and not left.odd and left.factors - whole.factors <= self._apart

    def _reduced(self, x: _Factored) -> _Factored:
        """A product, times those not below zero that leave few factors whose sign counts."""
        for factor in sorted(self._signed, reverse=True):
            if factor in x.odd:
                x = x.times(self._signed[factor])
        return x

    def _parts(self, x: int) -> Iterator[tuple[int, int]]:
        """Factors of a number, as it was made, and their exponents."""
        waiting = [(x, 1)]
        while waiting:
            i, exponent = waiting.pop()
            operation, *places = self._nodes.made[i]
            if operation == "mul":
                waiting += [(place, exponent) for place in places]
            elif operation == "div":
                waiting += [(places[0], exponent), (places[1], -exponent)]
            elif operation == "neg":
                yield self._nodes.number(-1), 1
                waiting.append((places[0], exponent))
            elif operation == "pow":
                waiting.append((places[0], exponent * places[1]))
            elif operation == "reciprocal":
                waiting.append((places[0], -exponent))
            else:
                yield i, exponent

    def _factored(self, x: int) -> _Factored:
        whole = _ONE
        for factor, exponent in self._parts(x):
            number, made = self._nodes.value(factor), self._nodes.made[factor]
            one = frozenset({factor})
            part = _Factored(1, one, one)
            if number:
                part = _Factored(1 if number > 0 else -1, frozenset(), frozenset())
            elif made[:2] == ("function", "exp"):
                part = _ONE
            elif made[:2] in (("function", "sqrt"), ("function", "Abs")):
                part = _Factored(1, frozenset(), one)
            whole = whole.times(_raised(part, exponent))
        return whole

    def _as_product(self, x: int) -> _Factored | None:
        """A number as a multiple of a product or quotient of up to three of those known."""
        nodes = self._nodes
        for scale, items in self._guessed(x):
            product, whole = nodes.number(scale), _Factored(1 if scale > 0 else -1, *_ONE[1:])
            for item, exponent in items:
                product = nodes.arithmetic("mul" if exponent > 0 else "div", product, item)
                whole = whole.times(_raised(self._factored(item), exponent))
            if product == x or nodes.prove(max(product, x), min(product, x)):
                return whole
        return None

    def _guessed(self, x: int) -> Iterator[tuple[Fraction, _Items]]:
        """Multiples of products that have the value of a number at a random point."""
        of = self._nodes.residue
        values = {of(self._nodes.number(scale)): scale for scale in self._scales}
        ones: list[tuple[int, _Items]] = [(1, ())]
        for item in self._items[:_ITEMS]:
            value = of(item)
            if value:
                ones += [(value, ((item, 1),)), (pow(value, -1, PRIME), ((item, -1),))]
        pairs = {a * b % PRIME: (*x, *y) for a, x in reversed(ones) for b, y in reversed(ones)}
        guesses = 0
        for value, scale in values.items():
            for times, more in ones:
                wanted = of(x) * pow(value * times, -1, PRIME) % PRIME
                if wanted in pairs and guesses < _GUESSES:
                    guesses += 1
                    yield scale, (*more, *pairs[wanted])


def _raised(x: _Factored, exponent: int) -> _Factored:
    return x if exponent % 2 else _Factored(1, frozenset(), x.factors)
