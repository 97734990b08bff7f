"""All numbers of derivatives at once: what composition proves of them, and what a field tells.

Where a constant is what the chain rule makes of numbers alone, a text has the double that it was
folded to.  Where points alone would speak for a number, so has the chain rule here: one double may
be a number of the function in one place and a folded product in another, and each is what it is.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from autodiff.graph.graph import Graph
from autodiff.trace.collection import collection_paused
from verify.answer.reasons import Reason, Remark
from verify.answer.report import Entry, Verdict
from verify.induction.compose import lanes_for
from verify.ladder.chain_rule import MOST_STEPS, weak_rules
from verify.ladder.doors.unfolded import unfolded
from verify.program.program import program_of
from verify.rungs.process.process import StepError, shared_worker
from verify.rungs.process.session import readings_told
from verify.subjects.entire import Entire

__all__ = [
    "by_composition",
    "composed",
    "is_open",
    "raised",
    "told_at_once",
    "with_composition",
    "with_constants_folded",
]

_BY_COMPOSITION = "chain rule, composed from rules proven by sympy.diff"
_AS_FOLDED = "its constants folded in doubles"
_FOLDED = f"{_BY_COMPOSITION}, {_AS_FOLDED}"
_IN_A_FIELD = (
    "chain rule, modulo a large prime, error < {:.0e}, from rules proven by sympy.diff, "
    f"{_AS_FOLDED}"
)
# What no proof of a number changes: where the text is defined, and what it is at the example.
_FINAL = Reason.NOT_SHOWN, Reason.UNDEFINED_AT, Reason.NO_POINT, Reason.EXCEPTIONAL


def composed(entire: Entire, seconds: float) -> tuple[list[bool], Remark]:
    """Per number, whether all programs are proven to give the chain rule's; what constants mean.

    All at once only of our own text, which asks nothing that the function does not ask: what the
    comparisons of somebody else's text are worth is looked at row by row.
    """
    found = [False] * len(entire.expected.graph.outputs), readings_told({})
    job = _job(entire)
    if job is not None:
        job["function"] = program_of(entire.graph).to_json()
        with suppress(StepError):
            found = _composed(job, seconds)
            if not all(found[0]):  # constants may be what our transform makes of them
                job["unfolded"] = unfolded(entire.graph, entire.kind, entire.wrt).to_json()
                found = max(found, _composed(job, seconds), key=lambda one: sum(one[0]))
    return found


def _composed(job: dict[str, object], seconds: float) -> tuple[list[bool], Remark]:
    proven, read = _asked("compose", job, seconds)
    return [*map(bool, proven)], read


def by_composition(name: str, read: Remark) -> Entry:
    """The entry of a number that composition alone speaks for."""
    return Entry(name, Verdict.PROVED, _BY_COMPOSITION).with_remarks(read)


def with_composition(entry: Entry, own: bool, read: Remark) -> Entry:
    """An entry with what composition proves of it on top.

    Composition is exact: a text whose constants are rounded gives no number of the chain rule's.
    """
    open_still = is_open(entry) or (
        entry.verdict is Verdict.CERTIFIED and not any(map(entry.says, _FINAL))
    )
    if not own or not open_still or entry.says(Reason.ROUNDED_CONSTANTS):
        return entry
    return raised(entry, Verdict.PROVED, _BY_COMPOSITION, read)


def told_at_once(entire: Entire, seconds: float) -> list[Entry]:
    """What is told of all numbers without a look at any by itself; UNDECIDED where that is nothing.

    Args:
        entire: What is under proof.
        seconds: Each step may take.
    """
    own, read = composed(entire, seconds)
    entries = [
        by_composition(name, read) if proven else Entry(name, Verdict.UNDECIDED, "none")
        for name, proven in zip(entire.expected.names, own, strict=True)
    ]
    return with_constants_folded(entire, entries, seconds, secrets.token_hex(16))


def with_constants_folded(
    entire: Entire, entries: Sequence[Entry], seconds: float, nonce: str
) -> list[Entry]:
    """The entries, those for which points alone speak by what composition proves, or else a field
    tells, where the chain rule's constants are folded as a text has them.

    Args:
        entire: What is under proof.
        entries: What is known of each number.
        seconds: Each of the two may take.
        nonce: What the elements of the field are drawn from.
    """
    found = [*entries]
    job = _job(entire) if any(map(is_open, found)) else None
    for verdict, drawn in ((Verdict.PROVED, {}), (Verdict.CERTIFIED, {"nonce": nonce})):
        if job is None or not any(map(is_open, found)):
            break
        with suppress(StepError):
            told, read = _asked("fold", {**job, **drawn}, seconds)
            found = [
                raised(entry, verdict, _method(each), read)
                if each not in (None, False) and is_open(entry)
                else entry
                for entry, each in zip(found, told, strict=True)
            ]
    return found


def _method(told: object) -> str:
    return _FOLDED if told is True else _IN_A_FIELD.format(told)


def is_open(entry: Entry) -> bool:
    """True if a proof of its number would tell more of it."""
    lesser = entry.verdict in (Verdict.CERTIFIED_NUMERIC, Verdict.UNDECIDED)
    return lesser and not any(map(entry.says, _FINAL))


def raised(entry: Entry, verdict: Verdict, method: str, *remarks: Remark) -> Entry:
    """An entry of which more is known now; what kept it low is no remark any more."""
    without = (
        Reason.NOT_BY_SYMBOLS, Reason.HINT, Reason.READING, Reason.ROUNDED_CONSTANTS,
        Reason.UNREADABLE,
    )  # fmt: skip
    if not entry.says(Reason.UNREADABLE):
        method = f"{method}; {entry.method}"
    return replace(entry.without(*without), verdict=verdict, method=method).with_remarks(*remarks)


def _job(entire: Entire) -> dict[str, object] | None:
    """The chain rule and our own texts for the worker; None if nothing may rest on them."""
    truth = program_of(entire.expected.graph)
    size = len(truth.steps) + sum(len(p.steps) for p in entire.programs)
    if (
        not entire.compiled_here
        or not entire.programs
        or size > MOST_STEPS
        or any(map(weak_rules, _functions(entire)))
    ):
        return None
    return {
        "rules": truth.to_json(),
        "subjects": [program.to_json() for program in entire.programs],
        "points": lanes_for(entire.expected.graph).points,
        "across": list(entire.expected.across.items()),
    }


def _asked(what: str, job: dict[str, object], seconds: float) -> tuple[list[object], Remark]:
    """What the worker finds of each number, and what constants are read as."""
    worker = shared_worker()
    with worker.lock, collection_paused():
        found, read = worker.ask({what: job}, seconds)
    return found, readings_told(read)


def _functions(entire: Entire) -> list[Graph]:
    """The functions whose derivatives these are, one of each kind."""
    kinds = {(row.first, bool(row.inputs)): row.graph for row in entire.expected.rows}
    return [entire.graph, *kinds.values()]
