"""Reasons: why an entry says no more than it does, as data; the words beside it are for people.

Whoever decides something by what is known of an entry asks for its reasons.  Texts may be reworded
at any time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Reason", "Remark", "Ruling", "joined"]


class Reason(StrEnum):
    """What kind of thing a remark says.

    ROUNDED_CONSTANTS: equal but for constants that floating point may have rounded.
    AS_WRITTEN: proven where constants are the decimals they were written as, not the doubles.
    NO_FORM: a primitive in it has no SymPy form, so no number can be computed with many digits.
    NO_POINT: no point was found where the function and its derivative are finite.
    EXCEPTIONAL: it differs only where a part of the function is infinite or on a border.
    NO_ANSWER: a step took too long, too much memory, or failed.
    NOT_BY_SYMBOLS: why symbols did not prove it.
    NOT_THE_CHAIN_RULE: another number than the chain rule gives, modulo a prime.
    WEAK_RULE: it rests on a rule that is not proven.
    UNREADABLE: the text cannot be read.
    UNTRACEABLE: the gradient was called with floats only.
    READING: what a constant of the text stands for.
    CONVENTION: where the function may have no derivative, and the text follows a convention that is
        not the table's.
    PATHS: what shows it on each path through the function.
    KINK: a step of the function has no derivative at the example.
    UNDEFINED: the function, or a part of it, is not defined at the example.
    UNDEFINED_AT: a point where the text is no number though the function has a derivative.
    NOT_SHOWN: where nothing is known.
    AT_EXAMPLE: what the gradient returns at the example, and what is right there.
    AFTER_EXCEPTION: it is what the text returns after an exception.
    HINT: what may have gone wrong.
    NOTE: anything else.
    """

    ROUNDED_CONSTANTS = "ROUNDED-CONSTANTS"
    AS_WRITTEN = "AS-WRITTEN"
    NO_FORM = "NO-FORM"
    NO_POINT = "NO-POINT"
    EXCEPTIONAL = "EXCEPTIONAL"
    NO_ANSWER = "NO-ANSWER"
    NOT_BY_SYMBOLS = "NOT-BY-SYMBOLS"
    NOT_THE_CHAIN_RULE = "NOT-THE-CHAIN-RULE"
    WEAK_RULE = "WEAK-RULE"
    UNREADABLE = "UNREADABLE"
    UNTRACEABLE = "UNTRACEABLE"
    READING = "READING"
    CONVENTION = "CONVENTION"
    PATHS = "PATHS"
    KINK = "KINK"
    UNDEFINED = "UNDEFINED"
    UNDEFINED_AT = "UNDEFINED-AT"
    NOT_SHOWN = "NOT-SHOWN"
    AT_EXAMPLE = "AT-EXAMPLE"
    AFTER_EXCEPTION = "AFTER-EXCEPTION"
    HINT = "HINT"
    NOTE = "NOTE"


class Ruling(StrEnum):
    """What is said of a number where a function may have no derivative (sides.py has the rule)."""

    RIGHT = "RIGHT"
    WRONG = "WRONG"
    CONVENTION = "CONVENTION"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class Remark:
    """One thing worth knowing.

    Args:
        reason: What kind of thing.
        text: The same in words; "" says nothing.
    """

    reason: Reason
    text: str = ""


def joined(remarks: Iterable[Remark]) -> str:
    """The texts of remarks as one, each once."""
    return "; ".join(dict.fromkeys(remark.text for remark in remarks if remark.text))
