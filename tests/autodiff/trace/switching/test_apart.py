"""Switches that never tie together need nothing for ties: their text stays short."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.trace.switching import ties
from codegen import compile_gradient


def tax(x: float) -> float:
    """Three brackets, by branches."""
    if x < 10.0:
        return 0.1 * x
    return 1.0 + 0.2 * (x - 10.0) if x < 40.0 else 7.0 + 0.4 * (x - 40.0)


def noted(function: Any, *example: Any) -> tuple[Any, ...]:
    """Where the gradient of a function has to be settled."""
    limits = ad.gradient(ad.trace(function, *example)).limits
    return () if limits is None else limits.places


# What stands alone, and its neighbours that do not.
APART: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (tax, (20.0,)),
    (lambda x, y: abs(x) + abs(y), (1.0, 2.0)),
    (lambda w: np.sum(np.abs(w)) + np.sum(w * w), (np.ones(3),)),
    (lambda x, y: max(x, 0.0) * max(y, 0.0), (1.0, 2.0)),
    (lambda x: max(x - 9.0, 0.0) - 2.0 * max(x - 10.0, 0.0) + max(x - 11.0, 0.0), (9.5,)),
    (lambda x: np.maximum(np.minimum(0.5 * x, 1.0), 0.0), (0.5,)),
    (lambda x: abs(max(2.0 * x - 1.0, 0.0) - 1.0), (0.7,)),
    (lambda x: np.sum(np.where(np.abs(x) > 9.0, (np.abs(x) - 9.0) ** 4, 0.0)), (np.ones(2),)),
    (lambda x, y, z: max(x, y) + abs(1.0 - z / 3.0), (0.7, 0.2, 1.0)),
]
MEETING: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (lambda x: np.minimum(x, 40.0) + np.maximum(x - 40.0, 0.0), (20.0,)),
    (lambda x: np.maximum(x, 0.0) - np.maximum(-x, 0.0), (1.0,)),
    (lambda x: np.maximum(2.0 * x, 2.0) + np.maximum(1.0 - x, 0.0), (0.7,)),
    (lambda x, k, m: max(x - k, 0.0) - 2.0 * max(x - m, 0.0), (3.0, 1.0, 2.0)),
    (lambda x: np.maximum(np.minimum(x, 1.0), 1.0) + x, (0.5,)),
    (lambda x: np.maximum(x, 1.0) * np.maximum(x, 1.0 + 1e-12), (0.5,)),
    (lambda x: np.where(np.abs(x) > 0.0, x, 0.0) + np.where(x > 3.0, x, 0.0), (0.5,)),
    (np.clip, (0.5, 0.0, 1.0)),
    (lambda x, y: max(x, y) + abs(1.0 - x / 3.0), (0.7, 0.2)),
    (lambda x: np.where(x * x > 1.0, x, 0.0) + np.where(x > 3.0, x, 0.0), (0.5,)),
    (lambda x, y: np.sign(x) * y + abs(y), (0.5, 1.0)),
]


@pytest.mark.parametrize(("function", "example"), APART)
def test_nothing_is_noted_of_switches_that_never_meet(function: Any, example: Any) -> None:
    """The text says nothing about ties."""
    source = compile_gradient(function, *example).source
    assert "_settled" not in source
    assert len(source.splitlines()) < 140


@pytest.mark.parametrize(("function", "example"), MEETING)
def test_switches_that_may_meet_are_settled(function: Any, example: Any) -> None:
    """One place, numbers that rounding may join, bounds that hold on a whole side, guards."""
    assert noted(function, *example)


def test_a_long_chain_is_not_looked_through() -> None:
    """What is done to a number by numbers is undone for some steps, never for thousands."""

    def steps(x: Any) -> Any:
        total = 0.0
        for _ in range(200):
            x = 0.75 * x + 0.125
            total = total + ad.relu(x)
        return total

    assert noted(steps, 1.0)


def test_the_derivative_at_ties_is_the_settled_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Random functions of kinks give at ties what they give if every place is noted."""
    rng, compared = random.Random(7), 0

    def term(depth: int) -> str:
        if depth == 0:
            return rng.choice(["x", "y", "z", "2.0"])
        one, number = term(depth - 1), rng.choice(["0.0", "1.0", "-1.0", "0.5"])
        forms = [
            f"ad.maximum({one}, {number})",
            f"ad.minimum({one}, {number})",
            f"abs({one} - {number})",
            f"ad.clip({one}, -1.0, 1.0)",
            f"ad.relu({one}) * {term(depth - 1)}",
            f"({one} * {number} + {term(depth - 1)})",
            f"ad.maximum({one}, {term(depth - 1)})",
        ]
        return rng.choice(forms)

    for _ in range(25):
        text = " + ".join(term(rng.choice([1, 2])) for _ in range(3))
        function = eval(f"lambda x, y, z: {text}", {"ad": ad})
        apart = compile_gradient(ad.trace(function, 0.3, 0.7, -0.4), check=False)
        with monkeypatch.context() as patch:
            patch.setattr(ties, "meeting_none", lambda *_: set())
            noted = compile_gradient(ad.trace(function, 0.3, 0.7, -0.4), check=False)
            expected = {p: noted(*p) for p in itertools.product((0.0, 1.0, -1.0), repeat=3)}
        compared += noted.source != apart.source
        for point, (value, slopes) in expected.items():
            assert apart(*point)[0] == value
            assert apart(*point)[1] == pytest.approx(slopes, rel=1e-12), (text, point)
    assert compared > 5
