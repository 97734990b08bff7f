"""Texts that ask for a distance by another function: right where their sides meet."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from verify import Verdict, verify_gradient

TEXT = """
import math
def g(x, y):
    d = math.sqrt(x*x + y*y)
    if d >= 0.8:
        return 0.0, 0.0
    return -2*(0.8 - d)*x/d, -2*(0.8 - d)*y/d
"""


def hinge(x: Any, y: Any) -> Any:
    """The square of how far a point is inside a circle."""
    return np.maximum(0.0, 0.8 - np.hypot(x, y)) ** 2


def huber(x: Any, y: Any) -> Any:
    """Half the square of a distance, and linear from 2 on."""
    d = np.hypot(x, y)
    return np.where(d <= 2.0, 0.5 * d * d, 2.0 * (d - 1.0))


def verdict(function: Any, text: str) -> Verdict:
    """What is said of a text."""
    return verify_gradient(function, 0.3, 0.5, gradient=text).verdict


def test_either_function_may_ask_for_the_distance() -> None:
    """The two are one real number, and nothing cancels in either."""
    assert verdict(hinge, TEXT) is Verdict.PROVED
    text = "import math\ndef g(x, y):\n d = math.sqrt(x*x + y*y)\n"
    text += " return (x, y) if d <= 2.0 else (2*x/d, 2*y/d)\n"
    assert verdict(huber, text) is Verdict.PROVED


WRONG = {
    "a factor": ("2*(0.8 - d)*y", "2.01*(0.8 - d)*y"),
    "the outer side": ("return 0.0, 0.0", "return 0.0, (d - 0.8)*1e-3"),
    "the border": (">= 0.8", ">= 0.8000000001"),
}
NOT_SHOWN = {
    "a lever in the question": ("if d >=", "if (d + 1e17) - 1e17 >="),
    "the border alone": ("    if d >=", "    if d == 0.8:\n        return 7.0, 7.0\n    if d >="),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_on_a_side_is_refuted(name: str) -> None:
    """A rewritten question excuses nothing."""
    assert verdict(hinge, TEXT.replace(*WRONG[name])) is Verdict.REFUTED


@pytest.mark.parametrize("name", NOT_SHOWN)
def test_what_rounding_may_decide_is_not_proven(name: str) -> None:
    """Nor what is wrong where the switch is met."""
    text = TEXT.replace(*NOT_SHOWN[name])
    assert text != TEXT
    assert verdict(hinge, text) not in (Verdict.PROVED, Verdict.CERTIFIED)


def test_sides_that_do_not_meet_are_not_proven() -> None:
    """Where the slope jumps, doubles that ask otherwise give the slope of another point."""
    text = TEXT.replace("-2*(0.8 - d)", "-1")
    report = verify_gradient(
        lambda x, y: np.maximum(0.0, 0.8 - np.hypot(x, y)), 0.3, 0.5, gradient=text
    )
    assert report.verdict not in (Verdict.PROVED, Verdict.CERTIFIED)


@pytest.mark.parametrize(("there", "is_proven"), [("0.0", True), ("1.0", False)])
def test_what_is_filled_in_where_a_quotient_has_no_number(there: str, is_proven: bool) -> None:
    """The slope of sin(x)/x at 0 is 0, and x is zero where x / pi is."""
    text = f"import math\ndef g(x):\n if x == 0.0:\n  return {there}\n"
    text += " return (x*math.cos(x) - math.sin(x))/(x*x)\n"
    report = verify_gradient(lambda x: np.sinc(x / np.pi), 0.4, gradient=text)
    assert (report.verdict is Verdict.PROVED) is is_proven
