"""Folded: constants of a text that are the doubles of what the chain rule makes of numbers alone.

``0.1 * (0.3 * x)`` has the derivative 0.1 * 0.3; its text says 0.03.  The truth is the product of
the two doubles (known.py), which no double is, so the constant is read as that product where it is
the nearest double to it, or nearly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from verify.numbers.precise import Precise
from verify.program.literals import CONSTANTS, is_short
from verify.program.program import Program
from verify.rungs.doubles import made_of_numbers

__all__ = ["folded", "nearly"]

_ROUNDED = 8 * 2.0**-53  # that folding may have moved a constant, relatively


def folded(rules: Program, own: Iterable[float], literals: Iterable[float]) -> dict[float, str]:
    """What literals of a text stand for: size of the literal -> ``sympy`` text.

    Args:
        rules: The chain rule, with its numbers exact.
        own: Numbers of the user's function; they stand for themselves.
        literals: Numbers of the text under proof.
    """
    mine = {abs(x) for x in own}
    wanted = {abs(x) for x in literals if not is_short(x)} - mine
    if not wanted:
        return {}

    def spelled(size: float) -> str:
        return repr(size) if size in mine else CONSTANTS.get(size, repr(size))

    made = made_of_numbers(rules, spelled)
    return nearly({x: made[x] for x in sorted(wanted & made.keys())})


def nearly(made: Mapping[float, str]) -> dict[float, str]:
    """Of numbers and what they were computed as those that rounding alone made another."""
    precise = Precise()
    return {x: text for x, text in made.items() if _is_near(precise, x, text)}


def _is_near(precise: Precise, x: float, text: str) -> bool:
    exact = precise.apply(text, ())
    return bool(precise.finite(exact) and abs(exact - precise.context.mpf(x)) <= _ROUNDED * x)
