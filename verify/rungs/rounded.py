"""Rounded: two expressions that are equal but for the rounding of their constants, term by term.

``0.1**2`` is 0.010000000000000002 for Python, and whoever writes 0.02 means twice 0.01.  Constants
are taken as the doubles that they are, both sides multiplied out, and each term's coefficient may
differ by a part in ten trillion of what it should be.  So nothing can hide: a term of the text that
the derivative does not have is a difference, however it came about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sympy

from verify.program.limits import ROUNDING
from verify.program.literals import CONSTANTS

__all__ = ["is_nearly"]

sp: Any = sympy
_TERMS, _DIGITS = 400, 30


def is_nearly(
    found: Any, expected: Any, inputs: Sequence[object], values: Mapping[Any, float]
) -> bool:
    """True if every term of two expressions has nearly the same coefficient.

    Args:
        found: An expression.
        expected: What it should be.
        inputs: The symbols that are no constants.
        values: The doubles that other symbols stand for.
    """
    exact = {symbol: _number(x) for symbol, x in values.items()}
    forms = (sp.expand, lambda x: sp.expand(sp.powsimp(sp.expand_power_base(x, force=False))))
    for form in forms:
        one, other = (_terms(form(x.xreplace(exact)), inputs) for x in (found, expected))
        if one.keys() == other.keys() and all(
            abs(one[term] - wanted) <= ROUNDING * abs(wanted) for term, wanted in other.items()
        ):
            return True
    return False


def _number(x: float) -> Any:
    """The number that a double is, or the well-known one that it is nearest to."""
    known = CONSTANTS.get(x)
    return sp.Rational(*x.as_integer_ratio()) if known is None else sp.sympify(known)


def _terms(expression: object, inputs: Sequence[object]) -> dict[Any, Any]:
    """Coefficients by what they are multiplied with."""
    terms: dict[Any, Any] = {}
    summands = sp.Add.make_args(expression)
    if len(summands) > _TERMS:
        raise OverflowError("the expressions have too many terms")
    for summand in summands:
        factor, term = summand.as_independent(*inputs, as_Add=False)
        terms[term] = terms.get(term, 0) + factor.evalf(_DIGITS)
    return {term: factor for term, factor in terms.items() if abs(factor) > 0}
