"""Loops that append states, dicts or objects, which a variable holds while it reads them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.trace.trace import trace_loops
from tests.autodiff.trace.same_meaning import require_slopes_of_differences

N = 20
P = np.array([0.413, 0.731, 1.117])
ELSEWHERE = np.array([0.907, 0.213, 0.641])


class State:
    """A place and a speed."""

    def __init__(self, place: Any, speed: Any) -> None:
        self.place, self.speed = place, speed


def epidemic(p: Any) -> Any:
    """A dict for each day."""
    history = [{"s": 0.99, "i": 0.01 * p[2]}]
    for _ in range(N):
        last = history[-1]
        new = p[0] * last["s"] * last["i"]
        history.append({"s": last["s"] - new, "i": last["i"] + new - 0.2 * p[1] * last["i"]})
    return max(day["i"] for day in history) + history[-1]["s"]


def swing(p: Any) -> Any:
    """An object for each time."""
    path = [State(p[0], 0.0)]
    for _ in range(N):
        now = path[-1]
        speed = now.speed - 0.1 * (p[1] * now.place + p[2] * now.speed)
        path.append(State(now.place + 0.1 * speed, speed))
    return path[-1].place ** 2 + path[-1].speed


def by_index(p: Any) -> Any:
    """The state before by its index, and two of them."""
    log, xs = [{"x": p[0], "y": p[1]}], [1.0, p[0]]
    for i in range(1, N):
        before = log[i - 1]
        x, y = before["x"], before["y"]
        log.append({"x": x - 0.1 * p[2] * y, "y": y + 0.1 * x})
        one, two = xs[i], xs[i - 1]
        xs.append(p[1] * one + 0.1 * two)
    return sum(one["x"] * one["y"] for one in log) + sum(xs)


@pytest.mark.parametrize("f", [epidemic, swing, by_index], ids=lambda f: str(f.__name__))
def test_loops_stay_loops(f: Callable[[Any], Any]) -> None:
    """With their values and slopes."""
    graph = trace_loops(10**7, f, P)
    assert graph is not None
    assert len(graph.nodes) < 60
    require_slopes_of_differences(f, graph, [P, ELSEWHERE])


def test_what_is_held_behind_the_loop_is_the_element_itself() -> None:
    """A state that is changed there changes in the list."""

    def changed(p: Any) -> Any:
        path = [State(p[0], p[1])]
        now = path[0]
        for _ in range(N):
            now = path[-1]
            path.append(State(now.place + 0.1 * now.speed, now.speed * p[2]))
        now.place = 7.0 * p[1]
        return sum(one.place for one in path)

    graph = ad.trace(changed, P)
    require_slopes_of_differences(changed, graph, [P, ELSEWHERE])
    rolled = trace_loops(10**7, changed, P)
    assert rolled is not None
    require_slopes_of_differences(changed, rolled, [P, ELSEWHERE])
