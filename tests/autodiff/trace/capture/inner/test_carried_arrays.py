"""Loops whose ranges differ from repetition to repetition, and that write into what they read."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.trace.trace import trace_loops
from tests.autodiff.trace.same_meaning import require_slopes_of_differences

N = 12
P = np.array([0.413, 0.731, 1.117])
ELSEWHERE = np.array([0.907, 0.213, 0.641])


def american(p: Any) -> Any:
    """A tree of prices, in one list."""
    up = math.exp(0.1 * p[0])
    values = [max(p[2] - up ** (N - 2 * j), 0.0) for j in range(N + 1)]
    for i in reversed(range(N)):
        for j in range(i + 1):
            kept = 0.98 * (p[1] * values[j] + (1 - p[1]) * values[j + 1])
            values[j] = max(kept, p[2] - up ** (i - 2 * j))
    return values[0]


def of_numpy(p: Any) -> Any:
    """The same in an array, whose index is used in two loops."""
    values = np.zeros(N + 1)
    for j in range(N + 1):
        values[j] = max(p[2] - p[0] * j, 0.0)
    for i in range(N - 1, -1, -1):
        for j in range(i + 1):
            kept = p[1] * values[j] + (1 - p[1]) * values[j + 1]
            values[j] = max(kept, p[2] - p[0] * 0.1 * i)
    return values[0]


def shortest(p: Any) -> Any:
    """The shortest ways between all, by way of two."""
    d = [[0.0 if i == j else p[(i * j) % 3] * abs(i - j) + 0.3 for j in range(N)] for i in range(N)]
    for k in range(2):
        for i in range(N):
            for j in range(N):
                if (way := d[i][k] + d[k][j]) < d[i][j]:
                    d[i][j] = way
    return sum(map(sum, d))


def eliminated(p: Any) -> Any:
    """The determinant of a matrix."""
    m = [[2.0 + p[0] if i == j else p[1] / (1 + abs(i - j)) for j in range(N)] for i in range(N)]
    for c in range(12):
        for r in range(c + 1, N):
            factor = m[r][c] / m[c][c]
            for k in range(c, N):
                m[r][k] -= factor * m[c][k]
    return sum(math.log(m[i][i]) for i in range(N)) * p[2]


def falls(p: Any) -> Any:
    """Neighbours change, where they differ by much."""
    heap = [p[k % 3] * k for k in range(N)]
    for _ in range(N):
        for i in range(N - 1):
            moved = 0.25 * (heap[i] - heap[i + 1])
            if abs(moved) > 0.1:
                heap[i] -= moved
                heap[i + 1] += moved
    return sum(k * x * x for k, x in enumerate(heap))


def chosen_loop(p: Any) -> Any:
    """A loop inside a branch writes into the list that the loop around it carries."""
    held, x = [0.1 * p[0] * k for k in range(N)], p[0]
    for _ in range(N):
        x = math.cos(3 * x) * p[1] + 0.1
        if x > 0.3:
            for j in range(N):
                held[j] = held[j] * 0.5 + 0.1 * x
    return sum(one * one for one in held)


def ring(p: Any) -> Any:
    """Places that come again."""
    buffer, total = [0.1] * 5, 0.0
    for k in range(40):
        y = p[0] * buffer[k % 5] + p[1] * math.sin(k)
        buffer[k % 5] = y
        total += y * y
    return total


def copied(p: Any) -> Any:
    """A copy is filled, and takes the place of what it was copied from."""
    u = np.array([p[k % 3] for k in range(N)])
    for _ in range(N):
        v = u.copy()
        for i in range(1, N - 1):
            v[i] = u[i] + p[1] * 0.2 * (u[i - 1] + u[i + 1] - 2 * u[i])
        u = v
    return np.sum(u * u)


def substituted(p: Any) -> Any:
    """Sums over what is known already."""
    x = np.zeros(N)
    for i in range(N - 1, -1, -1):
        x[i] = (p[0] - sum(p[1] * 0.1 * x[j] for j in range(i + 1, N))) / (1.0 + p[2])
    return x @ x


def left_over(p: Any) -> Any:
    """The index of the inner loop is read behind it."""
    total = p[0]
    for i in range(1, N):
        for j in range(i):
            total = total * 0.9 + p[1] * j
        total += p[2] * j
    return total


def solved(p: Any) -> Any:
    """A triangular system, of lists, from its end."""
    m = [[2.0 + p[0] if i == j else p[1] / (1 + abs(i - j)) for j in range(N)] for i in range(N)]
    x = [0.0] * N
    for i in range(N - 1, -1, -1):
        x[i] = (p[2] * i - sum(m[i][j] * x[j] for j in range(i + 1, N))) / m[i][i]
    return sum(one * one for one in x)


def far(p: Any) -> Any:
    """Places that are sums, beyond the end where nothing is done."""
    x, total = [p[0] * k for k in range(N)], 0.0
    for i in range(N):
        for j in range(N - i):
            total += x[i + j] * p[1] * x[j]
    return total


PROGRAMS = [
    american, of_numpy, shortest, eliminated, falls, chosen_loop, ring, copied, substituted,
    solved, far, left_over,
]  # fmt: skip


@pytest.mark.parametrize("f", PROGRAMS)
def test_values_and_gradients_are_those_of_the_program(f: Callable[[Any], Any]) -> None:
    """Also where other branches are taken."""
    graph = trace_loops(20_000, f, P) or ad.trace(f, P)
    require_slopes_of_differences(f, graph, (P, ELSEWHERE), rel=1e-4)


def whole(p: Any) -> Any:
    """What is filled is read as a whole meanwhile."""
    x = np.zeros(N)
    for i in range(N):
        x[i] = p[0] + 0.1 * np.sum(x) + p[1] * x[3] + 0.1 * p[2] * x.max()
    return x @ x


def whole_list(p: Any) -> Any:
    """The same of a list, at one place."""
    x = [0.5] * N
    for i in range(N):
        x[i] = p[0] + p[1] * x[3] * p[2]
    return sum(one * one for one in x)


@pytest.mark.parametrize("f", [whole, whole_list])
def test_constants_that_are_written_over_are_read_as_they_are_then(f: Callable[[Any], Any]) -> None:
    """Nothing is computed of the numbers that an array begins with."""
    graph = trace_loops(20_000, f, P)
    assert graph is not None
    assert ad.evaluate(graph, P) == pytest.approx(float(f(P)), rel=1e-12)


@pytest.mark.parametrize("f", PROGRAMS[:-1])
def test_they_stay_loops(f: Callable[[Any], Any]) -> None:
    """The trace does not grow with the repetitions."""
    graph = trace_loops(20_000, f, P)
    assert graph is not None
    assert len(graph.nodes) < 80 + N * N
