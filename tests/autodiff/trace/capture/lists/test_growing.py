"""Lists to which the repetitions of a recorded loop append."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
import codegen
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.trace.trace import trace_loops
from tests.autodiff.trace.same_meaning import require_the_unrolled
from verify.answer.report import Verdict

N = 40
STEPS, PULLS = np.linspace(0.1, 0.2, N), np.linspace(0.3, 0.1, N)


class Swing:
    """A state, and where it was."""

    def __init__(self, x: Any, v: Any) -> None:
        self.x, self.v, self.path = x, v, list[Any]()

    def step(self) -> None:
        """One step; the force depends on the place."""
        if self.x > 0.5:
            self.v = self.v - 0.05 * self.v
        self.v = self.v - 0.1 * self.x
        self.x = self.x + 0.1 * self.v
        self.path.append(self.x)


def of_an_object(x: Any, v: Any) -> Any:
    """Its methods append to what it holds."""
    swing = Swing(x, v)
    for _ in range(N):
        swing.step()
    return sum(swing.path) + np.mean(np.array(swing.path) ** 2)


def of_tuples(x: Any, v: Any) -> Any:
    """Each has a number that is known."""
    path = [(0.0, x, v)]
    for i in range(N):
        x, v = x + 0.1 * v, v - 0.1 * np.sin(x)
        path.append((0.1 * i, x, v))
    times, xs, _ = zip(*path, strict=True)
    return np.sum(np.array(path)[:, 2] ** 2) + np.sum(np.array(times) * np.array(xs))


def of_several(x: Any, v: Any) -> Any:
    """Two to one list, one behind what is there, one to a list in a dict; read by another loop."""
    held = {"x": [x]}
    pairs, total = [], 0.0
    for _ in range(N):
        x = x + 0.1 * v * np.cos(x)
        pairs.append(x)
        pairs += [x * v]
        held["x"].append(x)
    for one, other in zip(held["x"], held["x"][1:], strict=False):
        total = total + (other - one) ** 2
    return total + pairs[-1] * held["x"][3] + sum(pairs)


def of_arrays(x: Any, v: Any) -> Any:
    """Arrays that are made anew."""
    state, path = np.array([x, v]), []
    for _ in range(N):
        state = state + 0.1 * np.array([state[1], -state[0]])
        path.append(state)
    return np.sum(np.array(path) ** 2) + path[-1][0]


def read(x: Any, v: Any) -> Any:
    """The last element is read before the next is there."""
    xs = [x]
    for _ in range(N):
        xs.append(xs[-1] + 0.1 * v * np.cos(xs[-1]))
    return xs[-1] * xs[3]


def read_at_places(x: Any, v: Any) -> Any:
    """What was appended before is read by its index, also of a list that grew meanwhile."""
    xs, vs = [x], [v]
    for i in range(N):
        xs.append(xs[i] + 0.1 * vs[i])
        vs.append(vs[i] - 0.1 * np.sin(xs[i + 1]))
    return xs[-1] + np.sum(np.array(vs) ** 2)


def read_in_parts(x: Any, v: Any) -> Any:
    """A state of several numbers."""
    path = [(0.0, x, v)]
    for _ in range(N):
        t, x, v = path[-1]
        path.append((t + 0.1, x + 0.1 * v, v - 0.1 * np.sin(x)))
    return path[-1][1] + path[4][2] * path[-1][0]


def read_as_window(x: Any, v: Any) -> Any:
    """The mean of the last three."""
    xs = [x, v, x * v]
    for _ in range(N):
        xs.append(np.mean(xs[-3:]) + 0.1 * np.sin(xs[-2]))
    return xs[-1] + sum(xs)


def read_as_array(x: Any, v: Any) -> Any:
    """The state is an array."""
    path = [np.array([x, v])]
    for _ in range(N):
        now = path[-1]
        path.append(now + 0.1 * np.array([now[1], -np.sin(now[0])]))
    return np.sum(np.array(path) ** 2) + now[0]


def read_and_changed(x: Any, v: Any) -> Any:
    """What was appended before changes."""
    path = [[x, v]]
    for _ in range(N):
        x, v = path[-1]
        path[-1][0] = 0.9 * x
        path.append([x + 0.1 * v, v - 0.1 * x])
    return path[-1][0] * path[5][0]


def read_and_changed_later(x: Any, v: Any) -> Any:
    """A variable is an element of the list."""
    path = [np.array([x, v])]
    for _ in range(N):
        now = path[-1]
        path.append(now * 0.9)
    now[0] = 7.0
    return np.sum(np.array(path) ** 2)


def appended_twice(x: Any, v: Any) -> Any:
    """One array is every element."""
    path = [np.array([x, v])]
    for _ in range(N):
        path.append(path[-1])
    path[0][0] = 5.0
    return path[-1][0] * x + path[3][1] * v


def view_of_a_state(x: Any, v: Any) -> Any:
    """A variable is a view of another; behind the loop, too."""
    state = np.array([x, v, x * v])
    for _ in range(N):
        state = state + 0.1 * np.sin(state)
        part = state[0:2]
    part[0] = 5.0
    return state[0] * v + part[1]


def another_name(x: Any, v: Any) -> Any:
    """What no repetition replaced is what it was."""
    state = now = np.array([x, v])
    for i in range(N):
        now = 0.9 * now if i > N else now
    now[0] = 5.0
    return state[0] * v + now[1]


def measured(x: Any, v: Any) -> Any:
    """The length is part of what is computed, and whether there is anything."""
    xs: list[Any] = []
    for _ in range(N):
        if xs:
            x = x + 0.01 * len(xs) * v
        xs.append(x)
    return x * xs[5]


def beside_data(x: Any, v: Any) -> Any:
    """Several variables are assigned by the header, and once more for each try."""
    path = []
    for k, (step, pull) in enumerate(zip(STEPS, PULLS, strict=True)):
        x, v = x + step * v, v - pull * np.sin(x)
        path.append(x * k)
    return np.sum((np.array(path) - step) ** 2)


def changed(x: Any, v: Any) -> Any:
    """One array, which changes in place, stands there as often as it is appended."""
    state, path = np.array([x, v]), []
    for _ in range(N):
        state += 0.1 * np.array([state[1], -state[0]])
        path.append(state)
    return np.sum(np.array(path) ** 2) + path[0][0]


def changed_later(x: Any, v: Any) -> Any:
    """The last of the list is the array itself."""
    state, path = np.array([x, v]), []
    for _ in range(N):
        state = state + 0.1 * np.array([state[1], -state[0]])
        path.append(state)
    state[0] = 5.0 * x
    return np.sum(path[-1]) + np.sum(path[3])


def shortened(x: Any, v: Any) -> Any:
    """A window: what is appended goes again."""
    xs = [x] * 4
    for _ in range(N):
        x = x + 0.1 * v * np.cos(x)
        xs.append(x)
        xs.pop(0)
    return sum(xs)


def called_otherwise(x: Any, v: Any) -> Any:
    """A list in a tuple is read by another name."""
    xs = [x]
    held = (xs, v)
    for _ in range(N):
        xs.append(0.0 * len(held[0]) + 0.9 * held[0][-1])
    return xs[-1] * x + v


GROWING = [
    of_an_object, of_tuples, of_several, of_arrays, beside_data, read, read_at_places,
    read_in_parts, read_as_window, read_as_array,
]  # fmt: skip
OTHERS = [
    measured, changed, changed_later, shortened, called_otherwise, read_and_changed,
    read_and_changed_later, appended_twice, view_of_a_state, another_name,
]  # fmt: skip


@pytest.mark.parametrize("program", GROWING)
def test_a_list_that_grows_stays_a_loop(program: Callable[..., Any]) -> None:
    """Its loop is recorded once, and means what it means unrolled."""
    graph = trace_loops(5000, program, 0.7, 0.3)
    assert graph is not None
    assert {group.loop.length for group in loops_of(graph).values()} == {N}
    require_the_unrolled(program, graph)


@pytest.mark.parametrize("program", OTHERS)
def test_a_list_that_is_read_runs_unrolled(program: Callable[..., Any]) -> None:
    """What differs from repetition to repetition is not taken from the first one."""
    try:
        graph = trace_loops(5000, program, 0.7, 0.3)
    except ad.TraceError:  # said where it may share memory; it is traced without loops then
        graph = ad.trace(program, 0.7, 0.3)
    assert graph is not None
    require_the_unrolled(program, graph)


@pytest.mark.parametrize("target", ["python", "numpy"])
def test_text_of_a_list_that_grows_is_certified(target: str) -> None:
    """It has a loop forwards and one backwards, and numbers known in the first repetition."""

    def path(u: Any) -> Any:
        x, v, held = 0.05, 0.1, []
        for k in range(300):
            v = v - 0.1 * np.sin(x) / (4.0 / 3.0 - 0.1 * np.cos(x) ** 2 / 1.1)
            x = x + 0.1 * v * u[k]
            held.append((x, v))
        return np.sum(np.array(held)[:, 0] ** 2)

    df = codegen.compile_gradient(path, np.linspace(0.1, 1.0, 300), target=target)
    assert df.verdict is Verdict.CERTIFIED
    assert df.source.count("\n") < 200


def test_what_is_outside_is_left_as_it_was() -> None:
    """A list outside that a loop appends to and reads holds no part of the recording."""
    outside: dict[str, list[Any]] = {"xs": [], "more": []}

    def program(x: Any) -> Any:
        for _ in range(N):
            x = 0.9 * x
            outside["xs"].append(x)
            outside["more"].append(len(outside["xs"]))
        return x

    with contextlib.suppress(ad.TraceError):
        trace_loops(5000, program, 0.7)
    assert {type(one) for one in outside.values()} == {list}
