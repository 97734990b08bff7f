"""Where a function has no derivative a text may follow a convention of its own: it is named."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from verify import Verdict, verify_gradient
from verify.answer.reasons import Reason


def jump(x: Any) -> Any:
    """Six at one, on the side above it."""
    return np.where(x < 1, x, x * x + 5)


def kink(x: Any) -> Any:
    """Two slopes at one."""
    return np.where(x < 1, x, x * x)


def said(function: Any, text: str) -> str:
    """What a report that proves a text says of points without a derivative."""
    report = verify_gradient(function, 2.0, gradient=f"def g(x): return {text}")
    assert report.verdict is Verdict.PROVED, report
    remarks = report.entries[0].remarks
    return "".join(r.text for r in remarks if r.reason is Reason.CONVENTION)


@pytest.mark.parametrize(
    ("function", "text", "convention"),
    [
        (jump, "1.0 if x <= 1 else 2*x", "where x - 1 = 0 the function may have a jump"),
        (kink, "1.0 if x <= 1 else 2*x", "may have a kink: the text gives the slope of one side"),
        (kink, "1.0 if x < 1 else 2*x if x > 1 else 1.5", "a kink: the text gives the mean"),
        (np.sign, "0.0*x", ""),
        (jump, "1.0 if x < 1 else 2*x", ""),
        (kink, "1.0 if x < 1 else 2*x", ""),
        (lambda x: x * abs(x), "2*x if x > 0 else -2*x", ""),
    ],
)
def test_the_point_is_named(function: Any, text: str, convention: str) -> None:
    """A slope of the other side is told of; one as the table gives it, or all sides, is not."""
    found = said(function, text)
    assert convention in found
    assert bool(found) == bool(convention)


def test_another_number_is_not_proven() -> None:
    """What is no slope of either side, nor halfway between them, is not shown there."""
    wrong = "def g(x): return 1.0 if x < 1 else 2*x if x > 1 else 7.0"
    report = verify_gradient(jump, 2.0, gradient=wrong)
    assert report.verdict is Verdict.CERTIFIED_NUMERIC
    assert "not shown where x - 1 = 0" in report.entries[0].note


def pinball(q: Any) -> Any:
    """Losses of a quantile, which switch by a multiple of what a text asks."""
    u = np.array([0.2, 1.3]) - q
    return np.sum(np.maximum(0.7 * u, -0.3 * u))


@pytest.mark.parametrize(("at", "verdict"), [(0.3, "PROVED"), (9.0, "CERTIFIED-NUMERIC")])
def test_conditions_that_are_multiples_of_each_other_meet_at_one_point(
    at: float, verdict: str
) -> None:
    """The slope of one side is one where a text asks for the sign of u, the function for that of
    0.7*u + 0.3*u; another number is none.
    """
    side = f"(-0.7 if {{0}} > q else 0.3 if {{0}} < q else {at})"
    text = f"def g(q): return {side.format('0.2')} + {side.format('1.3')}"
    report = verify_gradient(pinball, 0.5, gradient=text)
    assert report.verdict.value == verdict
