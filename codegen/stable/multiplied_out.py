"""Polynomials: sums and products multiplied out exactly, so that what cancels is seen to.

An expression is a sum of monomials over atoms: inputs, functions of something, denominators that
are sums.  Coefficients are fractions and exponents integers, so equal polynomials are equal
functions wherever both are defined; the square of a root is what is under it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from fractions import Fraction
from math import gcd
from typing import TypeAlias

from codegen.stable.many_forms import Expressions

__all__ = ["Monomial", "Polynomial", "Polynomials"]

Monomial: TypeAlias = tuple[tuple[int, int], ...]  # (atom, exponent), by atom
Polynomial: TypeAlias = dict[Monomial, Fraction]

_TERMS = 48
_ONE: Monomial = ()
_ROOTS = {"sqrt": 2, "cbrt": 3}


class TooLongError(Exception):
    """More terms than are worth multiplying out."""


class Polynomials:
    """The polynomials of expressions.

    Args:
        expressions: The expressions.
    """

    def __init__(self, expressions: Expressions) -> None:
        self._e = expressions
        self._known: dict[int, Polynomial | None] = {}

    def of(self, index: int) -> Polynomial | None:
        """The polynomial of an expression; None if it is too long."""
        for i in self._e.cone(index):
            if i not in self._known:
                try:
                    self._known[i] = self._read(i)
                except (TooLongError, ZeroDivisionError, OverflowError, ValueError):
                    self._known[i] = None
        return self._known[index]

    def _part(self, index: int) -> Polynomial:
        found = self._known[index]
        return {((index, 1),): Fraction(1)} if found is None else found

    def _read(self, index: int) -> Polynomial:
        form = self._e.forms[index]
        if form.number is not None:
            return {_ONE: Fraction(form.number)} if form.number else {}
        parts = [self._part(i) for i in form.operands]
        match self._e.named(index):
            case "add":
                return _sum(parts[0], parts[1], 1)
            case "sub":
                return _sum(parts[0], parts[1], -1)
            case "neg":
                return _sum({}, parts[0], -1)
            case "mul":
                return self._product(parts[0], parts[1])
            case "square":
                return self._product(parts[0], parts[0])
            case "div":
                return self._product(parts[0], self._inverse(form.operands[1], parts[1]))
            case "reciprocal":
                return self._inverse(form.operands[0], parts[0])
        return {((index, 1),): Fraction(1)}

    def _inverse(self, index: int, p: Polynomial) -> Polynomial:
        if len(p) == 1:
            [(monomial, coefficient)] = p.items()
            return {tuple([(a, -n) for a, n in monomial]): 1 / coefficient}
        return {((index, -1),): Fraction(1)}

    def _product(self, p: Polynomial, q: Polynomial) -> Polynomial:
        if len(p) * len(q) > 4 * _TERMS:
            raise TooLongError
        result: Polynomial = {}
        for m, a in p.items():
            for n, b in q.items():
                result = _sum(result, self._reduced(_joined(m, n)), a * b)
        if len(result) > _TERMS:
            raise TooLongError
        return result

    def _reduced(self, monomial: Monomial) -> Polynomial:
        """A monomial, without powers of roots."""
        for atom, n in monomial:
            degree = _ROOTS.get(self._e.named(atom), 0)
            if degree and n >= degree:
                under = self._part(self._e.forms[atom].operands[0])
                rest = tuple(
                    [
                        (a, k - degree if a == atom else k)
                        for a, k in monomial
                        if a != atom or k > degree
                    ]
                )
                return self._product(under, {rest: Fraction(1)})
        return {monomial: Fraction(1)}

    def equal(self, x: int, y: int) -> bool:
        """True if two expressions are the same polynomial."""
        if x == y:
            return True
        p, q = self.of(x), self.of(y)
        return p is not None and p == q

    def simpler(self, index: int) -> int:
        """An expression multiplied out, common factors in front, if that is shorter."""
        p = self.of(index)
        if p is None:
            return index
        found = self.expression(p)
        if found is None:
            return index
        return found if self._size(found) <= self._size(index) else index

    def _size(self, index: int) -> int:
        return sum(self._e.forms[i].primitive is not None for i in self._e.cone(index))

    def expression(self, p: Polynomial) -> int | None:
        """An expression of a polynomial; None if its coefficients are no doubles."""
        if not p:
            return self._e.literal(0.0)
        common, rest = _content(p)
        # The sum keeps small whole coefficients, the rest stands in front.
        front = self._monomial(common[0], common[1])
        if front is None:
            return None
        if len(rest) == 1:
            return front
        total = self._total(rest)
        if total is None:
            return None
        return self._e.made("mul", front, total) if self._e.number(front) != 1.0 else total

    def _total(self, p: Polynomial) -> int | None:
        total = None
        # what is longest first, numbers last: x * x + x + 1
        for monomial in sorted(p, key=lambda m: (-sum(n for _, n in m), m)):
            coefficient = p[monomial]
            term = self._monomial(monomial, abs(coefficient))
            if term is None:
                return None
            if total is None:
                total = term if coefficient > 0 else self._e.made("neg", term)
            else:
                total = self._e.made("add" if coefficient > 0 else "sub", total, term)
        return total

    def _monomial(self, monomial: Monomial, coefficient: Fraction) -> int | None:
        above, below = Fraction(abs(coefficient.numerator)), Fraction(coefficient.denominator)
        number = above / below
        value = number.numerator / number.denominator
        if Fraction(value) == number:
            above, below = number, Fraction(1)
        tops = [] if above == 1 else [self._number(above)]
        bottoms = [] if below == 1 else [self._number(below)]
        if None in (*tops, *bottoms):
            return None
        for atom, n in monomial:
            (tops if n > 0 else bottoms).append(self.power(atom, abs(n)))
        result = self._joined(tops)
        if bottoms:
            result = self._e.made("div", result, self._joined(bottoms))
        return self._e.made("neg", result) if coefficient < 0 else result

    def _number(self, x: Fraction) -> int | None:
        value = x.numerator / x.denominator
        return self._e.literal(value) if Fraction(value) == x else None

    def _joined(self, parts: list[int | None]) -> int:
        result = self._e.literal(1.0)
        for part in parts:
            assert part is not None
            result = self._e.made("mul", result, part)
        return result

    def power(self, index: int, n: int) -> int:
        """A whole power, by squares."""
        if n == 1:
            return index
        half = self._e.made("square", self.power(index, n // 2))
        return self._e.made("mul", half, index) if n % 2 else half


def _sum(p: Polynomial, q: Mapping[Monomial, Fraction], scale: Fraction | int) -> Polynomial:
    result = dict(p)
    for monomial, coefficient in q.items():
        new = result.get(monomial, Fraction(0)) + scale * coefficient
        if new:
            result[monomial] = new
        else:
            result.pop(monomial, None)
    return result


def _joined(m: Monomial, n: Monomial) -> Monomial:
    exponents: defaultdict[int, int] = defaultdict(int)
    for atom, power in (*m, *n):
        exponents[atom] += power
    return tuple(sorted((a, k) for a, k in exponents.items() if k))


def _content(p: Polynomial) -> tuple[tuple[Monomial, Fraction], Polynomial]:
    """The monomial that divides all terms, and what is left."""
    atoms = {a for monomial in p for a, _ in monomial}
    shared: dict[int, int] = {}
    for atom in atoms:
        exponents = [dict(monomial).get(atom, 0) for monomial in p]
        least = min(exponents)
        if least:
            shared[atom] = least
    tops = gcd(*[c.numerator for c in p.values()])
    bottoms = 1
    for c in p.values():
        bottoms = bottoms * c.denominator // gcd(bottoms, c.denominator)
    scale = Fraction(tops, bottoms)
    first = max(p, key=lambda m: (sum(n for _, n in m), m))
    if p[first] < 0:
        scale = -scale
    inverse = tuple([(a, -n) for a, n in shared.items()])
    rest = {_joined(monomial, inverse): c / scale for monomial, c in p.items()}
    return (tuple(sorted(shared.items())), scale), rest
