"""Derivatives go around numbers that are missing, and through systems below branches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient, compile_hvp

_DRAW = np.random.default_rng(0)
X, Y, W = _DRAW.normal(size=(9, 3)), _DRAW.normal(size=9), np.array([0.3, -0.2, 0.5])
HELD = X.copy()
HELD[4] = np.nan
THERE = ~np.isnan(HELD[:, 0])


def where(w: Any, x: Any, y: Any) -> Any:
    """Residuals that are nan are replaced."""
    r = y - x @ w
    return np.sum(np.where(np.isnan(r), 0.0, np.exp(r)))


def skipped(w: Any, x: Any, y: Any) -> Any:
    """NumPy's sum skips them."""
    return np.nansum((y - x @ w) ** 2)


def masked(w: Any, x: Any, y: Any) -> Any:
    """A mask leaves them out."""
    r = y - x @ w
    return np.sum(r[np.isfinite(r)] ** 3)


def twice(w: Any, x: Any, y: Any) -> Any:
    """The products that are missing are of traced values."""
    z = np.outer(x[:, 0], w) @ w
    return np.nansum((y - z) ** 2)


def held(w: Any, x: Any, y: Any) -> Any:
    """The data, and the rows that are there, are known."""
    r = (y - HELD @ w)[THERE]
    return np.sum(r * r)


@pytest.mark.parametrize("target", ["numpy", "native"])
@pytest.mark.parametrize("function", [where, skipped, masked, twice, held])
def test_rows_that_are_missing(function: Callable[..., Any], target: str) -> None:
    """The gradient, and the second derivative, are those without these rows."""
    there = np.delete(X, 4, axis=0), np.delete(Y, 4)
    gradient = compile_gradient(function, W, X, Y, wrt=0, target=target, expand=False)
    assert gradient.verdict.name == "CERTIFIED"
    value, found = gradient(W, HELD, Y)
    other = skipped if function is held else function
    straight = ad.trace(other, W, *there, expand=False)
    expected, slopes = ad.backpropagate(straight, W, *there, wrt=0)
    np.testing.assert_allclose(value, expected, rtol=1e-13)
    np.testing.assert_allclose(found, slopes, rtol=1e-12)
    if target == "numpy":
        product = compile_hvp(function, W, X, Y, wrt=0, target=target, expand=False, check=False)
        along = ad.evaluate(ad.hvp(straight, wrt=0), W, *there, np.ones(3))
        np.testing.assert_allclose(product(W, HELD, Y, np.ones(3)), along, rtol=1e-12)


def test_what_counts_and_is_missing_makes_the_gradient_nan() -> None:
    """A row with nan that no branch leaves out is seen."""

    def function(w: Any, x: Any, y: Any) -> Any:
        r = y - x @ w
        return np.sum(np.where(np.isnan(y), 0.0, r * r))

    gradient = compile_gradient(function, W, X, Y, wrt=0, target="numpy", expand=False)
    assert np.isnan(gradient(W, HELD, Y)[1]).all()
    assert np.isfinite(gradient(W, X, np.where(THERE, Y, np.nan))[1]).all()


def test_missing_observations_of_a_filter() -> None:
    """A loop over observations passes by those that are nan."""

    def filtered(q: Any, y: Any) -> Any:
        state, spread, total = np.zeros(2), np.eye(2), 0.0
        turn = np.array([[1.0, 1.0], [0.0, 1.0]])
        for seen in y:
            state, spread = turn @ state, turn @ spread @ turn.T + np.exp(q) * np.eye(2)
            if np.isnan(seen):
                continue
            s = spread[:1, :1] + 1.0
            gain = spread[:, :1] @ np.linalg.inv(s)
            miss = seen - state[:1]
            state, spread = state + gain @ miss, spread - gain @ spread[:1]
            total = total + miss @ np.linalg.solve(s, miss) + np.linalg.slogdet(s)[1]
        return total

    y = np.sin(np.arange(12.0))
    y[[3, 7, 8]] = np.nan
    gradient = compile_gradient(filtered, 0.2, y, wrt=0, target="numpy", expand=False)
    step = 1e-4
    ends = [gradient(0.2 + k * step, y)[0] for k in (-2, -1, 1, 2)]
    slope = (ends[0] - 8.0 * ends[1] + 8.0 * ends[2] - ends[3]) / (12.0 * step)
    np.testing.assert_allclose(gradient(0.2, y)[1], slope, rtol=1e-9)


def test_a_system_below_a_branch() -> None:
    """What flows through a system is not taken for nothing where the system's columns cancel."""
    matrix = np.array([[1.0, 1.0], [0.0, 1.0]])

    def chosen(b: Any) -> Any:
        x = np.linalg.solve(matrix, np.exp(b))
        return np.sum(np.where(x > -100.0, x * x, 0.0))

    def plain(b: Any) -> Any:
        x = np.linalg.solve(matrix, np.exp(b))
        return np.sum(x * x)

    point = np.array([0.1, 0.2])
    found = ad.evaluate(ad.gradient(ad.trace(chosen, point, expand=False)), point)
    expected = ad.evaluate(ad.gradient(ad.trace(plain, point, expand=False)), point)
    np.testing.assert_allclose(found, expected, rtol=1e-14)
