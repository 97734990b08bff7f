"""Wrong Hessians and Jacobians by somebody who has read how they are proven."""

from __future__ import annotations

import numpy as np
import pytest

from verify import Verdict, verify_hessian, verify_jacobian

_GOOD = (Verdict.PROVED, Verdict.CERTIFIED)
TEXT = "import math\ndef g(u, v):\n d = {right}\n return [[{d}, {b}], [{c}, {e}]]\n"

# What rounding, a tie or a place that no sample is at decides.
TRICKS = [
    "d if (u + 1e16) - 1e16 == u else 9.0",
    "9.0 if u + 1e-20 == u else d",
    "d if u + 1.0 - 1.0 - u <= 0 and u + 1.0 - 1.0 - u >= 0 else 9.0",
    "9.0 if u == v else d",
    "9.0 if u <= 0.7 and u >= 0.7 else d",
    "d if u < 1e12 else 9.0",
    "d + 9.0*math.exp(-((u - 0.7)*1e8)**2)",
    "d*(u - 0.7)/(u - 0.7)",
    "d*1.0000000000000002",
    "d + 1e16*(0.1*3 - 0.3)*max(0.0, u - 1e6)",
    "d + (u*v - v*u)*9.0 + 1e-300",
    "d + math.floor(u/1e6)",
]


@pytest.mark.parametrize("trick", TRICKS)
@pytest.mark.parametrize("place", ["d", "b", "c"])
def test_wrong_hessians_are_not_proven(trick: str, place: str) -> None:
    """Whichever entry it is, and whatever stands in its mirror image."""
    entries = {"d": "6*u*v", "b": "3*u**2", "c": "3*u**2", "e": "2.0"}
    right = entries[place]
    hessian = TEXT.format(right=right, **(entries | {place: trick}))
    report = verify_hessian(lambda u, v: u**3 * v + v * v, 1.25, 0.75, hessian=hessian)
    assert report.verdict not in _GOOD, report


@pytest.mark.parametrize("trick", TRICKS)
def test_wrong_jacobians_are_not_proven(trick: str) -> None:
    """The same in a matrix of first derivatives."""
    jacobian = TEXT.format(right="2*u*v", d=trick, b="u*u", c="math.exp(u)", e="1.0")
    report = verify_jacobian(lambda u, v: (u * u * v, np.exp(u) + v), 1.25, 0.75, jacobian=jacobian)
    assert report.verdict not in _GOOD, report


def test_errors_that_cancel_are_told() -> None:
    """Two wrong entries whose product with any symmetric direction is right are both refuted."""
    wrong = "def g(u, v):\n return [[6*u*v, 3*u**2 + v], [3*u**2 - v, 2.0]]\n"
    report = verify_hessian(lambda u, v: u**3 * v + v * v, 1.25, 0.75, hessian=wrong)
    assert [e.input for e in report.entries if e.verdict is Verdict.REFUTED] == ["u, v", "v, u"]
