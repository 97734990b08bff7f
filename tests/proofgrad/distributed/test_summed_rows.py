"""Sums over Dask collections, on a cluster of processes, with one of them lost."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import proofgrad
from codegen import compile_gradient
from proofgrad.distributed import distribute
from proofgrad.distributed.sent_text import _loaded, kernel_of

REASON = "needs the extra dask"
da = pytest.importorskip("dask.array", reason=REASON)
dd = pytest.importorskip("dask.dataframe", reason=REASON)
pd = pytest.importorskip("pandas", reason=REASON)
distributed = pytest.importorskip("dask.distributed", reason=REASON)

DRAW = np.random.default_rng(5)
X, Y, W = DRAW.normal(size=(997, 3)), DRAW.normal(size=997), np.array([0.1, -0.2, 0.3])


def loss(w: Any, x: Any, y: Any) -> Any:
    """What one row contributes."""
    return (np.tanh(w @ x) - y) ** 2


@pytest.fixture(scope="module")
def total() -> Any:
    """The sum of ``loss`` over rows."""
    return distribute(loss, np.zeros(3), np.zeros(3), 0.0)


def rows(size: int = 97, prepare: Callable[[Any], Any] | None = None) -> tuple[Any, Any]:
    """The data in partitions of ``size`` rows."""
    x = da.from_array(X, chunks=(size, 3))
    x = x if prepare is None else x.map_blocks(prepare, dtype=float)
    return x, da.from_array(Y, chunks=size)


def one_machine(size: int = 97) -> tuple[float, Any]:
    """The same partitions and the same tree of sums, with NumPy alone."""
    df = compile_gradient(
        loss, np.zeros(3), np.zeros(3), 0.0, target="numpy", wrt=0,
        batch=(False, True, True), reduce="sum",
    )  # fmt: skip
    parts = [df(W, X[i : i + size], Y[i : i + size]) for i in range(0, len(X), size)]
    while len(parts) > 1:
        pairs = zip(parts[::2], parts[1::2], strict=False)
        sums = [(a[0] + b[0], a[1] + b[1]) for a, b in pairs]
        parts = sums + parts[2 * len(sums) :]
    return parts[0]


def same_bits(found: Any, expected: Any) -> bool:
    """True if value and gradient are the same numbers to the last bit."""
    return found[0] == expected[0] and found[1].tobytes() == expected[1].tobytes()


def test_a_partition_is_one_task(total: Any) -> None:
    """No rows travel between tasks: what is left are a sum, and what all partitions share."""
    x, y = da.ones((997, 3), chunks=(97, 3)), da.ones(997, chunks=97)
    task = total.lazy(W, 0.5 * x, y - 1.0)
    tasks = task.__dask_optimize__(task.dask, task.__dask_keys__())
    assert x.numblocks[0] < len(tasks) <= x.numblocks[0] + 3


@pytest.mark.parametrize("size", [97, 997, 64, 1])
def test_the_sum_is_that_of_one_machine(total: Any, size: int) -> None:
    """For any partitions, bits are those of NumPy over the same ones; all agree in value."""
    found = total(W, *rows(size))
    assert same_bits(found, one_machine(size))
    np.testing.assert_allclose(found[0], ((np.tanh(X @ W) - Y) ** 2).sum(), rtol=1e-12)


def test_structures_come_back() -> None:
    """The gradient mirrors the shared arguments, whatever they are made of."""

    def f(p: Any, x: Any) -> Any:
        return p["scale"] * np.sum(p["w"] * x)

    p = {"w": np.ones(3), "scale": 2.0}
    value, gradient = distribute(f, p, np.zeros(3))(p, rows()[0])
    np.testing.assert_allclose(value, 2.0 * X.sum())
    np.testing.assert_allclose(gradient["w"], 2.0 * X.sum(axis=0))
    np.testing.assert_allclose(gradient["scale"], X.sum())


def test_columns_of_a_frame_are_arguments_by_name() -> None:
    """A DataFrame stands for all arguments with rows; Series stand for one each."""
    fit = distribute(lambda w, x, y: (w * x - y) ** 2, 0.0, 0.0, 0.0)
    frame = dd.from_pandas(pd.DataFrame({"y": Y, "other": 1, "x": X[:, 0]}), npartitions=7)
    value, slope = fit(0.5, frame)
    assert fit(0.5, frame["x"], frame["y"]) == (value, slope)
    np.testing.assert_allclose(value, ((0.5 * X[:, 0] - Y) ** 2).sum())
    with pytest.raises(proofgrad.ArgumentError, match="expected y as well"):
        fit(0.5, frame[["x", "other"]])


def test_what_two_arguments_are_made_of_is_made_once() -> None:
    """Columns of one array share the task that makes its partition."""
    made = list[int]()

    def block(block_id: Any = (0, 0)) -> Any:
        made.append(block_id[0])
        return np.full((10, 2), float(block_id[0]))

    both = da.map_blocks(block, chunks=((10,) * 6, (2,)), dtype=float, meta=np.empty((0, 0)))
    fit = distribute(lambda w, x, y: (w * x - y) ** 2, 0.0, 0.0, 0.0)
    assert fit(3.0, both[:, 0], both[:, 1])[0] == 10 * 4.0 * sum(k * k for k in range(6))
    assert sorted(made) == list(range(6))


def test_arrays_and_series_may_stand_beside_each_other() -> None:
    """Also where the rows of a Series' partitions are not known before."""
    fit = distribute(lambda w, x, y: (w * x - y) ** 2, 0.0, 0.0, 0.0)
    series = dd.from_pandas(pd.Series(Y), npartitions=7)
    sizes = tuple(series.map_partitions(len).compute())
    value, _ = fit(0.5, da.from_array(X[:, 0], chunks=(sizes,)), series)
    np.testing.assert_allclose(value, ((0.5 * X[:, 0] - Y) ** 2).sum())


MISTAKES: dict[str, Callable[[], tuple[object, ...]]] = {
    "found ndarray; expected a Dask array": lambda: (W, X, Y),
    r"rechunk\(\{1: -1\}\)": lambda: (W, da.from_array(X, chunks=(97, 1)), rows()[1]),
    "different numbers of partitions": lambda: (W, rows(50)[0], rows()[1]),
    r"found 2 arguments; expected 3 \(w, x, y\)": lambda: (W, rows()[0]),
    r"argument w: .*shape \(4,\)": lambda: (np.zeros(4), *rows()),
    r"argument x: .*shape \(97, 2\)": lambda: (W, rows()[0][:, :2], rows()[1]),
    "different numbers of points": lambda: (W, rows(97)[0], da.from_array(Y[:995], chunks=97)),
}


@pytest.mark.parametrize("message", MISTAKES)
def test_mistakes_are_named(total: Any, message: str) -> None:
    """Wrong collections and rows that do not fit are errors of ours, on workers as well."""
    with pytest.raises(proofgrad.ArgumentError, match=message):
        total(*MISTAKES[message]())


def test_shared_arguments_come_first() -> None:
    """What is differentiated stands before what has rows, and something has rows."""
    for wrt in (1, (0, 1, 2)):
        with pytest.raises(proofgrad.ArgumentError, match="the shared ones first"):
            distribute(loss, np.zeros(3), np.zeros(3), 0.0, wrt=wrt)


@pytest.mark.parametrize("args", [(), (3,), ("loss", 1.0), (loss, "a", "b", "c"), (loss,)])
def test_wrong_calls(args: tuple[object, ...]) -> None:
    """What is no function of rows is an error of ours."""
    with pytest.raises(proofgrad.ProofgradError):
        distribute(*args)


def test_a_text_that_was_changed_on_its_way_is_refused() -> None:
    """A worker compiles nothing whose digest is another than the one that was sent."""
    kernel = kernel_of(
        compile_gradient(lambda x: x * x, 1.0, target="numpy", batch=True, reduce="sum")
    )
    assert kernel.sums([np.ones(1)]).tolist() == [1.0, 2.0]
    with pytest.raises(proofgrad.ProofgradError, match="not the one that was sent"):
        replace(kernel, packed=kernel.packed + b" ").sums([np.ones(1)])


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """A cluster of two processes."""
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with (
        distributed.LocalCluster(processes=True, **options) as cluster,
        distributed.Client(cluster) as found,
    ):
        yield found


def compiled_times() -> int:
    """How many texts this process has compiled."""
    return _loaded.cache_info().misses


def test_processes_give_the_same_bits(total: Any, client: Any) -> None:
    """Two processes give one machine's bits, and compile the text once each."""
    assert same_bits(total(W, *rows(16)), one_machine(16))
    assert set(client.run(compiled_times).values()) == {1}


def slowly(block: Any) -> Any:
    """The block, after a while."""
    time.sleep(0.1)
    return block


def test_a_lost_worker_changes_nothing(total: Any, client: Any) -> None:
    """A process that is killed in the middle is replaced, and the bits are the same."""
    before = client.run(os.getpid)
    future = client.compute(total.lazy(W, *rows(32, slowly)))
    time.sleep(0.7)
    assert future.status == "pending"
    os.kill(next(iter(before.values())), signal.SIGKILL)
    value, *numbers, count = future.result(timeout=60).tolist()
    assert same_bits((value, np.array(numbers)), one_machine(32))
    assert count == len(X)
    client.wait_for_workers(2, timeout=30)
    assert set(client.run(os.getpid).values()) != set(before.values())
