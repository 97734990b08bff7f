"""Traced callables, called: at random points, as a user would, and held against their traces.

A proof about a callable is a proof about its trace.  Here the callable itself is called with plain
numbers, at the example and at points drawn when the trace is known, so that code which looks at
what it is given is found out: for a function this is an error, a gradient is then compared number
by number.  How often it is called, in which order and from where is drawn as well; and because no
number of calls tells what the next one does, its code is read, too (observed.py).
"""

from __future__ import annotations

import copy
import math
import random
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

from autodiff.child import has_processes
from autodiff.errors import TraceError
from autodiff.graph.graph import Graph
from autodiff.run.agreement import Comparison, compared
from autodiff.run.solvers.own_digits import near
from codegen import CompiledFunction
from verify.rungs.points import candidates
from verify.rungs.process.alarm import TimeUp, at_most
from verify.subjects.entire import Entire
from verify.subjects.foreign.traced_claims import on_floats
from verify.subjects.observed import observed
from verify.subjects.subject import Subject

__all__ = ["Calls", "hold_claim", "hold_function", "hold_to_calls", "points_for"]

_POINTS = 16
_FAR = 4  # of all sizes, from 1e-4 to 1e5, to each side
_AT = 4  # of the numbers in the function
_AGAIN = 8, 72  # further calls, at points that were there before
_DEPTH = 40  # calls inside calls
_SECONDS = 2.0  # after which no further point is tried
_LONGEST = 10.0  # a call that takes more may never end: a loop that waits for what does not come
_WRITES = "it asks for the text of a number, which a trace does not have"
_CHANGED = "it changes something that outlives a call"
_ENDLESS = f"it gave no answer within {_LONGEST:g} s for "


class Calls(NamedTuple):
    """How a callable compares with its trace.

    Args:
        agreed: At how many points both gave the same numbers.
        tried: How many there were; where the callable raises there is nothing to compare.
        parted: The first difference, "" if there is none.
        point: Where it is.
        calls: How often it was called.
        doubt: What its code does besides arithmetic, so that other calls may differ; "" if nothing.
        near: How near the numbers come, "" if they are the same but for rounding.
    """

    agreed: int
    tried: int
    parted: str = ""
    point: Sequence[float] = ()
    calls: int = 0
    doubt: str = ""
    near: str = ""

    def __str__(self) -> str:
        if not self.agreed:
            never = "the proof is about its trace; it could not be called with plain numbers"
            return f"{never}: {self.doubt}" if self.doubt.startswith(_ENDLESS) else never
        told = (
            f"the proof is about its trace; {self.calls} calls with plain numbers gave the same at "
            f"{self.agreed} of {self.tried} points"
        )
        told = ", ".join(filter(None, [told, self.near]))
        return f"{told}; {self.doubt}: no other call is excluded" if self.doubt else told


def points_for(graph: Graph, examples: Sequence[Sequence[float]]) -> list[list[float]]:
    """The examples, and points that nobody could foresee when the code was written."""
    constants = list(graph.constants.values())
    unbounded = [(float("-inf"), float("inf"))] * graph.inputs.size
    draw = random.Random(random.SystemRandom().getrandbits(64))
    found = candidates(examples, unbounded, constants, draw.getrandbits(64))
    near = list(islice(found, len(examples) + _POINTS))
    # Code that clamps or tests sizes is found out far away, to either side: in each range of sizes.
    far = [
        [side * 10.0 ** (9.0 * (k + draw.random()) / _FAR - 4.0) for _ in unbounded]
        for side in (1.0, -1.0)
        for k in range(_FAR)
    ]
    # A function that handles what is raised at one number alone subtracts this number.
    known = sorted({x for x in constants if math.isfinite(x)})
    at = [[x] * graph.inputs.size for x in draw.sample(known, min(_AT, len(known)))]
    return near + far + at


def _calls_of(
    function: Callable[..., object], graph: Graph, points: Sequence[Sequence[float]]
) -> Calls:
    """``function`` called beside its trace, until the two part.

    Nobody can foresee how often and where: the points come in any order, some of them again and
    again, then also from another thread, from deep inside other calls, or on a copy.
    """
    draw = random.SystemRandom()
    order = [*range(len(points))]
    draw.shuffle(order)
    order += draw.choices(order, k=draw.randrange(*_AGAIN)) if order else []
    agreed: set[int] = set()
    seen, end = observed(function), time.monotonic() + _SECONDS
    before, called, endless = seen.now(), 0, ""
    for k in order:
        if called and time.monotonic() > end:
            break
        way = _directly if called < len(points) else draw.choice(_WAYS)
        called += 1
        try:
            with at_most(_LONGEST):
                possible, parted = way(partial(compared, graph=graph, leaves=points[k]), function)
        except TimeUp:
            endless = _ENDLESS + ", ".join(map(repr, points[k][:4]))
            break
        if parted:
            return Calls(len(agreed), len(agreed) + 1, parted, points[k], called)
        if possible:
            agreed.add(k)
    doubt = _WRITES if getattr(graph.origins, "written", False) else seen.why
    doubt = endless or doubt or (_CHANGED if seen.now() != before else "")
    return Calls(len(agreed), len({*order[:called]}), "", (), called, doubt, near(graph))


# --- ways to call ---

_Call = Callable[[Callable[..., Any]], Comparison]


def _directly(call: _Call, function: Callable[..., object]) -> Comparison:
    return call(function)


def _in_a_thread(call: _Call, function: Callable[..., object]) -> Comparison:
    """From a thread of its own."""
    found: list[Comparison] = []
    thread = threading.Thread(target=lambda: found.append(call(function)), daemon=True)
    thread.start()
    thread.join(_SECONDS)
    return found[0] if found else Comparison(False)


def _deep(call: _Call, function: Callable[..., object], depth: int = _DEPTH) -> Comparison:
    """From inside other calls."""
    return _deep(call, function, depth - 1) if depth else call(function)


def _on_a_copy(call: _Call, function: Callable[..., object]) -> Comparison:
    """On another object that is the same."""
    try:
        function = copy.deepcopy(function)
    except Exception:  # whatever a class of the user's objects to
        return call(function)
    return call(function)


_THREADED = _in_a_thread if has_processes() else _directly
_WAYS = (_directly, _directly, _directly, _THREADED, _deep, _on_a_copy)


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
    points = points_for(subject.graph, examples)
    return [*hold_function(subject, function, points), *hold_claim(subject, subject.graph, points)]


def hold_function(
    subject: Subject | Entire, function: object, points: Sequence[Sequence[float]]
) -> list[Sequence[float]]:
    """Call the function beside its trace; no points.

    Raises:
        TraceError: if the function's calls part from its trace.
    """
    graph = subject.graph
    if callable(function) and not isinstance(function, (Graph, CompiledFunction)):
        calls = _calls_of(function, graph, points)
        if calls.parted:
            raise TraceError(f"{graph.name}: {calls.parted}")
        subject.remarks.append(f"{graph.name}: {calls}")
    return []


def hold_claim(
    subject: Subject | Entire, frame: Graph, points: Sequence[Sequence[float]]
) -> list[Sequence[float]]:
    """Call what somebody wrote beside its trace; points at which it has to be looked at."""
    traced = subject.trace
    if traced is None or subject.calls is None:
        return []
    calls = _calls_of(subject.calls, traced, points)
    if calls.parted:
        subject.opaque = on_floats(frame, subject.calls, subject.title, subject.remarks)
        subject.programs, subject.labels = [], []
        subject.remarks.append(f"{subject.title}: {calls.parted}; so its numbers were compared")
        return [calls.point]
    subject.doubt = calls.doubt
    subject.remarks.append(f"{subject.title}: {calls}")
    return []
