"""Tuples, lists and objects of users' classes: chosen by a branch, and made anew by repetitions."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pytest

import autodiff as ad
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.trace.trace import trace_loops

N = 40


class Named(NamedTuple):
    """A place and a speed."""

    x: Any
    v: Any


@dataclass
class State:
    """The same, as an object."""

    x: Any
    v: Any


@dataclass(frozen=True, slots=True)
class Slotted:
    """The same, without a dict."""

    x: Any
    v: Any


class Vector:
    """Two numbers that are added."""

    def __init__(self, x: Any, y: Any) -> None:
        self.x, self.y = x, y

    def __add__(self, other: Any) -> Vector:
        return Vector(self.x + other.x, self.y + other.y)

    def __mul__(self, factor: Any) -> Vector:
        return Vector(self.x * factor, self.y * factor)


class Body:
    """It holds vectors."""

    def __init__(self, place: Any, speed: Any) -> None:
        self.place, self.speed = place, speed

    def step(self) -> None:
        """Both are other vectors now."""
        self.speed = self.speed + self.place * -0.1
        self.place = self.place + self.speed * 0.1


def in_tuples(x: Any, v: Any) -> Any:
    """A tuple is another one on one side."""
    s = (x, v)
    for _ in range(N):
        s = (s[0] + 0.1 * s[1], s[1] - 0.1 * s[0])
        if s[0] > 0.5:
            s = (s[0], 0.8 * s[1])
    return s[0] * s[1]


def in_named_tuples(x: Any, v: Any) -> Any:
    """The same with names."""
    s = Named(x, v)
    for _ in range(N):
        s = Named(s.x + 0.1 * s.v, s.v - 0.1 * s.x)
        if s.x > 0.5:
            s = s._replace(v=0.8 * s.v)
    return s.x * s.v


def in_objects(x: Any, v: Any, kind: Any = State) -> Any:
    """The same with objects."""
    s = kind(x, v)
    for _ in range(N):
        s = kind(s.x + 0.1 * s.v, s.v - 0.1 * s.x)
        if s.x > 0.5:
            s = replace(s, v=0.8 * s.v)
    return s.x * s.v


def in_slots(x: Any, v: Any) -> Any:
    """The same without dicts."""
    return in_objects(x, v, Slotted)


def in_lists(x: Any, v: Any) -> Any:
    """A list takes the place of another where it is better."""
    best, total = [x, v], 0.0
    for k in range(N):
        tried = [one + 0.3 * math.sin(k + i) for i, one in enumerate(best)]
        if sum(a * a for a in tried) < sum(a * a for a in best):
            best = tried
        total += best[0] * best[1] + best[0]
    return total


def in_vectors(x: Any, v: Any) -> Any:
    """Objects whose operators make others, in an object that changes; those before are kept."""
    body, path = Body(Vector(x, 0.3), Vector(0.0, v)), []
    far = Vector(x, v)
    for k in range(N):
        body.step()
        far = far * 0.9 + body.place * 0.1
        path.append(Vector(body.place.x * 0.1, 0.01 * k))
    return far.x * far.y + body.speed.x + sum(one.x * one.y for one in path)


EVERY = [in_tuples, in_named_tuples, in_objects, in_slots, in_lists, in_vectors]


@pytest.mark.parametrize("function", EVERY)
def test_records_go_from_repetition_to_repetition(function: Any) -> None:
    """The loop stays one, and value and gradient are those of the function everywhere."""
    points = [(0.6, 0.8), (-0.4, 0.3), (1.2, -0.5)]
    looping = trace_loops(20_000, function, *points[0])
    assert looping is not None
    assert len(loops_of(looping)) >= 1
    straight = ad.trace(function, *points[0])
    for point in points:
        h = 1e-6
        slopes = [
            (function(point[0] + h, point[1]) - function(point[0] - h, point[1])) / (2 * h),
            (function(point[0], point[1] + h) - function(point[0], point[1] - h)) / (2 * h),
        ]
        for graph in (straight, looping):
            assert ad.evaluate(graph, *point) == pytest.approx(function(*point), rel=1e-12)
            got = ad.evaluate(ad.gradient(graph), *point)
            assert np.ravel(got) == pytest.approx(slopes, rel=1e-6, abs=1e-7)


def changed_behind(x: Any, v: Any) -> Any:
    """The one of two that a variable holds is changed: by another name it is read."""
    first, second = State(x, v), State(v, x)
    one = first if x > v else second
    one.x = one.x * 3.0
    return first.x + 10.0 * second.x


def changed_list(x: Any, v: Any) -> Any:
    """A list that was there on one side is changed under its other name."""
    given = [x, v]
    held = given
    if x > v:
        held = [v, v]
    given[0] = 5.0 * x
    return held[0] * held[1]


@pytest.mark.parametrize("function", [changed_behind, changed_list])
def test_changes_reach_the_object_that_it_is(function: Any) -> None:
    """What stands for two objects does not come between them and those who change them."""
    graph = ad.trace(function, 0.6, 0.8)
    for point in [(0.6, 0.8), (0.8, 0.6)]:
        assert ad.evaluate(graph, *point) == pytest.approx(function(*point), rel=1e-14)
