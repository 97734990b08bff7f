"""What a text needs, beside what its function needs: told apart by algebra and by number theory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
from verify import Verdict, verify_gradient
from verify.program.program import Program
from verify.rungs.covered import is_covered


def verdict(function: Any, example: float, result: str) -> str:
    """What is said of a text that returns ``result``."""
    text = f"import math\n\n\ndef gradient(x):\n    return {result}\n"
    return str(verify_gradient(function, example, gradient=text).verdict)


# A function, an example, and a text that needs something else than the function does.
_COVERED: dict[str, tuple[Any, float, str]] = {
    "a square that is multiplied out": (
        lambda x: 1 / (2 + ad.sin(x)), 0.7,
        "-math.cos(x)/(math.sin(x)**2 + 4*math.sin(x) + 4)"),
    "a positive quotient": (
        lambda x: -x * ad.log(x) - (1 - x) * ad.log(1 - x), 0.3, "math.log((1 - x)/x)"),
    "a positive difference": (
        lambda x: -x * ad.log(x) - (1 - x) * ad.log(1 - x), 0.3, "math.log(1/x - 1)"),
    "one root for two": (np.arccosh, 1.7, "1/math.sqrt(x*x - 1)"),
    "a logarithm inside the ends": (np.arctanh, 0.3, "math.exp(-math.log(1 - x*x))"),
    "exponentials by hyperbolics": (
        lambda x: ad.log(1 + ad.exp(x)), 0.7,
        "(math.sinh(x) + math.cosh(x))/(math.sinh(x) + math.cosh(x) + 1)"),
    "what a tangent never reaches": (
        ad.exp, 0.7, "(math.tanh(x/2) + 1)/(1 - math.tanh(x/2))"),
    "half an angle, never a pole of a double": (
        ad.sin, 0.7, "(1 - math.tan(x/2)**2)/(1 + math.tan(x/2)**2)"),
    "a double angle": (np.tan, 0.7, "2/(1 + math.cos(2*x))"),
    "half an angle that is never zero": (
        lambda x: ad.log(np.tan(x / 2)), 0.7, "1/math.sin(x)"),
    "a hyperbolic sine for an exponential": (
        lambda x: 1 / (ad.exp(1.25 / x) - 1), 0.7, "1.25/x/x/(2*math.sinh(0.625/x))**2"),
    "a sine that is made smaller": (
        lambda x: np.arcsin(np.sin(x) / 1.33), 0.7,
        "math.cos(x)/(1.33*math.sqrt(1 - (math.sin(x)/1.33)**2))"),
    "a sum of squares of what is no factor": (
        lambda x: np.log(x * (1 + ((x - 0.7) / x) ** 2)), 0.4,
        "1/x + (-2*(x - 0.7)**2/x + 2*(x - 0.7))/(x*x + (x - 0.7)**2)"),
    "a number that the text computes": (
        lambda x: 1 / (x * np.cos(1.0) - 1), 0.4, "-math.cos(1.0)/(x*math.cos(1.0) - 1)**2"),
    "a quotient upside down": (
        lambda x: ad.sqrt((1 + x) / (1 - x)), 0.3,
        "math.sqrt((1 + x)*(1/(1 - x)))*(0.5/(1 - x) + 0.5*(1 + x)/(1 - x)**2)*(1 - x)/(1 + x)"),
}  # fmt: skip


@pytest.mark.parametrize("name", _COVERED)
def test_what_the_function_needs_covers_it(name: str) -> None:
    """Such a text is a number wherever the function is one, and PROVED."""
    assert verdict(*_COVERED[name]) == Verdict.PROVED


# The same, needing more.
_BARE: dict[str, tuple[Any, float, str]] = {
    "another constant": (lambda x: 1 / (x - 0.3), 1.2, "-1/(x - 0.3)**2*(x - 0.7)/(x - 0.7)"),
    "a sine of zero": (lambda x: x * x, 1.2, "2*x*math.sin(x/2)/math.sin(x/2)"),
    "a sine that is made larger": (
        lambda x: 1.33 * np.sin(x), 0.4,
        "1.33*math.cos(x)*(1 - 1.33*math.sin(x))/(1 - 1.33*math.sin(x))"),
    "a number beside the one that the text computes": (
        lambda x: 1 / (x * np.cos(1.0) - 1), 0.4,
        "-math.cos(1.0)/(x*math.cos(1.0) - 1)**2*(x - math.sin(1.0))/(x - math.sin(1.0))"),
    "a logarithm of one": (lambda x: x * ad.log(x), 2.5, "1 + math.log(x)**2/math.log(x)"),
    "a tangent of more than a rational": (
        lambda x: x * x, 1.2, "2*x + 0.0*math.tan(math.asin(1.0)*x)"),
    "beyond the ends": (np.arctanh, 0.3, "(0.5 - x)/((0.5 - x)*(1 - x*x))"),
    "at the end": (lambda x: x**2.5, 1.2, "2.5*math.exp(1.5*math.log(x))"),
}  # fmt: skip


@pytest.mark.parametrize("name", _BARE)
def test_what_the_function_does_not_need_is_no_proof(name: str) -> None:
    """Where the text is undefined at a point that the function does not mind, nothing is proven."""
    assert verdict(*_BARE[name]) not in (Verdict.PROVED, Verdict.CERTIFIED)


@pytest.mark.parametrize(("of", "is_covered"), [("arctan2(x, y)/y", True), ("x*y", False)])
def test_a_sum_of_squares_is_zero_where_all_are(of: str, is_covered: bool) -> None:
    """x*x + y*y is covered where a function divides by y, and not where it divides by nothing."""
    slopes = {"arctan2(x, y)/y": "1/r, -x/y/r - math.atan2(x, y)/y**2", "x*y": "y*r/r, x*r/r"}
    text = f"import math\n\n\ndef gradient(x, y):\n    r = x*x + y*y\n    return {slopes[of]}\n"
    function = eval(f"lambda x, y: {of}", {"arctan2": np.arctan2})
    report = verify_gradient(function, 0.7, 1.2, gradient=text)
    assert (report.verdict is Verdict.PROVED) is is_covered


def test_zero_is_never_covered() -> None:
    """What is zero whatever the inputs are is no number that is not zero."""
    zero = Program(1, (0.0,), (1,))
    assert not is_covered("nonzero", zero, [], {})
    assert not is_covered(
        "nonzero", zero, [("nonzero", Program(1, (), (0,)))], {}
    )  # nor a multiple of x
    assert is_covered("nonzero", Program(1, (2.0,), (1,)), [], {})
