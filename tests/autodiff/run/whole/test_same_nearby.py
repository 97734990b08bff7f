"""A number compared with what is chosen between it and others ties where these meet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.run.whole.array_ties import tied_graph


def clipped(u: Any) -> Any:
    """By maximum and minimum."""
    return np.minimum(np.maximum(u, -0.5), 0.5)


def chosen(u: Any) -> Any:
    """By conditions."""
    return np.where(u < -0.5, -0.5, np.where(u > 0.5, 0.5, u))


@pytest.mark.parametrize("limit", [clipped, chosen])
def test_a_limit_ties_at_its_ends(limit: Callable[[Any], Any]) -> None:
    """Not where it leaves the number as it is, or where it is far from it."""

    def f(u: Any) -> Any:
        limited = limit(u)
        return np.sum(np.where(limited != u, limited * 3.0, np.sin(u)))

    ties = tied_graph(ad.trace(f, np.zeros(4), expand=False))
    assert ties is not None
    assert ad.evaluate(ties, np.array([0.1, -0.3, 0.7, -2.0])) == 0.0
    assert ad.evaluate(ties, np.array([0.1, 0.5, 0.7, -0.5])) > 0.0


def test_another_number_that_is_equal_ties() -> None:
    """What was chosen is not this number, only as large."""

    def f(u: Any, w: Any) -> Any:
        limited = np.where(w > 0.0, w, u)
        return np.sum(np.where(limited == u, 2.0 * u, u * u))

    ties = tied_graph(ad.trace(f, np.zeros(2), np.zeros(2), expand=False))
    assert ties is not None
    assert ad.evaluate(ties, np.array([1.0, 2.0]), np.array([-1.0, -2.0])) == 0.0
    assert ad.evaluate(ties, np.array([1.0, 2.0]), np.array([-1.0, 2.0])) == 1.0
