"""Solved: constants of a text as the numbers that make it the chain rule.

``n * ((m - mean)**2 + variance)`` has two constants of which the chain rule of
``sum((y_k - m)**2)`` knows neither; but multiplied out both are polynomials in m, and whoever
compares their coefficients finds what the constants have to be.  A constant is read so where
rounding alone keeps it from that.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from fractions import Fraction
from functools import reduce

from verify.program.literals import CONSTANTS, is_short
from verify.program.program import Program
from verify.rungs.constants.coefficients import Exact, Product, Sum, Sums

__all__ = ["solved"]

_RATIONAL = re.compile(r"Rational\((-?\d+), (\d+)\)")
_STEPS = 20_000
_NOTHING = Exact(Fraction(0), Fraction(0))
_MINUS = Exact(Fraction(-1), Fraction(1))
_Terms = list[tuple[Product, Exact]]  # unknowns, and the number that they are multiplied by


def solved(
    rules: Program, texts: Sequence[Program], mine: Set[float], read: Mapping[float, str]
) -> dict[float, str]:
    """What further literals of texts stand for: size of the literal -> ``sympy`` text.

    Args:
        rules: The chain rule of the numbers that each text gives, with its numbers exact.
        texts: The texts.
        mine: Sizes of the numbers of the user's function; they stand for themselves.
        read: What is known of others.
    """
    found: dict[float, str] = {}
    for text in texts:
        literals = {abs(x) for x in text.literals()}.difference(mine, read, CONSTANTS, found)
        unknown = {x for x in literals if x - x == 0.0 and not is_short(x)}
        small = len(text.steps) + len(rules.steps) <= _STEPS
        if unknown and small and len(text.outputs) == len(rules.outputs):
            # Sums of data may be short by accident, 5.5; whole numbers are what they are.
            short = {x for x in literals if is_short(x) and x % 1.0 != 0.0}
            for tried in (unknown, unknown | short) if short else (unknown,):
                values = _values(rules, text, mine, read, tried)
                found |= {x: f"Rational({v.numerator}, {v.denominator})" for x, v in values.items()}
    return found


def _values(
    rules: Program, text: Program, mine: Set[float], read: Mapping[float, str], unknown: Set[float]
) -> dict[float, Fraction]:
    known = {x: Fraction(*map(int, m.groups())) for x, t in read.items()
             if (m := _RATIONAL.fullmatch(t))}  # fmt: skip
    sums = Sums(mine, known)
    wanted, _ = sums.outputs_of(rules, set())
    found, atoms = sums.outputs_of(text, unknown)
    equations = [e for pair in zip(found, wanted, strict=True) for e in _equations(*pair, {*atoms})]
    values: dict[int, Exact] = {}
    while (more := _next(equations, values)) is not None:
        atom, value = more
        if value.value <= 0 or not value.may_be(Fraction(atoms[atom])):
            return {}
        values[atom] = value
    return {atoms[a]: x.value for a, x in values.items() if x.value != Fraction(atoms[a])}


def _equations(found: Sum, wanted: Sum, unknown: Set[int]) -> list[_Terms]:
    """Sums that have to be zero, one for each product of what is known."""
    equations = defaultdict[Product, _Terms](list)
    for product, x in found.items():
        inside = tuple(each for each in product if each[0] in unknown)
        equations[tuple(e for e in product if e[0] not in unknown)].append((inside, x))
    for product in equations:
        equations[product].append(((), wanted.get(product, _NOTHING).times(_MINUS)))
    return [*equations.values()]


def _next(equations: list[_Terms], values: Mapping[int, Exact]) -> tuple[int, Exact] | None:
    """The first unknown that an equation gives once those before are known."""
    for terms in equations:
        total, left = _NOTHING, defaultdict[Product, Exact](lambda: _NOTHING)
        for product, x in terms:
            if all(atom in values and power > 0 for atom, power in product):
                factors = [values[atom] for atom, power in product for _ in range(power)]
                total = total.plus(reduce(Exact.times, factors, x))
            else:
                left[product] = left[product].plus(x)
        if len(left) == 1:
            ((product, factor),) = left.items()
            if len(product) == 1 and product[0][1] == 1 and factor.value:
                return product[0][0], total.times(_MINUS).times(factor.inverse())
    return None
