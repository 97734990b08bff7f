"""Whole numbers that go from repetition to repetition and are places in lists and arrays."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.trace.trace import trace_loops
from codegen import compile_gradient
from tests.autodiff.trace.same_meaning import require_slopes_of_differences

P = np.array([1.313, 0.431])
ELSEWHERE = np.array([0.877, 0.213])
N = 25


def pointer(p: Any) -> Any:
    """A place that branches move."""
    xs = [p[0] * math.sin(k) + p[1] for k in range(10)]
    j, total = 0, 0.0
    for k in range(N):
        if math.sin(0.7 * k) * p[0] > p[1]:
            j = (j + 3) % 10
        elif j > 0:
            j -= 1
        total += xs[j] * 0.9**k
    return total


def resampled(p: Any) -> Any:
    """A ``while`` that moves on until a sum is large enough, inside a loop."""
    weights = [1.0 + p[0] * math.sin(k) ** 2 for k in range(15)]
    sums, total = [], 0.0
    for w in weights:
        total += w
        sums.append(total)
    found, j = 0.0, 0
    for k in range(15):
        while j < 14 and sums[j] < (k + 0.5) / 15 * total:
            j += 1
        found += weights[j] * (1 + p[1] * k)
    return found


def walk(p: Any) -> Any:
    """Two places in an array."""
    table = np.array([[p[0] * math.sin(a + 2 * b) + p[1] for b in range(8)] for a in range(8)])
    i, j, total = 3, 4, 0.0
    for k in range(N):
        if table[i, j] > p[1]:
            i = (i + 1) % 8
        else:
            j = min(j + 2, 7) if j < 6 else 0
        total += table[i, j] * 0.95**k
    return total


def no_more(p: Any) -> Any:
    """What begins as a whole number and does not stay one is none."""
    total, count = 0, 0
    for k in range(N):
        x = p[0] * math.sin(0.7 * k)
        if x > p[1]:
            total += x
            count += 1
        else:
            total = total * 0.9
    return total / max(count, 1) + int(total) * p[1] + count // 2


@pytest.mark.parametrize("f", [pointer, resampled, walk, no_more])
def test_values_and_gradients_are_those_of_the_program(f: Callable[[Any], Any]) -> None:
    """Also where other places are taken; they stay loops."""
    graph = trace_loops(20_000, f, P)
    assert graph is not None
    assert loops_of(graph)
    require_slopes_of_differences(f, graph, (P, ELSEWHERE))


def test_text_for_numpy_begins_with_numpys_numbers() -> None:
    """A place that a loop begins with as a literal has the methods of an array."""
    df = compile_gradient(resampled, P, target="numpy")
    assert df(ELSEWHERE)[0] == pytest.approx(float(resampled(ELSEWHERE)), rel=1e-13)
