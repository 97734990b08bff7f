"""The contest: all gradients written by hand are right, and the page says what was measured."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.run.interpret import backpropagate
from codegen.measure.contest.case import Case, SkipError
from codegen.measure.contest.results import Contest, Row
from tests.examples_by_path import example
from tests.figures.contest import by_hand, losses
from tests.figures.contest.chart import draw
from tests.figures.contest.kept import Kept, UnfinishedError
from tests.figures.contest.page import sections
from tests.figures.contest.points import FUNCTIONS, guests
from tests.figures.contest.points_in_numba import BY_HAND
from tests.figures.contest.problems import ARRAYS, GROWING, STEPS, Problem, simulation
from tests.figures.contest.race import _CALM, Result, _unrest, prepared
from tests.figures.simulations import PROGRAMS

_LOSSES = {p.loss: p for p in (*ARRAYS, *STEPS, GROWING["Rosenbrock, n inputs"][0](1000))}


def nudged(problem: Problem, gradient: Callable[..., Any]) -> tuple[float, float]:
    """How the loss changes along a direction, by the gradient and by a difference."""
    draw_, arguments = np.random.default_rng(1), problem.arguments()
    along = [draw_.normal(size=x.shape) for x in arguments[: problem.wrt]]
    loss = partial(problem.loss, np)

    def moved(h: float) -> tuple[Any, ...]:
        parts = [x + h * d for x, d in zip(arguments, along, strict=False)]
        return *parts, *arguments[problem.wrt :]

    value, bars = gradient(*arguments)
    assert value == pytest.approx(loss(*arguments), rel=1e-12)
    bars = bars if isinstance(bars, tuple) else (bars,)
    slope = sum(np.sum(bar * d) for bar, d in zip(bars, along, strict=True))
    h = 1e-7  # few of the kinks lie so near
    return float(slope), float((loss(*moved(h)) - loss(*moved(-h))) / (2.0 * h))


@pytest.mark.parametrize(
    "problem", [p for p in _LOSSES.values() if p.by_hand], ids=lambda p: p.loss.__name__
)
def test_gradients_over_numpy_are_right(problem: Problem) -> None:
    """Along a direction, each gives the slope of its loss."""
    assert problem.by_hand is not None
    slope, difference = nudged(problem, problem.by_hand)
    assert slope == pytest.approx(difference, rel=1e-4)


@pytest.mark.parametrize("heading", GROWING)
def test_all_by_hand_agree_with_ours(heading: str) -> None:
    """NumPy's, numba's and C's numbers are those of machine code; a call each is made."""
    pytest.importorskip("llvmlite")
    names = ("Proofgrad", "Proofgrad, NumPy text", "NumPy by hand", "numba by hand", "C by hand")
    calls, seconds = prepared(GROWING[heading][0](50), names)
    assert {"Proofgrad"} < set(calls) == set(seconds)


@pytest.mark.parametrize("name", PROGRAMS)
def test_simulations_in_c_agree_with_ours(name: str) -> None:
    """The gradients of loops, written backwards by hand."""
    pytest.importorskip("llvmlite")
    prepared(simulation(name, 7), ("Proofgrad", "C by hand"))


def test_whoever_gives_other_numbers_ends_the_contest() -> None:
    """A wrong gradient is named, never timed."""
    pytest.importorskip("llvmlite")

    def wrong(*arguments: Any) -> Any:
        value, bar = by_hand.least_squares(*arguments)
        return value, 1.0001 * bar

    problem = replace(GROWING["least squares, n rows × 10"][0](50), by_hand=wrong)
    with pytest.raises(ValueError, match="NumPy by hand: found numbers that differ by"):
        prepared(problem, ("Proofgrad", "NumPy by hand"))


def test_one_restless_contender_has_not_all_measured_again() -> None:
    """It is restless by itself; where most are, somebody else worked on the machine."""
    calm, restless = [1.0] * 9, [1.0, 2.0, 3.0] * 3
    assert _unrest({"a": calm, "b": calm, "c": restless}) <= _CALM
    assert _unrest({"a": calm, "b": restless, "c": restless}) > _CALM


@pytest.mark.parametrize("name", FUNCTIONS)
def test_points_by_hand_are_right(name: str) -> None:
    """numba's text (as Python) and C give the interpreter's value and gradient."""
    function = getattr(example("benchmark"), name)
    examples = function.__defaults__
    inputs = np.concatenate([np.ravel(x) for x in examples])
    case = Case(str(ad.trace(function, *examples)), tuple(inputs.tolist()), 0)
    value, gradient = backpropagate(case.flat, inputs)
    found = BY_HAND[FUNCTIONS[name]](inputs)
    assert found[0] == pytest.approx(value, rel=1e-12)
    assert np.allclose(found[1], gradient, rtol=1e-10, atol=1e-10)
    for guest in guests(FUNCTIONS[name]):
        if guest.module and find_spec(guest.module) is None:
            continue
        try:
            made = guest.prepare(case) if guest.prepare else None
        except SkipError:
            continue
        assert made is not None
        call, *given = made.call if isinstance(made.call, tuple) else (made.call,)
        found = made.read(call(*given))
        assert np.allclose(found[1], gradient, rtol=1e-10, atol=1e-10)


_RESULT = Result(
    "a problem", {"Proofgrad": 2.0, "JAX jit": 50.0, "C by hand": 3.0}, {"Proofgrad": 1}
)


def test_the_page_shows_every_result() -> None:
    """A row a problem with times and ratios; of what grows, a column a size."""
    text = sections({"Arrays": [_RESULT]}, {"rows": {10: _RESULT, 100: _RESULT}})
    assert "| a problem | 2 µs | 50 µs (25x) | 3 µs (1.5x) | 1 s |" in text
    assert "| JAX jit | 50 µs (25x) | 50 µs (25x) |" in text
    assert text.count("\n## ") == 2


def test_the_chart_is_drawn(tmp_path: Path) -> None:
    """One picture with a row a problem and a panel for each that grows."""
    pytest.importorskip("matplotlib")
    draw({"Arrays": [_RESULT]}, {"rows": {10: _RESULT, 100: _RESULT}}, tmp_path / "chart.svg")
    assert "<svg" in (tmp_path / "chart.svg").read_text("utf-8")


def test_everything_written_for_the_contest_takes_part() -> None:
    """No loss, and no gradient over NumPy, is left out of the table."""
    used = {p.by_hand for p in _LOSSES.values()}
    assert {getattr(by_hand, name) for name in by_hand.__all__} <= used
    assert {getattr(losses, name) for name in losses.__all__} <= set(_LOSSES)


def test_a_stopped_contest_goes_on(tmp_path: Path) -> None:
    """What is measured is kept: another run reads it, and measures nothing twice."""
    path = tmp_path / "kept.json"
    point = Contest("f", 1, 2, 0, (Row("native", call=1.0), Row("JAX jit", note="not installed")))
    kept = Kept(path, math.inf, 3)
    assert kept.row("a problem", lambda: _RESULT) == _RESULT
    assert kept.row("f", lambda: point) == point
    again = Kept(path, 0.0, 3)
    assert again.row("a problem", lambda: pytest.fail("measured again")) == _RESULT
    assert again.row("f", lambda: pytest.fail("measured again")) == point
    with pytest.raises(UnfinishedError, match="2 of 3 rows"):
        again.row("g", lambda: point)
    path.write_text(path.read_text("utf-8").replace('"commit": "', '"commit": "0'), "utf-8")
    with pytest.raises(UnfinishedError, match="0 of 3 rows"):
        Kept(path, 0.0, 3).row("f", lambda: point)
