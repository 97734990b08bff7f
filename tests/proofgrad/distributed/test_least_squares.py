"""Normal equations over rows in partitions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from proofgrad.distributed import normal_equations

REASON = "needs the extra dask"
da = pytest.importorskip("dask.array", reason=REASON)

DRAW = np.random.default_rng(8)
X = DRAW.uniform(0.0, 2.0, 403)
TRUE = np.array([2.5, 1.3])
Y = TRUE[0] * np.exp(-TRUE[1] * X) + 1e-3 * DRAW.normal(size=403)


def decay(p: Any, x: Any, y: Any) -> Any:
    """The residual of one row."""
    return p[0] * np.exp(-p[1] * x) - y


def rows(size: int = 50) -> tuple[Any, Any]:
    """The data in partitions."""
    return da.from_array(X, chunks=size), da.from_array(Y, chunks=size)


@pytest.mark.parametrize("target", ["numpy", "native"])
def test_they_are_those_of_the_jacobian(target: str) -> None:
    """Cost, Jᵀr and JᵀJ are what residuals and Jacobian of all rows at once give."""
    if target == "native":
        pytest.importorskip("llvmlite", reason="machine code needs llvmlite")
    p = np.array([2.0, 1.0])
    found = normal_equations(decay, np.ones(2), 0.0, 0.0, target=target)(p, *rows())
    residuals = decay(p, X, Y)
    jacobian = np.stack([np.exp(-p[1] * X), -p[0] * X * np.exp(-p[1] * X)], axis=1)
    np.testing.assert_allclose(found.cost, 0.5 * residuals @ residuals, rtol=1e-13)
    np.testing.assert_allclose(found.gradient, jacobian.T @ residuals, rtol=1e-12)
    np.testing.assert_allclose(found.matrix, jacobian.T @ jacobian, rtol=1e-13)


def test_steps_reach_the_fit() -> None:
    """Steps of Gauss and Newton come to SciPy's optimum, the damped one goes downhill."""
    optimize = pytest.importorskip("scipy.optimize", reason="the measure is SciPy's")
    equations, p = normal_equations(decay, np.ones(2), 0.0, 0.0), np.array([2.0, 1.0])
    before = equations(p, *rows())
    damped = equations.moved([p], before.step(damping=10.0))
    assert equations(damped, *rows()).cost < before.cost
    for _ in range(8):
        p = equations.moved([p], equations(p, *rows()).step())
    best = optimize.least_squares(decay, [2.0, 1.0], args=(X, Y), xtol=1e-15, ftol=1e-15)
    np.testing.assert_allclose(p, best.x, rtol=1e-7)


@pytest.mark.parametrize(
    "residuals",
    [
        lambda s, x, y: [s["a"] * x - y, s["b"] - y],
        lambda s, x, y: (s["a"] * x - y, s["b"] - y),
        lambda s, x, y: np.array([s["a"] * x - y, s["b"] - y]),
        lambda s, x, y: np.array([[s["a"] * x - y], [s["b"] - y]]),
    ],
)
def test_rows_of_several_residuals(residuals: Callable[..., Any]) -> None:
    """A list, a tuple or an array; parameters of any structure come back in it."""
    start = {"a": 0.0, "b": 0.0}
    equations = normal_equations(residuals, start, 0.0, 0.0)
    fit = equations.moved([start], equations(start, *rows()).step())
    assert fit["a"] == pytest.approx(X @ Y / (X @ X))
    assert fit["b"] == pytest.approx(np.mean(Y))


def test_several_parameters() -> None:
    """Each stands for its numbers, in order."""
    equations = normal_equations(lambda a, b, x, y: a * x + b - y, 0.0, 0.0, 0.0, 0.0, wrt=(0, 1))
    a, b = equations.moved([0.0, 0.0], equations(0.0, 0.0, *rows()).step())
    np.testing.assert_allclose([a, b], np.polyfit(X, Y, 1), rtol=1e-10)


def test_what_is_not_determined_moves_least() -> None:
    """Parameters that only their sum is known of get the shortest step."""
    equations = normal_equations(lambda p, x: p[0] + p[1] - x, np.zeros(2), 0.0)
    found = equations(np.zeros(2), rows()[0])
    np.testing.assert_allclose(found.step(), [np.mean(X) / 2] * 2, rtol=1e-12)


def test_partitions_do_not_change_bits_with_the_scheduler() -> None:
    """Threads and one thread give the same numbers to the last bit."""
    equations = normal_equations(decay, np.ones(2), 0.0, 0.0)
    import dask

    answers = []
    for scheduler in ("threads", "synchronous"):
        with dask.config.set(scheduler=scheduler):
            found = equations(np.ones(2), *rows(17))
        answers.append((found.cost, found.gradient.tobytes(), found.matrix.tobytes()))
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: normal_equations(decay, np.ones(2), 0.0, 0.0, wrt=1), "the shared ones first"),
        (lambda: normal_equations(decay, np.ones(2), 0.0, 0.0, on="spark"), "found str 'spark'"),
        (lambda: normal_equations(decay, np.ones(2), 0.0, 0.0)(np.ones(3), *rows()), "parameters"),
        (lambda: normal_equations(decay, np.ones(2), 0.0, 0.0)(np.ones(2), X, Y), "argument x"),
        (lambda: normal_equations(decay, np.ones(2), 0.0, 0.0)(*[]), "found 0 arguments"),
        (
            lambda: normal_equations(decay, np.ones(2), 0.0, 0.0)(np.ones(2), *rows()).step(-1.0),
            "damping: found -1",
        ),
        (
            lambda: normal_equations(decay, np.ones(2), 0.0, 0.0)(np.ones(2), *rows()).step("a"),
            "damping",
        ),
    ],
)
def test_mistakes_are_named(call: Callable[[], object], message: str) -> None:
    """Each is an error of ours that names what was found."""
    with pytest.raises(ad.ArgumentError, match=message):
        call()
