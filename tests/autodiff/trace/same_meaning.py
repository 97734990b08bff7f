"""What a program and the graph that was recorded of it have in common: values, and slopes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import autodiff as ad

__all__ = ["require_slopes_of_differences", "require_the_unrolled"]

_HERE, _ELSEWHERE = (0.7, 0.3), (0.4, 0.9)
_STEP = 1e-6


def require_the_unrolled(program: Callable[..., Any], graph: ad.Graph) -> None:
    """The values of a program of two numbers, and the gradient of its unrolled trace."""
    slopes, right = ad.gradient(graph), ad.gradient(ad.trace(program, *_HERE))
    for point in (_HERE, _ELSEWHERE):
        assert ad.evaluate(graph, *point) == pytest.approx(program(*point), rel=1e-12)
        found = ad.evaluate(slopes, *point)
        assert found == pytest.approx(ad.evaluate(right, *point), rel=1e-10)


def require_slopes_of_differences(
    f: Callable[[Any], Any], graph: ad.Graph, points: Sequence[Any], rel: float = 1e-5
) -> None:
    """The values of a program of one array, and at the last point slopes by differences."""
    for at in points:
        assert ad.evaluate(graph, at) == pytest.approx(float(f(at)), rel=1e-12)
    last = points[-1]
    steps = _STEP * np.eye(len(last))
    differences = [(float(f(last + h)) - float(f(last - h))) / (2.0 * _STEP) for h in steps]
    found = np.asarray(ad.evaluate(ad.gradient(graph), last)).ravel()
    assert found == pytest.approx(differences, rel=rel, abs=1e-5)
