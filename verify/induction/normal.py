"""Normal forms: polynomials over numbered symbols, exact, and whether one is identically zero.

A symbol stands for a number; one that arithmetic makes has a definition over smaller symbols.  A
polynomial is a dict: monomial -> rational coefficient; a monomial is a sorted tuple of symbols with
exponents, which may be negative.  A condition c is 0 or 1, so c * c is c.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from heapq import heappop, heappush
from typing import Protocol

__all__ = ["Monomial", "Number", "Polynomial", "Symbols", "total", "vanishes"]

Number = int | Fraction
Monomial = tuple[tuple[int, int], ...]
Polynomial = dict[Monomial, Number]
_Taken = tuple[Monomial, int, Number]
_POWER = 12  # exponents above are not multiplied out


class Symbols(Protocol):
    """What is known of the symbols."""

    def definition(self, symbol: int) -> Polynomial | None:
        """A symbol over smaller ones, None if arithmetic does not make it."""

    def square(self, symbol: int) -> tuple[Polynomial, int] | None:
        """The square of a symbol without definition, and what stands for the symbol afterwards."""

    def is_condition(self, symbol: int) -> bool:
        """True for symbols that are 0 or 1."""

    def is_regular(self, symbol: int) -> bool:
        """True only for symbols that are not zero, on whichever side of any condition."""

    def opposite(self, symbol: int) -> int | None:
        """The condition that holds where this one does not, if it was made of that one."""

    def gates(self, symbol: int) -> Sequence[tuple[int, Polynomial]]:
        """Conditions c, and what c * symbol is proven to be: this symbol and smaller ones."""

    def rank(self, symbol: int) -> float:
        """When its turn comes; larger ones come first."""


class _SpentError(Exception):
    """The work is done and nothing is decided."""


class _Expansion:
    """A polynomial whose symbols are replaced by their definitions, one after the other.

    Attributes:
        terms: The polynomial.
        work: What it may still cost, in terms that are added.
    """

    def __init__(self, symbols: Symbols, work: int, opposites: bool) -> None:
        self.terms: Polynomial = {}
        self.symbols, self.work, self.opposites = symbols, work, opposites
        self._holding: dict[int, list[Monomial]] = {}  # symbol -> monomials, and former ones
        self._heap: list[tuple[float, int]] = []

    def add(self, monomial: Monomial, coefficient: Number) -> None:
        """Add one term."""
        self.work -= 1 + len(monomial) // 4
        if self.work < 0:
            raise _SpentError
        if self.opposites and self._excludes_itself(monomial):
            return
        before = self.terms.get(monomial)
        if before is not None:
            both = before + coefficient
            if both:
                self.terms[monomial] = both
            else:
                del self.terms[monomial]
            return
        self.terms[monomial] = coefficient
        for symbol, _ in monomial:
            held = self._holding.get(symbol)
            if held is None:
                self._holding[symbol] = [monomial]
                heappush(self._heap, (-self.symbols.rank(symbol), symbol))
            else:
                held.append(monomial)

    def _excludes_itself(self, monomial: Monomial) -> bool:
        """True with a condition and its opposite among the factors."""
        factors = {symbol for symbol, _ in monomial}
        return any(self.symbols.opposite(symbol) in factors for symbol in factors)

    def next(self) -> int | None:
        """The symbol whose turn it is, None at the end."""
        while self._heap:
            symbol = heappop(self._heap)[1]
            if any(m in self.terms for m in self._holding[symbol]):
                return symbol
            del self._holding[symbol]
        return None

    def take(self, symbol: int) -> list[_Taken]:
        """Remove all terms with a symbol: the rest, its exponent, the coefficient."""
        taken = []
        for monomial in self._holding.pop(symbol):
            coefficient = self.terms.pop(monomial, None)
            if coefficient is not None:
                rest = tuple([pair for pair in monomial if pair[0] != symbol])
                exponent = next(e for s, e in monomial if s == symbol)
                taken.append((rest, exponent, coefficient))
        return taken

    def times(self, x: Monomial, y: Monomial) -> Monomial:
        """Product of two monomials."""
        if not x or not y:
            return x or y
        exponents = dict(x)
        for symbol, exponent in y:
            both = exponents.get(symbol, 0) + exponent
            if both > 1 and self.symbols.is_condition(symbol):
                both = 1
            if both:
                exponents[symbol] = both
            else:
                del exponents[symbol]
        return tuple(sorted(exponents.items()))

    def product(self, x: Polynomial, y: Polynomial) -> Polynomial:
        """Product of two polynomials."""
        result: Polynomial = {}
        self.work -= len(x) * len(y)
        if self.work < 0:
            raise _SpentError
        for m, a in x.items():
            for n, b in y.items():
                monomial = self.times(m, n)
                both = result.get(monomial, 0) + a * b
                if both:
                    result[monomial] = both
                else:
                    del result[monomial]
        return result

    def power(self, x: Polynomial, exponent: int) -> Polynomial:
        """x ** exponent; a negative exponent needs a single term."""
        if exponent < 0:
            ((monomial, coefficient),) = x.items()
            inverse = tuple((symbol, -e) for symbol, e in monomial)
            return self.power({inverse: 1 / Fraction(coefficient)}, -exponent)
        result: Polynomial = {(): 1}
        for _ in range(exponent):
            result = self.product(result, x)
        return result


def total(*parts: Polynomial) -> Polynomial:
    """Sum of polynomials."""
    result: Polynomial = {}
    for part in parts:
        for monomial, c in part.items():
            result[monomial] = result.get(monomial, 0) + c
    return {m: c for m, c in result.items() if c}


def vanishes(
    difference: Polynomial, symbols: Symbols, work: int, opposites: bool = False
) -> tuple[bool, int]:
    """True if a polynomial is zero whatever the symbols without definition are.

    The largest symbol is replaced first: what it cancels against has been there before it.  Behind
    a condition it is replaced by what it is known to be there.  Where it stands in a denominator,
    everything is multiplied by it, if it is no divisor of zero.  False means that nothing was
    shown.

    Args:
        difference: The polynomial.
        symbols: What is known of its symbols.
        work: Terms added at most.
        opposites: Keep ``not c`` as a symbol whose product with c is zero, instead of 1 - c:
            less is proven, but long conjunctions stay one term.

    Returns:
        The answer, and the terms that were added.
    """
    expansion = _Expansion(symbols, work, opposites)
    try:
        for monomial, coefficient in difference.items():
            expansion.add(monomial, coefficient)
        while expansion.terms:
            symbol = expansion.next()
            if symbol is None:
                break
            if not _replace(expansion, symbol):
                return False, work - expansion.work  # what was taken out is nowhere now
    except _SpentError:
        return False, work
    return not expansion.terms, work - expansion.work


def _replace(expansion: _Expansion, symbol: int) -> bool:
    """Replace a symbol by its definition; False if that is not possible."""
    symbols = expansion.symbols
    definition = symbols.definition(symbol)
    if definition is None or (expansion.opposites and symbols.opposite(symbol) is not None):
        square = symbols.square(symbol)
        return square is None or _reduce(expansion, symbol, *square)  # else it stays
    taken = expansion.take(symbol)
    gates = symbols.gates(symbol)
    if gates:
        taken = _ungated(expansion, symbol, gates, taken)
        if not taken:
            return True
    if not (len(definition) == 1 and _is_unit(definition, symbols)):
        raised = _raised(expansion, symbol, taken)
        if raised is None:
            return False
        taken = raised
    powers: dict[int, Polynomial] = {1: definition}
    for rest, exponent, coefficient in taken:
        if abs(exponent) > _POWER:
            return False
        if exponent not in powers:
            powers[exponent] = expansion.power(definition, exponent)
        for monomial, factor in powers[exponent].items():
            expansion.add(expansion.times(rest, monomial), coefficient * factor)
    return True


def _raised(expansion: _Expansion, symbol: int, taken: list[_Taken]) -> list[_Taken] | None:
    """Terms of a symbol that is in no denominator, by whose power all is multiplied; None if that
    may be zero."""
    lowest = min(exponent for _, exponent, _ in taken)
    if lowest >= 0:
        return taken
    if not expansion.symbols.is_regular(symbol):
        return None
    others = list(expansion.terms.items())
    expansion.terms.clear()
    raised = [(rest, exponent - lowest, c) for rest, exponent, c in taken]
    return raised + [(monomial, -lowest, c) for monomial, c in others]


def _reduce(expansion: _Expansion, symbol: int, square: Polynomial, twin: int) -> bool:
    """Replace the square of a symbol, which is one symbol more where it is left over."""
    taken = _raised(expansion, symbol, expansion.take(symbol))
    if taken is None:
        return False
    powers: dict[int, Polynomial] = {}
    for rest, exponent, coefficient in taken:
        half, odd = divmod(exponent, 2)
        if half > _POWER:
            return False
        if half not in powers:
            powers[half] = expansion.power(square, half)
        kept = expansion.times(rest, ((twin, odd),)) if odd else rest
        for monomial, factor in powers[half].items():
            expansion.add(expansion.times(kept, monomial), coefficient * factor)
    return True


def _is_unit(term: Polynomial, symbols: Symbols) -> bool:
    """True for one term whose symbols are all no divisors of zero."""
    return all(symbols.is_regular(symbol) for monomial in term for symbol, _ in monomial)


def _ungated(
    expansion: _Expansion,
    symbol: int,
    gates: Sequence[tuple[int, Polynomial]],
    taken: Sequence[_Taken],
) -> list[_Taken]:
    """What is left of the terms taken, once conditions beside the symbol have done their work."""
    left: dict[tuple[Monomial, int], Number] = {}
    for rest, exponent, coefficient in taken:
        beside = {s for s, _ in rest} if exponent == 1 else set()
        gate = next((gate for gate in gates if gate[0] in beside), None)
        if gate is None:
            left[rest, exponent] = left.get((rest, exponent), 0) + coefficient
            continue
        kept = tuple([pair for pair in rest if pair[0] != gate[0]])
        for monomial, factor in gate[1].items():
            if monomial == ((symbol, 1),):
                left[kept, 1] = left.get((kept, 1), 0) + coefficient * factor
            else:
                expansion.add(expansion.times(kept, monomial), coefficient * factor)
    return [(rest, exponent, c) for (rest, exponent), c in left.items() if c]
