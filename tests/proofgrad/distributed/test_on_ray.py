"""The same sums on Ray: by a stand-in of what its documentation promises, and by Ray itself."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import proofgrad
from proofgrad.distributed import distribute, normal_equations, train

DRAW = np.random.default_rng(4)
X, Y, W = DRAW.normal(size=(90, 3)), DRAW.normal(size=90), np.array([0.1, -0.2, 0.3])


def loss(w: Any, x: Any, y: Any) -> Any:
    """What one row contributes."""
    return (np.tanh(w @ x) - y) ** 2


class ObjectRef:
    """What a store keeps; only as an argument of its own it is resolved for a task."""

    def __init__(self, value: object) -> None:
        self.value = value


class _Remote:
    def __init__(self, function: Callable[..., object]) -> None:
        self.function = function

    def remote(self, *arguments: object) -> ObjectRef:
        return ObjectRef(
            self.function(*[x.value if isinstance(x, ObjectRef) else x for x in arguments])
        )


def stand_in() -> Any:
    """A module with ``put``, ``get``, ``remote`` as Ray has them, in this process."""
    return SimpleNamespace(
        ObjectRef=ObjectRef, put=ObjectRef, get=lambda ref: ref.value, remote=_Remote
    )


class Frames:
    """A Dataset of columns, by the two methods that are asked for."""

    def __init__(self, blocks: list[dict[str, Any]]) -> None:
        self.blocks = blocks

    def columns(self) -> list[str]:
        """Their names."""
        return list(self.blocks[0])

    def to_pandas_refs(self) -> list[ObjectRef]:
        """The blocks, by reference."""
        return [ObjectRef(block) for block in self.blocks]


@pytest.fixture(params=["stand-in", "Ray"])
def ray(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Ray, or what stands for it."""
    if request.param == "stand-in":
        monkeypatch.setitem(sys.modules, "ray", stand_in())
        yield sys.modules["ray"]
        return
    found = pytest.importorskip("ray", reason="needs the extra ray")
    found.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    yield found
    found.shutdown()


def blocks(values: Any, size: int = 40) -> list[Any]:
    """Rows in blocks."""
    return [values[i : i + size] for i in range(0, len(values), size)]


def test_the_bits_are_those_of_dask(ray: Any) -> None:
    """Blocks as they are or as references give what Dask gives for the same partitions."""
    da = pytest.importorskip("dask.array", reason="needs the extra dask")
    on_dask = distribute(loss, np.zeros(3), np.zeros(3), 0.0)
    expected = on_dask(W, da.from_array(X, chunks=(40, 3)), da.from_array(Y, chunks=40))
    total = distribute(loss, np.zeros(3), np.zeros(3), 0.0, on="ray")
    for given in (blocks(X), blocks(Y)), [[ray.put(b) for b in blocks(v)] for v in (X, Y)]:
        value, gradient = total(W, *given)
        assert value == expected[0]
        assert gradient.tobytes() == expected[1].tobytes()


def test_a_dataset_is_all_arguments_by_name(ray: Any) -> None:
    """Its columns have their names; what is missing is named."""
    total = distribute(lambda w, x, y: (w * x - y) ** 2, 0.0, 0.0, 0.0, on="ray")
    frames = Frames([{"y": Y[i::2], "x": X[i::2, 0]} for i in range(2)])
    if isinstance(ray, SimpleNamespace):
        value, _ = total(0.5, frames)
        assert value == pytest.approx(np.sum((0.5 * X[:, 0] - Y) ** 2))
    with pytest.raises(proofgrad.ArgumentError, match="expected y as well"):
        total(0.5, Frames([{"x": Y}]))


def test_training_and_normal_equations(ray: Any) -> None:
    """Both run on the same tasks."""
    equations = normal_equations(lambda w, x, y: w @ x - y, np.zeros(3), np.zeros(3), 0.0, on="ray")
    step = equations(np.zeros(3), blocks(X), blocks(Y)).step()
    np.testing.assert_allclose(step, np.linalg.lstsq(X, Y, rcond=None)[0], rtol=1e-12)
    total = distribute(lambda w, x, y: (w @ x - y) ** 2, np.zeros(3), np.zeros(3), 0.0, on="ray")
    found, _ = train(total, np.zeros(3), blocks(X), blocks(Y), steps=200)
    np.testing.assert_allclose(found, step, atol=1e-8)


def test_mistakes_are_named(ray: Any) -> None:
    """What is no list of blocks, and blocks that do not fit, are errors of ours."""
    total = distribute(loss, np.zeros(3), np.zeros(3), 0.0, on="ray")
    with pytest.raises(proofgrad.ArgumentError, match="expected a list of blocks"):
        total(W, X, Y)
    with pytest.raises(proofgrad.ArgumentError, match="different numbers of partitions"):
        total(W, blocks(X), blocks(Y, 10))
    with pytest.raises(proofgrad.ArgumentError, match="argument x"):
        total(W, blocks(X[:, :2]), blocks(Y))


def test_without_ray_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the extra's name."""
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(proofgrad.ProofgradError, match=r"needs Ray: .*proofgrad\[ray\]"):
        distribute(loss, np.zeros(3), np.zeros(3), 0.0, on="ray")
