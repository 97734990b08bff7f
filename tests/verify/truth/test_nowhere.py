"""Where a function has no derivative, its Hessian has no row to be right about."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
from verify import Verdict, verify_hessian, verify_jacobian
from verify.truth.cusps import nowhere

W = np.array([0.6, 0.9])
ONE = np.eye(2)


def root(w: Any) -> Any:
    """A length."""
    return np.sqrt(w[0] ** 2 + w[1] ** 2)


def of_length(w: Any) -> Any:
    """Its Hessian."""
    return ONE / root(w) - np.outer(w, w) / root(w) ** 3


def of_kepler(w: Any) -> Any:
    """The Hessian of one over it."""
    return (root(w) ** 2 * ONE - 3.0 * np.outer(w, w)) / root(w) ** 5


@pytest.mark.parametrize(
    ("function", "counts"),
    [
        (lambda w: np.hypot(w[0], 3.0 * w[0]) + w[1] ** 2, [1, 0]),
        (lambda w: 1.0 / w[1] + w[0], [1, 1]),
        (lambda w: w @ w, [0, 0]),
        (lambda w: np.sqrt(w @ w) ** 3, [0, 0]),
    ],
)
def test_places_without_a_slope_are_found_by_input(function: Any, counts: list[int]) -> None:
    """A length bends its function by the inputs that move it; a pole is one for all."""
    graph = ad.trace(function, W)
    assert [len(nowhere(graph, by)) for by in (0, 1)] == counts


@pytest.mark.parametrize(
    ("function", "hessian", "is_proven"),
    [
        (root, of_length, True),
        (lambda w: -1.0 / root(w), of_kepler, True),
        (lambda w: root(w) ** 2, lambda w: 2.0 * ONE * root(w) / root(w), False),
    ],
)
def test_a_hessian_may_divide_by_a_length_where_there_is_no_slope(
    function: Any, hessian: Any, is_proven: bool
) -> None:
    """Of a length it is PROVED, and of its square not, which has second derivatives at 0."""
    report = verify_hessian(function, W, hessian=hessian)
    assert (report.verdict is Verdict.PROVED) is is_proven, report


def test_a_hessian_may_not_divide_in_rows_that_do_not_bend() -> None:
    """``|x| + y**2`` has the second derivative 2 by y also where x is 0."""

    def hessian(w: Any) -> Any:
        return np.array([[0.0, 0.0], [0.0, 2.0 * w[0] / w[0]]])

    report = verify_hessian(lambda w: np.sqrt(w[0] ** 2) + w[1] ** 2, W, hessian=hessian)
    verdicts = [entry.verdict for entry in report.entries]
    assert verdicts[0] is Verdict.PROVED
    assert verdicts[3] is not Verdict.PROVED, report


def test_a_length_counts_in_its_own_row_of_a_jacobian() -> None:
    """Whatever the other rows ask of its inputs."""

    def jacobian(w: Any) -> Any:
        r = w[0] ** 2 + w[1] ** 2
        return np.array([[w[0] / np.sqrt(r), w[1] / np.sqrt(r)], [-w[1] / r, w[0] / r]])

    def polar(w: Any) -> Any:
        return np.array([np.hypot(w[0], w[1]), np.arctan2(w[1], w[0])])

    report = verify_jacobian(polar, W, jacobian=jacobian)
    assert report.verdict is Verdict.PROVED, report
