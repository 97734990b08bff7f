"""What target "python" compiles of loops can be pickled, explained, and is refused as elsewhere."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen import CompiledGradient, compile_gradient

ARGS = 1.2, np.linspace(0.1, 1.0, 300)


def walked(x: Any, ys: Any) -> Any:
    """A number that steps of a loop change."""
    for k in range(len(ys)):
        x = x + 0.1 * ys[k] * np.sin(x)
    return x


@pytest.fixture(scope="module")
def df() -> CompiledGradient:
    """Value and gradient of the loop."""
    return compile_gradient(walked, *ARGS)


def test_pickle(df: CompiledGradient) -> None:
    """What comes out of a pickle has loops as well, and gives the same numbers."""
    again = pickle.loads(pickle.dumps(df))
    assert "reversed(range(300))" in again.source
    assert again(*ARGS)[0] == df(*ARGS)[0]
    np.testing.assert_array_equal(again(*ARGS)[1][1], df(*ARGS)[1][1])


def test_explain_goes_through_loops(df: CompiledGradient) -> None:
    """The source map holds lines of both halves."""
    assert {line.function for line in df.explain().lines} >= {"forward", "backward"}


def test_wrong_arguments_are_refused(df: CompiledGradient) -> None:
    """An array of another length is refused by name."""
    with pytest.raises(ad.ArgumentError, match="ys"):
        df(1.0, np.ones(3))


def test_small_loops_stay_straight() -> None:
    """A loop of a few repetitions is written out, as before."""
    df = compile_gradient(walked, 1.2, np.linspace(0.1, 1.0, 5))
    assert "range(" not in df.source


def test_expand_unrolls() -> None:
    """``expand=True`` writes every repetition out."""
    df = compile_gradient(walked, *ARGS, expand=True)
    assert "range(" not in df.source
    assert df(*ARGS)[0] == pytest.approx(compile_gradient(walked, *ARGS)(*ARGS)[0], rel=1e-13)


@pytest.mark.parametrize("target", ["python", "numpy", "native"])
def test_loops_stay_loops_where_rounding_may_differ(target: str) -> None:
    """Profile "fast" unrolls nothing: its text is as short, its numbers nearly the same."""
    df = compile_gradient(walked, *ARGS, target=target, profile="fast")
    assert "range(300)" in df.source
    expected = compile_gradient(walked, *ARGS)(*ARGS)[1]
    for found, right in zip(df(*ARGS)[1], expected, strict=True):
        np.testing.assert_allclose(found, right, rtol=1e-12)


def test_rows_of_constants_are_lists() -> None:
    """A table of numbers that nested loops begin with is a list of lists."""

    def warped(x: Any, y: Any) -> Any:
        d = np.full((14, 14), 5.0)
        d[0, 0] = 0.0
        for i in range(1, 14):
            for j in range(1, 14):
                near = np.sqrt(d[i - 1, j] * d[i, j - 1] + d[i - 1, j - 1] ** 2)
                d[i, j] = (x[i - 1] - y[j - 1]) ** 2 + 0.3 * near
        return d[13, 13]

    args = np.sin(np.arange(13.0)), np.cos(np.arange(13.0))
    text, arrays = (compile_gradient(warped, *args, target=t) for t in ("python", "numpy"))
    assert len(text.source.splitlines()) < 500
    for one, two in zip(text(*args)[1], arrays(*args)[1], strict=True):
        assert np.allclose(one, two, rtol=1e-12)
    assert text(*args)[0] == pytest.approx(float(warped(*args)), rel=1e-13)


def _determinants(p: Any, returns: Any) -> Any:
    h, total = np.diag(p), 0.0
    for t in range(1, len(returns)):
        h = h * 0.5 + np.outer(returns[t - 1], returns[t - 1]) * p[0] + np.eye(2)
        total += np.log(np.linalg.det(h))
    return total


def _covariances(p: Any, returns: Any) -> Any:
    a, h, total = np.diag(p), np.cov(returns.T), 0.0
    for t in range(1, len(returns)):
        e = returns[t - 1][:, None]
        h = np.eye(2) + a @ e @ e.T @ a.T + 0.5 * h
        total += np.log(np.linalg.det(h)) + returns[t] @ np.linalg.inv(h) @ returns[t]
    return total


@pytest.mark.parametrize("function", [_determinants, _covariances])
def test_determinants_in_loops(function: Any) -> None:
    """Of lists that are sliced twice, and, where no list can be the loop, in numbers."""
    p, returns = np.array([0.5, 0.7]), np.cos(np.arange(24.0)).reshape(12, 2)
    texts = [compile_gradient(function, p, returns, wrt=0, target=t) for t in ("python", "numpy")]
    (value, gradient), (expected, right) = [df(p, returns) for df in texts]
    assert value == pytest.approx(expected, rel=1e-13)
    assert gradient == pytest.approx(right, rel=1e-12)
