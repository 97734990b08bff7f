"""Switching steps: what in a program asks, decides, joins answers or jumps."""

from __future__ import annotations

from collections.abc import Iterator

from verify.program.literals import WHERE
from verify.program.program import SIGN_OF_ZEROS, Program

__all__ = [
    "ASKS",
    "DECIDES",
    "JOINS",
    "JUMP",
    "JUMPS",
    "asks",
    "has_jump",
    "has_whole_numbers",
    "steps_of",
]

JUMP = "jump"  # the name of numbers of which nothing is known, in the place of jumps
ASKS = frozenset(
    {"{0} < {1}", "{0} <= {1}", "{0} > {1}", "{0} >= {1}", "Eq({0}, {1})", "Ne({0}, {1})"}
)
JOINS = frozenset({"And({0}, {1})", "Or({0}, {1})", "Not({0})"})
DECIDES = frozenset({"both({0}, {1})", "either({0}, {1})"})
JUMPS = ("sign(", "floor(", "(floor(", "ceiling(", "{0} % {1}", "atan2(", "({0} - {1}*sign(")
_WHOLE = ("floor(", "ceiling(", " % ")


def steps_of(program: Program) -> Iterator[tuple[int, str, tuple[int, ...]]]:
    """Place, text and operands of what matters in a program."""
    for place, step in program.computed():
        if type(step) is tuple:
            yield place, step[0], step[1]


def asks(program: Program) -> bool:
    """True if a program asks anything, or jumps."""
    return any(
        text in ASKS
        or text in (WHERE, SIGN_OF_ZEROS)
        or text in JOINS | DECIDES
        or text.startswith(JUMPS)
        for _, text, _ in steps_of(program)
    )


def has_jump(opened: Program) -> bool:
    """True if an opened text has an unknown number in the place of a jump."""
    return any(text.startswith(JUMP) for _, text, _ in steps_of(opened))


def has_whole_numbers(program: Program) -> bool:
    """True if something is rounded to a whole number, which may be 0 on all that is near zero."""
    return any(part in text for _, text, _ in steps_of(program) for part in _WHOLE)
