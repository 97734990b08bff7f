"""All numbers of derivatives at once: what composition proves of them, and what a field tells.

Where a constant is what the chain rule makes of numbers alone, a text has the double that it was
folded to.  Where points alone would speak for a number, so has the chain rule here: one double may
be a number of the function in one place and a folded product in another, and each is what it is.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from autodiff.graph.graph import Graph
from autodiff.trace.collection import collection_paused
from verify.answer.reasons import Reason, Remark
from verify.answer.report import Entry, Verdict
from verify.induction.compose import lanes_for
from verify.ladder.chain_rule import MOST_STEPS, weak_rules
from verify.ladder.doors.unfolded import unfolded
from verify.program.program import Program, Written, program_of
from verify.rungs.process.process import StepError, shared_worker
from verify.rungs.process.remarks import readings_told
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
_IN_A_FIELD = (
    "chain rule, modulo a large prime, error < {:.0e}, from rules proven by sympy.diff, "
    "its constants folded in doubles"
)
# What no proof of a number changes: where the text is defined, and what it is at the example.
_FINAL = Reason.NOT_SHOWN, Reason.UNDEFINED_AT, Reason.NO_POINT, Reason.EXCEPTIONAL


def composed(
    entire: Entire, seconds: float, places: Sequence[int] | None = None, differ: bool = False
) -> tuple[list[str], Remark]:
    """Per number, how all programs are proven to give the chain rule's; what constants mean.

    All at once only of our own text, which asks nothing that the function does not ask: what the
    comparisons of somebody else's text are worth is looked at row by row.

    Args:
        entire: What is under proof.
        seconds: Each step may take.
        places: The numbers that are asked for; all by default.
        differ: True if they are known to differ where constants are the doubles that they are.

    Returns:
        "compose" where constants are those of the chain rule, "fold" where they are what our
        transform makes of it, "" where nothing is proven.
    """
    places = range(len(entire.expected.names)) if places is None else places
    steps = "compose", "fold"  # constants may be what our transform makes of the function's
    proven: dict[int, str] = {}
    read: Mapping[float, str] = {}
    for what in steps[::-1] if differ else steps:
        left = [place for place in places if place not in proven]
        job = _job(entire, left, what) if left else None
        if job is None:
            continue
        with suppress(StepError):
            told, meant = _asked(what, job, seconds)
            proven |= {place: what for place, each in zip(left, told, strict=False) if each}
            read = {**meant, **read} if any(told) else read
    return [proven.get(place, "") for place in places], readings_told(read)


def by_composition(name: str, read: Remark) -> Entry:
    """The entry of a number that composition alone speaks for."""
    return Entry(name, Verdict.PROVED, _BY_COMPOSITION).with_remarks(read)


def with_composition(entry: Entry, own: str, read: Remark) -> Entry:
    """An entry with what composition proves of it on top.

    Composition is exact: a text whose constants are rounded gives no number of the chain rule's,
    but for those that our transform folded.
    """
    open_still = is_open(entry) or (
        entry.verdict is Verdict.CERTIFIED and not any(map(entry.says, _FINAL))
    )
    rounded = entry.says(Reason.ROUNDED_CONSTANTS) and own != "fold"
    if not own or not open_still or rounded:
        return entry
    return raised(entry, Verdict.PROVED, _BY_COMPOSITION, read)


def told_at_once(entire: Entire, places: Sequence[int], seconds: float) -> list[Entry]:
    """What is told of numbers without a look at any by itself; UNDECIDED where that is nothing.

    Args:
        entire: What is under proof.
        places: The numbers.
        seconds: Each step may take.
    """
    own, read = composed(entire, seconds, places, differ=True)
    names = entire.expected.names
    entries = {
        place: by_composition(names[place], read)
        if proven
        else Entry(names[place], Verdict.UNDECIDED, "none")
        for place, proven in zip(places, own, strict=True)
    }
    return [*with_constants_folded(entire, entries, seconds, secrets.token_hex(16)).values()]


def with_constants_folded(
    entire: Entire, entries: Mapping[int, Entry], seconds: float, nonce: str
) -> dict[int, Entry]:
    """The entries, those for which points alone speak by what a field tells, where constants are
    folded as a text has them.

    Args:
        entire: What is under proof.
        entries: What is known of numbers, by their places.
        seconds: It may take.
        nonce: What the elements of the field are drawn from.
    """
    found = dict(entries)
    left = [place for place, entry in found.items() if is_open(entry)]
    job = _job(entire, left, "fold") if left else None
    if job is not None:
        with suppress(StepError):
            told, read = _asked("fold", {**job, "nonce": nonce}, seconds)
            for place, chance in zip(left, told, strict=False):
                if isinstance(chance, float):
                    method = _IN_A_FIELD.format(chance)
                    remark = readings_told(read)
                    found[place] = raised(found[place], Verdict.CERTIFIED, method, remark)
    return found


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


def _job(entire: Entire, places: Sequence[int], what: str) -> dict[str, object] | None:
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
    across = entire.expected.across
    kept = dict.fromkeys([*places, *(across[place] for place in places if place in across)])
    at = {place: k for k, place in enumerate(kept)}

    def written(program: Program) -> Written:
        return replace(program, outputs=tuple(program.outputs[place] for place in kept)).to_json()

    if what == "fold":
        ours = entire.complete(unfolded(entire.graph, entire.kind, entire.wrt))
        if len(ours.outputs) != len(truth.outputs):
            return None
        ours_written = written(ours)
    else:
        ours_written = program_of(entire.graph).to_json()
    return {
        "ours": ours_written,
        "rules": written(truth),
        "subjects": [*map(written, entire.programs)],
        "points": lanes_for(entire.expected.graph).points,
        "across": [(at[place], at[across[place]]) for place in places if place in across],
    }


def _asked(
    what: str, job: dict[str, object], seconds: float
) -> tuple[list[object], Mapping[float, str]]:
    """What the worker finds of each number, and what constants are read as."""
    worker = shared_worker()
    with worker.lock, collection_paused():
        found, read = worker.ask({what: job}, seconds)
    return found, read


def _functions(entire: Entire) -> list[Graph]:
    """The functions whose derivatives these are, one of each kind."""
    kinds = {(row.first, bool(row.inputs)): row.graph for row in entire.expected.rows}
    return [entire.graph, *kinds.values()]
