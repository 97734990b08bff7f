"""Constants of texts as the numbers that make them the chain rule."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from verify import Verdict, verify_gradient
from verify.program.program import program_of
from verify.rungs.constants.solved import solved

DATA = np.random.default_rng(4).normal(size=7)
COUNT, MEAN, SPREAD = 7, np.mean(DATA), np.var(DATA)


def likelihood(m: Any, s: Any) -> Any:
    """Of normal data."""
    return np.sum(0.5 * ((DATA - m) / s) ** 2) + COUNT * np.log(s)


def test_constants_are_found_by_comparing_coefficients() -> None:
    """Of x * x + 0.1 * x with its constants 0.05 and 0.0025 in (x + 0.05)**2 - 0.0025."""
    rules = program_of(ad.trace(lambda x: x * x + (0.1 * x - 0.0 * x), 1.0))
    text = program_of(ad.trace(lambda x: (x + 0.05) ** 2 - 0.05**2, 1.0))
    half = Fraction(0.1) / 2
    read = solved(rules, [text], {0.1}, {})
    assert read.get(0.05, "0.05") in ("0.05", f"Rational({half.numerator}, {half.denominator})")
    assert read[0.05**2] == f"Rational({(half**2).numerator}, {(half**2).denominator})"


@pytest.mark.parametrize(
    ("mean", "spread", "verdict"),
    [
        (MEAN, SPREAD, Verdict.PROVED),
        (MEAN, SPREAD * (1.0 + 2e-14), Verdict.CERTIFIED_NUMERIC),
        (MEAN, np.var(DATA, ddof=1), Verdict.REFUTED),
        (np.median(DATA), SPREAD, Verdict.REFUTED),
        (MEAN, -SPREAD, Verdict.REFUTED),
    ],
)
def test_means_and_variances_of_data_are_read(mean: Any, spread: Any, verdict: Verdict) -> None:
    """No step of the function computes them, and no others are taken for them."""

    def gradient(m: Any, s: Any) -> Any:
        return COUNT * (m - MEAN) / s**2, COUNT / s - COUNT * (spread + (m - mean) ** 2) / s**3

    report = verify_gradient(likelihood, 0.3, 1.2, gradient=gradient)
    assert report.entries[0].verdict is Verdict.PROVED, report
    assert report.entries[1].verdict is verdict, report


def test_a_product_that_rounding_moves_is_not_read_where_it_cancels() -> None:
    """1e16 times a number is off by half, and that is all that is left of it."""
    factor = next(b for k in range(99) if _off(b := 1e16 + 2.0 * k) > 0.3)
    product = factor * float(DATA[0])

    def gradient(m: Any, s: Any) -> Any:
        first = COUNT * (m - MEAN) / s**2 + factor * (DATA[0] * m) - product * m
        return first, COUNT / s - COUNT * (SPREAD + (m - MEAN) ** 2) / s**3

    report = verify_gradient(likelihood, 0.3, 1.2, gradient=gradient)
    assert report.entries[0].verdict is Verdict.REFUTED, report


def _off(factor: float) -> float:
    exact = Fraction(factor) * Fraction(float(DATA[0]))
    return abs(float(exact - Fraction(factor * float(DATA[0]))))
