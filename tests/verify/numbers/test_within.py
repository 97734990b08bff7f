"""Expressions where it is known between which numbers inputs lie."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy

from verify import Verdict, verify_gradient
from verify.numbers.within import beyond

x, y = sympy.symbols("x0 x1", real=True)


def test_roots_of_squares_of_differences_are_known_beyond() -> None:
    """Where 2 x - 1 is below zero, the root of its square is 1 - 2 x."""
    root = sympy.sqrt((2 * x - 1) ** 2)
    (form,) = beyond(root - (1 - 2 * x), {2 * x - 1: -1})
    assert sympy.simplify(form) == 0
    (form,) = beyond(root - (1 - 2 * x), {2 * x - 1: 1})
    assert sympy.simplify(form) != 0


def test_only_differences_of_one_input_and_a_number_say_so() -> None:
    """x - y has no number, x is no difference, and what is zero lies on no side."""
    assert not [*beyond(x + y, {x - y: 1, x: 1, y - 1: 0, x * y - 1: 1})]


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(-1.0, 1.0, Verdict.PROVED), (1.0, 1.0, Verdict.REFUTED), (-1.0, 0.0, Verdict.REFUTED)],
)
def test_the_slope_of_a_distance_is_proven(low: float, high: float, verdict: Verdict) -> None:
    """On either side of its point."""

    def slope(t: Any) -> Any:
        return np.where(t > 1.0, high, low)

    report = verify_gradient(lambda t: np.sqrt((t - 1.0) ** 2), 1.4, gradient=slope)
    assert report.verdict is verdict, report
