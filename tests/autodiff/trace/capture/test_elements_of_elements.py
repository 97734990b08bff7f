"""Elements of elements of lists, and functions of whole numbers, that differ in each repetition."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

import autodiff as ad
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.trace.trace import trace_loops

STATES = [i * 7 % 3 for i in range(30)]


def path_score(p: Any) -> Any:
    """Of a chain whose states are known: rows and columns of a table are looked up."""
    table = [[p[0] * (i + 2 * j) + p[1] for j in range(3)] for i in range(3)]
    total = table[0][STATES[0]]
    for t in range(1, 30):
        total = total * 0.9 + table[STATES[t - 1]][STATES[t]]
    return total


def exponential(p: Any) -> Any:
    """A series."""
    return sum(p[0] ** n / math.factorial(n) for n in range(20))


def binomial(p: Any) -> Any:
    """An expectation."""
    total = 0.0
    for n in range(30):
        total += math.comb(29, n) * p[0] ** n * (1.0 - p[0]) ** (29 - n) * math.gcd(n, 6)
    return total


@pytest.mark.parametrize("function", [path_score, exponential, binomial])
def test_such_loops_are_recorded(function: Callable[[Any], Any]) -> None:
    """They are loops of few nodes with the function's value and slopes."""
    point = [0.3, 0.6]
    made = trace_loops(500, function, point)
    assert made is not None
    assert loops_of(made)
    value, slopes = ad.backpropagate(made, point)
    assert value == pytest.approx(function(point), rel=1e-12)
    for k, slope in enumerate(slopes):
        step = 1e-5
        above, below = list(point), list(point)
        above[k] += step
        below[k] -= step
        about = (function(above) - function(below)) / (2 * step)
        assert slope == pytest.approx(about, rel=1e-7, abs=1e-9)
