"""Scope: where a verdict holds, and what it takes for granted.

Equal expressions are equal numbers only where both are defined.  Steps of a text that may be
undefined where the function is not (definedness.py) are looked at: a point that shows it is told,
and what cannot be excluded is no proof.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from types import MappingProxyType

from verify.answer.reasons import Reason, Remark
from verify.answer.report import Entry, Verdict, Witness
from verify.induction.definedness import Definedness, Lack
from verify.program.literals import with_readings
from verify.program.number_steps import with_numbers_folded
from verify.program.program import Program
from verify.program.words import words
from verify.rules.registered import weakest
from verify.rungs.process.findings import Lost, Undefined
from verify.rungs.process.process import StepError
from verify.rungs.process.session import Session
from verify.subjects.subject import Subject

__all__ = ["ASSUMES", "as_called", "as_shown", "domain_of", "within_scope"]

ASSUMES = (
    "real numbers (no rounding, no overflow) and inputs that are finite doubles; where the "
    "function switches, the conventions of the table"
)
_SAID = 4  # needs in one line
_NEAR = 1e-10  # relatively, of a function that is itself only near to what it is called
_SINGLY = 1000  # steps that may raise, looked at one by one
_STEPS = 60_000  # of our own text: above, the needs of every step would take as long as the proof
_RELATIONS = {"nonzero": "!= 0", "positive": "> 0", "nonnegative": ">= 0"}
_UNDEFINED = "60 digits, no number"
_WEAKEST = Verdict.CERTIFIED_NUMERIC


def within_scope(
    subject: Subject,
    session: Session,
    entries: Sequence[Entry],
    read: Mapping[float, str] = MappingProxyType({}),
) -> list[Entry]:
    """The entries, none of them better than what is known about where the text is defined.

    Args:
        subject: The gradient.
        session: What is known of it.
        entries: What is known of each number.
        read: What constants are read as where a number is proven for these readings.
    """
    known = _definedness(subject)
    if known is None:
        return list(entries)
    found = _after_rounding(subject, session, entries)
    for program in subject.programs:
        doubles = with_numbers_folded(program)
        for output, lacks in enumerate(known.lacks(program, doubles)):
            if found[output].verdict in (Verdict.REFUTED, Verdict.UNDECIDED):
                continue
            asked = _inputs_of(subject, [output])
            meant = read if found[output].says(Reason.AS_WRITTEN) else {}
            left = [x for x in lacks if not _is_covered(subject, session, known, x, asked, meant)]
            if left:
                lacking = _Lacking(program, program.outputs[output], left)
                found[output] = _judged(subject, session, found[output], output, lacking)
    return _as_demanded(subject, session, known, found, read)


@dataclass(frozen=True)
class _Lacking:
    """Steps that need what the function does not need.

    Args:
        program: Where they are.
        place: The number that is undefined with them.
        lacks: The steps.
        is_demanded: Whether Python computes the number, used or not: an exception there counts.
    """

    program: Program
    place: int
    lacks: Sequence[Lack]
    is_demanded: bool = False


def _as_demanded(
    subject: Subject,
    session: Session,
    known: Definedness,
    entries: list[Entry],
    read: Mapping[float, str],
) -> list[Entry]:
    """The entries, none better than what Python may raise at on the way, used or not."""
    if subject.demanded is None:
        return entries
    found = list(entries)
    outputs = known.lacking(subject.demanded)
    if len(outputs) > _SINGLY:
        text = f"Python may raise an exception at {len(outputs)} steps: not shown that none does"
        remark = Remark(Reason.NOT_SHOWN, text)
        return [_no_better(entry, _WEAKEST, remark) for entry in found]
    for place in outputs:
        if all(entry.verdict in (Verdict.REFUTED, Verdict.UNDECIDED) for entry in found):
            break
        program = replace(subject.demanded, outputs=(place,))
        lacks = known.lacks(program, with_numbers_folded(program))[0]
        asked = _inputs_of(subject, range(len(entries)))
        meant = read if any(entry.says(Reason.AS_WRITTEN) for entry in found) else {}
        left = [x for x in lacks if not _is_covered(subject, session, known, x, asked, meant)]
        for output, entry in enumerate(found if left else ()):
            if entry.verdict not in (Verdict.REFUTED, Verdict.UNDECIDED):
                lacking = _Lacking(program, place, left, is_demanded=True)
                found[output] = _judged(subject, session, entry, output, lacking)
    return _as_doubles_do(subject, session, found)


def _as_doubles_do(subject: Subject, session: Session, entries: list[Entry]) -> list[Entry]:
    """The entries, none proven of a text that Python raises at nearly wherever it is called."""
    assert subject.demanded is not None
    point: list[float] = []
    if not subject.is_large:
        with suppress(StepError):
            point = session.ask("raising", subject.demanded.to_json())
    if not point:
        return entries
    named = zip(subject.graph.inputs.names, point, strict=True)
    at = ", ".join(f"{name} = {x!r}" for name, x in named)
    text = f"UNDEFINED-AT {at}: something that is computed there is no double"
    remark = Remark(Reason.UNDEFINED_AT, text)
    return [
        e if e.verdict is Verdict.REFUTED else _no_better(e, Verdict.UNDECIDED, remark)
        for e in entries
    ]


def as_called(subject: Subject, entries: Sequence[Entry]) -> list[Entry]:
    """The entries, none proven of a callable whose other calls nothing is known of.

    Nor of a function with a user's primitive of which nothing is known between points.
    """
    found, good = list(entries), (Verdict.PROVED, Verdict.CERTIFIED)
    doubts = [f"shown for its trace and the calls made: {subject.doubt}"] if subject.doubt else []
    rule, why = weakest(subject.graph)
    if rule is _WEAKEST:
        doubts.append(why)
    for remark in (Remark(Reason.NOT_SHOWN, doubt) for doubt in doubts):
        found = [_no_better(e, _WEAKEST, remark) if e.verdict in good else e for e in found]
    return found


def as_shown(subject: Subject, session: Session, entries: Sequence[Entry]) -> list[Entry]:
    """The entries, none refuted by a point that does not show it."""
    found = list(entries)
    for k, entry in enumerate(entries):
        if entry.verdict is not Verdict.REFUTED or (witness := entry.witness) is None:
            continue
        point = list(witness.point.values())
        if entry.says(Reason.AFTER_EXCEPTION) and not _raises_at(subject, session, point):
            found[k] = _unreached(entry, witness)
        elif witness.found == witness.expected and _converges(subject):
            found[k] = _beyond_doubles(entry, witness)
        elif _approximates(subject) and _is_near(witness):
            found[k] = _as_near_as_a_series(entry, witness)
        elif math.isfinite(witness.found) and _is_folded(subject, session, k, point):
            found[k] = _as_folded(entry, witness)
    return found


def _is_folded(subject: Subject, session: Session, output: int, point: Sequence[float]) -> bool:
    """True if the text's number is the chain rule's, constants folded as a compile folds them."""
    if subject.is_large or not subject.programs:
        return False
    with suppress(StepError):
        return bool(session.ask("folded", output, point, subject.truth.to_json()))
    return False


def _as_folded(entry: Entry, witness: Witness) -> Entry:
    text = (
        f"constants cancel: at {_at(witness)} it gives {witness.found!r}, exactly what the chain "
        f"rule gives with constants folded in doubles, and {witness.expected!r} is what it gives "
        "with the numbers that they are; write the constant that is left"
    )
    return _undecided(entry, text)


def _approximates(subject: Subject) -> bool:
    """True if a function of a library is a series or a fraction here, with a double's digits."""
    return bool(getattr(subject.graph.origins, "approximates", False))


def _is_near(witness: Witness) -> bool:
    size = max(abs(witness.found), abs(witness.expected))
    return abs(witness.found - witness.expected) <= _NEAR * size


def _as_near_as_a_series(entry: Entry, witness: Witness) -> Entry:
    text = (
        f"the function has a library's function as a series or a fraction that comes near to it; "
        f"at {_at(witness)} the text gives {witness.found!r}, and the slope of that is "
        f"{witness.expected!r}"
    )
    method = f"within {_NEAR:g} at points"
    numeric = replace(entry, verdict=_WEAKEST, method=method, witness=None)
    return replace(numeric, remarks=(Remark(Reason.NOT_SHOWN, text),))


def _converges(subject: Subject) -> bool:
    """True if the function repeats something until it changes no more: to so many digits."""
    origins = subject.graph.origins
    return origins is not None and bool(origins.refusals)


def _beyond_doubles(entry: Entry, witness: Witness) -> Entry:
    text = (
        f"the function repeats until little changes; at {_at(witness)} the two differ by less than "
        "floats show"
    )
    numeric = replace(entry, verdict=_WEAKEST, method="equal as floats at points", witness=None)
    return replace(numeric, remarks=(Remark(Reason.NOT_SHOWN, text),))


def _at(witness: Witness) -> str:
    return ", ".join(f"{name} = {x!r}" for name, x in witness.point.items())


def _raises_at(subject: Subject, session: Session, point: Sequence[float]) -> bool:
    if subject.raising is None:  # of ours: a second form, for what Python raises at
        return True
    with suppress(StepError):
        return bool(session.ask("raises", subject.raising.to_json(), point))
    return False


def _unreached(entry: Entry, witness: Witness) -> Entry:
    text = (
        f"after an exception it returns {witness.found!r} for {witness.expected!r} at "
        f"{_at(witness)}; no exception was found there, and it is not shown that there is none "
        "elsewhere"
    )
    return _undecided(entry.without(Reason.AFTER_EXCEPTION), text)


def _undecided(entry: Entry, text: str) -> Entry:
    """An entry that a point refuted, of which it shows nothing."""
    undecided = replace(entry, verdict=Verdict.UNDECIDED, method="none", witness=None)
    return undecided.with_remarks(Remark(Reason.NOT_SHOWN, text))


def _after_rounding(subject: Subject, session: Session, entries: Sequence[Entry]) -> list[Entry]:
    """The entries, none proven of which a text of somebody else's gives another number."""
    proven = [entry.verdict in (Verdict.PROVED, Verdict.CERTIFIED) for entry in entries]
    if subject.compiled_here or subject.is_large or not any(proven):
        return list(entries)
    try:
        lost: list[Lost] = session.ask("rounding", subject.truth.to_json())
    except StepError:
        return list(entries)
    return [
        _with_doubles(subject, entry, told) if told and is_proven else entry
        for entry, told, is_proven in zip(entries, lost, proven, strict=True)
    ]


def _with_doubles(subject: Subject, entry: Entry, told: Lost) -> Entry:
    """An entry with what doubles make of the text at a point; not proven if that counts."""
    remark = _rounded(subject, told)
    return _no_better(entry, _WEAKEST if told["counts"] else entry.verdict, remark)


def _rounded(subject: Subject, told: Lost) -> Remark:
    point = zip(subject.graph.inputs.names, told["point"], strict=True)
    at = ", ".join(f"{name} = {x!r}" for name, x in point)
    text = (
        f"not shown for doubles: at {at} rounding makes {told['found']!r} of {told['expected']!r}"
    )
    return Remark(Reason.NOT_SHOWN, text)


def _definedness(subject: Subject) -> Definedness | None:
    """What is needed; of a long text only where somebody else may have written it."""
    size = sum(len(program.steps) for program in subject.programs)
    if not subject.programs or (subject.compiled_here and size > _STEPS):
        return None
    return subject.definedness


def _inputs_of(subject: Subject, outputs: Iterable[int]) -> frozenset[int] | None:
    """The inputs that numbers under proof are derivatives by; None with the value among them."""
    places = [output - subject.value for output in outputs]
    return None if -1 in places else frozenset(subject.inputs[i] for i in places)


def _is_covered(
    subject: Subject,
    session: Session,
    known: Definedness,
    lack: Lack,
    asked: frozenset[int] | None,
    read: Mapping[float, str],
) -> bool:
    """True if what a step needs holds wherever the function has the derivatives asked for."""
    wanted = None if subject.is_large else known.spelled(lack.need)
    if wanted is None:
        return False
    needs = (other.need for other in known.always())
    own = [(need[0], p) for need in needs if (p := known.spelled(need))]
    if asked is not None:
        own += [("nonzero", c.squares) for c in subject.cusps if asked <= c.inputs]
    for meant in ({}, read) if read else ({},):
        program = with_readings(wanted, meant)
        doubles = with_numbers_folded(program)  # products of needs have the function's numbers
        given = [(kind, with_readings(p, meant).to_json()) for kind, p in own]
        question = lack.need[0], program.to_json(), given, known.intervals(), doubles.to_json()
        with suppress(StepError):
            if session.ask("covered", *question):
                return True
    return False


def _judged(
    subject: Subject, session: Session, entry: Entry, output: int, lacking: _Lacking
) -> Entry:
    """An entry whose text may be undefined where the function is not."""
    program, lacks = lacking.program, lacking.lacks
    pole: Undefined = {}
    if not subject.is_large:
        alone = replace(program, outputs=(lacking.place,)).to_json()
        with suppress(StepError):
            places = [x.place for x in lacks]
            pole = session.ask("undefined", output, alone, places, lacking.is_demanded)
    if not pole:
        said = ", ".join(_where(subject, x, program) for x in lacks[:_SAID])
        text = f"defined only where {said}: what happens elsewhere is not shown"
        return _no_better(entry, _WEAKEST, Remark(Reason.NOT_SHOWN, text))
    point = dict(zip(subject.graph.inputs.names, pole["point"], strict=True))
    at = ", ".join(f"{name} = {x!r}" for name, x in point.items())
    text = f"UNDEFINED-AT {at}: the text gives no number, the derivative is {pole['expected']:g}"
    remark = Remark(Reason.UNDEFINED_AT, text)
    if not pole["inside"]:
        return _no_better(entry, Verdict.UNDECIDED, remark)
    witness = Witness(point, math.nan, pole["expected"])
    refuted = replace(entry, verdict=Verdict.REFUTED, method=_UNDEFINED, witness=witness)
    return refuted.without(Reason.NOT_BY_SYMBOLS).with_remarks(remark)


def _no_better(entry: Entry, verdict: Verdict, remark: Remark) -> Entry:
    worst = max(entry.verdict, verdict, key=list(Verdict).index)
    return replace(entry, verdict=worst).with_remarks(remark)


def _where(subject: Subject, lack: Lack, program: Program) -> str:
    """What a step of a program needs, in words."""
    names = subject.graph.inputs.names
    needed = subject.definedness.spelled(lack.need)
    if needed is not None:
        return f"{words(needed, needed.outputs[0], names)} {_RELATIONS[lack.need[0]]}"
    if lack.need[0] in _RELATIONS:
        return f"... {_RELATIONS[lack.need[0]]}"
    return f"{words(program, lack.place, names)} is"


def domain_of(subject: Subject) -> str:
    """Where the function and its chain rule are defined, which is where a proof holds."""
    known = _definedness(subject)
    if known is None:
        return "wherever the function and its chain rule are defined"
    said = list(dict.fromkeys(_where(subject, lack, subject.truth) for lack in known.own))
    if not said:
        return "everywhere"
    more = ", ..." if len(said) > _SAID else ""
    return f"where {', '.join(said[:_SAID])}{more}"
