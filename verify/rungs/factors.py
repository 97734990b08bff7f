"""Factors: whether a denominator is zero only where the function divides by zero as well.

``x**2 - 2*x*y + y**2`` is the square of ``x - y``: whoever multiplies a denominator out needs no
more than the function does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sympy

from verify.numbers.regions import Side
from verify.numbers.symbols import Lift, Symbolic
from verify.program.program import Program
from verify.rungs.process.alarm import TimeUp, at_most

__all__ = ["is_covered"]

sp: Any = sympy
_SECONDS = 1.0
_TREE = 200


def is_covered(text: Program, place: int, truth: Program, places: Sequence[int]) -> bool:
    """True if a number of a text is zero only where one of the chain rule is.

    Args:
        text: The text.
        place: Of the number.
        truth: The chain rule.
        places: Of its numbers that are not zero wherever it is defined.
    """
    try:
        with at_most(_SECONDS):
            known = [g for i in places for g in _factors(truth, i)]
            return all(
                f.is_nonzero or any(sp.cancel(f / g).is_number for g in known)
                for f in _factors(text, place)
            )
    except (TimeUp, ArithmeticError, ValueError, TypeError, NotImplementedError, AttributeError):
        return False


def _factors(program: Program, place: int) -> list[Any]:
    """The factors of a number, as expressions of the inputs."""
    part, side = replace(program, outputs=(place,)), Side()
    if part.tree_size() > _TREE:
        raise OverflowError("the expression is too large")
    symbols = [sp.Symbol(f"x{i}", real=True) for i in range(part.inputs)]
    algebra = Symbolic(Lift(part.literals()), side)
    number = sp.sympify(algebra.run(part, symbols)[place])
    if side.signs:
        raise ValueError("found conditions")
    numerator = sp.factor(number).as_numer_denom()[0]
    return [f.as_base_exp()[0] for f in sp.Mul.make_args(numerator) if not f.is_number]
