"""The check that every compile gets: the code against the chain rule or the graph, in a field.

Microseconds an operation, and no SymPy.  Agreement certifies the gradient up to a stated chance.
A disagreement may be false, because a field knows few relations between functions; so the precise
rungs of ``verify_gradient`` look for a point that shows it, and only that refutes.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TypedDict

import numpy as np

from autodiff.run.interpret import flatten_arguments
from autodiff.trace.collection import collection_paused
from codegen.call.compiled import CompiledFunction, CompiledGradient
from verify.answer.compile_check import Check, Example
from verify.answer.report import Entry, Verdict
from verify.field.field import PoleError
from verify.field.many_sides import ManySides
from verify.field.prime import size_for
from verify.ladder.checked import (
    BITS,
    Checked,
    CheckedDerivatives,
    CheckedGradient,
    CheckedProducts,
    CheckedValues,
    field_of,
    numbers_read,
    read_text,
    unread_numbers,
)
from verify.program.limits import KINKS_UP_TO
from verify.rules.rests_on import resting

__all__ = ["Check", "agreed", "check_compiled", "check_derivative", "check_graph"]

_CHANCE = 1e-12  # above it, nothing is certified
_SPARE = 44  # bits more than the degree has: 40 for _CHANCE, 2 for poles and the top bit
_PARTS = 64, 256  # of numbers under conditions; the second for functions of _SMALL nodes
_SMALL = 1000
_SIDES = 50, 600  # looked at; the second for functions of _SMALL nodes
_SECOND = frozenset({"value", "hessian", "hvp"})  # none of which is a first derivative
_TRIES = 3  # how often others are drawn where denominators are zero
_SIZES = 1.0, 0.5  # of numbers at which even deep functions are finite
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
    return _checked(CheckedGradient(compiled), _example(compiled, examples))


def check_derivative(compiled: CompiledFunction, examples: Sequence[object] = ()) -> Check:
    """Check what a sibling of ``compile_gradient`` is about to return.

    Args:
        compiled: A Jacobian, a Hessian, products, several at once.
        examples: One value per argument of the function, as it was traced with.

    Raises:
        VerificationError: if a number is refuted; the message holds the counterexample.
    """
    example, start = _example_of_rows(compiled, examples), time.perf_counter()
    found = agreed(compiled, example)
    return found or _precisely(CheckedDerivatives(compiled), start, example)


def agreed(compiled: CompiledFunction, example: Example = None) -> Check | None:
    """What a field says of derivatives; None where it sees a difference.

    Args:
        compiled: The derivatives, of numbers one by one.
        example: Tells, when it is asked, what is wrong at the example.
    """
    found = None
    if compiled.sparse:
        found = _agreed(CheckedProducts(compiled), example)  # as much work as a product or two
    if found is None or found.chance is None:
        found = _agreed(CheckedDerivatives(compiled), example) or found
    return found


def check_graph(compiled: CompiledFunction, examples: Sequence[object] = ()) -> Check:
    """Check what ``compile_graph`` is about to return: the code against the graph.

    Args:
        compiled: The graph, compiled.
        examples: Of the function that it is the trace of; values have no kinks to look at.

    Raises:
        VerificationError: if a result is refuted; the message holds the counterexample.
    """
    return _checked(CheckedValues(compiled))


def _checked(subject: Checked, example: Example = None) -> Check:
    start = time.perf_counter()
    return _agreed(subject, example) or _precisely(subject, start, example)


def _agreed(subject: Checked, example: Example) -> Check | None:
    """What the field says; None where it sees a difference."""
    start = time.perf_counter()
    with collection_paused():
        found = _in_the_field(subject)
    if found is None:
        return None
    verdict, method, chance, note = found
    verdict, chance, note = resting(subject.compiled.graph, verdict, chance, note)
    return Check(verdict, method, chance, time.perf_counter() - start, note, example)


def _example(compiled: CompiledGradient, examples: Sequence[object]) -> Example:
    """What tells, when it is asked, what is wrong at the example."""
    if not examples or len(compiled.graph.nodes) > KINKS_UP_TO:
        return None
    floats = [x for x in examples if type(x) is float]
    if len(floats) == len(examples):  # as most are
        return partial(_wrong_at, compiled.unchecked(), floats)
    point = [float(x) for x in flatten_arguments(compiled.graph, tuple(examples))]
    return partial(_wrong_at, compiled.unchecked(), point)


def _example_of_rows(compiled: CompiledFunction, examples: Sequence[object]) -> Example:
    """As ``_example``, where the example has all arguments of a call, and a first derivative."""
    complete = len(examples) == len(compiled.frame.parameters)
    first = not _SECOND.issuperset(compiled.kind.what)
    if not complete or not first or len(compiled.graph.nodes) > KINKS_UP_TO:
        return None
    point = [float(x) for x in flatten_arguments(compiled.graph, tuple(examples))]
    return partial(_wrong_in_rows, compiled.unchecked(), point)


def _wrong_in_rows(compiled: CompiledFunction, point: list[float]) -> Entry | None:
    """What is wrong at the example in derivatives of first order, of the user's own function."""
    from verify.ladder.at_example import may_be_special
    from verify.ladder.ladder import entries_at, is_at_kink

    if not all(map(math.isfinite, point)) or not may_be_special(compiled.graph, point):
        return None
    unread = unread_numbers(compiled)  # a text of many lines takes long to read
    rows = [row for row in unread.expected.rows if row.first and row.inputs]
    if not any(is_at_kink(unread.row(row), point) for row in rows):
        return None
    entire = numbers_read(compiled)
    found = (entry for row in rows for entry in entries_at(entire.row(row), point))
    return next((entry for entry in found if entry.verdict is Verdict.REFUTED), None)


def _wrong_at(compiled: CompiledGradient, point: list[float]) -> Entry | None:
    """What is wrong at the example if the function has a kink there, by the rule of reports."""
    from verify.ladder.at_example import may_be_special
    from verify.ladder.ladder import entries_at

    if not all(map(math.isfinite, point)) or not may_be_special(compiled.graph, point):
        return None
    found = entries_at(read_text(compiled), point)
    return next((entry for entry in found if entry.verdict is Verdict.REFUTED), None)


class _Options(TypedDict, total=False):
    """What a field does about conditions."""

    cubes: bool
    cuts: bool
    relations: bool
    parts: int


def _in_the_field(subject: Checked) -> Found | None:
    """Verdict, method, chance and note; None where the code and its measure disagree."""
    try:
        for options in _attempts(subject):
            found = _bounded(subject, options)
            if found is not None:
                return found
        return _on_sides(subject)
    except PoleError:
        return None


def _attempts(subject: Checked) -> Iterator[_Options]:
    """Options of fields, the quickest first; more where the last one may have missed equality.

    With cuts degrees stay small; without, texts pass that never compute what was cut.
    """
    gates: _Options = {"parts": _PARTS[0]}
    yield {"cuts": True} | (gates if subject.joins_conditions else {})
    gates["relations"] = True
    followed = not subject.field.is_exhausted  # else more of it leaves as much open
    if followed:
        yield {"cuts": True} | gates
        followed = not subject.field.is_exhausted
    cut, small = subject.field.is_cut, len(subject.compiled.graph) < _SMALL
    if subject.field.has_conditions and small:
        yield {"cubes": True, "relations": True}
        if followed:
            yield {"cuts": True} | gates | {"parts": _PARTS[1]}
    if cut:
        yield {}
        yield gates


def _bounded(subject: Checked, options: _Options) -> Found | None:
    """Modulo a prime so large that agreement is no accident; None if they differ."""
    bits: int | None = BITS
    while bits is not None:
        field = subject.field = field_of(bits, **options)
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


def _on_sides(subject: Checked) -> Found | None:
    """Random sides of all conditions: for gradients that use a condition twice."""
    if subject.agree(field_of(BITS, relations=True, sides=True)) is None:  # seen soon, if at all
        return None
    left = sides = _SIDES[len(subject.compiled.graph) < _SMALL]
    for _ in range(_TRIES):
        field = ManySides(left)
        if subject.agree(field) is None:
            return None
        left = int(np.count_nonzero(field.poles))
        if not left:
            break
    else:
        raise PoleError("a denominator is zero on some side, wherever on it")
    method = f"{subject.name} against {subject.against}, on {sides} random sides of its conditions"
    note = "conditions overlap; verify_gradient decides"
    return Verdict.CERTIFIED_NUMERIC, method, None, note


def _precisely(subject: Checked, start: float, example: Example) -> Check:
    """What the rungs above find out where the field sees a difference."""
    draw = random.SystemRandom()
    count = subject.size
    points = [[draw.uniform(-size, size) for _ in range(count)] for size in _SIZES]
    entries: list[Entry] = []
    for report in subject.examined(points):
        if report.verdict is Verdict.REFUTED:
            report.raise_for_verdict()
        entries += report.entries if report.value is None else (report.value, *report.entries)
    worst = max(entries, key=lambda e: list(Verdict).index(e.verdict))
    note = "decided by verify_gradient: the field alone sees a difference"
    note = "; ".join(filter(None, [note, worst.note]))
    verdict, _, note = resting(subject.compiled.graph, worst.verdict, None, note)
    return Check(verdict, worst.method, None, time.perf_counter() - start, note, example)
