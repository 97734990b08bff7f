"""Elements among several targets of one assignment, in loops that are recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.trace.trace import trace_loops

N = 40
XS = np.linspace(0.0, 1.0, N)


def side_by_side(x: Any, v: Any) -> Any:
    """A state and what it gives."""
    state, given = np.zeros(N + 1), np.zeros(N)
    state[0] = x
    for i in range(N):
        state[i + 1], given[i] = 0.9 * state[i] + XS[i], state[i] * v
    return state[-1] + np.sum(given**2)


def at_once(x: Any, v: Any) -> Any:
    """One value in two arrays."""
    one, other = np.zeros(N), np.zeros(N)
    for i in range(N):
        one[i] = other[N - 1 - i] = np.sin(XS[i] * x) * v
    return np.sum(one * other)


def swapped(x: Any, v: Any) -> Any:
    """Both are read before one is written."""
    a = np.array([x, v, x * v, 1.0] * (N // 4))
    for i in range(N // 2):
        a[i], a[N - 1 - i] = a[N - 1 - i] * 0.9, a[i]
    return np.sum(a * XS)


def inside(x: Any, v: Any) -> Any:
    """Tuples in tuples, and variables among them."""
    a, r = np.zeros((N, 2)), x
    for i in range(N):
        r, a[i, 0], (a[i, 1], q) = 0.9 * r + 0.1, r * v, (r * r, 2.0)
    return np.sum(a) + r * q


def of_lists(x: Any, v: Any) -> Any:
    """Elements of a list, and the rest."""
    a = [x] * N
    for i in range(1, N):
        *_, b, a[i] = x, 1.0, v, a[i - 1] * 0.9
    return sum(a) + b


def from_left_to_right(x: Any, v: Any) -> Any:
    """The index is assigned before the element."""
    a = np.zeros(N)
    i = 3
    for k in range(N - 4):
        i, a[i] = k + 4, x * v
    return a[i] + x + a[3] * 5.0


@pytest.mark.parametrize("program", [side_by_side, at_once, swapped, inside, of_lists])
def test_elements_among_targets_stay_in_loops(program: Callable[..., Any]) -> None:
    """The loop is recorded once, and means what it does."""
    graph = trace_loops(500, program, 0.7, 0.3)
    assert graph is not None
    assert loops_of(graph)
    _means_the_same(program, graph)


def test_targets_are_assigned_in_order() -> None:
    """As Python does."""
    graph = trace_loops(500, from_left_to_right, 0.7, 0.3)
    assert graph is not None
    _means_the_same(from_left_to_right, graph)


def _means_the_same(program: Callable[..., Any], graph: ad.Graph) -> None:
    straight = ad.trace(program, 0.7, 0.3)
    for point in ((0.7, 0.3), (0.4, 0.9)):
        assert ad.evaluate(graph, *point) == pytest.approx(program(*point), rel=1e-12)
        found = ad.evaluate(ad.gradient(graph), *point)
        assert found == pytest.approx(ad.evaluate(ad.gradient(straight), *point), rel=1e-10)
