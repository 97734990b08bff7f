"""Training over rows in partitions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.errors import TrainingError
from autodiff.optimizers import SGD, Adam
from proofgrad.distributed import distribute, train

da = pytest.importorskip("dask.array", reason="needs the extra dask")

DRAW = np.random.default_rng(3)
X = DRAW.normal(size=(300, 2))
TRUE = {"w": np.array([1.5, -0.5]), "b": 0.25}
Y = X @ TRUE["w"] + TRUE["b"]
START = {"w": np.zeros(2), "b": 0.0}


def loss(p: Any, x: Any, y: Any) -> Any:
    """What one row contributes."""
    return (p["w"] @ x + p["b"] - y) ** 2


def rows(size: int = 100) -> tuple[Any, Any]:
    """The data in partitions."""
    return da.from_array(X, chunks=(size, 2)), da.from_array(Y, chunks=size)


@pytest.fixture(scope="module")
def total() -> Any:
    """The sum of ``loss`` over rows."""
    return distribute(loss, START, np.zeros(2), 0.0)


@pytest.mark.parametrize("partitions", [None, 1, 2, 7])
def test_it_comes_to_the_fit(total: Any, partitions: int | None) -> None:
    """By steps of all rows, or of some partitions in turn; losses are means over rows."""
    quick = partial(SGD, learning_rate=0.3)
    found, history = train(total, START, *rows(), steps=40, partitions=partitions, optimizer=quick)
    np.testing.assert_allclose(found["w"], TRUE["w"], atol=1e-6)
    assert found["b"] == pytest.approx(TRUE["b"], abs=1e-6)
    assert len(history.losses) == 40
    taken = slice(0, {1: 100, 2: 200}.get(partitions or 0, 300))
    assert history.losses[0] == pytest.approx(np.mean(Y[taken] ** 2))


def test_steps_are_those_of_the_optimizer(total: Any) -> None:
    """Adam moves along the mean gradient as it does anywhere."""
    found, _ = train(total, START, *rows(), steps=3, optimizer=partial(Adam, learning_rate=0.1))
    p, moving = np.zeros(3), Adam([ad.Value(0.0) for _ in range(3)], learning_rate=0.1)
    for _ in range(3):
        error = X @ p[:2] + p[2] - Y
        p = p + moving.update(2.0 * np.append(X.T @ error, error.sum()) / len(X))
    np.testing.assert_allclose([*found["w"], found["b"]], p, rtol=1e-12)


def test_partitions_are_taken_in_turn(total: Any) -> None:
    """A step of two of three partitions takes first and second, then third and first."""
    _, history = train(
        total, START, *rows(), steps=2, partitions=2, optimizer=partial(SGD, learning_rate=1e-300)
    )
    expected = [np.mean(Y[:200] ** 2), np.mean(np.append(Y[200:], Y[:100]) ** 2)]
    np.testing.assert_allclose(history.losses, expected, rtol=1e-12)


def test_several_parameters() -> None:
    """They come as a tuple, and back as one."""
    total = distribute(
        lambda a, b, x: (a * x[0] + b - x[1]) ** 2, 0.0, 0.0, np.zeros(2), wrt=(0, 1)
    )
    (a, b), _ = train(total, (0.0, 0.0), rows()[0], steps=400)
    np.testing.assert_allclose([a, b], np.polyfit(X[:, 0], X[:, 1], 1), rtol=1e-6)


def test_numbers_that_are_not_finite_stop_it(total: Any) -> None:
    """The error has the losses, and the parameters of the last finite step."""
    with pytest.raises(TrainingError, match="Try a learning rate below 100") as caught:
        train(total, START, *rows(), optimizer=partial(SGD, learning_rate=100.0), steps=1000)
    assert len(caught.value.history.losses) > 10
    assert np.isfinite(caught.value.parameters["w"]).all()
    bad = da.from_array(np.where(Y[5] == Y, np.nan, Y), chunks=100)
    with pytest.raises(TrainingError, match=r"step 0: .*and the rows"):
        train(total, START, rows()[0], bad)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t: train(loss, START, *rows()), "found function; expected what distribute"),
        (lambda t: train(t, np.zeros(3), *rows()), "parameters"),
        (lambda t: train(t, START, *rows(), steps=0), "steps: found int 0"),
        (lambda t: train(t, START, *rows(), partitions=0), "partitions: found int 0"),
        (lambda t: train(t, START, X, Y), "argument x: found ndarray"),
        (lambda t: train(t, START), "found 1 argument"),
    ],
)
def test_mistakes_are_named(call: Callable[[Any], object], message: str, total: Any) -> None:
    """Each is an error of ours that names what was found."""
    with pytest.raises(ad.ArgumentError, match=message):
        call(total)
