"""Loops that are left early: in one trace, with a flag for what is left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.run.roll.parted import parted
from autodiff.trace.trace import trace_loops
from codegen import compile_gradient

N = 60
D = np.sin(np.arange(300.0))
POINTS = [np.array(p) for p in ([0.7, 0.3, 0.45], [0.2, 0.9, -0.3], [1.5, 0.2, 1.0])]


def break1(p: Any) -> Any:
    """A break on what the loop computes."""
    s = p[0]
    for _ in range(N):
        s = s * 1.1
        if s > 2.0:
            break
    return s


def break2(p: Any) -> Any:
    """A break that does something first, an else, and the index behind."""
    s = p[0]
    for i in range(N):  # noqa: B007  # read behind
        if s > 2.0:
            s = s + 1
            break
        s = s * 1.1 + p[1] * 0.1
    else:
        s = s - 5
    return s * i


def newton(p: Any) -> Any:
    """Newton's method in a bounded loop."""
    x = p[0] + 1
    for _ in range(N):
        xn = 0.5 * (x + p[1] / x)
        if abs(xn - x) < 1e-12:
            break
        x = xn
    return x


def newton2(p: Any) -> Any:
    """Newton's method that goes on until it is there."""
    x = p[0] + 1
    while True:
        d = (x * x - p[1]) / (2 * x)
        x = x - d
        if abs(d) < 1e-10:
            break
    return x


def ret1(p: Any) -> Any:
    """A return from a loop."""
    s = p[0]
    for _ in range(N):
        s = s * 1.1 + p[1] * 0.1
        if s > 2.0:
            return s * p[2]
    return -s


def ret2(p: Any) -> Any:
    """A return from a loop in a loop."""
    for i in range(20):
        for j in range(5):
            if p[0] * i + p[1] * j > 3.0:
                return p[0] * j + p[2] * i
    return p[2]


def ret3(p: Any) -> Any:
    """Two returns from a loop over data."""
    x = p[0]
    for d in D[:N]:
        x = x + d * p[1]
        if x < -1:
            return x * x
        if x > 1.2:
            return x * p[2]
        x = x * 0.99
    return x


def two(p: Any) -> Any:
    """Two breaks."""
    s = p[0]
    k = 0.0
    for _ in range(N):
        if s > 3:
            break
        s = s + 0.1
        if k > 2.5 * p[2]:
            break
        k = k + 0.1
    return s * k


def nest(p: Any) -> Any:
    """A break in each of two loops."""
    t = 0.0
    for i in range(20):
        s = p[0] * i * 0.1
        for _ in range(30):
            s = s * 1.1 + 0.01
            if s > 1.0:
                break
        t = t + s
        if t > 15 * p[1]:
            break
    return t


def cont_break(p: Any) -> Any:
    """Repetitions that are left out, and a break."""
    s = p[0]
    for i in range(N):
        if i % 3 == 0:
            continue
        if s > 2:
            break
        s = s * 1.2
    return s


def plain(p: Any) -> Any:
    """A break on the index."""
    s = p[0]
    for i in range(N):
        if i > 10:
            break
        s = s * 1.1
    return s * i


def find(p: Any) -> Any:
    """A search."""
    for i in range(N):
        if D[i] * p[0] > 0.5:
            break
    return p[1] * p[0] + p[2]


def whileb(p: Any) -> Any:
    """A while with a break."""
    x = p[0]
    n = 0
    while x < 5:
        x = x * 1.5
        if x > 3 * p[2]:
            break
        n += 1
    return x * n


def tried(p: Any) -> Any:
    """A quotient that is tried, in a loop that is left."""
    x = p[0]
    for _ in range(N):
        before = x
        try:
            share = p[1] / (x + p[2])
        except (ZeroDivisionError, OverflowError):
            share = 0.0
        x = 0.5 * x + 0.1 * share
        if abs(x - before) < 1e-3:
            break
    return x


PROGRAMS = [
    tried,
    break1,
    break2,
    newton,
    newton2,
    ret1,
    ret2,
    ret3,
    two,
    nest,
    cont_break,
    plain,
    find,
    whileb,
]


def by_values(program: Callable[[Any], Any], point: Any) -> tuple[float, Any]:
    """Value and gradient along the path that the numbers take."""
    given = np.array([ad.Value(float(x)) for x in point], dtype=object)
    result = program(given)
    result.backward()
    return result.data, np.array([x.grad for x in given])


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("loops", [False, True])
def test_the_path_that_is_taken_counts(program: Callable[[Any], Any], loops: bool) -> None:
    """Value and gradient are those of the repetitions that run, unrolled and as a loop."""
    graph = ad.trace(program, POINTS[0])
    if loops:
        whole = trace_loops(20_000, program, POINTS[0])
        assert whole is not None
        graph = parted(whole)
        assert loops_of(graph) or program in (newton2, whileb)
    gradient = ad.gradient(graph)
    for point in POINTS:
        expected, slopes = by_values(program, point)
        assert ad.evaluate(graph, point) == pytest.approx(expected, rel=1e-11)
        found = ad.evaluate(gradient, point)
        assert np.allclose(found, slopes, rtol=1e-9, atol=1e-11)


def long_break(p: Any) -> Any:
    """Hundreds of elements, of which a few are gone over."""
    x = np.linspace(0.0, 1.0, 300)
    total = 0.0
    for k in range(300):
        total = total + p[0] * x[k]
        if total > p[1]:
            break
    return total * p[2]


@pytest.mark.parametrize("target", ["python", "numpy"])
def test_hundreds_of_elements(target: str) -> None:
    """A break costs a flag, not a path."""
    gradient = compile_gradient(long_break, POINTS[0], target=target)
    for point in POINTS:
        expected, slopes = by_values(long_break, point)
        value, found = gradient(point)
        assert value == pytest.approx(expected, rel=1e-11)
        assert np.allclose(found, slopes, rtol=1e-10)


def test_a_return_of_nothing_is_left_to_paths() -> None:
    """What is no number cannot meet one; the paths are few."""

    def f(x: Any) -> Any:
        for k in range(3):
            if x > k:
                return "above" if x is None else x * k
        return x

    graph = ad.trace(f, 0.5)
    for x in (0.5, 2.5, -1.0):
        assert ad.evaluate(graph, x) == f(x)


for _TURN in range(2):
    if _TURN == 1:
        break

    def in_a_loop(x: float) -> float:
        """A function with a branch, defined where the file itself repeats."""
        return x * x if x > 0.0 else -x


def test_a_function_inside_a_loop_of_its_file() -> None:
    """The loop of the file around a function, which ends early, is no hindrance."""
    assert ad.grad(in_a_loop)(3.0) == 6.0
    assert ad.evaluate(ad.trace(in_a_loop, 3.0), -2.0) == 2.0


def test_what_is_tried_of_plain_numbers_is_handled_as_written() -> None:
    """A loop whose own number is divided by stays with numbers: Python raises, and handles it."""

    def shares(x: float) -> float:
        total = 0.0
        for i in range(5):
            try:
                share = 1 / i
            except ZeroDivisionError:
                share = 0.25
            total = total + share * x
        return total

    assert ad.value_and_grad(shares)(0.7) == pytest.approx((shares(0.7), shares(1.0)))
