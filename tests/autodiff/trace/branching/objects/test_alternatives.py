"""Texts, members of enums, None: chosen by branches, compared, looked up with, carried by loops."""

from __future__ import annotations

import math
from enum import Enum, IntEnum
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.trace.trace import trace_loops
from codegen import compile_gradient

N = 40


class Mode(Enum):
    """What an engine does."""

    COAST = 0.0
    BURN = 1.5


class Gear(IntEnum):
    """Numbers that have names."""

    LOW = 1
    HIGH = 3


GAIN = {"idle": 0.3, "run": -0.5, "cool": -0.2}


class Machine:
    """A state machine."""

    def __init__(self) -> None:
        self.state, self.timer = "idle", 0.0

    def update(self, x: Any) -> Any:
        """One step."""
        match self.state:
            case "idle":
                if x > 0.8:
                    self.state, self.timer = "run", 0.0
            case "run":
                self.timer += 0.1
                if self.timer > 0.55:
                    self.state = "cool"
            case "cool":
                if x < 0.2:
                    self.state = "idle"
        return self.state


def machine(x: Any, y: Any) -> Any:
    """A state of three, in an object, looked up and asked for."""
    m, total = Machine(), 0.0
    for k in range(N):
        state = m.update(x)
        x += 0.1 * (GAIN[state] * (1.0 + y) + 0.05 * math.sin(k))
        if state in ("run", "cool"):
            total += x * y
        if state != "idle" and state != "cool":
            total += 0.1 * x * x
    return total + x


def engine(x: Any, y: Any) -> Any:
    """Members of an enum, by identity, with what they hold."""
    mode = Mode.COAST
    for _ in range(N):
        if mode is Mode.COAST and x < 0.3:
            mode = Mode.BURN
        elif mode is Mode.BURN and x > 0.9:
            mode = Mode.COAST
        x += 0.1 * (mode.value * y if mode is not Mode.COAST else -y)
    return x + mode.value


def gears(x: Any, y: Any) -> Any:
    """Members that are whole numbers."""
    gear = Gear.LOW
    for _ in range(N):
        gear = Gear.HIGH if x > 0.7 else Gear.LOW
        x += 0.05 * y * gear - (0.2 * x if gear is Gear.HIGH else 0.0)
    return x * x


def last_seen(x: Any, y: Any) -> Any:
    """None until something happens, then a number."""
    last, total = None, 0.0
    for _ in range(N):
        x, y = x + 0.2 * y, y - 0.2 * x
        if x > 0.4:
            if last is not None:
                total += (x - last) * math.exp(0.1 * last)
            last = x
    return total + x


def best(x: Any, y: Any) -> Any:
    """The best so far, and where: None at first, in a tuple later."""
    found = None
    for k in range(N):
        one = (x - math.sin(k)) ** 2 + 0.1 * y * k
        if one < 0.9 and (found is None or one < found[0]):
            found = one, x * math.sin(k)
    return x if found is None else found[0] + found[1]


EVERY = [machine, engine, gears, last_seen, best]
POINTS = [(0.6, 0.8), (0.95, 0.3), (0.31, 1.1)]


def slopes(function: Any, point: Any) -> list[float]:
    """Central differences."""
    h = 1e-6
    x, y = point
    return [
        (function(x + h, y) - function(x - h, y)) / (2 * h),
        (function(x, y + h) - function(x, y - h)) / (2 * h),
    ]


@pytest.mark.parametrize("function", EVERY)
def test_what_was_chosen_goes_on(function: Any) -> None:
    """Unrolled and as a loop: the value and gradient of the function, whatever is chosen."""
    looping = trace_loops(20_000, function, *POINTS[0])
    assert looping is not None
    assert len(loops_of(looping)) >= 1
    for graph in (ad.trace(function, *POINTS[0]), looping):
        gradient = ad.gradient(graph)
        for point in POINTS:
            assert ad.evaluate(graph, *point) == pytest.approx(function(*point), rel=1e-12)
            got = np.ravel(ad.evaluate(gradient, *point))
            assert got == pytest.approx(slopes(function, point), rel=1e-6, abs=1e-7)


def test_a_number_that_is_none_is_the_users_error() -> None:
    """Where the function computes with None, so does the compiled one."""

    def f(x: Any) -> Any:
        last = None
        if x > 0.0:
            last = x
        return last * 2.0  # type: ignore[operator]

    df = compile_gradient(f, 1.0, target="python")
    assert df(2.0) == (4.0, 2.0)
    with pytest.raises(TypeError):
        f(-1.0)
    with pytest.raises(TypeError, match="None"):
        df(-1.0)


def test_what_more_is_asked_of_is_left_to_paths() -> None:
    """Text that is put together, or a key that is hashed, is what it is on each path."""

    def f(x: Any) -> Any:
        name = "up" if x > 0.0 else "down"
        return {"a_up": x * 2.0, "a_down": x * x}[f"a_{name}"] + {"up": 1.0}.get(name, 3.0)

    graph = ad.trace(f, 1.0)
    assert [ad.evaluate(graph, x) for x in (2.0, -3.0)] == [f(2.0), f(-3.0)]


def test_which_of_two_objects_it_is_is_left_to_paths() -> None:
    """Who asks whether it is this very object is told so."""

    def f(x: Any, y: Any) -> Any:
        bodies = [[x, 1.0], [y, 2.0]]
        nearest = bodies[0]
        for body in bodies:
            if body[0] < nearest[0]:
                nearest = body
        return sum(body[0] * body[1] for body in bodies if body is not nearest)

    graph = ad.trace(f, 1.0, 2.0)
    for point in [(1.0, 2.0), (2.0, 1.0)]:
        assert ad.evaluate(graph, *point) == f(*point)


def played(p: Any) -> Any:
    """Pairs under pairs of texts, and lists under a text."""
    mine, theirs, trust, score = "C", "C", p[0], 0.0
    pay = {("C", "C"): (3.0, 3.1), ("C", "D"): (0.1, 5.0), ("D", "C"): (5.0, 0.2),
           ("D", "D"): (1.0, p[1])}  # fmt: skip
    table = {"C": [0.1, p[1]], "D": [p[2], 2.0]}
    for k in range(15):
        x, y = pay[mine, theirs]
        low, high = table[mine]
        score += x * 0.9**k + 0.1 * y + low * high
        trust = 0.8 * trust + (0.2 if theirs == "C" else 0.05)
        mine = "C" if trust > 0.45 else "D"
        theirs = "D" if k % 3 == 1 else mine
    return score * trust


def test_tuples_and_lists_are_found_under_texts_that_branches_choose() -> None:
    """Also where a key is made of several."""
    for at in (np.array([0.4, 0.7, 1.1]), np.array([0.9, 0.2, 0.3])):
        graph = trace_loops(5000, played, at)
        assert graph is not None
        for other in (at, at * 0.5):
            assert ad.evaluate(graph, other) == pytest.approx(float(played(other)), rel=1e-12)
