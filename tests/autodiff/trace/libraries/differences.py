"""Differences of a function, extrapolated, to hold gradients to."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import autodiff as ad

__all__ = ["assert_as_called", "assert_differences_agree", "slopes"]

_STEPS = 4


def slopes(function: Callable[[Any], Any], x: Any) -> Any:
    """Central differences of four steps, each half of the one before, by Richardson's rule."""
    point = np.asarray(x, float)
    found = np.zeros(point.size)
    for i in range(point.size):
        unit = np.zeros(point.size)
        unit[i] = 1.0
        unit = unit.reshape(point.shape)
        table = []
        for k in range(_STEPS):
            h = 1e-2 * max(0.1, abs(point.flat[i])) / 2**k
            ahead, behind = point + h * unit, point - h * unit
            if not point.shape:
                ahead, behind = float(ahead), float(behind)
            table.append(float((function(ahead) - function(behind)) / (2 * h)))
        for order in range(1, _STEPS):
            factor = 4**order
            table = [(factor * near - far) / (factor - 1) for far, near in pairwise(table)]
        found[i] = table[0]
    return found.reshape(point.shape)


def assert_differences_agree(
    function: Callable[[Any], Any], x: Any, gradient: Any, within: float = 1e-8
) -> None:
    """The gradient is what differences say, relative to its largest entry."""
    expected = slopes(function, x)
    scale = max(1e-3, float(np.max(np.abs(expected))))
    assert np.max(np.abs(np.asarray(gradient) - expected)) <= within * scale, (gradient, expected)


def assert_as_called(function: Callable[[Any], Any], x: Any) -> None:
    """The trace in whole arrays gives what a call gives, and the gradient what differences say."""
    value, gradient = ad.backpropagate(ad.trace(function, x, expand=False), x)
    assert float(value) == pytest.approx(float(function(x)), rel=1e-13)
    np.testing.assert_allclose(gradient, slopes(function, x), rtol=2e-6, atol=1e-7)
