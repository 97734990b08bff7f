"""Tables as lists of lists, which loops inside loops fill: ``t[i][j] = min(t[i - 1][j], ...)``."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.trace.trace import trace_loops

N = 15
DATA = [math.sin(0.7 * k) for k in range(2 * N)]


def distance(p: Any) -> Any:
    """Of two sequences, by what it costs to make one of the other."""
    t = [[0.0] * (N + 1) for _ in range(N + 1)]
    for i in range(1, N + 1):
        t[i][0] = t[i - 1][0] + p[0]
        t[0][i] = t[0][i - 1] + p[1]
    for i in range(1, N + 1):
        for j in range(1, N + 1):
            same = p[2] * (DATA[i] - 0.9 * DATA[j + 3]) ** 2
            t[i][j] = min(t[i - 1][j] + p[0], t[i][j - 1] + p[1], t[i - 1][j - 1] + same)
    return t[N][N] + t[3][4]


def product(p: Any) -> Any:
    """Of two matrices of comprehensions, row by row."""
    a = [[math.cos(p[0] * (i + 2 * j)) for j in range(N)] for i in range(N)]
    c = [[0.0] * N for _ in range(N)]
    for i in range(N):
        for j in range(N):
            c[i][j] = p[1] * DATA[i] + p[2] * DATA[j] ** 2
    return sum(
        sum(x * y for x, y in zip(one, two, strict=True)) for one, two in zip(a, c, strict=True)
    )


def held(p: Any) -> Any:
    """A list of numbers in an object, of which one at a fixed place is assigned as well."""

    class Holder:
        def __init__(self) -> None:
            self.x = [0.0] * N

    holder = Holder()
    x = holder.x
    for i in range(1, N):
        x[i] = p[0] * DATA[i] + p[1] * x[i - 1]
        x[0] = x[0] + 0.1 * p[2] * DATA[i]
    return sum(holder.x) + x[0] ** 2


def rows_alike(p: Any) -> Any:
    """The rows are one list: what is assigned to one is in all."""
    t = [[0.0] * N] * 2
    for i in range(N):
        t[0][i] = p[0] * DATA[i] + p[1]
    return sum(t[1]) * p[2]


@pytest.mark.parametrize("function", [distance, product, held, rows_alike])
def test_value_and_gradient_are_the_functions(function: Any) -> None:
    """As a loop or unrolled, at other numbers too."""
    p = np.array([0.6, 0.8, 0.5])
    looping = trace_loops(20_000, function, p)
    assert looping is not None
    gradient = ad.gradient(looping)
    for q in (p, np.array([0.3, 0.9, 1.4])):
        assert ad.evaluate(looping, q) == pytest.approx(function(q), rel=1e-12)
        h = 1e-6 * np.eye(3)
        slopes = [(function(q + d) - function(q - d)) / 2e-6 for d in h]
        got = ad.evaluate(gradient, q)
        assert np.asarray(got) == pytest.approx(slopes, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize(("function", "most"), [(distance, 60), (product, 300)])
def test_tables_stay_loops(function: Any, most: int) -> None:
    """The trace does not grow with the table."""
    looping = trace_loops(20_000, function, np.array([0.6, 0.8, 0.5]))
    assert looping is not None
    assert len(loops_of(looping)) > 0
    assert len(looping) < most
