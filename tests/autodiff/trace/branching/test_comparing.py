"""Functions that compare what they are given by a key, and the methods of lists that compare."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.trace.trace import trace_loops
from codegen import compile_gradient

P = np.array([1.313, 0.431])
ELSEWHERE = np.array([-0.877, 2.213])
FEW, MANY = 5, 15


@dataclass
class Point:
    """A record."""

    x: Any
    y: Any


def _waves(p: Any, n: int) -> tuple[list[Any], list[Any]]:
    xs = [p[0] * math.sin(1.7 * i + p[1]) + 0.1 * i for i in range(n)]
    return xs, [p[1] * math.cos(i) + p[0] for i in range(n)]


def of_index(p: Any, n: int) -> Any:
    """Where the largest is, and another."""
    xs, ys = _waves(p, n)
    return ys[xs.index(max(xs))] * xs[xs.index(xs[2])] + xs.index(min(xs)) * p[0]


def of_places(p: Any, n: int) -> Any:
    """The best place, by a key."""
    xs, ys = _waves(p, n)
    best, worst = (
        max(range(n), key=lambda i: xs[i] * ys[i]),
        min(range(1, n, 2), key=xs.__getitem__),
    )
    return ys[best] * xs[worst] + best * p[1]


def of_items(p: Any, n: int) -> Any:
    """The nearest of some pairs, and of some numbers."""
    xs, ys = _waves(p, n)
    x, y = min(zip(xs, ys, strict=True), key=lambda one: (one[0] - p[1]) ** 2 + one[1] ** 2)
    return x * y + min(xs, key=lambda one: abs(one - p[0])) ** 2 + max(xs, key=abs)


def in_order(p: Any, n: int) -> Any:
    """Numbers, pairs and places in order."""
    xs, ys = _waves(p, n)
    pairs = [*zip(xs, ys, strict=True)]
    pairs.sort(key=lambda one: one[0], reverse=True)
    order = sorted(range(n), key=lambda i: ys[i])
    xs.sort()
    total = sum(0.8**k * x for k, x in enumerate(xs)) + sum(
        0.7**k * y for k, (_, y) in enumerate(pairs)
    )
    return total + sum(0.6**k * pairs[i][0] * i for k, i in enumerate(order))


def of_objects(p: Any, n: int) -> Any:
    """Objects, also one that is changed, and names."""
    xs, ys = _waves(p, 4)
    points = [Point(x, y) for x, y in zip(xs, ys, strict=True)]
    best = max(points, key=lambda one: one.x + one.y)
    value = best.x * best.y
    min(points, key=lambda one: one.x).y += n
    score = {"low": p[0] * p[1], "mid": p[0] - p[1], "high": p[1] ** 2}
    name = max(score, key=lambda one: score[one])
    return (
        value + sum(one.x * one.y for one in points) + {"low": 1.0, "mid": 2.0, "high": 3.0}[name]
    )


def of_counts(p: Any, n: int) -> Any:
    """How often a number is there."""
    xs = [max(x, 0.0) for x in _waves(p, n)[0]]
    return xs.count(0.0) * p[0] + sum(xs)


def of_ranks(p: Any, n: int) -> Any:
    """Back pointers, in loops."""
    score = [p[0], p[1], 0.3]
    for t in range(n):
        given = [max(x - abs(i - j) * p[0] ** 2 for j, x in enumerate(score)) for i in range(3)]
        kept = given.index(max(given))
        score = [x - p[1] * math.sin(t + i) * (i - kept) for i, x in enumerate(given)]
    return score[0] * 2 + score[1] + max(score)


PROGRAMS = [of_index, of_places, of_items, in_order, of_objects, of_counts, of_ranks]


@pytest.mark.parametrize("n", [FEW, MANY])
@pytest.mark.parametrize("f", PROGRAMS)
def test_values_and_gradients_are_those_of_the_program(
    f: Callable[[Any, int], Any], n: int
) -> None:
    """Also where others are the best, whether arrays are whole or not."""

    def of_two(p: Any) -> Any:
        return f(p, n)

    steps = 1e-6 * np.eye(2)
    differences = [(f(ELSEWHERE + h, n) - f(ELSEWHERE - h, n)) / 2e-6 for h in steps]
    for graph in (
        trace_loops(20_000, of_two, P),
        None if f is in_order and n > FEW else ad.trace(of_two, P),
    ):
        for at in (P, ELSEWHERE) if graph else ():
            assert ad.evaluate(graph, at) == pytest.approx(float(f(at, n)), rel=1e-12)
        if graph:
            found = np.asarray(ad.evaluate(ad.gradient(graph), ELSEWHERE)).ravel()
            assert found == pytest.approx(differences, rel=1e-5, abs=1e-5)


def test_what_is_not_there_raises() -> None:
    """``xs.index(x)`` raises what Python does, at the call."""

    def place(p: Any) -> Any:
        xs = [p[0], p[1], 2.0]
        return xs.index(p[0] * p[0]) * p[1]

    df = compile_gradient(place, np.array([1.0, 3.0]))
    value, gradient = df(np.array([1.0, 3.0]))
    assert (value, *gradient) == (0.0, 0.0, 0.0)
    with pytest.raises(ValueError, match="not in the list"):
        df(P)


@pytest.mark.parametrize("place", [0, 5])
def test_nan_is_best_only_if_it_comes_first(place: int) -> None:
    """As Python's comparisons have it, in long lists too."""

    def best(p: Any) -> Any:
        xs = [p[0] * i for i in range(MANY)]
        xs[place] = xs[place] + p[1] - p[1]
        found = max(range(MANY), key=xs.__getitem__) + min(range(MANY), key=xs.__getitem__)
        return found * p[0]

    graph = trace_loops(20_000, best, P)
    assert graph is not None
    for at in (P, np.array([1.5, math.inf])):
        with np.errstate(invalid="ignore"):
            expected = float(best(at))
        assert ad.evaluate(graph, at) == pytest.approx(expected, rel=1e-12)


def test_long_lists_stay_short_texts() -> None:
    """What is sorted and looked for is one array."""

    def tail(p: Any) -> Any:
        xs = _waves(p, 200)[0]
        best = max(range(len(xs)), key=xs.__getitem__)
        return sum(sorted(xs)[10:-10]) + xs[best] * best

    graph = trace_loops(20_000, tail, P)
    assert graph is not None
    assert len(graph.nodes) < 60
    assert ad.evaluate(graph, ELSEWHERE) == pytest.approx(tail(ELSEWHERE), rel=1e-12)
