"""Generators of the user's that end by themselves are recorded as the lists of what they yield."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.run.roll.looped import looped
from codegen import compile_gradient

DATA = [0.1 * i for i in range(300)]


def states(x: Any, a: Any) -> Iterator[Any]:
    """A simulation, with what it begins with."""
    yield 0.0, x
    for i in range(300):
        x = x + 0.01 * np.sin(x) * a
        yield 0.1 * i, x


def smoothed(xs: Iterable[Any], a: Any) -> Iterator[Any]:
    """A filter."""
    mean = 0.0
    for x in xs:
        mean = 0.9 * mean + a * x
        yield mean


class Clock:
    """A simulation whose state is read while it waits."""

    def __init__(self, a: Any) -> None:
        self.x, self.a = 1.0, a

    def run(self) -> Iterator[float]:
        """The times."""
        for i in range(300):
            self.x = self.x + 0.01 * self.a * np.sin(self.x)
            yield 0.1 * i


def of_pairs(a: Any) -> Any:
    """A sum over a simulation."""
    return sum(t * x for t, x in states(1.0, a))


def numbered(a: Any) -> Any:
    """Residuals at some of its times."""
    total = 0.0
    for i, (_, x) in enumerate(states(1.0, a)):
        if i % 4 == 0:
            total = total + (x - 0.1 * i) ** 2
    return total


def one_of_another(a: Any) -> Any:
    """A filter of a filter."""
    return sum(y * y for y in smoothed(smoothed(DATA, a), a))


def neighbours(a: Any) -> Any:
    """Differences of what was listed."""
    ys = list(smoothed(DATA, a))
    return sum((ys[i] - ys[i - 1]) ** 2 for i in range(1, 300))


def from_others(a: Any) -> Any:
    """Generators one after the other."""

    def both() -> Iterator[Any]:
        for k in range(3):
            yield a * k
        yield from smoothed(DATA, a)

    return sum(both())


@pytest.mark.parametrize("function", [of_pairs, numbered, one_of_another, neighbours, from_others])
def test_generators_stay_loops(function: Callable[[Any], Any]) -> None:
    """What they yield is a list that a loop fills; value and slope are the function's."""
    made = looped(function, (0.7,), expand=True)
    assert made is not None
    assert len(made.nodes) < 40
    assert loops_of(made)
    value, slope = ad.backpropagate(made, 0.7)
    assert value == pytest.approx(function(0.7), rel=1e-12)
    step = 1e-4
    about = (function(0.7 + step) - function(0.7 - step)) / (2 * step)
    assert slope == pytest.approx(about, rel=1e-6)


def test_what_is_read_while_a_generator_waits_is_what_it_is_then() -> None:
    """A state that who goes over the generator reads is that of the moment."""

    def read_meanwhile(a: Any) -> Any:
        clock = Clock(a)
        return sum(clock.x * t for t in clock.run())

    df = compile_gradient(read_meanwhile, 0.7)
    assert df(0.7)[0] == pytest.approx(read_meanwhile(0.7), rel=1e-12)


def test_a_count_with_a_break_is_a_while() -> None:
    """``for i in itertools.count()`` ends where its condition says."""

    def until(a: Any) -> Any:
        total = 0.0
        for i in itertools.count(1):
            total = total + a * i
            if total > 5.0:
                break
        return total

    df = compile_gradient(until, 0.9)
    assert df(0.9) == (0.9 * 6, 6.0)
    assert df(0.4) == pytest.approx((6.0, 15.0))


def test_what_has_no_end_is_refused() -> None:
    """An iterator that goes on for ever under a break on a traced value is an error by name."""

    def doubled(a: Any) -> Iterator[Any]:
        while True:
            a = a * 2.0
            yield a

    def until(a: Any) -> Any:
        total = 0.0
        for x in doubled(a):
            if x > 50.0:
                break
            total = total + x
        return total

    with pytest.raises(ad.TraceError, match="no end in sight"):
        compile_gradient(until, 0.9)
