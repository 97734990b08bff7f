"""Tests of verify.hidden: wrong on a small or remote part of the domain is wrong."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from autodiff import grad, trace
from autodiff.table.ops import erf
from verify import Verdict, verify_gradient
from verify.program.program import program_of
from verify.rungs.hidden import hidden_points

WRONG: dict[str, Callable[..., object]] = {
    "at one point": lambda x: np.where(x == 3.0, 100.0, 2.0 * x),
    "at one point, between two orders": lambda x: np.where(
        x <= 3.0, np.where(x >= 3.0, 100.0, 2.0 * x), 2.0 * x
    ),
    "at zero": lambda x: np.where(x == 0.0, 1.0, 2.0 * x),
    "near a number": lambda x: np.where(abs(x - 123.456) < 1e-3, 0.0, 2.0 * x),
    "where a sine is nearly 1": lambda x: np.where(np.sin(x) > 0.9999999, 0.0, 2.0 * x),
    "in a short interval": lambda x: np.where((x > 0.3) & (x < 0.3001), 0.0, 2.0 * x),
    "on one step of floor": lambda x: np.where(np.floor(x) == 17.0, 0.0, 2.0 * x),
    "for very small numbers": lambda x: np.where(x < -1e15, 0.0, 2.0 * x),
    "for very large numbers": lambda x: np.minimum(2.0 * x, 1e200),
    "beyond a power": lambda x: np.where(x * x * x > 1e40, 0.0, 2.0 * x),
    "twice a missing mask": lambda x: 2.0 * np.clip(x, -1e8, 1e8),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_gradient_wrong_where_no_random_point_falls_is_refuted(name: str) -> None:
    """The witness is inside the part that is wrong."""
    gradient = WRONG[name]
    report = verify_gradient(lambda x: x * x, 1.0, gradient=gradient)
    assert report.verdict is Verdict.REFUTED
    witness = report.entries[0].witness
    assert witness is not None
    assert witness.expected == 2.0 * witness.point["x"] != witness.found


def test_a_part_of_two_inputs_is_found() -> None:
    """The other inputs keep the values of a point that was compared."""

    def gradient(x: float, y: float) -> object:
        return np.where(y > 1e7, 0.0, y), x

    report = verify_gradient(lambda x, y: x * y, 1.0, 2.0, gradient=gradient)
    assert [entry.verdict for entry in report.entries] == [Verdict.REFUTED, Verdict.PROVED]


def test_a_border_is_no_excuse_for_a_gradient_but_for_a_function() -> None:
    """At an example on a kink of the function any convention stands, equal inputs included."""
    for function in (np.maximum, lambda x, y: np.abs(x - y)):
        assert verify_gradient(function, 1.5, 1.5).verdict is Verdict.PROVED
    assert (
        verify_gradient(
            lambda x: x * x, 0.0, gradient=lambda x: np.where(x >= 0.0, 2.0 * x, 2.0 * x)
        ).verdict
        is Verdict.PROVED
    )


def test_a_point_without_a_derivative_refutes_nothing() -> None:
    """sqrt(x * x) has none at 0, where its quotients are nan."""
    report = verify_gradient(lambda x: np.sqrt(x * x), 1.5, gradient=lambda x: x / np.abs(x))
    assert report.verdict is Verdict.PROVED
    assert "domain: proven where x != 0" in str(report)


def test_what_composition_calls_equal_is_looked_at_too() -> None:
    """Zero times infinity is nan, whatever polynomials say of it."""

    def gradient(x: float) -> object:
        return np.where(x > 1e3, 0.0 * x * np.inf, 0.0 * x)

    assert verify_gradient(lambda x: x * x - x * x, 1.0, gradient=gradient).verdict is (
        Verdict.REFUTED
    )


def test_numbers_of_the_text_are_tried() -> None:
    """A function of many borders leaves no time for a search, but its text names the point."""

    def function(x: float) -> object:
        return np.abs(x) ** 3 + np.abs(np.sin(x)) + np.maximum(x, 2.0 * x)

    def gradient(x: float) -> object:
        return np.where(x == 0.8125, 1.0, grad(function)(x))

    assert verify_gradient(function, 1.5, gradient=gradient).verdict is Verdict.REFUTED


def test_the_search_ends_when_its_steps_are_used_up() -> None:
    """No point, if there are no steps to run; some, if there are."""
    program = program_of(trace(lambda x: np.where(x > 1e6, x, 2.0 * x), 1.0))
    assert not list(hidden_points([program], [[1.0]], 3))
    assert any(point[0] > 1e6 for point in hidden_points([program], [[1.0]], 5_000))


def test_nothing_is_refuted_where_a_part_of_the_function_is_infinite() -> None:
    """At s = 0 a logarithm is, and nan the gradient by k, where SymPy's formula gives 0."""

    def cdf(z: float) -> object:
        return 0.5 * (1.0 + erf(z / math.sqrt(2.0)))

    def price(s: float, k: float, t: float, r: float, v: float) -> object:
        d1 = (np.log(s / k) + (r + v * v / 2.0) * t) / (v * np.sqrt(t))
        return s * cdf(d1) - k * np.exp(-r * t) * cdf(d1 - v * np.sqrt(t))

    def gradient(*point: float) -> object:
        by_s, *others = grad(price)(*point)
        return np.where(np.abs(point[0]) > 1e5, by_s + 0.0, by_s), *others

    report = verify_gradient(price, 100.0, 95.0, 1.0, 0.05, 0.2, gradient=gradient)
    assert report.verdict is Verdict.PROVED


@pytest.mark.parametrize(
    "function", [lambda x, y: np.sqrt(x * y), lambda x, y: np.arctan2(y, x)], ids=["sqrt", "atan2"]
)
def test_what_holds_for_positive_inputs_only_is_refuted(function: Callable[..., object]) -> None:
    """The square root of a square is not the number."""

    def gradient(x: float, y: float) -> object:
        by_x, by_y = grad(function)(x, y)
        return by_x + np.sqrt(x * x) - x, by_y

    assert verify_gradient(function, 1.0, 2.0, gradient=gradient).verdict is Verdict.REFUTED


def test_numbers_that_are_compared_come_first() -> None:
    """Among many numbers of a text, the one that an input is compared with is tried."""

    def f(x: float) -> object:
        for k in range(40):
            x = x + 0.1 * np.sin(x * (1.0 + k / 7.0))
        return x

    def gradient(x: float) -> object:
        right = grad(f)(x)
        return np.where(x == 0.8125, right + 1.0, right)

    report = verify_gradient(f, 0.3, gradient=gradient)
    assert report.verdict is Verdict.REFUTED
    assert report.entries[0].witness is not None
    assert report.entries[0].witness.point == {"x": 0.8125}


def test_what_holds_but_for_one_place_is_not_proved() -> None:
    """An equality has no inside: symbols say nothing about it, and no search is complete."""

    def f(v: np.ndarray) -> object:
        return sum(np.sin(v[i % 5] * (i + 1)) * v[(i + 1) % 5] for i in range(60))

    def gradient(v: np.ndarray) -> object:
        first, *others = grad(f)(v)
        return [np.where(v[0] * v[1] == 0.8125, first + 1.0, first), *others]

    report = verify_gradient(f, np.linspace(0.1, 0.5, 5), gradient=gradient)
    assert report.entries[0].verdict in (Verdict.REFUTED, Verdict.CERTIFIED_NUMERIC)
    assert {entry.verdict for entry in report.entries[1:]} == {Verdict.PROVED}
