"""What the check at compile compares: code made ready to run over fields, and what it must give."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from operator import add, mul
from typing import Any

from autodiff.run.reverse_plan import reverse_plan
from autodiff.table import ops
from codegen.call.compiled import CompiledFunction, CompiledGradient
from codegen.text.at_ties import untied
from verify.answer.report import Report, Verdict
from verify.field.cubes import Cubes
from verify.field.execute import Emitted
from verify.field.field import Field, PoleError
from verify.field.gates import Gates
from verify.field.meaning import Number
from verify.field.prime import random_prime
from verify.field.related import Related
from verify.program.program import program_of
from verify.subjects.any_direction import patterns_of, products_of
from verify.subjects.emitted import emitted_subject, packed, result_subject
from verify.subjects.entire import Entire, emitted_entire
from verify.subjects.subject import Subject, places_of
from verify.truth.directed import directed_products
from verify.truth.spec import chain_rule, values_of
from verify.truth.twice import expected

__all__ = [
    "BITS",
    "Checked",
    "CheckedDerivatives",
    "CheckedGradient",
    "CheckedProducts",
    "CheckedValues",
    "field_of",
    "numbers_read",
    "read_text",
    "unread_numbers",
]

BITS = 119  # four digits of Python's integers: products take a fifth less than with five
_QUICK, _PATIENT = 0.5, 10.0  # seconds a step
_TRIES = 3
_JOINED = re.compile(r"= \w+ or |np\.logical_or\(")


class Checked(ABC):
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
        texts = (f.text for f in self.compiled.loaded.module.functions)
        return any(" or " in x or "logical_or(" in x for x in texts) and any(
            _JOINED.search(untied(f.text)) for f in self.compiled.loaded.module.functions
        )

    @property
    def limit(self) -> float:
        """Seconds that a precise step may take: a field knows no relations between functions, so
        each stable text asks for them, and a compile is no place to wait for a symbolic proof."""
        return _QUICK if self.compiled.profile == "stable" else _PATIENT

    @property
    def size(self) -> int:
        """Number of inputs."""
        return self.compiled.frame.inputs.size

    def _computed(self, inputs: Sequence[Number], field: Related[Number]) -> list[Number]:
        """What the code gives."""
        if self.machine is not None:
            values = values_of(self.machine, inputs)
            return [field.lift(values[i]) for i in self.machine.outputs]
        if self._emitted is None:
            self._emitted = Emitted(self.compiled.loaded)
        return self._emitted.run(self.entry, packed(self.compiled.frame, inputs), field)

    @abstractmethod
    def expected(self, inputs: Sequence[object]) -> list[object]:
        """What it must give."""

    @abstractmethod
    def examined(self, points: list[list[float]]) -> Iterator[Report]:
        """What the precise rungs say about it."""

    def pairs(self, field: Related[Number]) -> list[tuple[Number, Number]]:
        """What must come out and what the code gives, at a random point.

        Raises:
            PoleError: if there is a zero in a denominator at each of several points.
        """
        count = self.size
        for _ in range(_TRIES):
            inputs = field.point(count)
            try:
                expected = self.expected(inputs)
                found = self._computed(inputs, field)
            except PoleError:
                continue
            return [(field.lift(x), y) for x, y in zip(expected, found, strict=True)]
        raise PoleError("a denominator is zero everywhere")

    def agree(self, field: Related[Number]) -> list[tuple[Number, Number]] | None:
        """The pairs, if they are equal; None if there is a difference."""
        pairs = self.pairs(field)
        return pairs if all(field.same(x, y) for x, y in pairs) else None


class CheckedGradient(Checked):
    """A gradient, which must be what the chain rule gives."""

    entry, against = "value_and_gradient", "the chain rule"
    compiled: CompiledGradient

    def expected(self, inputs: Sequence[object]) -> list[object]:
        """Value and gradient by the chain rule."""
        graph = self.compiled.graph
        value, *bars = chain_rule(graph, inputs)
        return [value, *(bars[i] for i in places_of(graph, self.compiled.positions))]

    def examined(self, points: list[list[float]]) -> Iterator[Report]:
        """One report, on all of it."""
        yield _examined(read_text(self.compiled), points, self.limit)


class CheckedValues(Checked):
    """A compiled graph, which must give the graph's results."""

    entry, against = "evaluate", "the graph"

    def expected(self, inputs: Sequence[object]) -> list[object]:
        """The graph's results."""
        graph = self.compiled.graph
        values = values_of(graph, inputs)
        return [values[i] for i in graph.outputs]

    def examined(self, points: list[list[float]]) -> Iterator[Report]:
        """A report on each result in which the field sees a difference."""
        try:
            pairs = self.pairs(field_of(BITS))
            places = [k for k, (x, y) in enumerate(pairs) if x.v != y.v]
        except PoleError:
            places = []
        for place in places or range(len(self.compiled.graph.outputs)):
            yield _examined(result_subject(self.compiled, place), points, self.limit)


class CheckedDerivatives(Checked):
    """Derivatives of any order, which must be what the chain rule gives."""

    against = "the chain rule"

    def __init__(self, compiled: CompiledFunction) -> None:
        super().__init__(compiled)
        self.entry = compiled.entry
        kind = compiled.kind
        patterns = patterns_of(kind, compiled.result)
        self._expected = expected(compiled.graph, compiled.what, compiled.wrt, patterns)

    def _computed(self, inputs: Sequence[Number], field: Related[Number]) -> list[Number]:
        zeros = [field.lift(0.0)] * self._expected.absent
        return [*super()._computed(inputs, field), *zeros]

    def expected(self, inputs: Sequence[object]) -> list[object]:
        """All numbers by the chain rule."""
        graph = self._expected.graph
        values = values_of(graph, inputs, self._expected.turn)
        return [values[i] for i in graph.outputs]

    def pairs(self, field: Related[Number]) -> list[tuple[Number, Number]]:
        """As for all; an entry of a Hessian may be that across the diagonal.

        Both are derivatives of a derivative, in either order.  They differ where products of the
        function's constants were rounded on the way.
        """
        pairs = super().pairs(field)
        for place, other in self._expected.across.items():
            (x, y), (across, _) = pairs[place], pairs[other]
            if not field.same(x, y) and field.same(across, y):
                pairs[place] = across, y
        return pairs

    def examined(self, points: list[list[float]]) -> Iterator[Report]:
        """A report on what holds with constants folded, and one on each row that stays open.

        It stays open if the field sees a difference in it, and folding explains none.
        """
        every = self._expected.rows
        try:
            pairs = self.pairs(field_of(BITS))
            places = {k for k, (x, y) in enumerate(pairs) if x.v != y.v}
        except PoleError:
            places = set()
        entire = numbers_read(self.compiled)
        settled, places = _with_constants_folded(entire, places, self.limit)
        yield settled
        rows = [row for row in every if places.intersection(row.places)]
        for row in rows:  # however many there are, a compile waits about as long for symbols
            yield _examined(entire.row(row), points, max(_QUICK, self.limit / len(rows)))


class CheckedProducts(Checked):
    """Sparse matrices times any direction, which must be what the chain rule gives."""

    against = "the chain rule along any direction"

    def __init__(self, compiled: CompiledFunction) -> None:
        super().__init__(compiled)
        self.entry = compiled.entry
        graph, wrt, kind = compiled.graph, compiled.wrt, compiled.kind
        self._products = products_of(graph, kind, wrt, compiled.result)

    @property
    def size(self) -> int:
        """Number of inputs, directions among them."""
        return super().size + self._products.directions

    def _computed(self, inputs: Sequence[Number], field: Related[Number]) -> list[Number]:
        products = self._products
        numbers = super()._computed(products.without_directions(inputs), field)
        return products.folded(numbers, inputs, mul, add, field.lift(0.0))

    def expected(self, inputs: Sequence[object]) -> list[object]:
        """All numbers by the chain rule."""
        what, wrt = self._products.kind.what, self.compiled.wrt
        return self._products.spread(directed_products(self.compiled.graph, what, wrt, inputs))

    def examined(self, points: list[list[float]]) -> Iterator[Report]:
        """Entries are looked at by themselves."""
        return CheckedDerivatives(self.compiled).examined(points)


def field_of(bits: int, cubes: bool = False, **options: Any) -> Field:
    """A field of numbers modulo a random prime."""
    kind = Cubes if cubes else Gates if "parts" in options else Field
    return kind(random_prime(bits), None, **options)


def _with_constants_folded(
    entire: Entire, places: set[int], limit: float
) -> tuple[Report, set[int]]:
    """What is proven of the numbers at some places, or all, and the places left."""
    from verify.ladder.doors.all_at_once import told_at_once  # as above

    wanted = sorted(places) or range(len(entire.expected.names))
    told = dict(zip(wanted, told_at_once(entire, wanted, limit), strict=True))
    known = {k: entry for k, entry in told.items() if entry.verdict is not Verdict.UNDECIDED}
    report = Report(entire.graph.name, entire.title, tuple(known.values()))
    return report, set(wanted) - known.keys()


def _examined(subject: Subject, points: list[list[float]], limit: float) -> Report:
    from verify.ladder.ladder import examine  # much, and seldom needed

    return examine(subject, points, limit, one_is_enough=True)


def numbers_read(compiled: CompiledFunction) -> Entire:
    """What was compared, all numbers of it, for the precise rungs."""
    kind, machine = compiled.kind, compiled.machine_graph
    patterns = patterns_of(kind, compiled.result)
    if machine is None:
        source, title = compiled.loaded.module.source, f"emitted {compiled.target} code"
        made = emitted_entire(compiled.graph, kind, compiled.wrt, source, title, patterns)
    else:
        title, program = "graph of the machine code", program_of(machine)
        made = Entire(compiled.graph, title, kind, compiled.wrt, labels=[kind.entry])
        made.patterns = patterns
        made.programs = [made.complete(program)]
    made.compiled_here = True
    return made


def unread_numbers(compiled: CompiledFunction) -> Entire:
    """What was compared, without what computes it."""
    kind = compiled.kind
    patterns = patterns_of(kind, compiled.result)
    return Entire(compiled.graph, kind.noun, kind, compiled.wrt, patterns=patterns)


def read_text(compiled: CompiledGradient) -> Subject:
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
            programs=[program_of(machine)],
            labels=["value_and_gradient"],
            settles=limits is not None and bool(limits.every),
        )
    title = f"emitted {compiled.target} code"
    source = compiled.loaded.module.source
    return emitted_subject(graph, inputs, source, title, ("value_and_gradient",))
