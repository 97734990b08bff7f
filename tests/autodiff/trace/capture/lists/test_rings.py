"""Loops over deques: the last few values, delays, queues of one length."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autodiff.trace.trace import trace_loops
from tests.autodiff.trace.same_meaning import require_slopes_of_differences

N = 30
P = np.array([0.413, 0.731, 1.117])
ELSEWHERE = np.array([0.907, 0.213, 0.641])


def moving_mean(p: Any) -> Any:
    """A window that the first repetitions fill."""
    window: deque[Any] = deque(maxlen=4)
    x, total = p[0], 0.0
    for t in range(N):
        x = p[1] * x + 0.1 * math.sin(0.3 * t)
        window.append(x)
        total += sum(window) / len(window) * p[2]
    return total + window[0]


def delayed(p: Any) -> Any:
    """What was there some steps before."""
    buffer = deque([p[0]] * 5, maxlen=5)
    total = 0.0
    for _ in range(N):
        late = buffer[0]
        buffer.append(buffer[-1] + 0.1 * (p[1] * late / (1 + late**2) - p[2] * buffer[-1]))
        total += late
    return total + sum(buffer)


def queue(p: Any) -> Any:
    """As many go as come, also under conditions."""
    waiting = deque([p[0], p[1], 0.5])
    total = 0.0
    for _ in range(N):
        served = waiting.popleft()
        waiting.append(0.9 * served + p[2] * math.cos(served))
        if served > 0.6:
            waiting.rotate(1)
        total += served * waiting[1]
    return total


@pytest.mark.parametrize("f", [moving_mean, delayed, queue], ids=lambda f: str(f.__name__))
def test_loops_stay_loops(f: Callable[[Any], Any]) -> None:
    """With their values and slopes."""
    graph = trace_loops(10**7, f, P)
    assert graph is not None
    assert len(graph.nodes) < 60
    require_slopes_of_differences(f, graph, [P, ELSEWHERE])
