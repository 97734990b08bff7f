"""SymPy's derivative beside the text over a field: right ones agree, wrong ones never do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient
from tests.verify.ladder.test_ladder import black_scholes, kepler
from verify import Verdict, verify_gradient
from verify.beside.mutants import mutants
from verify.ladder.ladder import subject_and_points
from verify.rungs.identity import Identity
from verify.rungs.process.job import Job


def identity(function: Callable[..., Any], *point: float, gradient: Any = None) -> Any:
    """What the field says, after points on some sides."""
    subject, points = subject_and_points(function, point, gradient)
    job = Job(subject.message(points, 0, False))
    while job.point():
        pass
    return job.identity()


def huber(r: Any) -> Any:
    """Quadratic near zero, linear far away, element by element."""
    return np.sum(np.where(np.abs(r) <= 1.0, 0.5 * r**2, np.abs(r) - 0.5))


@pytest.mark.parametrize(("far", "is_right"), [(1.0, True), (1.5, False)])
def test_a_number_is_proven_on_the_sides_that_it_rests_on(far: float, is_right: bool) -> None:
    """The three elements have 27 sides, and each derivative three."""
    at = (np.array([0.1, 1.2, -3.0]),)
    subject, points = subject_and_points(huber, at, lambda r: np.clip(r, -far, far))
    job = Job(subject.message(points, 0, False))
    assert [job.on_sides(place, subject.truth.to_json()) for place in range(3)] == [is_right] * 3


RIGHT: list[tuple[Callable[..., Any], tuple[float, ...], int]] = [
    (lambda x, y: x * ad.sin(y) / (x + y), (1.0, 2.0), 0),
    (black_scholes, (100.0, 95.0, 0.05, 0.2, 1.0), 0),
    (kepler, (1.0, 0.3), 0),
    (lambda x, y: ad.sqrt(x * y) ** 3 + x**2.5 * y, (0.3, 0.4), 0),
    (lambda x: ad.tanh(x) * ad.sigmoid(0.1 * x), (0.3,), 0),
    (lambda x, y: np.maximum(x, y) * np.where(x > 0.0, np.exp(x), y), (0.3, 0.4), 4),
]


@pytest.mark.parametrize(("function", "point", "sides"), RIGHT)
def test_right_gradients_agree(
    function: Callable[..., Any], point: tuple[float, ...], sides: int
) -> None:
    """Value and derivatives agree, with a tiny chance of an accident, on so many sides at least."""
    chances, on = identity(function, *point)
    assert all(chance <= 1e-12 for chance in chances)
    assert on >= sides


@pytest.mark.parametrize("seed", ["178", "266", "838", "1"])
def test_few_points_with_roots_are_no_difference(
    seed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two roots want 97 points, a quarter of all have both: of 500 sometimes fewer than that."""
    monkeypatch.setattr("verify.rungs.identity.random_prime", lambda bits, _=0: 2**bits - 1)
    function, point, _ = RIGHT[3]
    subject, points = subject_and_points(function, point, None)
    job = Job(subject.message(points, 0, False) | {"seed": seed})
    while job.point():
        pass
    assert None not in job.identity()[0]


def test_what_is_known_asks_for_no_more_points(monkeypatch: pytest.MonkeyPatch) -> None:
    """One point shows that a number differs; the other agrees, and needs no forty with roots."""
    compared, told = Identity._compared, []

    def counted(*given: Any) -> list[float]:
        told.append(compared(*given))
        return told[-1]

    monkeypatch.setattr(Identity, "_compared", counted)
    wrong = lambda x, y: (0.5 * y / ad.sqrt(x), 2.0 * ad.sqrt(x))  # noqa: E731
    chances, _ = identity(lambda x, y: ad.sqrt(x) * y, 0.5, 0.7, gradient=wrong)
    assert [chance is None for chance in chances] == [False, True]
    assert len(told) == 4


def test_wrong_gradients_do_not_agree() -> None:
    """No mutant of the emitted text that points refute agrees with SymPy in the field."""

    def f(x: Any, y: Any) -> Any:
        return ad.sin(x * y) * ad.exp(-x) + y / x

    compiled = compile_gradient(f, 0.7, 0.4)
    wrong = 0
    for mutant in mutants(compiled.source, 30):
        report = verify_gradient(f, 0.7, 0.4, gradient=mutant.text)
        if report.verdict is Verdict.REFUTED:
            wrong += 1
            assert None in identity(f, 0.7, 0.4, gradient=mutant.text)[0]
    assert wrong >= 15


def test_the_report_says_what_an_entry_rests_on() -> None:
    """SymPy's derivative is beside the text over the field and over balls, and named for both."""
    pytest.importorskip("flint", reason="balls need python-flint")
    method = verify_gradient(kepler, 1.0, 0.3).entries[0].method
    assert "sympy.diff of the function modulo a large prime, error < " in method
    assert "of the Taylor series and of sympy.diff" in method


def test_a_relation_no_field_knows_is_no_difference() -> None:
    """exp(log(x)) is x for SymPy; the field does not know, so it says nothing."""
    told = identity(lambda x: ad.exp(ad.log(x)) * x, 0.7)
    assert told[0] == [None, None]
    assert verify_gradient(lambda x: ad.exp(ad.log(x)) * x, 0.7).verdict is Verdict.PROVED


def test_a_root_of_a_square_is_not_its_root() -> None:
    """d sqrt((x - 1) ** 2) is the sign of x - 1: a text that says 1 is never certified."""

    def f(x: Any) -> Any:
        return ad.sqrt(x * x - 2.0 * x + 1.0)

    for point in (0.3, 2.5):
        told = identity(f, point, gradient=lambda x: 1.0 + 0.0 * x)
        assert told[0] == [None]
