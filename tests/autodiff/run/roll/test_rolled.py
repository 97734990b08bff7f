"""Traces of ordinary loops are rolled into loops, arrays and sums with the same values."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import autodiff as ad
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.run.roll.large import LARGE, rolled_if_large
from autodiff.run.roll.rolled import roll
from autodiff.run.whole.scalarize import scalarize
from autodiff.trace.trace import trace_repeating
from tests.random_programs import RandomProgram, programs

DATA = np.sin(np.arange(400.0))


def pendulum(p: Any) -> Any:
    """Runge and Kutta's method with a function for the slope."""
    angle, speed, step = p[0], p[1], 0.01

    def slope(a: Any, b: Any) -> Any:
        return b, -p[2] * np.sin(a) - 0.1 * b

    for _ in range(300):
        k1 = slope(angle, speed)
        k2 = slope(angle + step / 2 * k1[0], speed + step / 2 * k1[1])
        k3 = slope(angle + step / 2 * k2[0], speed + step / 2 * k2[1])
        k4 = slope(angle + step * k3[0], speed + step * k3[1])
        angle = angle + step / 6 * (k1[0] + 2 * k2[0] + 2 * k3[0] + k4[0])
        speed = speed + step / 6 * (k1[1] + 2 * k2[1] + 2 * k3[1] + k4[1])
    return angle * angle + speed


def garch(p: Any) -> Any:
    """A likelihood: a recurrence, and a sum over it."""
    h, total = p[0] / (1.0 - p[1]), 0.0
    for r in DATA:
        h = p[0] + p[1] * r * r + p[2] * h
        total += np.log(h) + r * r / h
    return total


def kalman(p: Any) -> Any:
    """A filter of two states, written out."""
    x0, x1, total = 0.0, 0.0, 0.0
    a, b, c = p[0], 0.0 * p[0], p[0]
    for z in DATA:
        x0 = x0 + x1
        an, bn, cn = a + 2 * b + c + p[1], b + c, c + p[1]
        s, e = an + p[2], z - x0
        total = total - 0.5 * (np.log(s) + e * e / s)
        k0, k1 = an / s, bn / s
        x0, x1 = x0 + k0 * e, x1 + k1 * e
        a, b, c = (1 - k0) * an, (1 - k0) * bn, cn - k1 * bn
    return total


def hidden(p: Any) -> Any:
    """A hidden Markov model, whose rows are chosen by data."""
    seen = (np.arange(300) * 7 % 11 > 4).astype(int)
    rows = [[p[2], 1 - p[2]], [1 - p[1], p[1]]]
    a = [0.5 * rows[0][seen[0]], 0.5 * rows[1][seen[0]]]
    for o in seen[1:]:
        a = [
            (a[0] * p[0] + a[1] * (1 - p[1])) * rows[0][o] * 1.7,
            (a[0] * (1 - p[0]) + a[1] * p[1]) * rows[1][o] * 1.7,
        ]
    return np.log(a[0] + a[1])


def filled(p: Any) -> Any:
    """An array that is filled element by element, and a difference of neighbours."""
    y = np.zeros(300)
    for i in range(300):
        y[i] = p[0] * np.exp(-p[1] * 0.01 * i) + p[2]
    return np.sum((y[1:] - y[:-1]) ** 2) + y[7]


def back(p: Any) -> Any:
    """A list that grows, of which each element needs the last two."""
    xs = [p[0], p[1]]
    for i in range(2, 300):
        xs.append(0.5 * np.sin(xs[-1]) + 0.3 * xs[-2] * p[2] + 0.001 * i)
    return xs[-1] + xs[150]


FUNCTIONS: list[Callable[[Any], Any]] = [pendulum, garch, kalman, hidden, filled, back]
POINT = np.array([0.3, 0.2, 0.6])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_simulations_become_small(function: Callable[[Any], Any]) -> None:
    """Hundreds of repetitions are a few dozen nodes, and so is their gradient."""
    every = trace_repeating(function, POINT)
    made = roll(every)
    assert made is not None
    ad.check(made)
    assert ad.parse(str(made)) == made
    assert len(made.nodes) < 60
    straight = ad.trace(function, POINT)
    assert ad.evaluate(made, POINT) == pytest.approx(ad.evaluate(straight, POINT), rel=1e-13)
    gradient = ad.gradient(made)
    assert len(gradient.nodes) < 150
    expected = ad.evaluate(ad.gradient(straight), POINT)
    assert np.allclose(ad.evaluate(gradient, POINT), expected, rtol=1e-11, atol=1e-13)


@settings(max_examples=60, deadline=None)
@given(programs())
def test_random_programs(program: RandomProgram) -> None:
    """Expanded again, a rolled graph is the trace: in value and gradient."""
    example = program.example
    straight = ad.trace(program, example)
    made = roll(trace_repeating(program, example))
    if made is None:
        return
    ad.check(made)
    again = scalarize(made)
    for one, other in ((straight, again), (ad.gradient(straight), ad.gradient(made))):
        expected, found = ad.evaluate(one, example), ad.evaluate(other, example)
        assert np.allclose(found, expected, rtol=1e-11, atol=1e-12)


def test_a_loop_without_sums_keeps_every_bit() -> None:
    """A recurrence is computed in the order of the program."""
    made = roll(trace_repeating(pendulum, POINT))
    assert made is not None
    assert ad.evaluate(made, POINT) == ad.evaluate(ad.trace(pendulum, POINT), POINT)


def smoothed(p: Any) -> Any:
    """A recurrence of vectors and matrices."""
    turn, state, total = np.array([[0.9, 0.2], [-0.2, 0.9]]), p[:2], 0.0
    for z in DATA[:120]:
        state = turn @ state + np.array([z, 0.1]) * p[2]
        total = total + np.sum(np.tanh(state) ** 2)
    return total


def test_matrices_and_vectors_are_carried() -> None:
    """Where arrays are whole, so are the carries of the loop."""
    made = roll(trace_repeating(smoothed, POINT, expand=False))
    assert made is not None
    ad.check(made)
    assert len(made.nodes) < 30
    straight = ad.trace(smoothed, POINT)
    assert ad.evaluate(made, POINT) == pytest.approx(ad.evaluate(straight, POINT), rel=1e-13)
    expected = ad.evaluate(ad.gradient(straight), POINT)
    assert np.allclose(ad.evaluate(ad.gradient(made), POINT), expected, rtol=1e-11)


def test_a_number_that_arrays_are_added_to() -> None:
    """The carry is an array from the start: the number at every place."""

    def f(x: Any) -> Any:
        total = 0.0
        for k in range(1, 60):
            total = total + np.exp(-0.1 * k * x) * np.cosh(0.05 * k * x)
        return np.sum(total)

    x = np.linspace(0.5, 2.0, 20)
    made = roll(trace_repeating(f, x, expand=False))
    assert made is not None
    ad.check(made)
    assert loops_of(made)
    assert ad.evaluate(made, x) == pytest.approx(f(x), rel=1e-14)


def test_what_does_not_depend_on_the_repetition_stands_before_the_loop() -> None:
    """An invariant is computed once, elements at once, and the loop holds what is left."""

    def f(p: Any, x: Any) -> Any:
        c = 0.0
        for i in range(100):
            rate = np.exp(p)
            c = c * rate + np.sin(x[i])
        return c

    made = roll(trace_repeating(f, 0.3, DATA[:100]))
    assert made is not None
    (loop,) = {id(g): g.loop for g in loops_of(made).values()}.values()
    names = [p.name for _, p, _ in loop.body.operations()]
    assert sorted(names) == ["add", "mul"]


def test_nothing_repeats() -> None:
    """A straight function is left alone."""
    assert roll(trace_repeating(lambda x: x * np.sin(x) + np.exp(x), 0.5)) is None


def test_small_traces_stay_as_they_are() -> None:
    """Below some thousands of nodes nothing is rolled; above, what repeats is."""
    small = ad.trace(back, POINT)
    assert rolled_if_large(back, small, (POINT,)) is small
    large = ad.trace(pendulum, POINT)
    assert len(large.nodes) > LARGE
    assert not rolled_if_large(pendulum, large, (POINT,)).expanded


def test_many_arguments_are_not_rolled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the arguments alone are too many nodes, nothing is looked for."""
    monkeypatch.setattr("autodiff.run.roll.large.roll", lambda graph: pytest.fail("looked"))
    numbers = [0.5] * (LARGE // 2)

    def chain(*x: Any) -> Any:
        return sum(a * b for a, b in itertools.pairwise(x))

    graph = ad.trace(chain, *numbers)
    assert rolled_if_large(chain, graph, numbers) is graph


def test_names_are_those_of_one_repetition() -> None:
    """Carries are called as the user calls them."""
    made = roll(trace_repeating(garch, POINT))
    assert made is not None
    (loop,) = {id(g): g.loop for g in loops_of(made).values()}.values()
    assert loop.body.parameters[0][0] == "h"
