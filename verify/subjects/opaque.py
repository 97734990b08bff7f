"""A gradient that is only a callable of floats: its numbers against SymPy's derivative.

Nothing is known about such a gradient but what it returns, so it is never proven.  It may differ
from the derivative by ``_TOLERANCE`` relatively, plus a hundred times what our own interpreter,
which computes with floats too, is off by at that point.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import NamedTuple

from autodiff.graph.graph import Graph
from autodiff.graph.structure import Tuple
from autodiff.graph.tree.tree import tree_of
from autodiff.run.interpret import backpropagate
from verify.answer.reasons import Reason, Remark
from verify.answer.report import Entry, Verdict, Witness
from verify.rungs.process.remarks import no_point
from verify.rungs.process.session import Session
from verify.subjects.subject import Subject

__all__ = ["compare_floats"]

_TOLERANCE = 1e-8


class _Visit(NamedTuple):
    """One number of the gradient at one point."""

    point: Sequence[float]
    found: float
    expected: float
    allowed: float


def compare_floats(subject: Subject, session: Session) -> list[Entry]:
    """Entries of an opaque gradient; the value comes first if the gradient gives it."""
    assert subject.opaque is not None
    start = time.perf_counter()
    session.visit()
    visits: list[list[_Visit]] = []  # per point
    for visited in session.points:
        point, expected = visited.point, visited.derivatives
        found = subject.opaque(point)
        subject.value = len(found) > len(subject.inputs)
        first = 0 if subject.value else 1
        allowed = _allowed(subject, point, expected)
        rows = zip(found, expected[first:], allowed[first:], strict=True)
        visits.append([_Visit(point, *row) for row in rows])
    names = ["value", *subject.names] if subject.value else subject.names
    seconds = (time.perf_counter() - start) / max(1, len(names))
    return [
        _entry(name, [v[i] for v in visits], subject.graph, seconds, session.trouble)
        for i, name in enumerate(names)
    ]


def _allowed(subject: Subject, point: Sequence[float], exact: Sequence[float]) -> list[float]:
    """How far floats may be off at a point: the value, then each partial derivative."""
    graph = subject.graph
    structure = Tuple(tuple(s for _, s in graph.parameters))
    value, gradient = backpropagate(graph, *tree_of(structure).rebuild(point))
    mirror = structure if len(graph.parameters) > 1 else graph.parameters[0][1]
    slopes = tree_of(mirror).leaves(gradient)
    ours = [value, *(slopes[i] for i in subject.inputs)]
    return [
        _TOLERANCE * abs(x) + (100.0 * abs(y - x) if math.isfinite(y) else 0.0)
        for x, y in zip(exact, ours, strict=True)
    ]


def _entry(
    name: str, visits: Sequence[_Visit], graph: Graph, seconds: float, trouble: Remark | None
) -> Entry:
    told = [visit for visit in visits if math.isfinite(visit.expected)]
    for point, found, expected, allowed in told:
        if not abs(found - expected) <= allowed:  # nan is wrong, too
            method = f"floats at {len(told)} points, within {_TOLERANCE:g} of sympy.diff"
            witness = Witness(dict(zip(graph.inputs.names, point, strict=True)), found, expected)
            return Entry(name, Verdict.REFUTED, method, seconds, witness)
    if not told:
        remarks = (no_point(trouble),)
        return Entry(name, Verdict.UNDECIDED, "none", seconds, remarks=remarks)
    text = "the gradient cannot be traced, so it was called with floats: nothing finer is known"
    method = f"floats at {len(told)} points, within {_TOLERANCE:g} of sympy.diff{_apart(told)}"
    remarks = (Remark(Reason.UNTRACEABLE, text),)
    return Entry(name, Verdict.CERTIFIED_NUMERIC, method, seconds, remarks=remarks)


def _apart(told: Sequence[_Visit]) -> str:
    """The largest relative difference that was found."""
    sizes = (abs(v.found - v.expected) / (abs(v.expected) or 1.0) for v in told)
    return f" (at most {max(sizes):.0e} apart)"
