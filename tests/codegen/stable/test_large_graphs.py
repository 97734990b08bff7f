"""Functions too large for a search are rewritten where that is sure to help."""

from __future__ import annotations

import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient
from codegen.stable.large_graphs import settled_graph
from codegen.stable.stable_form import LARGEST
from verify.beside.true_numbers import true_numbers

SIZE = 200


def log_sum(x: np.ndarray) -> object:
    """Overflows at 1000 as it is written."""
    return np.log(np.sum(np.exp(x)))


def length(x: np.ndarray) -> object:
    """Overflows at 1e200 as it is written."""
    return np.sqrt(np.sum(x * x))


def losses(w: np.ndarray, x: np.ndarray) -> object:
    """The logistic loss of many rows."""
    return np.sum(np.log(1.0 + np.exp(-(x @ w))))


@pytest.mark.parametrize("size", [20, SIZE])
def test_softmax_of_many(size: int) -> None:
    """Value and gradient of log-sum-exp are right at a thousand and at minus a thousand."""
    df = compile_gradient(log_sum, np.ones(size), profile="stable", expand=True, check=size < SIZE)
    if size < SIZE:
        assert str(df.verdict) == "PROVED"
    for base in (1000.0, -1000.0):
        x = base + np.resize([0.0, 1.0, -2.0], size)
        weights = np.exp(x - x.max())
        value, gradient = df(x)
        assert value == pytest.approx(x.max() + np.log(weights.sum()), rel=1e-14)
        assert gradient == pytest.approx(weights / weights.sum(), rel=1e-11, abs=0.0)


@pytest.mark.parametrize("scale", [1e200, 1e-200])
def test_length_of_a_long_vector(scale: float) -> None:
    """No square overflows or vanishes."""
    df = compile_gradient(length, np.ones(SIZE), profile="stable", expand=True, check=False)
    value, gradient = df(np.full(SIZE, scale))
    assert value == pytest.approx(scale * np.sqrt(SIZE), rel=1e-13)
    assert gradient == pytest.approx(1.0 / np.sqrt(SIZE), rel=1e-13)


def test_the_check_at_compile_sees_the_rewritten_text() -> None:
    """Logistic losses of sixty rows: nothing overflows, and the text is certified."""
    df = compile_gradient(
        losses, np.ones(20), np.ones((60, 20)), wrt="w", profile="stable", expand=True
    )
    assert len(df.graph.nodes) > LARGEST
    assert str(df.verdict) in ("PROVED", "CERTIFIED")
    value, gradient = df(np.full(20, -2.0), np.full((60, 20), 20.0))
    assert value == 60 * 800.0
    assert gradient == pytest.approx(-60 * 20.0)


def test_rewritten_graphs_are_the_same_functions() -> None:
    """True numbers of both graphs agree, and what nothing helps stays the same object."""
    graph = ad.trace(log_sum, np.ones(5), expand=True)
    settled, steps = settled_graph(graph)
    points = [[0.5 * k - place for place in range(5)] for k in range(6)]
    assert steps
    assert true_numbers(graph, points) == true_numbers(settled, points)
    plain = ad.trace(lambda x: np.sum(np.sin(x) * x), np.ones(5), expand=True)
    assert settled_graph(plain)[0] is plain


def test_explain_names_the_line() -> None:
    """The rewrite is listed with the user's line."""
    df = compile_gradient(log_sum, np.ones(SIZE), profile="stable", expand=True, check=False)
    assert "return np.log(np.sum(np.exp(x)))" in str(df.explain()).splitlines()[0]
