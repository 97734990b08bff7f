"""As written: what is proven of a text where its constants are decimals, and no more than near.

A proof is about the doubles that constants are.  Where there is none, because the text folds them
in another order than the function, it is tried once more with each constant read as what it was
written as (decimals.py), in the function and in the text; the report says which reading it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from verify.answer.reasons import Reason, Remark
from verify.answer.report import Entry, Verdict
from verify.program.literals import is_short
from verify.subjects.subject import Subject

__all__ = ["as_written", "has_decimals", "may_be_as_written"]

_NEAR = 1e-2  # beyond it, relatively, no rounding of a constant explains a difference
_SAID = 12


def may_be_as_written(subject: Subject, entries: Sequence[Entry]) -> bool:
    """True if what is not proven may be by the decimals that constants stand for."""
    return any(map(_may_be, entries)) and has_decimals(subject)


def has_decimals(subject: Subject) -> bool:
    """True if function or texts have a constant that may stand for a decimal."""
    programs = subject.programs
    if subject.is_large or not programs:
        return False
    constants = [*subject.graph.constants.values(), *(x for p in programs for x in p.literals())]
    return not all(map(is_short, constants))


def _may_be(entry: Entry) -> bool:
    if entry.verdict is Verdict.PROVED:
        return False
    witness = entry.witness
    if witness is None:
        return True
    return abs(witness.found - witness.expected) <= _NEAR * abs(witness.expected)


def as_written(
    entries: Sequence[Entry], again: Sequence[Entry], read: Mapping[float, str]
) -> list[Entry]:
    """The entries, those replaced that are proven where constants are what they were written as.

    Args:
        entries: What is known for the doubles.
        again: The same for the readings.
        read: What each constant is read as.
    """
    said = ", ".join(f"{float(x)!r} is read as {text}" for x, text in [*read.items()][:_SAID])
    more = ", ..." if len(read) > _SAID else ""
    text = f"proven for constants as they were written, not as doubles: {said}{more}"
    remark = Remark(Reason.AS_WRITTEN, text)
    return [
        replace(other.without(Reason.READING), seconds=entry.seconds + other.seconds).with_remarks(
            remark
        )
        if read and _may_be(entry) and other.verdict is Verdict.PROVED
        else entry
        for entry, other in zip(entries, again, strict=True)
    ]
