"""The chain rule as the measure of a gradient under proof: exact where possible, else in a field.

What evaluation at points left open is proven by composition (compose.py), or certified by identity
in a prime field (field.py).  Both rest on the rules of the primitives that the function uses, so
each of these is proven against ``sympy.diff`` first, once a process.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from autodiff.table.primitive import Primitive
from autodiff.trace.collection import collection_paused
from verify.answer.report import Entry, Verdict
from verify.field.field import Field, PoleError
from verify.field.prime import BITS, random_prime
from verify.induction.compose import Composition, lanes_for
from verify.numbers.algebra import NO_FORM
from verify.rules.rules import prove_rule
from verify.rungs.session import NO_POINT
from verify.subjects.subject import Subject
from verify.truth.spec import chain_rule

__all__ = ["Composed", "by_the_chain_rule", "composed"]

_CHANCE = 1e-12
_STEPS = 1_500_000  # of all programs; above, memory would not do
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
    """

    subject: Subject
    by_program: list[list[bool]]
    seconds: float

    @property
    def exact(self) -> list[bool]:
        """Per number, whether every program gives it."""
        return [all(each) for each in zip(*self.by_program, strict=True)]

    @cached_property
    def weak(self) -> list[str]:
        """Rules of the function that are not proven themselves: nothing may rest on them."""
        return _weak_rules(self.subject)

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
        return [_stronger(entry, True, None, (), seconds) for entry in undecided]


def composed(subject: Subject) -> Composed:
    """Prove a gradient by composition; nothing is proven if it has no text, or is too large."""
    start = time.perf_counter()
    size = len(subject.graph.nodes) + sum(len(p.steps) for p in subject.programs)
    if not subject.programs or size > _STEPS:
        return Composed(subject, [], 0.0)
    with collection_paused():
        exact = _composed(subject)
    return Composed(subject, exact, time.perf_counter() - start)


def by_the_chain_rule(
    subject: Subject, entries: Sequence[Entry], known: Composed, seed: int
) -> list[Entry]:
    """The entries, those that only points speak for replaced by what the chain rule says."""
    is_open = [_is_open(entry, subject.is_large) for entry in entries]
    if not any(is_open) or not known.exact:
        return list(entries)
    chances: list[float | None] = [None] * len(entries)
    if not all(known.exact):
        chances = _in_the_field(subject, seed)
    seconds = known.seconds / sum(is_open)
    answers = zip(entries, is_open, known.exact, chances, strict=True)
    return [
        _stronger(entry, exact, chance, known.weak, seconds) if wanted else entry
        for entry, wanted, exact, chance in answers
    ]


def _is_open(entry: Entry, large: bool) -> bool:
    """True if points alone speak for it, or none could be computed because it is so large."""
    if entry.verdict is Verdict.UNDECIDED:
        return NO_FORM in entry.note or (large and NO_POINT not in entry.note)
    if entry.verdict is Verdict.CERTIFIED:
        return True
    # A text within the rounding of its constants is not equal, and no proof may say so.
    return entry.verdict is Verdict.CERTIFIED_NUMERIC and "within the rounding" not in entry.method


def _stronger(
    entry: Entry, exact: bool, chance: float | None, weak: Sequence[str], seconds: float
) -> Entry:
    """An entry with what is known by the chain rule on top."""
    seconds += entry.seconds
    if not exact and (chance is None or entry.verdict is Verdict.CERTIFIED):
        suspect = entry.verdict is Verdict.UNDECIDED
        return replace(entry, seconds=seconds).with_note(_SUSPECT if suspect else "")
    verdict = Verdict.PROVED if exact else Verdict.CERTIFIED
    by = "composed from" if exact else f"modulo a large prime, error < {chance:.0e}, from"
    method = f"chain rule, {by} rules proven by sympy.diff"
    if entry.verdict is not Verdict.UNDECIDED:
        method += f"; {entry.method}"
    if weak:
        agrees = "exactly what the chain rule gives" if exact else "what the chain rule gives"
        note = f"{agrees}, by rules not proven: {', '.join(weak)}"
        return replace(entry, seconds=seconds).with_note(note)
    return Entry(entry.input, verdict, method, seconds, None, _kept_note(entry))


def _kept_note(entry: Entry) -> str:
    """The note without the reason why symbols did not prove it."""
    if entry.verdict is Verdict.UNDECIDED:
        return ""
    kept = [n for n in entry.note.split("; ") if not n.startswith("not proven by symbols")]
    return "; ".join(kept)


def _composed(subject: Subject) -> list[list[bool]]:
    """Per program and number under proof, whether it is the chain rule's, by exact polynomials."""
    nodes = Composition(lanes_for(subject.graph))
    inputs = [nodes.input(i) for i in range(subject.graph.inputs.size)]
    expected = [nodes.lift(x) for x in _wanted(subject, chain_rule(subject.graph, inputs))]
    proven = []
    for program in subject.programs:
        values = nodes.run(program, inputs)
        found = [nodes.lift(values[place]) for place in program.outputs]
        proven.append([_equal(nodes, x, y) for x, y in zip(found, expected, strict=True)])
    return proven


def _equal(nodes: Composition, x: Any, y: Any) -> bool:
    low, high = sorted((x.index, y.index))
    return low == high or nodes.prove(high, low)


def _wanted(subject: Subject, numbers: list[object]) -> list[object]:
    """Of the value and all partial derivatives, those under proof."""
    value = numbers[:1] if subject.value else []
    return [*value, *(numbers[1 + i] for i in subject.inputs)]


def _in_the_field(subject: Subject, seed: int) -> list[float | None]:
    """Per number under proof, the chance that it agrees by accident; None where it does not."""
    for bits in BITS:
        found = [_chances(subject, bits, seed, relations) for relations in (False, True)]
        best = [
            min((c for c in both if c is not None), default=None)
            for both in zip(*found, strict=True)
        ]
        if all(c is None or c <= _CHANCE for c in best):
            break
    return [c if c is not None and c <= _CHANCE else None for c in best]


def _chances(subject: Subject, bits: int, seed: int, relations: bool) -> list[float | None]:
    field = Field(random_prime(bits), seed, relations)
    inputs = [field.unknown(i) for i in range(subject.graph.inputs.size)]
    wanted = len(subject.inputs) + subject.value
    worst: list[float | None] = [0.0] * wanted
    try:
        expected = [field.lift(x) for x in _wanted(subject, chain_rule(subject.graph, inputs))]
        for program in subject.programs:
            values = field.run(program, inputs)
            for k, (place, x) in enumerate(zip(program.outputs, expected, strict=True)):
                y, before = field.lift(values[place]), worst[k]
                agrees = before is not None and x.v == y.v
                worst[k] = max(before or 0.0, field.chance([(x, y)])) if agrees else None
    except PoleError:
        return [None] * wanted
    return worst


def _weak_rules(subject: Subject) -> list[str]:
    """Rules the function uses that are not proven: primitive, and what is known instead."""
    used = {row: None for _, row, _ in subject.graph.operations()}
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
