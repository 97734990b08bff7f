"""Traces tell of functions that are written as what comes near to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from scipy import special

import autodiff as ad


@pytest.mark.parametrize(
    ("function", "approximates"),
    [
        (special.exp1, True),
        (special.dawsn, True),
        (special.exprel, True),
        (lambda x: special.betaln(x, 2.0), True),
        (lambda x: special.gammainc(2.5, x), True),
        (special.gammaln, False),
        (special.expit, False),
    ],
)
def test_a_series_is_noted(function: Callable[..., Any], approximates: bool) -> None:
    """What has rows of its own is the function itself."""
    origins = ad.trace(function, 0.7).origins
    assert getattr(origins, "approximates", None) is approximates
