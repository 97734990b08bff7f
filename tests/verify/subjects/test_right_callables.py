"""Right derivatives that are plain Python functions are proven."""

from __future__ import annotations

from typing import Any

import pytest

from tests.adversary.by_callable import Claim, claims
from verify import Verdict

_QUICK = {
    "normal equations", "soft maximum", "ranges", "normal data", "line", "centre", "bicycle",
    "length", "Kepler", "polar", "direction",
}  # fmt: skip
_CLAIMS = [claim for claim in claims() if claim.name in _QUICK]


@pytest.mark.parametrize("claim", _CLAIMS, ids=lambda claim: f"{claim.what} {claim.name}")
def test_right_functions_are_proven(claim: Claim) -> None:
    """As people write them; tests/figures/right.py counts all."""
    report = claim.verified()
    assert report.verdict is Verdict.PROVED, report


@pytest.mark.parametrize("claim", _CLAIMS[::4], ids=lambda claim: f"{claim.what} {claim.name}")
def test_functions_off_by_little_are_refuted(claim: Claim) -> None:
    """The same with one number of each too large by a part in a million."""

    def wrong(*arguments: Any) -> Any:
        found = claim.derivative(*arguments)
        if isinstance(found, tuple):
            return (found[0] * 1.000001, *found[1:])
        return found * 1.000001

    report = claim._replace(derivative=wrong).verified()
    assert report.verdict is Verdict.REFUTED, report
