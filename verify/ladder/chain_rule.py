"""The chain rule as the measure of a gradient under proof: exact where possible, else in a field.

What evaluation at points left open is proven by composition, or certified by identity in a prime
field; both run in the worker process (by_rules.py).  They rest on the rules of the primitives that
the function uses, so each of these is proven against ``sympy.diff`` first, once a process.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property

from autodiff.graph.graph import Graph
from autodiff.table.primitive import Primitive
from autodiff.trace.collection import collection_paused
from verify.answer.reasons import Reason, Remark
from verify.answer.report import Entry, Verdict
from verify.induction.compose import lanes_for
from verify.program.limits import TOO_MANY_SIDES
from verify.rules.rules import prove_rule
from verify.rungs.process.process import StepError
from verify.rungs.process.session import Session
from verify.subjects.subject import Subject
from verify.truth.derived import tangent_program
from verify.truth.parts import cut

__all__ = [
    "MOST_STEPS",
    "Composed",
    "by_the_chain_rule",
    "composed",
    "composed_as_written",
    "weak_rules",
]

MOST_STEPS = 1_500_000  # of all programs; above, memory would not do
_TANGENTS = 6_000  # nodes, for all inputs together, up to which they are run forwards
_SUSPECT = "not what the chain rule gives modulo a large prime; a longer time_limit may tell why"
_RULES: dict[tuple[Primitive, int], Entry] = {}


@dataclass
class Composed:
    """What composition proves.

    Args:
        subject: The gradient.
        by_program: Per program and number under proof, whether it is the chain rule's number, by
            exact polynomials.
        seconds: How long it took.
        read: What constants of the text were read as.
    """

    subject: Subject
    by_program: list[list[bool]]
    seconds: float
    read: Remark

    @property
    def exact(self) -> list[bool]:
        """Per number, whether every program gives it."""
        return [all(each) for each in zip(*self.by_program, strict=True)]

    @cached_property
    def weak(self) -> list[str]:
        """Rules of the function that are not proven themselves: nothing may rest on them."""
        return weak_rules(self.subject.graph)

    def left(self) -> Subject:
        """The subject without the programs that are proven, if there is too much of it to look at
        them again at points."""
        subject = self.subject
        if not subject.is_large or self.weak:
            return subject
        left = [k for k, exact in enumerate(self.by_program) if not all(exact)]
        programs, labels = subject.programs, subject.labels
        return replace(
            subject, programs=[programs[k] for k in left], labels=[labels[k] for k in left]
        )

    def entries(self, names: Sequence[str]) -> list[Entry]:
        """What is known without looking at any point."""
        seconds = self.seconds / len(names)
        undecided = [Entry(name, Verdict.UNDECIDED, "none") for name in names]
        return [_stronger(entry, True, None, self, seconds) for entry in undecided]


def composed(subject: Subject, session: Session, written: bool = False) -> Composed:
    """Prove a gradient by composition; nothing is proven if there is no text, or no time.

    Args:
        subject: The gradient.
        session: What is known of it.
        written: Whether constants are read as what they were written as.
    """
    start = time.perf_counter()
    size = len(subject.graph.nodes) + sum(len(p.steps) for p in subject.programs)
    if not subject.programs or size > MOST_STEPS:
        return Composed(subject, [], 0.0, session.readings)
    nothing = [[False] * len(program.outputs) for program in subject.programs]
    with collection_paused():
        points = lanes_for(subject.graph).points
        try:
            exact = session.ask_within_the_rest("compose", points, *_rules_of(subject, written))
        except StepError:
            exact = nothing
        exact = _with_tangents(subject, session, exact, points, written)
        exact = exact if written else _with_parts(subject, session, exact)
    return Composed(subject, exact, time.perf_counter() - start, session.readings)


def _with_tangents(
    subject: Subject, session: Session, exact: list[list[bool]], points: int, written: bool
) -> list[list[bool]]:
    """What is proven besides by the chain rule forwards, as texts with sensitivities have it."""
    graph = subject.graph
    size = len(graph.nodes) * graph.inputs.count
    if subject.is_large or all(map(all, exact)) or session.is_refuted or size > _TANGENTS:
        return exact
    try:
        rules = tangent_program(graph, written).to_json()
        found = session.ask_within_the_rest("compose", points, rules)
    except StepError:
        return exact
    return [[x or y for x, y in zip(*each, strict=True)] for each in zip(exact, found, strict=True)]


def _with_parts(subject: Subject, session: Session, exact: list[list[bool]]) -> list[list[bool]]:
    """What composition proves, and what it proves once terms of one number are proven alone."""
    first = 1 if subject.value else 0
    if subject.is_large or all(all(each[first:]) for each in exact) or session.is_refuted:
        return exact
    made = cut(subject.graph, subject.programs, subject.inputs)
    if made is None:
        return exact
    claims = [
        [*(p.to_json() for p in (x.function, x.slope, x.truth)), x.reordered] for x in made.claims
    ]
    texts = [text.to_json() for text in made.texts]
    try:
        found = session.ask_within_the_rest("in_parts", made.rules.to_json(), texts, claims)
    except StepError:
        return exact
    return [[x or y for x, y in zip(each, found, strict=True)] for each in exact]


def _rules_of(subject: Subject, written: bool = False) -> list[object]:
    """The chain rule as the worker wants it; large jobs are loaded with it."""
    if subject.is_large:
        return []
    return [(subject.truth_in_steps if written else subject.truth).to_json()]


def by_the_chain_rule(
    subject: Subject, session: Session, entries: Sequence[Entry], known: Composed
) -> list[Entry]:
    """The entries, those that only points speak for replaced by what the chain rule says."""
    is_open = [_is_open(entry, subject.is_large) for entry in entries]
    if not any(is_open) or not known.exact:
        return list(entries)
    chances: list[float | None] = [None] * len(entries)
    exact = [*known.exact]
    for place, entry in enumerate(entries):
        if is_open[place] and not exact[place] and TOO_MANY_SIDES in entry.note:
            with suppress(StepError):
                exact[place] = session.ask_within_the_rest("on_sides", place, *_rules_of(subject))
    if not all(found for found, wanted in zip(exact, is_open, strict=True) if wanted):
        with suppress(StepError):
            chances = session.ask_within_the_rest("chances", *_rules_of(subject))
    seconds = known.seconds / sum(is_open)
    answers = zip(entries, is_open, exact, chances, strict=True)
    return [
        _stronger(entry, exact, chance, known, seconds) if wanted else entry
        for entry, wanted, exact, chance in answers
    ]


def composed_as_written(subject: Subject, session: Session) -> list[Entry]:
    """What is known where constants are what they were written as, by symbols or by composition."""
    session.visit()
    known = composed(subject, session, written=True)
    session.known = known.exact or session.known
    return [
        _stronger(entry, True, None, known, 0.0) if exact and _is_open(entry, False) else entry
        for entry, exact in zip(session.entries(), session.known, strict=True)
    ]


def _is_open(entry: Entry, large: bool) -> bool:
    """True if points alone speak for it, or none could be computed because it is so large."""
    if entry.verdict is Verdict.UNDECIDED:
        return entry.says(Reason.NO_FORM) or (large and not entry.says(Reason.NO_POINT))
    if entry.verdict is Verdict.CERTIFIED:
        return True
    # A text within the rounding of its constants is not equal, and no proof may say so.
    numeric = entry.verdict is Verdict.CERTIFIED_NUMERIC
    return numeric and not entry.says(Reason.ROUNDED_CONSTANTS)


def _stronger(
    entry: Entry, exact: bool, chance: float | None, known: Composed, seconds: float
) -> Entry:
    """An entry with what is known by the chain rule on top."""
    seconds += entry.seconds
    undecided = entry.verdict is Verdict.UNDECIDED
    if not exact and (chance is None or entry.verdict is Verdict.CERTIFIED):
        suspect = [Remark(Reason.NOT_THE_CHAIN_RULE, _SUSPECT)] * undecided
        return replace(entry, seconds=seconds).with_remarks(*suspect)
    verdict = Verdict.PROVED if exact else Verdict.CERTIFIED
    by = "composed from" if exact else f"modulo a large prime, error < {chance:.0e}, from"
    method = f"chain rule, {by} rules proven by sympy.diff"
    if not undecided:
        method += f"; {entry.method}"
    if weak := known.weak:
        agrees = "exactly what the chain rule gives" if exact else "what the chain rule gives"
        text = f"{agrees}, by rules not proven: {', '.join(weak)}"
        return replace(entry, seconds=seconds).with_remarks(Remark(Reason.WEAK_RULE, text))
    left = (known.read,) if undecided else entry.without(Reason.NOT_BY_SYMBOLS).remarks
    return Entry(entry.input, verdict, method, seconds, remarks=left)


def weak_rules(graph: Graph) -> list[str]:
    """Rules the function uses that are not proven: primitive, and what is known instead."""
    used = {row: None for _, row, _ in graph.operations()}
    weak = []
    for row in used:
        for position in range(row.arity):
            if position in row.literal or row.partials[position] is None:
                continue
            key = row, position
            if key not in _RULES:
                _RULES[key] = prove_rule(row, position)
            if _RULES[key].verdict is not Verdict.PROVED:
                weak.append(f"{row.name} ({_RULES[key].verdict})")
    return list(dict.fromkeys(weak))
