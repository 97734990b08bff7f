"""The check that every compile gets: the code against the chain rule or the graph, in a field.

Microseconds an operation, and no SymPy.  Agreement certifies the gradient up to a stated chance.
A disagreement may be false, because a field knows few relations between functions; so the precise
rungs of ``verify_gradient`` look for a point that shows it, and only that refutes.
"""

from __future__ import annotations

import math
import random
import re
import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from autodiff.run.interpret import flatten_arguments
from autodiff.run.reverse_plan import reverse_plan
from autodiff.table import ops
from autodiff.trace.collection import collection_paused
from codegen.call.compiled import CompiledFunction, CompiledGradient
from codegen.text.at_ties import untied
from verify.answer.compile_check import Check, Example
from verify.answer.report import Entry, Report, Verdict
from verify.field.execute import Emitted
from verify.field.field import Element, Field, PoleError
from verify.field.gates import Gates
from verify.field.prime import random_prime, size_for
from verify.program.limits import KINKS_UP_TO
from verify.program.program import program_of
from verify.rules.registered import weakest
from verify.subjects.subject import (
    Subject,
    emitted_subject,
    packed,
    places_of,
    result_subject,
)
from verify.truth.spec import chain_rule, trusted_rows, values_of

__all__ = ["Check", "check_compiled", "check_graph"]

_CHANCE = 1e-12  # above it, nothing is certified
_BITS = 119  # four digits of Python's integers: products take a fifth less than with five
_SPARE = 44  # bits more than the degree has: 40 for _CHANCE, 2 for poles and the top bit
_PARTS = 64, 256  # of numbers under conditions; the second for functions of _SMALL nodes
_SMALL = 1000
_SIDES = 20
_SIZES = 1.0, 0.5  # of numbers at which even deep functions are finite
_TRIES = 3
_JOINED = re.compile(r"= \w+ or |np\.logical_or\(")
Found = tuple[Verdict, str, float | None, str]


def check_compiled(compiled: CompiledGradient, examples: Sequence[object] = ()) -> Check:
    """Check what ``compile_gradient`` is about to return.

    Args:
        compiled: The gradient.
        examples: One value per argument, as the function was traced with; its verdict holds there,
            too.

    Raises:
        VerificationError: if the gradient is refuted; the message holds the counterexample.
    """
    return _checked(_Gradient(compiled), _example(compiled, examples))


def check_graph(compiled: CompiledFunction) -> Check:
    """Check what ``compile_graph`` is about to return: the code against the graph.

    Raises:
        VerificationError: if a result is refuted; the message holds the counterexample.
    """
    return _checked(_Values(compiled))


def _checked(subject: _Subject, example: Example = None) -> Check:
    start = time.perf_counter()
    with collection_paused():
        found = _in_the_field(subject)
    if found is None:
        return _precisely(subject, start, example)
    verdict, method, chance, note = found
    rule, name = weakest(subject.compiled.graph)
    if list(Verdict).index(rule) > list(Verdict).index(verdict):
        verdict, chance = rule, None
        note = "; ".join(filter(None, [note, f"the rules of {name} are {rule}"]))
    if trusted := trusted_rows(subject.compiled.graph):
        note = "; ".join(filter(None, [note, f"trusts {', '.join(trusted)}"]))
    return Check(verdict, method, chance, time.perf_counter() - start, note, example)


def _example(compiled: CompiledGradient, examples: Sequence[Any]) -> Example:
    """What tells, when it is asked, what is wrong at the example."""
    if not examples or len(compiled.graph.nodes) > KINKS_UP_TO:
        return None
    if all(type(x) is float for x in examples):  # as most are
        return partial(_wrong_at, compiled, list(examples))
    point = [float(x) for x in flatten_arguments(compiled.graph, tuple(examples))]
    return partial(_wrong_at, compiled, point)


def _wrong_at(compiled: CompiledGradient, point: list[float]) -> Entry | None:
    """What is wrong at the example if the function has a kink there, by the rule of reports."""
    from verify.ladder.at_example import may_be_special
    from verify.ladder.ladder import entries_at

    if not all(map(math.isfinite, point)) or not may_be_special(compiled.graph, point):
        return None
    found = entries_at(_read(compiled), point)
    return next((entry for entry in found if entry.verdict is Verdict.REFUTED), None)


class _Subject(ABC):
    """What is under test, its code made ready to run over fields.

    Attributes:
        field: The last one that it was run over.
    """

    entry: str  # the emitted function
    against: str  # what it is compared with

    def __init__(self, compiled: CompiledFunction) -> None:
        self.compiled, self.machine = compiled, compiled.machine_graph
        self._emitted: Emitted | None = None
        self.field: Any = None

    @property
    def name(self) -> str:
        """What is compared."""
        return "the emitted code" if self.machine is None else "the graph of the machine code"

    @property
    def joins_conditions(self) -> bool:
        """True if the code has a condition of the kind under which contributions are added."""
        if self.machine is not None:
            return any(row is ops.logical_or for _, row, _ in self.machine.operations())
        return any(_JOINED.search(untied(f.text)) for f in self.compiled.loaded.module.functions)

    def _computed(self, inputs: list[Any], field: Field) -> list[Element]:
        """What the code gives."""
        if self.machine is not None:
            values = values_of(self.machine, inputs)
            return [field.lift(values[i]) for i in self.machine.outputs]
        if self._emitted is None:
            self._emitted = Emitted(self.compiled.loaded)
        return self._emitted.run(self.entry, packed(self.compiled.graph, inputs), field)

    @abstractmethod
    def expected(self, inputs: list[Any]) -> list[object]:
        """What it must give."""

    @abstractmethod
    def examined(self, points: list[list[float]]) -> Iterator[Report]:
        """What the precise rungs say about it."""

    def pairs(self, field: Field) -> list[tuple[Element, Element]]:
        """What must come out and what the code gives, at a random point.

        Raises:
            PoleError: if there is a zero in a denominator at each of several points.
        """
        count = self.compiled.graph.inputs.size
        for attempt in range(_TRIES):
            inputs: list[Any] = [field.unknown((attempt, i)) for i in range(count)]
            try:
                expected = self.expected(inputs)
                found = self._computed(inputs, field)
            except PoleError:
                continue
            return [(field.lift(x), y) for x, y in zip(expected, found, strict=True)]
        raise PoleError("a denominator is zero everywhere")

    def agree(self, field: Field) -> list[tuple[Element, Element]] | None:
        """The pairs, if they are equal; None if there is a difference."""
        pairs = self.pairs(field)
        return pairs if all(x.v == y.v for x, y in pairs) else None


class _Gradient(_Subject):
    """A gradient, which must be what the chain rule gives."""

    entry, against = "value_and_gradient", "the chain rule"
    compiled: CompiledGradient

    def expected(self, inputs: list[Any]) -> list[object]:
        """Value and gradient by the chain rule."""
        graph = self.compiled.graph
        value, *bars = chain_rule(graph, inputs)
        return [value, *(bars[i] for i in places_of(graph, self.compiled.positions))]

    def examined(self, points: list[list[float]]) -> Iterator[Report]:
        """One report, on all of it."""
        yield _examined(_read(self.compiled), points)


class _Values(_Subject):
    """A compiled graph, which must give the graph's results."""

    entry, against = "evaluate", "the graph"

    def expected(self, inputs: list[Any]) -> list[object]:
        """The graph's results."""
        graph = self.compiled.graph
        values = values_of(graph, inputs)
        return [values[i] for i in graph.outputs]

    def examined(self, points: list[list[float]]) -> Iterator[Report]:
        """A report on each result in which the field sees a difference."""
        try:
            pairs = self.pairs(_field(_BITS))
            places = [k for k, (x, y) in enumerate(pairs) if x.v != y.v]
        except PoleError:
            places = []
        for place in places or range(len(self.compiled.graph.outputs)):
            yield _examined(result_subject(self.compiled, place), points)


def _field(bits: int, **options: Any) -> Field:
    kind = Gates if "parts" in options else Field
    return kind(random_prime(bits), secrets.token_bytes(16), **options)


def _in_the_field(subject: _Subject) -> Found | None:
    """Verdict, method, chance and note; None where the code and its measure disagree."""
    try:
        for options in _attempts(subject):
            found = _bounded(subject, options)
            if found is not None:
                return found
        return _on_sides(subject)
    except PoleError:
        return None


def _attempts(subject: _Subject) -> Iterator[dict[str, object]]:
    """Options of fields, the quickest first; more where the last one may have missed equality.

    With cuts degrees stay small; without, texts pass that never compute what was cut.
    """
    gates: dict[str, object] = {"parts": _PARTS[0]}
    yield {"cuts": True} | (gates if subject.joins_conditions else {})
    gates["relations"] = True
    yield {"cuts": True} | gates
    cut = subject.field.is_cut
    if subject.field.has_conditions and len(subject.compiled.graph) < _SMALL:
        yield {"cuts": True} | gates | {"parts": _PARTS[1]}
    if cut:
        yield {}
        yield gates


def _bounded(subject: _Subject, options: dict[str, object]) -> Found | None:
    """Modulo a prime so large that agreement is no accident; None if they differ."""
    bits: int | None = _BITS
    while bits is not None:
        field = subject.field = _field(bits, **options)
        pairs = subject.agree(field)
        if pairs is None:
            return None
        chance = field.chance(pairs)
        method = f"{subject.name} against {subject.against}, modulo a prime of {bits} bits"
        if chance <= _CHANCE:
            return Verdict.CERTIFIED, method, chance, ""
        bits = size_for(field.degree_bits(pairs) + _SPARE)
    note = "the degrees are too large for a bound on the chance of an error"
    return Verdict.CERTIFIED_NUMERIC, method, None, note


def _on_sides(subject: _Subject) -> Found | None:
    """Random sides of all conditions: for gradients that use a condition twice."""
    for _ in range(_SIDES):
        if subject.agree(_field(_BITS, relations=True, sides=True)) is None:
            return None
    method = f"{subject.name} against {subject.against}, on {_SIDES} random sides of its conditions"
    note = "conditions overlap; verify_gradient decides"
    return Verdict.CERTIFIED_NUMERIC, method, None, note


def _precisely(subject: _Subject, start: float, example: Example) -> Check:
    """What the rungs above find out where the field sees a difference."""
    draw = random.SystemRandom()
    count = subject.compiled.graph.inputs.size
    points = [[draw.uniform(-size, size) for _ in range(count)] for size in _SIZES]
    entries: list[Entry] = []
    for report in subject.examined(points):
        if report.verdict is Verdict.REFUTED:
            report.raise_for_verdict()
        entries += report.entries if report.value is None else (report.value, *report.entries)
    worst = max(entries, key=lambda e: list(Verdict).index(e.verdict))
    note = "decided by verify_gradient: the field alone sees a difference"
    seconds = time.perf_counter() - start
    return Check(worst.verdict, worst.method, None, seconds, note, example)


def _examined(subject: Subject, points: list[list[float]]) -> Report:
    from verify.ladder.ladder import examine  # much, and seldom needed

    return examine(subject, points)


def _read(compiled: CompiledGradient) -> Subject:
    """What was compared, for the precise rungs."""
    graph, machine = compiled.graph, compiled.machine_graph
    inputs = places_of(graph, compiled.positions)
    if machine is not None:
        title = "graph of the machine code"
        limits = reverse_plan(graph, compiled.positions).limits
        return Subject(
            graph,
            title,
            inputs,
            [program_of(machine)],
            ["value_and_gradient"],
            settles=limits is not None and bool(limits.places),
        )
    title = f"emitted {compiled.target} code"
    source = compiled.loaded.module.source
    return emitted_subject(graph, inputs, source, title, ("value_and_gradient",))
