"""Loops that change arrays, with views of these: what NumPy would see, recorded or refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autodiff.errors import TraceError
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.run.agreement import check_agreement
from autodiff.run.whole.whole_agreement import whole_compared
from autodiff.trace.trace import trace, trace_loops

_N = 13
_A = 0.5 * np.cos(np.arange(_N * _N) * 1.7).reshape(_N, _N)


def _row_follows(a: Any) -> Any:
    x = a.copy()
    for i in range(_N):
        q = x[i]
        x[int(abs(4.0 * a[i, 3]))] = 0.5 * a[i]
        x[i] = 0.3 * a[2]
    return np.sum(np.sin(x)) + np.sum(q * 0.3)


def _row_is_written(a: Any) -> Any:
    x = a.copy()
    for i in range(_N):
        row = x[int(abs(4.0 * a[i, 3]))]
        row[2] += a[i, 1]
    return np.sum(np.sin(x))


def _column_is_written(a: Any) -> Any:
    x = a.copy()
    for i in range(_N):
        column = x[2:, int(abs(4.0 * a[i, 3]))]
        column[3] = a[i, 1]
    return np.sum(np.sin(x))


def _view_of_last_time(a: Any) -> Any:
    x, p, q = a.copy(), a[2] * 1.0, a[3]
    for i in range(_N):
        p[i] = 0.4 * p[int(abs(4.0 * a[i, 3]))]
        x[:, 2] = 0.3 * q
        x[:, 3] = 0.3 * q
        q = x[_N - 1 - i]
    return np.sum(np.sin(x)) + np.sum(p * p) + np.sum(q * 0.3)


def _changed_behind(a: Any) -> Any:
    x, p = a.copy(), a[2] * 1.0
    for i in range(_N):
        p[i] = 0.4 * p[int(abs(4.0 * a[i, 3]))]
        x[:, 2] = 0.3 * p
        q = x[_N - 1 - i]
    x[0] = 3.0
    return np.sum(np.sin(x)) + np.sum(p * p) + np.sum(q * 0.3)


def _other_name(a: Any) -> Any:
    p, t = a[2] * 1.0, 0.0
    for i in range(_N):
        q = p
        t = t + a[i, 0] * 0.5
    for i in range(_N):
        p[i] = 0.4 * np.sin(p[_N - 1 - i]) - 0.2 * t
    return np.sum(p * p) + np.sum(q * 0.3)


_FOLLOWED = [_row_follows, _row_is_written, _column_is_written, _other_name]


@pytest.mark.parametrize("function", _FOLLOWED, ids=lambda f: f.__name__)
def test_views_follow(function: Callable[[Any], Any]) -> None:
    """A loop is recorded with views that see, and make, changes."""
    graph = trace_loops(10**6, function, _A)
    assert graph is not None
    assert loops_of(graph)
    assert whole_compared(function, graph, [_A]) == ""
    assert whole_compared(function, graph, [_A * 1.3]) == ""


@pytest.mark.parametrize("function", [_view_of_last_time, _changed_behind])
def test_what_no_loop_holds_is_not_recorded(function: Callable[[Any], Any]) -> None:
    """A view that would have to follow from one repetition to the next, or behind the loop."""
    try:
        graph = trace_loops(10**6, function, _A)
    except TraceError:
        return
    assert graph is None or whole_compared(function, graph, [_A]) == ""


def test_rows_at_places_of_arguments_follow() -> None:
    """What an argument of whole numbers takes of an array is a view of it, too."""

    def f(a: Any, k: Any) -> Any:
        x = a * 1.0
        row, part = x[k[0]], x[1:, k[1]]
        x[2] = 0.5
        part[1:3] = a[0, 0]
        return np.sum(row * np.arange(13.0)) + np.sum(np.sin(x))

    for k in (np.array([2, 3]), np.array([3, 2])):
        check_agreement(f, trace(f, _A, k, expand=False), (_A, k))


def test_places_do_not_hide_a_difference() -> None:
    """A function that differs from its trace is found, also where places are computed."""

    def f(a: Any) -> Any:
        y = a[0] * (1.5 if isinstance(a, np.ndarray) else 1.0)
        for i in range(_N):
            y[int(abs(4.0 * a[i, 3]))] += a[i, 1]
        return np.sum(y)

    graph = trace_loops(10**6, f, _A)
    assert graph is not None
    with pytest.raises(TraceError, match="its trace"):
        check_agreement(f, graph, (_A,))
