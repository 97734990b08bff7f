"""Functions under numba's decorators, traced through what they were made of."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.trace.trace import trace_loops

numba = pytest.importorskip("numba")


def of_one(x: Any, limit: Any) -> Any:
    """One side of a limit, or the other."""
    if x > limit:
        return math.exp(-x)
    return x * limit


def _filled(out: Any, xs: Any) -> None:
    for i in range(xs.shape[0]):
        out[i] = of_one(xs[i], 0.5)


def of_filled(xs: Any) -> Any:
    """A sum over an array that another function makes, and a third one fills."""
    out = zeros(xs.size)
    filled(out, xs)
    return np.sum(out * out)


def zeros(n: int) -> Any:
    """Zeros."""
    return np.zeros(n)


filled = _filled


@pytest.fixture
def under_njit(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The function above with each function that it calls, and it too, under ``numba.njit``."""
    for name, function in (("of_one", of_one), ("zeros", zeros), ("filled", _filled)):
        monkeypatch.setitem(globals(), name, numba.njit(function))
    return numba.njit(of_filled)


def test_jitted_functions_record(under_njit: Any) -> None:
    """They record what their source records; what they make can hold traced values."""
    x = np.array([0.25, 0.75, 0.5])
    assert str(ad.trace(under_njit, x)) == str(ad.trace(of_filled, x))


def test_their_loops_stay_loops(under_njit: Any) -> None:
    """Loops inside are recorded once."""
    graph = trace_loops(500, under_njit, np.linspace(0.0, 1.0, 300))
    assert graph is not None
    assert loops_of(graph)


def test_ufuncs_of_the_users() -> None:
    """``numba.vectorize`` goes over elements, whatever its function is called."""

    @numba.vectorize
    def square(x: float) -> float:
        return x * x * x

    derivative = ad.value_and_grad(lambda x: np.sum(square(x)))
    value, gradient = derivative(np.array([1.0, 2.0]))
    assert value == 9.0
    assert gradient.tolist() == [3.0, 12.0]
