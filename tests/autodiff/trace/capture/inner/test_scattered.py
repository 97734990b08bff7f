"""Loops that fill arrays at places known before: by pairs, along any axis, on diagonals."""

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
X = np.linspace(0.0, 2.0, N)
WEIGHTS = np.cos(np.arange(float(N * N)).reshape(N, N))


def kernel(p: Any) -> Any:
    """A symmetric matrix, one triangle for both, and its diagonal once more."""
    k = np.zeros((N, N))
    for i in range(N):
        for j in range(i + 1):
            k[i, j] = k[j, i] = p[0] * math.exp(-((X[i] - X[j]) ** 2) / p[1])
    for i in range(N):
        k[i, i] += p[2]
    return np.sum(WEIGHTS * k * k)


def copied(p: Any) -> Any:
    """The diagonal in the loop outside; the other triangle is read from the first."""
    k = np.empty((N, N))
    for i in range(N):
        k[i, i] = p[0] + 0.1 * i
        for j in range(i + 1, N):
            k[i, j] = p[1] / (1.0 + abs(X[i] - X[j]))
            k[j, i] = k[i, j]
    return np.sum(WEIGHTS * k) * p[2]


def last_stays(p: Any) -> Any:
    """Places that are assigned more than once, from either side."""
    k = np.zeros((N, N))
    for i in range(N):
        for j in range(N):
            k[j, i] = p[0] * i - p[1] * j
            k[i, j] = p[2] * i * j
    return np.sum(WEIGHTS * k * k)


def guarded(p: Any) -> Any:
    """Under conditions of both indices."""
    k = np.full((N, N), 0.5)
    for i in range(N):
        for j in range(N):
            if i != j and not j > i + 3:
                k[j, i] = p[0] * (i + 1) / (p[1] + j)
    return np.sum(WEIGHTS * k * k) * p[2]


def bands(p: Any) -> Any:
    """A matrix with three diagonals, which end at its corners."""
    a = np.zeros((N, N))
    for i in range(N):
        a[i, i] = 3.0 + p[0] * i
        if i > 0:
            a[i, i - 1] = -p[1]
        if i < N - 1:
            a[i, i + 1] = -p[2] * i
    return np.sum(np.linalg.solve(a, X))


def by_columns(p: Any) -> Any:
    """States beside each other, element by element."""
    x = np.zeros((2, N + 1))
    x[0, 0] = p[0]
    for i in range(N):
        x[0, i + 1] = x[0, i] + 0.1 * x[1, i]
        x[1, i + 1] = x[1, i] - 0.1 * (p[1] * x[0, i + 1] + p[2] * x[1, i])
    return np.sum(x[0] ** 2) + x[1, 3]


def whole_columns(p: Any) -> Any:
    """The same at once, read by parts."""
    x = np.zeros((2, N + 1))
    x[:, 0] = p[:2]
    for i in range(N):
        place, speed = x[:, i]
        x[:, i + 1] = x[:, i] + 0.1 * np.array([speed, -p[2] * place])
    return x[0].mean() + x[1, -1] ** 2


def rows_by_parts(p: Any) -> Any:
    """Rows that are written by elements and read as a whole."""
    x = np.zeros((N + 1, 2))
    x[0] = p[:2]
    for i in range(N):
        place, speed = x[i]
        x[i + 1, 0] = place + 0.1 * speed
        x[i + 1, 1] = speed - 0.1 * p[2] * math.sin(place)
    return np.sum(x[:, 0] ** 2)


def borders(p: Any) -> Any:
    """Time steps of a rod: the inside in a loop, then both ends."""
    t = np.zeros((N + 1, N))
    t[0] = np.sin(X)
    for n in range(N):
        for i in range(1, N - 1):
            t[n + 1, i] = t[n, i] + 0.2 * p[0] * (t[n, i + 1] - 2 * t[n, i] + t[n, i - 1])
        t[n + 1, 0] = t[n + 1, 1] * p[1]
        t[n + 1, -1] = p[2]
    return np.sum(t[-1] ** 2) + t[3, 4]


def neighbours(p: Any) -> Any:
    """Neighbours that are not there at the ends."""
    u, total = p[0] * np.sin(X), 0.0
    for i in range(N):
        left = u[i - 1] if i > 0 else p[1]
        right = u[i + 1] if i < N - 1 else p[2]
        total += (left - 2 * u[i] + right) ** 2
    return total


def factored(p: Any) -> Any:
    """A Cholesky factor by hand."""
    a = p[0] * np.exp(-((X[:, None] - X[None, :]) ** 2)) + (p[1] + 0.5) * np.eye(N)
    factor = np.zeros((N, N))
    for i in range(N):
        for j in range(i + 1):
            s = 0.0
            for k in range(j):
                s += factor[i, k] * factor[j, k]
            if i == j:
                factor[i, i] = math.sqrt(a[i, i] - s)
            else:
                factor[i, j] = (a[i, j] - s) / factor[j, j]
    return sum(math.log(factor[i, i]) for i in range(N)) * p[2]


def orthogonal(p: Any) -> Any:
    """Gram and Schmidt, column by column."""
    a = np.cos(np.outer(X + 1.0, X + 2.0) * p[0]) + (2.0 + p[1]) * np.eye(N)
    q, r = np.zeros((N, N)), np.zeros((N, N))
    for j in range(N):
        v = a[:, j].copy()
        for i in range(j):
            r[i, j] = q[:, i] @ a[:, j]
            v = v - r[i, j] * q[:, i]
        r[j, j] = np.sqrt(v @ v)
        q[:, j] = v / r[j, j]
    return np.sum(np.log(np.diag(r))) * p[2]


EVERY = [
    kernel, copied, last_stays, guarded, bands, by_columns, whole_columns, rows_by_parts, borders,
    neighbours, factored, orthogonal,
]  # fmt: skip


@pytest.mark.parametrize("f", EVERY, ids=lambda f: str(f.__name__))
def test_loops_stay_loops_with_their_values_and_slopes(f: Callable[[Any], Any]) -> None:
    """A graph of few nodes says what Python computes, here and elsewhere."""
    graph = trace_loops(10**7, f, P)
    assert graph is not None
    assert len(graph.nodes) < 100
    require_slopes_of_differences(f, graph, [P, ELSEWHERE])


def test_an_index_beyond_the_end_raises_as_python_does() -> None:
    """Where the condition does hold, nothing is taken for what is not there."""

    def beyond(p: Any) -> Any:
        x = np.zeros(N)
        for i in range(N):
            if i > 3:
                x[i + 1] = p[0] * i
        return np.sum(x)

    with pytest.raises(IndexError, match="out of bounds"):
        ad.trace(beyond, P)
