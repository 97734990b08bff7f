"""Lists that loops fill: arrays while these are recorded, lists again behind them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.trace.trace import trace_loops

P = np.array([0.7, 0.3, 0.45])
N = 20


def of_rows(p: Any) -> Any:
    """Each row is a list that is filled from the row before."""
    before = [p[0] * j for j in range(N)]
    for i in range(14):
        now = [0.0] * N
        for j in range(1, N):
            now[j] = max(now[j - 1], before[j - 1] + p[1] * 0.1 * (i - j))
        before = now
    return before[-1] * p[2]


def first_as_well(p: Any) -> Any:
    """An element that is named is assigned besides."""
    x = [p[0] + 0.01 * i for i in range(N)]
    for _ in range(15):
        for i in range(1, N):
            x[i] = x[i] * p[1] + 0.1 * x[i - 1]
        x[0] += 0.01 * p[2]
    return sum(x)


def read_whole(p: Any) -> Any:
    """The list is read in another way while it is filled."""
    x = [p[0]] * N
    for i in range(1, N):
        x[i] = 0.1 * sum(x) + p[1] * min(x)
    return sum(x) * p[2]


def copied(p: Any) -> Any:
    """What was copied from the list stays."""
    x, seen = [p[0]] * N, []
    for i in range(1, N):
        x[i] = x[i - 1] * p[1] + 0.1
        seen.append(x[:])
    return sum(one[3] for one in seen) * p[2] + x[-1]


def grown(p: Any) -> Any:
    """It is filled, and grows."""
    x = [p[0]] * N
    for i in range(1, N):
        x[i] = x[i - 1] * p[1]
        x.append(p[2] * i)
    return sum(x)


def backwards(p: Any) -> Any:
    """From the end, at negative places, and once more from the front."""
    x = [p[k % 3] for k in range(N)]
    for i in range(2, N + 1):
        x[-i] = np.sin(x[1 - i]) + p[0]
    for i in range(N - 1):
        x[i] += x[i + 1] * p[1]
    return sum(x)


@pytest.mark.parametrize("f", [of_rows, first_as_well, read_whole, copied, grown, backwards])
def test_they_mean_what_they_do(f: Callable[[Any], Any]) -> None:
    """Value and gradient are those of the unrolled program, and the call's."""
    straight = ad.trace(f, P)
    graph = trace_loops(5000, f, P) or straight
    for point in (P, np.array([-0.4, 0.9, 0.2])):
        assert ad.evaluate(graph, point) == pytest.approx(float(f(point)), rel=1e-12)
        found, right = (ad.evaluate(ad.gradient(g), point) for g in (graph, straight))
        assert np.allclose(found, right, rtol=1e-10, atol=1e-13)


def test_a_list_from_outside_has_what_it_had() -> None:
    """What a trace tries does not stay in a list that the function finds."""
    shared = [0.5] * N

    def f(p: Any) -> Any:
        for i in range(1, N):
            shared[i] = shared[i - 1] * 0.5
        return p[0] * shared[3]

    ad.trace(f, P)
    assert all(type(x) is float for x in shared)


def test_filled_backwards_is_a_loop() -> None:
    """Two loops over one list are two loops, behind that of the comprehension."""
    graph = trace_loops(5000, backwards, P)
    assert graph is not None
    assert len({id(group) for group in loops_of(graph).values()}) == 3
