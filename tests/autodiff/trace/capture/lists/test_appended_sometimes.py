"""Loops that append in some repetitions only, of which it is known in which."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autodiff.trace.trace import trace_loops
from tests.autodiff.trace.same_meaning import require_slopes_of_differences

N = 40
P = np.array([0.413, 0.731, 1.117])
ELSEWHERE = np.array([0.907, 0.213, 0.641])


def every_tenth(p: Any) -> Any:
    """Observations now and then, gone over afterwards."""
    x, out = p[0], []
    for i in range(N):
        x = x + 0.1 * (p[1] - p[2] * x)
        if i % 10 == 0:
            out.append(x)
    s = 0.0
    for v in out:
        s += (v - 0.5) ** 2
    return s


def after_a_while(p: Any) -> Any:
    """All but the first, whose number and last element matter."""
    x, kept = p[0], []
    for i in range(N):
        x = x * math.exp(-0.1 * p[1]) + 0.01 * math.sin(i) * p[2]
        if i >= 7:
            kept.append(x)
    return sum(kept) / len(kept) + kept[-1] * kept[2]


def into_two(p: Any) -> Any:
    """Pairs into one list, numbers into another, compared with data."""
    x, even, odd = p[0], [], []
    for i in range(N):
        x = p[1] * x + 0.1 * i
        if i % 2 == 0:
            even.append((x, i))
        elif i > 5 and i < 30:
            odd.append(x * p[2])
    data = np.linspace(0.0, 1.0, len(odd))
    return np.sum((np.array(odd) - data) ** 2) + sum(a / (1 + b) for a, b in even)


@pytest.mark.parametrize("f", [every_tenth, after_a_while, into_two], ids=lambda f: str(f.__name__))
def test_lists_have_what_was_appended(f: Callable[[Any], Any]) -> None:
    """They are lists of known length, and the loop stays one."""
    graph = trace_loops(10**7, f, P)
    assert graph is not None
    assert len(graph.nodes) < 80
    require_slopes_of_differences(f, graph, [P, ELSEWHERE])
