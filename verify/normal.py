"""Normal forms: polynomials over numbered symbols, exact, and whether one is identically zero.

A symbol stands for a number; one that arithmetic makes has a definition over smaller symbols.  A
polynomial is a dict: monomial -> rational coefficient; a monomial is a sorted tuple of symbols with
exponents, which may be negative.  A condition c is 0 or 1, so c * c is c.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from fractions import Fraction
from heapq import heappop, heappush

__all__ = ["Monomial", "Polynomial", "vanishes"]

Monomial = tuple[tuple[int, int], ...]
Polynomial = dict[Monomial, Fraction]
_POWER = 12  # exponents above are not multiplied out


class _SizeError(Exception):
    """The polynomial outgrew its limit; nothing is decided."""


class _Expansion:
    """A polynomial whose largest symbols are replaced by their definitions, one after the other."""

    def __init__(self, is_condition: Callable[[int], bool], terms: int) -> None:
        self.terms: Polynomial = {}
        self.is_condition = is_condition
        self._limit = terms
        self._holding: defaultdict[int, set[Monomial]] = defaultdict(set)  # symbol -> monomials
        self._heap: list[int] = []

    def add(self, monomial: Monomial, coefficient: Fraction) -> None:
        """Add one term."""
        total = self.terms.get(monomial, 0) + coefficient
        if not total:
            del self.terms[monomial]
            return
        if monomial not in self.terms:
            if len(self.terms) >= self._limit:
                raise _SizeError
            for symbol, _ in monomial:
                if symbol not in self._holding:
                    heappush(self._heap, -symbol)
                self._holding[symbol].add(monomial)
        self.terms[monomial] = Fraction(total)

    def largest(self) -> int | None:
        """The largest symbol not asked for yet that is still there, None at the end."""
        while self._heap:
            symbol = -heappop(self._heap)
            if any(m in self.terms for m in self._holding[symbol]):
                return symbol
            del self._holding[symbol]
        return None

    def take(self, symbol: int) -> list[tuple[Monomial, int, Fraction]]:
        """Remove all terms with a symbol: the rest, its exponent, the coefficient."""
        taken = []
        # Sets of tuples of small integers: sorted, so that every run does the same.
        for monomial in sorted(m for m in self._holding.pop(symbol) if m in self.terms):
            coefficient = self.terms.pop(monomial)
            exponent = dict(monomial)[symbol]
            rest = tuple([pair for pair in monomial if pair[0] != symbol])
            taken.append((rest, exponent, coefficient))
        return taken

    def times(self, x: Monomial, y: Monomial) -> Monomial:
        """Product of two monomials."""
        if not x or not y:
            return x or y
        exponents = dict(x)
        for symbol, exponent in y:
            total = exponents.get(symbol, 0) + exponent
            if total > 1 and self.is_condition(symbol):
                total = 1
            if total:
                exponents[symbol] = total
            else:
                del exponents[symbol]
        return tuple(sorted(exponents.items()))

    def product(self, x: Polynomial, y: Polynomial) -> Polynomial:
        """Product of two polynomials."""
        result: Polynomial = {}
        for m, a in x.items():
            for n, b in y.items():
                monomial = self.times(m, n)
                total = result.get(monomial, 0) + a * b
                if total:
                    result[monomial] = Fraction(total)
                else:
                    del result[monomial]
                if len(result) > self._limit:
                    raise _SizeError
        return result

    def power(self, x: Polynomial, exponent: int) -> Polynomial:
        """x ** exponent; a negative exponent needs a single term."""
        if exponent < 0:
            ((monomial, coefficient),) = x.items()
            inverse = tuple((symbol, -e) for symbol, e in monomial)
            return self.power({inverse: 1 / coefficient}, -exponent)
        result: Polynomial = {(): Fraction(1)}
        for _ in range(exponent):
            result = self.product(result, x)
        return result


def vanishes(
    difference: Polynomial,
    definition: Callable[[int], Polynomial | None],
    is_condition: Callable[[int], bool],
    is_regular: Callable[[int], bool],
    steps: int,
    terms: int,
) -> bool:
    """True if a polynomial is zero whatever the symbols without definition are.

    The largest symbol is replaced first: what it cancels against has been there before it.  Where
    it stands in a denominator, everything is multiplied by it, if it is no divisor of zero.  False
    means that nothing was shown.

    Args:
        difference: The polynomial.
        definition: A symbol over smaller ones, None if arithmetic does not make it.
        is_condition: True for symbols that are 0 or 1.
        is_regular: True only for symbols that are not zero, on whichever side of any condition.
        steps: Replacements at most.
        terms: Terms at most.
    """
    expansion = _Expansion(is_condition, terms)
    try:
        for monomial, coefficient in difference.items():
            expansion.add(monomial, coefficient)
        for _ in range(steps):
            if not expansion.terms:
                return True
            symbol = expansion.largest()
            if symbol is None:
                return False
            if not _replace(expansion, symbol, definition(symbol), is_regular):
                return False
    except _SizeError:
        return False
    return not expansion.terms


def _is_invertible(x: Polynomial, is_condition: Callable[[int], bool]) -> bool:
    """True for one term without conditions, which may be zero."""
    return len(x) == 1 and not any(is_condition(symbol) for m in x for symbol, _ in m)


def _replace(
    expansion: _Expansion,
    symbol: int,
    definition: Polynomial | None,
    is_regular: Callable[[int], bool],
) -> bool:
    """Replace a symbol by its definition; False if that is not possible."""
    if definition is None:
        return True  # it stays
    taken = expansion.take(symbol)
    lowest = min(exponent for _, exponent, _ in taken)
    if lowest < 0 and not _is_invertible(definition, expansion.is_condition):
        if not is_regular(symbol):
            return False
        others = list(expansion.terms.items())
        for monomial, _ in others:
            del expansion.terms[monomial]
        taken = [(rest, exponent - lowest, c) for rest, exponent, c in taken]
        taken += [(monomial, -lowest, c) for monomial, c in others]
    powers: dict[int, Polynomial] = {}
    for rest, exponent, coefficient in taken:
        if abs(exponent) > _POWER:
            return False
        if exponent not in powers:
            powers[exponent] = expansion.power(definition, exponent)
        for monomial, factor in powers[exponent].items():
            expansion.add(expansion.times(rest, monomial), coefficient * factor)
    return True
