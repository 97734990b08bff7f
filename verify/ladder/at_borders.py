"""At borders: the value of a text where its function switches, where no proof says what it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from verify.answer.reasons import Reason
from verify.answer.report import Entry, Verdict, Witness
from verify.rungs.process.process import StepError
from verify.rungs.process.session import Session
from verify.subjects.subject import Subject

__all__ = ["at_borders"]

_METHOD = "run on doubles, and with 60 digits, where the function switches"
_OPEN = (Verdict.CERTIFIED_NUMERIC, Verdict.UNDECIDED)


def at_borders(subject: Subject, session: Session, entries: Sequence[Entry]) -> list[Entry]:
    """The entries; the value's is refuted if it is another one on a border of the function's."""
    if not subject.value or subject.is_large or entries[0].verdict not in _OPEN:
        return list(entries)
    try:
        told = session.ask("border")
    except StepError:
        return list(entries)
    if not told:
        return list(entries)
    point = dict(zip(subject.graph.inputs.names, told["point"], strict=True))
    witness = Witness(point, told["found"], told["expected"])
    wrong = replace(entries[0], verdict=Verdict.REFUTED, method=_METHOD, witness=witness)
    return [wrong.without(Reason.NOT_BY_SYMBOLS), *entries[1:]]
