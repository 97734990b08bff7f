"""What no repetition lets through meets no infinite derivative, in a loop or beyond it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.run.roll.parted import parted
from autodiff.trace.trace import trace_loops
from codegen import compile_gradient

N = 30


def fixed(p: Any) -> Any:
    """A logarithm from before the loop, which no repetition takes."""
    a, s = np.log(p[0]), p[1]
    for _ in range(N):
        s = s * 0.5 + np.where(s > 100.0, a, p[2])
    return s


def result(p: Any) -> Any:
    """A loop of square roots, whose result is not taken."""
    s = p[0]
    for _ in range(N):
        s = np.sqrt(s) * 1.0
    return np.where(p[1] > 0, p[2], s)


def stream(p: Any) -> Any:
    """Elements that no repetition takes."""
    x, s = np.log(p), 0.0
    y = [x[0] + 0.1 * k for k in range(N)]
    for i in range(N):
        s = s * 0.5 + np.where(p[1] > 5.0 + i, y[i], p[2])
    return s


def first(p: Any) -> Any:
    """A first value that the first repetition replaces."""
    s = np.log(p[0])
    for i in range(N):
        s = np.where(p[1] > 0.0, p[2] * 0.5 + 0.1 * i, s)
    return s


def carried(p: Any) -> Any:
    """A value that goes on where its change has no derivative."""
    s = p[0]
    for _ in range(N):
        s = np.where(p[1] > 0.0, p[2] * s, np.sqrt(s) * 0.5)
    return s


def array(p: Any) -> Any:
    """The same of arrays."""
    a, s = np.log(p), p * 0.0
    for _ in range(N):
        s = s * 0.5 + np.where(p > 0.4, a, p)
    return np.sum(s)


POINTS = [np.array(p) for p in ([0.0, 0.3, 0.45], [0.5, 0.3, 0.45], [0.0, -0.3, 0.45])]


@pytest.mark.parametrize("function", [fixed, result, stream, first, carried, array])
def test_as_unrolled(function: Callable[[Any], Any]) -> None:
    """Gradients are those of the unrolled function, where that is finite, too."""
    straight, made = ad.trace(function, POINTS[0]), trace_loops(5000, function, POINTS[0])
    assert made is not None
    assert loops_of(made)
    right = ad.gradient(straight)
    for slopes in map(ad.gradient, (made, parted(made))):
        for point in POINTS:
            expected = ad.evaluate(right, point)
            found = ad.evaluate(slopes, point)
            assert np.allclose(found, expected, rtol=1e-12, equal_nan=True)


@pytest.mark.parametrize("function", [fixed, result, first])
def test_compiled(function: Callable[[Any], Any]) -> None:
    """The text of such a loop is certified, and finite where the function is."""
    made = trace_loops(5000, function, POINTS[0])
    assert made is not None
    gradient = compile_gradient(made, target="numpy")
    assert str(gradient.verdict.name).startswith("CERTIFIED")
    straight = ad.gradient(ad.trace(function, POINTS[0]))
    for point in POINTS:
        assert np.allclose(gradient(point)[1], ad.evaluate(straight, point), equal_nan=True)


def test_calm_loops_have_no_flags() -> None:
    """Where every derivative is finite there is nothing to tell apart."""

    def calm(p: Any) -> Any:
        s = p[0]
        for i in range(N):
            s = np.where(s > 0.1 * i, s * p[1], np.sin(s))
        return s

    made = trace_loops(5000, calm, POINTS[0])
    assert made is not None
    assert "flows" not in str(ad.gradient(made))
