"""All numbers of derivatives at once: what composition proves of them, and what a field tells.

Where a constant is what the chain rule makes of numbers alone, a text has the double that it was
folded to.  So has the chain rule here, where it is needed: one double may be a number of the
function in one place and a folded product in another, and each is proven where it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from autodiff.graph.graph import Graph
from autodiff.trace.collection import collection_paused
from verify.answer.reasons import Reason, Remark
from verify.answer.report import Entry, Verdict
from verify.induction.compose import lanes_for
from verify.ladder.chain_rule import weak_rules
from verify.program.program import program_of
from verify.rungs.process.process import StepError, shared_worker
from verify.rungs.process.session import readings_told
from verify.subjects.entire import Entire

__all__ = ["by_composition", "composed", "in_a_field", "with_composition"]

_BY_COMPOSITION = "chain rule, composed from rules proven by sympy.diff"
_IN_A_FIELD = (
    "chain rule, modulo a large prime, error < {:.0e}, from rules proven by sympy.diff, its "
    "constants folded in doubles"
)
# What no proof of a number changes: where the text is defined, and what it is at the example.
_FINAL = Reason.NOT_SHOWN, Reason.UNDEFINED_AT, Reason.NO_POINT, Reason.EXCEPTIONAL
_FOLDED = 2  # proven with the chain rule's constants folded
_STEPS = 1_500_000  # of all programs; above, memory would not do


def composed(entire: Entire, seconds: float) -> tuple[list[int], Remark]:
    """Per number, whether all programs are proven to give the chain rule's; what constants mean.

    1 for the chain rule's, 2 for it with its constants folded in doubles, 0 for neither.

    All at once only of our own text, which asks nothing that the function does not ask: what the
    comparisons of somebody else's text are worth is looked at row by row.
    """
    nothing = [0] * len(entire.expected.graph.outputs), readings_told({})
    job = _job(entire)
    if job is None:
        return nothing
    points = lanes_for(entire.expected.graph).points
    function = program_of(entire.graph).to_json()
    try:
        exact, read = _asked({"compose": {**job, "function": function, "points": points}}, seconds)
    except StepError:
        return nothing
    proven = [max(each) if all(each) else 0 for each in zip(*exact, strict=True)]
    return proven, readings_told(read)


def _job(entire: Entire) -> dict[str, object] | None:
    """The chain rule and our own texts for the worker; None if nothing may rest on them."""
    truth = program_of(entire.expected.graph)
    size = len(truth.steps) + sum(len(p.steps) for p in entire.programs)
    if (
        not entire.compiled_here
        or not entire.programs
        or size > _STEPS
        or any(map(weak_rules, _functions(entire)))
    ):
        return None
    return {
        "rules": truth.to_json(),
        "subjects": [program.to_json() for program in entire.programs],
        "across": list(entire.expected.across.items()),
    }


def _asked(request: dict[str, object], seconds: float) -> Any:
    worker = shared_worker()
    with worker.lock, collection_paused():
        return worker.ask(request, seconds)


def in_a_field(entire: Entire, entries: Sequence[Entry], seconds: float, nonce: str) -> list[Entry]:
    """The entries, those for which points alone speak by what a field tells of all numbers."""
    is_open = [
        entry.verdict in (Verdict.CERTIFIED_NUMERIC, Verdict.UNDECIDED)
        and not any(map(entry.says, _FINAL))
        for entry in entries
    ]
    job = _job(entire) if any(is_open) else None
    if job is None:
        return [*entries]
    try:
        chances, read = _asked({"agree": {**job, "nonce": nonce}}, seconds)
    except StepError:
        return [*entries]
    told = readings_told(read)
    return [
        _raised(entry, Verdict.CERTIFIED, f"{_IN_A_FIELD.format(chance)}; {entry.method}", told)
        if wanted and chance is not None
        else entry
        for entry, wanted, chance in zip(entries, is_open, chances, strict=True)
    ]


def with_composition(entry: Entry, own: int, read: Remark) -> Entry:
    """An entry with what composition proves of it on top.

    Composition is exact: a text whose constants are rounded gives no number of the chain rule's,
    but one of the chain rule's that rounds the same constants.
    """
    lesser = entry.verdict in (Verdict.CERTIFIED, Verdict.CERTIFIED_NUMERIC, Verdict.UNDECIDED)
    rounded = entry.says(Reason.ROUNDED_CONSTANTS) and own != _FOLDED
    if not own or not lesser or rounded or any(map(entry.says, _FINAL)):
        return entry
    return _raised(entry, Verdict.PROVED, f"{_BY_COMPOSITION}; {entry.method}", read)


def _raised(entry: Entry, verdict: Verdict, method: str, read: Remark) -> Entry:
    without = Reason.NOT_BY_SYMBOLS, Reason.HINT, Reason.READING, Reason.ROUNDED_CONSTANTS
    return replace(entry.without(*without), verdict=verdict, method=method).with_remarks(read)


def _functions(entire: Entire) -> list[Graph]:
    """The functions whose derivatives these are, one of each kind."""
    kinds = {(row.first, bool(row.inputs)): row.graph for row in entire.expected.rows}
    return [entire.graph, *kinds.values()]


def by_composition(name: str, read: Remark) -> Entry:
    """The entry of a number that composition alone speaks for."""
    return Entry(name, Verdict.PROVED, _BY_COMPOSITION).with_remarks(read)
