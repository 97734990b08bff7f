"""Sums over rows: each slope is proven alone, and what is left is linear."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
from verify import Verdict, verify_gradient
from verify.program.program import program_of
from verify.truth.parts import cut

A = np.array([[1.2, -0.4], [0.5, 0.9], [-0.7, 0.2], [0.1, -0.6]])
Y = np.array([1.0, 0.0, 1.0, 1.0])
W = np.array([0.5, -0.3])


def cross_entropy(w: Any) -> Any:
    """Of logits, in the form that does not overflow."""
    z = A @ w
    return np.mean(np.maximum(z, 0.0) - z * Y + np.log1p(np.exp(-np.abs(z))))


def huber(w: Any) -> Any:
    """Of residuals."""
    r = A @ w - Y
    a = np.abs(r)
    return np.sum(np.where(a <= 0.5, 0.5 * r * r, 0.5 * (a - 0.25)))


def hinge(w: Any) -> Any:
    """Of margins, and a penalty."""
    return np.sum(np.maximum(1.0 - Y * (A @ w), 0.0) ** 2) + 0.5 * (w @ w)


def slope_of_hinge(w: Any) -> Any:
    """As people write it."""
    m = 1.0 - Y * (A @ w)
    return -2.0 * A.T @ (np.where(m > 0.0, m, 0.0) * Y) + w


RIGHT = [
    (cross_entropy, lambda w: A.T @ (1.0 / (1.0 + np.exp(-(A @ w))) - Y) / 4.0),
    (cross_entropy, lambda w: A.T @ (0.5 * (1.0 + np.tanh(0.5 * (A @ w))) - Y) / 4.0),
    (huber, lambda w: A.T @ np.clip(A @ w - Y, -0.5, 0.5)),
    (hinge, slope_of_hinge),
]


@pytest.mark.parametrize(("function", "gradient"), RIGHT)
def test_sums_over_rows_are_proven(function: Any, gradient: Any) -> None:
    """However many sides all rows have together."""
    report = verify_gradient(function, W, gradient=gradient)
    assert report.verdict is Verdict.PROVED, report


def cuts_of(function: Any, gradient: Any) -> int:
    """How many claims the gradient is cut by."""
    graph = ad.trace(function, W)
    text = program_of(ad.trace(lambda w: tuple(gradient(w)), W))
    made = cut(graph, [text], [0, 1])
    return 0 if made is None else len(made.claims)


def squared(w: Any) -> Any:
    """A function of a sum, besides the sum."""
    total = np.sum(np.maximum(A @ w, 0.0))
    return total + total * total


def twice(w: Any) -> Any:
    """A term that another function takes, too."""
    z = np.maximum(A @ w, 0.0)
    return np.sum(z) + np.sum(np.sin(z))


@pytest.mark.parametrize("function", [squared, twice])
def test_no_part_is_cut_whose_value_matters(function: Any) -> None:
    """A slope times its argument has the slope of a part, and not its value."""
    assert cuts_of(cross_entropy, RIGHT[0][1]) > 0
    assert cuts_of(function, lambda w: A.T @ np.where(A @ w > 0.0, 1.0, 0.0)) == 0


def test_a_value_that_is_slopes_times_arguments_is_not_proven() -> None:
    """Of a sum of parts the slopes are proven; its value is another number."""

    def function(w: Any) -> Any:
        return ad.logaddexp(0.0, np.abs(w[0])) + ad.logaddexp(0.0, np.abs(w[1]))

    def gradient(w: Any) -> Any:
        slopes = np.sign(w) / (1.0 + np.exp(-np.abs(w)))
        return slopes @ w, slopes

    report = verify_gradient(function, W, gradient=gradient)
    assert report.value is not None
    assert report.value.verdict is Verdict.REFUTED


def test_a_part_off_by_little_is_not_proven() -> None:
    """One row in four with another bound."""
    bounds = np.array([0.5, 0.5, 0.5, 0.5 + 1e-13])
    report = verify_gradient(huber, W, gradient=lambda w: A.T @ np.clip(A @ w - Y, -bounds, bounds))
    assert report.verdict is not Verdict.PROVED


B, V = A[:2], Y[:2]


def robust(w: Any) -> Any:
    """Huber's loss of residuals, row by row."""
    total = 0.0
    for (a, b), y in zip(B, V, strict=True):
        r = y - a * w[0] - b * w[1]
        total += 0.5 * r * r if abs(r) <= 0.5 else 0.5 * (abs(r) - 0.25)
    return total


def ramp(w: Any) -> Any:
    """A loss whose slope jumps, row by row."""
    return sum(max(0.0, y - a * w[0] - b * w[1] + w[0]) for (a, b), y in zip(B, V, strict=True))


def bent(w: Any) -> Any:
    """The same of one row, squared."""
    return np.maximum(1.0 - (2.0 * w[0] + 3.0 * w[1] - 0.25), 0.0) ** 2


def ranges(w: Any) -> Any:
    """Huber's loss of distances, by roots of sums of squares."""
    d = np.sqrt((w[0] - B[:, 0]) ** 2 + (w[1] - B[:, 1]) ** 2) - V
    return np.sum(np.where(np.abs(d) <= 0.5, 0.5 * d * d, 0.5 * (np.abs(d) - 0.25)))


def slope_of_ranges(w: Any, bound: float = 0.5) -> Any:
    """By lengths."""
    x, y = w[0] - B[:, 0], w[1] - B[:, 1]
    d = np.hypot(x, y)
    slope = np.clip(d - V, -bound, bound) / np.where(d > 0.0, d, 1.0)
    return np.array([np.sum(slope * x), np.sum(slope * y)])


REORDERED = [
    (robust, lambda w: -B.T @ np.clip(V - B @ w, -0.5, 0.5)),
    (robust, lambda w: B.T @ np.clip(B @ w - V, -0.5, 0.5)),
    (bent, lambda w: np.maximum(1.25 - 3.0 * w[1] - 2.0 * w[0], 0.0) * np.array([-4.0, -6.0])),
]


@pytest.mark.parametrize(("function", "gradient"), REORDERED)
def test_terms_may_be_added_in_another_order(function: Any, gradient: Any) -> None:
    """Where the slope has no jump: doubles on the other side of a switch are next to it."""
    report = verify_gradient(function, W, gradient=gradient)
    assert report.verdict is Verdict.PROVED, report


def margin(w: Any) -> Any:
    """What is asked of the last one, added up in another order."""
    return 1.25 - 3.0 * w[1] - 2.0 * w[0]


K = np.array([-4.0, -6.0])
NOT_REORDERED = {
    "a slope that jumps": (
        ramp,
        lambda w: (np.array([1.0, 0.0]) - B).T @ np.where(w[0] + (V - B @ w) > 0.0, 1.0, 0.0),
    ),
    "a lever": (robust, lambda w: -B.T @ np.clip((V + 1e16) - B @ w - 1e16, -0.5, 0.5)),
    "another bound of lengths": (ranges, lambda w: slope_of_ranges(w, 0.5 + 1e-13)),
    "two orders": (
        bent,
        lambda w: np.where(
            (margin(w) > 0.0) == (1.25 - 2.0 * w[0] - 3.0 * w[1] > 0.0),
            np.maximum(margin(w), 0.0) * K,
            5.0,
        ),
    ),
    "the switch itself": (
        bent,
        lambda w: np.where(margin(w) == 0.0, 7.0, np.maximum(margin(w), 0.0) * K),
    ),
}


@pytest.mark.parametrize("name", NOT_REORDERED)
def test_no_rounding_decides_where_terms_are_added_in_another_order(name: str) -> None:
    """Nor is what jumps right on either side of where it does."""
    report = verify_gradient(NOT_REORDERED[name][0], W, gradient=NOT_REORDERED[name][1])
    assert report.verdict not in (Verdict.PROVED, Verdict.CERTIFIED)


SIGNS = np.array([1.0, -1.0])


def logistic(w: Any) -> Any:
    """A loss without a bend, row by row, whose slope people write with one."""
    return np.sum(np.log1p(np.exp(-SIGNS * (B @ w)))) + 0.05 * (w @ w)


def stable(z: Any) -> Any:
    """The sigmoid by what does not overflow."""
    e = np.exp(-np.abs(z))
    return np.where(z >= 0.0, 1.0 / (1.0 + e), e / (1.0 + e))


@pytest.mark.parametrize(
    ("slope", "verdict"),
    [
        (stable, Verdict.PROVED),
        (lambda z: np.where(z <= 0.0, stable(np.abs(z)), stable(z)), Verdict.REFUTED),
    ],
)
def test_slopes_of_smooth_terms_that_ask(slope: Any, verdict: Verdict) -> None:
    """They are proven term by term as well, and a slope that is wrong on a side is refuted."""
    report = verify_gradient(
        logistic, W, gradient=lambda w: -B.T @ (SIGNS * slope(-SIGNS * (B @ w))) + 0.1 * w
    )
    assert report.verdict is verdict, report


def test_a_slope_that_divides_by_zero_is_not_proven() -> None:
    """z / z is 1 but where z is 0."""
    report = verify_gradient(
        logistic,
        W,
        gradient=lambda w: -B.T @ (SIGNS * (z := -SIGNS * (B @ w)) / z * stable(z)) + 0.1 * w,
    )
    assert report.verdict is not Verdict.PROVED
