"""Where lengths are zero a function has no derivative, unless something takes the bend away."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
from verify import Verdict, verify_gradient
from verify.truth.cusps import cusps

norm: Any = np.linalg.norm
A = np.array([[1.2, -0.4], [0.5, 0.9], [-0.7, 0.2]])
W = np.array([0.3, 0.4])

# A function, and the inputs by which it has no derivative where its lengths are zero.
_FUNCTIONS: dict[str, tuple[Any, list[list[int]]]] = {
    "a length": (norm, [[0, 1]]),
    "of what moves": (lambda w: norm(A @ w), [[0, 1]]),
    "of what one input does not move": (lambda w: np.hypot(w[0], 3.0 * w[0]) + w[1], [[0]]),
    "a spring": (lambda w: 0.5 * (norm(w) - 0.7) ** 2, [[0, 1]]),
    "two of one sign": (lambda w: norm(w) + 2.0 * norm(w - 1.0), [[0, 1], [0, 1]]),
    "a root of squares": (
        lambda w: np.sqrt(np.sum(w**2)) + np.sqrt(np.mean((w - 1.0) ** 2)),
        [[0, 1], [0, 1]],
    ),
    "a root of nothing but squares": (lambda w: np.sqrt(w[0] ** 2 + w[1]), []),
    "nowhere zero": (lambda w: np.hypot(w[0], 1.0) + w[1], []),
    "a square": (lambda w: norm(w) ** 2, []),
    "a third power": (lambda w: norm(w) ** 3, []),
    "a spring at rest": (lambda w: 0.5 * norm(w) ** 2 - 0.0 * norm(w), []),
    "two of either sign": (lambda w: norm(w) - norm(-w), []),
    "times each other": (lambda w: norm(w) * norm(w - 1.0), [[0, 1], [0, 1]]),
    "differences of lengths": (
        lambda w: (norm(w - 1.0) - norm(w) - 0.3) ** 2 + (norm(w + 1.0) - norm(w) - 0.2) ** 2,
        [[0, 1]] * 3,
    ),
    "times each other at one point": (lambda w: norm(w) * norm(2.0 * w), []),
    "times what is zero there": (lambda w: norm(w) * (w[0] + w[1]), []),
    "differences that vanish there": (
        lambda w: (norm(w) - 1.0) * (norm(w - np.array([1.0, 0.0])) - 1.0) + w[0],
        [],
    ),
    "of what need not move": (lambda w: np.hypot(w[0] ** 2, w[1] ** 2), []),
    "roots of either sign": (lambda w: np.sqrt(w[0] ** 2 + w[1] ** 2) - norm(w), []),
    "taken away by what is a length": (
        lambda w: norm(w) - np.sqrt((w[0] + w[1]) ** 2 - 2.0 * w[0] * w[1]),
        [],
    ),
    "taken away by an angle": (lambda w: norm(w) - np.arccos(1.0 - 0.5 * np.sum(w**2)), []),
    "taken away along one input": (
        lambda w: norm(w) - np.sqrt((norm(w - np.array([1.0, 0.0])) - 1.0) ** 2),
        [[0, 1]],  # where the other length is zero
    ),
    "taken away by what ends at infinity": (
        lambda w: norm(w) - w[0] * np.arctan(1.0 / w[0]),
        [[1]],
    ),
    "beside a root of something else": (
        lambda w: np.hypot(w[0] - 1.0, 2.0 * w[0] - 2.0) + np.sqrt(w[1]),
        [[0]],
    ),
    "beside another kink": (lambda w: norm(w) + np.abs(w[0]), []),
}


@pytest.mark.parametrize("name", _FUNCTIONS)
def test_lengths_that_bend_the_function_are_found(name: str) -> None:
    """Only where nothing can take the bend away, and only by the inputs that move the length."""
    function, expected = _FUNCTIONS[name]
    found = [sorted(cusp.inputs) for cusp in cusps(ad.trace(function, W))]
    assert found == [wanted for wanted in expected if wanted]


@pytest.mark.parametrize(
    ("function", "gradient", "is_proven"),
    [
        (lambda w: norm(A @ w), lambda w: A.T @ (A @ w) / norm(A @ w), True),
        (lambda w: norm(w) ** 2, lambda w: 2.0 * norm(w) * w / norm(w), False),
        (norm, lambda w: w * w / (w * norm(w)), False),
    ],
)
def test_a_gradient_may_divide_by_a_length_where_there_is_no_derivative(
    function: Any, gradient: Any, is_proven: bool
) -> None:
    """``w / norm(w)`` is PROVED of the norm, and no text that divides by zero elsewhere."""
    report = verify_gradient(function, W, gradient=gradient)
    assert (report.verdict is Verdict.PROVED) is is_proven, report
    if is_proven:
        assert "!= 0" in str(report.facts["domain"])
