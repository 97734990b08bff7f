"""What the check of every compile, which runs code over a field, tells of numbers left open."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from verify.answer.reasons import Reason, Remark
from verify.answer.report import Entry, Verdict, VerificationError
from verify.ladder.arrays.array_check import check_arrays
from verify.ladder.doors.all_at_once import is_open, raised
from verify.ladder.quick import agreed
from verify.subjects.entire import Entire

__all__ = ["with_check"]


def with_check(entire: Entire, entries: Sequence[Entry]) -> list[Entry]:
    """The entries, those left open certified by the check of compiles, if that certifies all."""
    compiled = entire.compiled
    if compiled is None or not any(map(is_open, entries)):
        return [*entries]
    whole, check = not compiled.graph.expanded, None
    with suppress(VerificationError):  # which says what is wrong, as the entry of a number does
        if whole or compiled.machine_graph is None:  # else it is not the text that it runs
            check = check_arrays(compiled) if whole else agreed(compiled)
    if check is None or check.verdict is not Verdict.CERTIFIED or check.chance is None:
        return [*entries]
    method = f"{check.method}, chance of an error below {check.chance:.0e}"
    notes = [Remark(Reason.NOTE, check.note)] if check.note else []
    return [
        raised(entry, Verdict.CERTIFIED, method, *notes) if is_open(entry) else entry
        for entry in entries
    ]
