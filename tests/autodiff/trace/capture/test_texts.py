"""Loops over the characters of texts, and tables of two of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autodiff.trace.trace import trace_loops
from tests.autodiff.trace.same_meaning import require_slopes_of_differences

P = np.array([0.413, 0.731, 1.117])
ELSEWHERE = np.array([0.907, 0.213, 0.641])
ONE, OTHER = "kittensitting", "sittingkitchen"


def distance(p: Any) -> Any:
    """The least cost that makes one text of another, by their indices."""
    d = [[0.0] * (len(OTHER) + 1) for _ in range(len(ONE) + 1)]
    for i in range(1, len(ONE) + 1):
        d[i][0] = i * p[0]
    for j in range(1, len(OTHER) + 1):
        d[0][j] = j * p[1]
    for i in range(1, len(ONE) + 1):
        for j in range(1, len(OTHER) + 1):
            cost = 0.0 if ONE[i - 1] == OTHER[j - 1] else p[2]
            d[i][j] = min(d[i - 1][j] + p[0], d[i][j - 1] + p[1], d[i - 1][j - 1] + cost)
    return d[-1][-1]


def alike(p: Any) -> Any:
    """Pairs of letters that are the same, or not."""
    total = p[0]
    for i, x in enumerate(ONE):
        for j, y in enumerate(OTHER):
            if x == y:
                total += p[1] / (1 + i + j)
            if y != x and j > 3:
                total = 0.99 * total + 0.01 * p[2]
    return total


def spelled(p: Any) -> Any:
    """What a letter says is done."""
    x = 0.0
    for letter in "ABACABADABACABA":
        if letter == "A":
            x = p[0] * x + 1.0
        elif letter == "B":
            x = p[1] * math.sin(x)
        else:
            x += p[2]
    return x


@pytest.mark.parametrize("f", [distance, alike, spelled], ids=lambda f: str(f.__name__))
def test_loops_stay_loops(f: Callable[[Any], Any]) -> None:
    """With their values and slopes."""
    graph = trace_loops(10**7, f, P)
    assert graph is not None
    assert len(graph.nodes) < 60
    require_slopes_of_differences(f, graph, [P, ELSEWHERE])
