"""Lists some of whose elements may not be there: appended in branches, or kept by a test."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.trace.trace import trace_loops
from codegen import compile_gradient
from tests.autodiff.trace.same_meaning import require_slopes_of_differences

P = np.array([1.313, 0.431])
ELSEWHERE = np.array([-0.877, 0.213])
N = 20


def _waves(p: Any) -> list[Any]:
    return [p[0] * math.sin(1.7 * i + p[1]) for i in range(N)]


def kept(p: Any) -> Any:
    """Sums, means, extremes and lengths of what a test keeps."""
    xs = _waves(p)
    some = [x for x in xs if x > 0]
    mean = sum(some) / len(some)
    spread = sum((x - mean) ** 2 for x in some) / len(some)
    logs = [math.log(x) for x in some if x < 1.2]
    far = max([x * x for x in xs if x > 9.0], default=p[1])
    return spread + max(some) * min(some) + sum(logs) + far + np.std(np.array(some))


def by_place(p: Any) -> Any:
    """Single elements, from both ends and in the middle, also of pairs."""
    some = [(i, x) for i, x in enumerate(_waves(p)) if abs(x) > 0.3]
    (_, first), (_, last) = some[0], some[-1]
    high = sorted(x for _, x in some if x > 0.1)
    return first + last * some[2][1] + high[len(high) // 2] + high[-2] * p[1]


def in_loops(p: Any) -> Any:
    """A loop over them; an ``if`` that asks whether there are any."""
    total = p[1]
    for x in [x for x in _waves(p) if x > 0.2]:
        total = 0.9 * total + x
    none = [x for x in _waves(p) if x > 5.0]
    return total if none else total * p[0]


def appended(p: Any) -> Any:
    """Lists to which the sides of a branch append, also those that a known test chooses."""
    high, low, even = [], [], []
    price = 1.0
    for i in range(N):
        step = p[0] * math.sin(0.7 * i) - 0.1
        price *= 1 + 0.01 * step
        if step > 0:
            high.append(step * price)
        elif step < -0.3:
            low.extend([step, price])
        if i % 2 == 0:
            even.append(price)
    return sum(high) / len(high) + sum(low) + sum(a * b for a, b in pairwise(even))


def crossings(p: Any) -> Any:
    """Tuples that are appended, gone over later."""
    found = []
    before = -1.0
    for i in range(1, N):
        now = math.sin(0.9 * i + p[1]) * abs(p[0])
        if before < 0 <= now:
            found.append((i, now - before))
        before = now
    total = 0.0
    for i, rise in found:
        total += rise * math.exp(-0.1 * i)
    return total + (found[-1][1] if len(found) > 1 else p[0])


class Recorder:
    """Keeps what it saw."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def see(self, x: Any) -> None:
        """Keep a number, perhaps."""
        if x > 0.1:
            self.seen.append(x)


def of_object(p: Any) -> Any:
    """The list of an object, and lists in a dict."""
    recorder, groups = Recorder(), {"high": [], "low": []}
    for x in _waves(p):
        recorder.see(x)
        if x > p[1]:
            groups["high"].append(x)
        else:
            groups["low"].append(x)
    return sum(recorder.seen) / len(recorder.seen) + sum(groups["high"]) * len(groups["low"])


def until(p: Any) -> Any:
    """What a ``while`` appends as long as its condition holds."""
    x, seen = 0.0, []
    while x < 2.0:
        x = x + 0.1 * abs(p[0]) + 0.01 * x
        seen.append(x * x)
    return sum(seen) / len(seen)


PROGRAMS = [kept, by_place, in_loops, appended, crossings, of_object, until]


@pytest.mark.parametrize("f", PROGRAMS)
def test_values_and_gradients_are_those_of_the_program(f: Callable[[Any], Any]) -> None:
    """Also where other elements are there, and more or fewer."""
    graph = trace_loops(20_000, f, P)
    assert graph is not None
    require_slopes_of_differences(f, graph, (P, ELSEWHERE))


def test_what_is_not_there_raises() -> None:
    """As Python does, at the call."""

    def largest(p: Any) -> Any:
        return max(x for x in _waves(p) if x > 1.0)

    def first(p: Any) -> Any:
        return [x for x in _waves(p) if x > 1.0][1]

    for f, error in ((largest, ValueError), (first, IndexError)):
        df = compile_gradient(f, P, target="numpy")
        assert df(P)[0] == pytest.approx(float(f(P)), rel=1e-13)
        with pytest.raises(error):
            f(0.1 * P)
        with pytest.raises(error):
            df(0.1 * P)


def test_what_is_not_there_raises_on_no_side_that_is_not_taken() -> None:
    """Nor is the text refused that gives each number by itself."""

    def lowest(x: Any) -> Any:
        low = [one for one in x if one < -0.2]
        return (min(low) if low else 3.0) * (len(low) + 1) * x[0]

    x = np.array([0.3, -1.2, 0.8, 1.7])
    df = compile_gradient(lowest, x)
    for at in (x, -x, abs(x)):
        assert df(at)[0] == pytest.approx(lowest(at), rel=1e-14)


def test_lists_are_joined_with_what_may_be_there() -> None:
    """On either side of others, which know nothing of conditions."""

    def counted(x: Any) -> Any:
        high = [one for one in x if one > 0.3]
        low = [one for one in x if one < -0.3]
        first = [1.0]
        joined = first + high + low
        joined += low
        return len(joined) * x[0] + sum(first + low) + (high + first)[-1]

    def asked(x: Any) -> Any:
        first = [0.5]
        return sum(1.0 for one in first + [one for one in x if one > 0.3] if one) * x[0]

    def ordered(x: Any) -> Any:
        return x[0] if [one for one in x if one > 0.3] >= [x[0], x[1]] else x[1]

    x = np.array([0.4, -1.2, 0.8, -0.1])
    for function in (counted, asked, ordered):
        graph = trace_loops(20_000, function, x)
        assert graph is not None
        for at in (x, -x, abs(x), 0.1 * x):
            assert ad.evaluate(graph, at) == pytest.approx(float(function(at)), rel=1e-14)


def test_what_needs_a_known_length_is_left_to_paths() -> None:
    """Nobody sees a list that is too long."""

    def counted(p: Any) -> Any:
        some = [x for x in (p[0], p[1], p[0] * p[1]) if x > 0]
        return sum(0.5**i * x for i, x in enumerate(some)) + len([*some, 1.0]) * p[0]

    graph = trace_loops(20_000, counted, P)
    assert graph is not None
    for at in (P, ELSEWHERE, -P):
        assert ad.evaluate(graph, at) == pytest.approx(float(counted(at)), rel=1e-13)


def test_they_stay_loops() -> None:
    """A thousand repetitions are no longer a trace than twenty."""

    def gains(p: Any) -> Any:
        high = []
        for i in range(1000):
            step = p[0] * math.sin(0.7 * i) - p[1]
            if step > 0:
                high.append(step)
        return sum(high) / len(high)

    graph = trace_loops(20_000, gains, P)
    assert graph is not None
    assert len(graph.nodes) < 40
    assert ad.evaluate(graph, ELSEWHERE) == pytest.approx(gains(ELSEWHERE), rel=1e-12)
