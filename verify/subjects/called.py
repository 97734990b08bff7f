"""Traced callables, called: at random points, as a user would, and held against their traces.

A proof about a callable is a proof about its trace.  Here the callable itself is called with plain
numbers, at the example and at points drawn when the trace is known, so that code which looks at
what it is given is found out: for a function this is an error, a gradient is then compared number
by number.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from itertools import islice
from typing import NamedTuple

from autodiff.errors import TraceError
from autodiff.graph.graph import Graph
from autodiff.run.agreement import compared
from codegen import CompiledFunction
from verify.rungs.points import candidates
from verify.subjects.foreign import on_floats
from verify.subjects.subject import Subject

__all__ = ["Calls", "calls_of", "hold_to_calls", "points_for"]

_POINTS = 16
_FAR = 4  # of all sizes, to each side
_SECONDS = 2.0  # after which no further point is tried


class Calls(NamedTuple):
    """How a callable compares with its trace.

    Args:
        agreed: At how many points both gave the same numbers.
        tried: How many there were; where the callable raises there is nothing to compare.
        parted: The first difference, "" if there is none.
        point: Where it is.
    """

    agreed: int
    tried: int
    parted: str = ""
    point: Sequence[float] = ()

    def __str__(self) -> str:
        if not self.agreed:
            return "the proof is about its trace; it could not be called with plain numbers"
        return (
            "the proof is about its trace; called with plain numbers it gave the same at "
            f"{self.agreed} of {self.tried} points"
        )


def points_for(graph: Graph, examples: Sequence[Sequence[float]]) -> list[list[float]]:
    """The examples, and points that nobody could foresee when the code was written."""
    constants = list(graph.constants.values())
    unbounded = [(float("-inf"), float("inf"))] * graph.inputs.size
    draw = random.Random(random.SystemRandom().getrandbits(64))
    found = candidates(examples, unbounded, constants, draw.getrandbits(64))
    near = list(islice(found, len(examples) + _POINTS))
    # Code that clamps or tests sizes is found out far away, to either side.
    far = [
        [side * 10.0 ** draw.uniform(-4.0, 5.0) for _ in unbounded]
        for side in (1.0, -1.0)
        for _ in range(_FAR)
    ]
    return near + far


def calls_of(
    function: Callable[..., object], graph: Graph, points: Sequence[Sequence[float]]
) -> Calls:
    """``function`` called at ``points`` beside its trace, until the two part."""
    agreed, end = 0, time.monotonic() + _SECONDS
    for tried, point in enumerate(points):
        if tried and time.monotonic() > end:
            return Calls(agreed, tried)
        possible, parted = compared(function, graph, point)
        if parted:
            return Calls(agreed, tried + 1, parted, point)
        agreed += possible
    return Calls(agreed, len(points))


def hold_to_calls(
    subject: Subject, function: object, examples: Sequence[Sequence[float]]
) -> list[Sequence[float]]:
    """Call what was traced, the function and the gradient, and note in the subject what came out.

    A gradient that does something else than its trace is compared by its numbers from here on.

    Returns:
        Points at which the gradient has to be looked at.

    Raises:
        TraceError: if the function's calls part from its trace.
    """
    graph, traced = subject.graph, subject.trace
    points = points_for(graph, examples)
    if callable(function) and not isinstance(function, (Graph, CompiledFunction)):
        calls = calls_of(function, graph, points)
        if calls.parted:
            raise TraceError(f"{graph.name}: {calls.parted}")
        subject.remarks.append(f"{graph.name}: {calls}")
    if traced is None or subject.calls is None:
        return []
    calls = calls_of(subject.calls, traced, points)
    if calls.parted:
        subject.opaque = on_floats(graph, subject.calls, traced.name)
        subject.programs, subject.labels = [], []
        subject.remarks.append(f"{subject.title}: {calls.parted}; so its numbers were compared")
        return [calls.point]
    subject.remarks.append(f"{subject.title}: {calls}")
    return []
