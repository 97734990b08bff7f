from __future__ import annotations

import math
import pickle
import warnings
from typing import Any

import pytest

import autodiff as ad
from autodiff.errors import TraceError
from codegen import compile_gradient
from tests.branching_programs import along_the_path


def root(a):
    """Newton's method until it has converged."""
    x = a
    while abs(x * x - a) > 1e-12 * a:
        x = 0.5 * (x + a / x)
    return x


def clamped(p, v):
    """A loop with a branch inside, whose steps are bounded (a diode's operating point)."""
    x, step = 0.5, 1.0
    while abs(step) > 1e-10:
        current = p * (ad.exp(3.0 * x) - 1.0)
        step = (v - x - current) / (1.0 + 3.0 * p * ad.exp(3.0 * x))
        step = min(step, 0.1)
        x = x + step
    return x * x


def on_one_side(a, b):
    """A loop that one side of a branch has."""
    y = b
    if a > 0.0:
        x = a
        while abs(x * x - a) > 1e-10:
            x = 0.5 * (x + a / x)
        y = x * b
    return y


def after_a_return(a, b):
    """A loop that some paths never reach, with an exception on another."""
    if a < -1.0:
        raise ValueError("too small")
    while b > 1.0:
        b = b * 0.5 + 0.1 * a
    return a * b


def slow(a):
    """As many repetitions as a number is large."""
    x = a
    while x > 1.0:
        x = 0.998 * x
    return x


def stepped(a):
    """An implicit step of a differential equation, again and again, each solved by a loop."""
    x = a
    for _ in range(20):
        y, r = x, 1.0
        while abs(r) > 1e-12:
            r = y - x + 0.1 * y**3
            y = y - r / (1.0 + 0.3 * y**2)
        x = y
    return x


@pytest.mark.parametrize("target", ["python", "numpy", "native"])
def test_a_loop_until_convergence(target: str) -> None:
    """Values and derivatives are those of the repetitions that a point needs."""
    df = compile_gradient(root, 2.0, target=target)
    for a in (2.0, 0.5, 3.0, 9.0, 1e100):
        assert df(a) == pytest.approx((math.sqrt(a), 0.5 / math.sqrt(a)), rel=1e-12)
    assert df.verdict == "CERTIFIED"
    assert len(df.source.splitlines()) < 120


@pytest.mark.parametrize("target", ["python", "numpy", "native"])
def test_a_loop_in_a_loop(target: str) -> None:
    """A loop that repeats until convergence is one loop inside another."""
    df = compile_gradient(stepped, 0.9, target=target)
    for a in (0.9, 0.4, -1.3):
        value, slope = df(a)
        assert [value, slope] == pytest.approx(along_the_path(stepped, (a,)), rel=1e-10)
    assert df.verdict.value.startswith("CERTIFIED")
    assert len(df.source.splitlines()) < 220


@pytest.mark.parametrize(
    ("function", "points"),
    [
        (clamped, [(0.01, 2.0), (0.05, 1.0), (0.01, 0.5)]),
        (on_one_side, [(2.0, 3.0), (-4.0, 3.0), (5.0, 1.0)]),
        (after_a_return, [(0.2, 5.0), (0.2, 0.5), (-0.5, 3.0)]),
    ],
)
def test_loops_inside_branches_and_branches_inside_loops(function: Any, points: Any) -> None:
    """One trace serves points that repeat more or less often, or never."""
    graph = ad.trace(function, *points[0])
    for point in points:
        value, gradient = ad.backpropagate(graph, *point)
        assert [value, *gradient] == pytest.approx(along_the_path(function, point), rel=1e-12)


@pytest.mark.parametrize("target", ["python", "numpy", "native"])
def test_more_repetitions_than_were_compiled_are_an_error(target: str) -> None:
    """The call says which loop goes on, and what to do; it never gives a number cut off."""
    df = compile_gradient(slow, 2.0, target=target, check=False)
    line = slow.__code__.co_firstlineno + 3
    for one in (df, pickle.loads(pickle.dumps(df))):
        assert one(6.0)[0] == slow(6.0)
        with pytest.raises(ad.TraceError, match=rf"test_while_loops.py:{line}: .*repeats more"):
            one(9.0)
    assert math.isnan(ad.evaluate(ad.trace(root, 2.0), 1e200))


def test_a_side_that_does_not_run_a_loop_cannot_exceed_it() -> None:
    """A loop that would not end on the other side is no error on this one."""
    df = compile_gradient(on_one_side, 2.0, 1.0, check=False)
    assert df(-4.0, 3.0) == (3.0, (0.0, 1.0))


def test_second_derivatives_of_a_loop() -> None:
    """The derivative of the derivative of a root is that of the root."""
    assert ad.grad(ad.grad(root))(2.0) == pytest.approx(-0.25 * 2.0**-1.5, rel=1e-9)


def test_plain_loops_stay_as_they_are() -> None:
    """A ``while`` on numbers of Python's own repeats as Python does, beside branches."""

    def f(x):
        n, total = 0, 0.0
        while n < 5:
            n += 1
            if x > n:
                total = total + x * n
        return total

    graph = ad.trace(f, 2.5)
    for x in (2.5, 0.5, 9.0):
        assert ad.evaluate(graph, x) == pytest.approx(f(x))


def test_a_loop_without_an_end_is_refused() -> None:
    """It is named before it runs; one that something leaves is not."""

    def endless(x: Any) -> Any:
        while True:
            for _ in range(3):
                break
            x = 0.5 * x

    with pytest.raises(TraceError, match=r"test_while_loops.py:\d+: this loop has no end"):
        ad.trace(endless, 1.0)

    def left(x: Any) -> Any:
        steps = iter([2.0, 3.0])
        try:
            while True:
                x = x * next(steps)
        except StopIteration:
            return x

    assert ad.evaluate(ad.trace(left, 1.0), 1.5) == 9.0


def test_a_coroutine_is_refused_before_it_waits() -> None:
    """An ``async def`` is an error that says so, without a warning that nobody awaited it."""

    async def waits(x: float) -> float:
        return x

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(TraceError, match="found a coroutine function"):
            ad.trace(waits, 1.0)
