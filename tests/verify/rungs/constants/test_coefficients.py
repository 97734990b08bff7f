"""Numbers that a program makes of its own, also where inputs stand between them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from verify import Verdict, verify_gradient
from verify.program.program import program_of
from verify.rungs.constants.coefficients import coefficients

DATA = np.random.default_rng(0).normal(size=7)
COUNT, TOTAL, SQUARES = 7, np.sum(DATA), np.sum(DATA**2)


def likelihood(m: Any, s: Any) -> Any:
    """Of normal data."""
    return np.sum(0.5 * ((DATA - m) / s) ** 2) + COUNT * np.log(s)


def test_sums_are_told_that_no_step_computes() -> None:
    """(0.1 - x) + (0.7 - x) has the coefficients 0.1 + 0.7 and -2, and half of their ratio."""
    program = program_of(ad.trace(lambda x: (0.1 - x) + (0.7 - x), 1.0))
    found = {made.value for made in coefficients(program, {0.1, 0.7})}
    total = Fraction(0.1) + Fraction(0.7)
    assert {total, Fraction(-2), -total / 2} <= found


@pytest.mark.parametrize(
    "by_mean", [lambda m: COUNT * m - TOTAL, lambda m: COUNT * (m - np.mean(DATA))]
)
def test_gradients_of_sums_of_data_are_proven(by_mean: Any) -> None:
    """The sums may be taken before anything is known of the parameters."""

    def gradient(m: Any, s: Any) -> Any:
        squares = SQUARES - 2.0 * m * TOTAL + COUNT * m * m
        return by_mean(m) / s**2, COUNT / s - squares / s**3

    report = verify_gradient(likelihood, 0.3, 1.2, gradient=gradient)
    assert report.verdict is Verdict.PROVED, report


@pytest.mark.parametrize(
    ("total", "verdict"),
    [
        (TOTAL * (1.0 + 2e-14), Verdict.CERTIFIED_NUMERIC),
        (TOTAL * (1.0 + 1e-11), Verdict.REFUTED),
        (TOTAL - DATA[0], Verdict.REFUTED),
    ],
)
def test_other_sums_are_not(total: float, verdict: Verdict) -> None:
    """Beyond what rounding explains a constant is another one."""

    def gradient(m: Any, s: Any) -> Any:
        return (COUNT * m - total) / s**2, COUNT / s - np.sum((DATA - m) ** 2) / s**3

    report = verify_gradient(likelihood, 0.3, 1.2, gradient=gradient)
    assert report.entries[0].verdict is verdict, report
    assert report.entries[1].verdict is Verdict.PROVED


def test_roundings_of_one_sum_that_cancel_are_not_proven() -> None:
    """Two doubles of one sum are two numbers where their difference is all that is left."""
    other = TOTAL * (1.0 + 2.0**-52)

    def gradient(m: Any, s: Any) -> Any:
        first = (COUNT * m - TOTAL) / s**2 + 1e16 * (TOTAL * m - other * m)
        return first, COUNT / s - np.sum((DATA - m) ** 2) / s**3

    report = verify_gradient(likelihood, 0.3, 1.2, gradient=gradient)
    assert report.verdict is not Verdict.PROVED, report
