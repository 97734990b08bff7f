"""Memory of results: handed out again as soon as nobody can read it, and never before."""

from __future__ import annotations

import gc
from collections.abc import Callable

import numpy as np
import pytest

from autodiff.graph.tree.leaves import Floats
from codegen import compile_gradient
from codegen.native.run import result_memory
from codegen.native.run.result_memory import ResultMemory
from tests.at_once import at_once

SIZE = 10_000

pytestmark = pytest.mark.skipif(
    not result_memory._COUNTED, reason="references are not counted without the interpreter's lock"
)


def address(array: Floats) -> int:
    """Where its numbers lie."""
    return int(array.ctypes.data)


def new(memory: ResultMemory) -> Floats:
    """One array from there."""
    (array,) = memory.new([(SIZE,)])
    return array


def test_memory_of_a_dropped_array_is_used_again() -> None:
    """Where the only array is gone the next call gets its memory, on a cache line."""
    memory = ResultMemory()
    array = new(memory)
    before = address(array)
    del array
    again = new(memory)
    assert address(again) == before
    assert before % 64 == 0


@pytest.mark.parametrize(
    "hold",
    [
        lambda a: a,
        lambda a: a[3:5],
        lambda a: a[1:][2:].reshape(-1, 1)[::2],
        lambda a: a.T.view(np.int64),
        memoryview,
        lambda a: memoryview(a)[7:],
        lambda a: np.frombuffer(a[5:], np.uint8),
        lambda a: np.lib.stride_tricks.as_strided(a, (3, 3), (8, 8)),
        lambda a: a.base,
        lambda a: a.ctypes,
        lambda a: a.flat,
        lambda a: a.__dlpack__(),
        lambda a: np.asarray(memoryview(a[2:])),
        lambda a: iter(a[1:]),
        lambda a: a.sum,
        lambda a: a.view(np.matrix),
        lambda a: np.broadcast_to(a, (2, SIZE)),
        lambda a: np.nditer(a[:9]),
    ],
)
def test_memory_that_somebody_holds_is_left_alone(hold: Callable[[Floats], object]) -> None:
    """Views, buffers, iterators and the memory itself all keep it from being handed out."""
    memory = ResultMemory()
    array = new(memory)
    array[...] = 7.0
    before, held = address(array), hold(array)
    del array
    gc.collect(1)  # of what is young
    others = [new(memory) for _ in range(4)]
    assert all(address(other) != before for other in others)
    del held
    gc.collect(1)
    assert address(new(memory)) == before


def test_arrays_of_one_call_are_apart() -> None:
    """Arrays of one size and call share nothing, fresh or used again."""
    memory = ResultMemory()
    for _ in range(3):
        arrays = memory.new([(SIZE,), (100, 100), (3,), (SIZE,)])
        assert [array.shape for array in arrays] == [(SIZE,), (100, 100), (3,), (SIZE,)]
        pairs = [(a, b) for k, a in enumerate(arrays) for b in arrays[:k]]
        assert not any(np.shares_memory(a, b) for a, b in pairs)


def test_no_more_is_kept_than_said() -> None:
    """Memory beyond the limit goes, of the size that was asked for longest ago."""
    memory = ResultMemory(most=3 * SIZE)
    memory.new([(SIZE,)])
    memory.new([(2 * SIZE,)])
    assert list(memory._kept) == [SIZE, 2 * SIZE]
    memory.new([(SIZE,)])  # asked for again
    memory.new([(SIZE - 1,)])
    assert list(memory._kept) == [SIZE, SIZE - 1]
    memory.new([(4 * SIZE,)])
    assert sum(size * len(kept) for size, kept in memory._kept.items()) <= 3 * SIZE


def test_finalizers_may_ask_too() -> None:
    """Whoever asks while another is being served gets memory of their own."""
    memory, found = ResultMemory(), []

    class Asking:
        def __init__(self) -> None:
            self.itself = self

        def __del__(self) -> None:
            found.append(new(memory))

    thresholds = gc.get_threshold()
    gc.set_threshold(1)
    try:
        for _ in range(50):
            new(memory)  # leaves idle memory behind
            Asking()
            found.append(new(memory))
    finally:
        gc.set_threshold(*thresholds)
    gc.collect()
    assert len({address(array) for array in found}) == len(found) > 60


def test_threads_never_share() -> None:
    """Calls in many threads find their own numbers in their own results."""
    pytest.importorskip("llvmlite")
    df = compile_gradient(lambda x: x * x, 1.0, target="native", batch=True)
    wrong: list[object] = []

    def work(own: float) -> None:
        x = np.full(SIZE, own)
        kept: list[tuple[Floats, float]] = []
        for turn in range(60):
            value, slope = df(x)
            kept = [*kept[turn % 4 :], (value[::3], own * own), (slope, 2.0 * own)]
            wrong.extend(number for array, number in kept if not (array == number).all())

    at_once(work, [1.0, 2.0, 3.0, 4.0])
    assert not wrong


def test_results_of_calls_stay_as_they_are() -> None:
    """A result that is kept keeps its numbers whatever is called afterwards."""
    pytest.importorskip("llvmlite")
    df = compile_gradient(lambda x: x * x, 1.0, target="native", batch=True)
    views = []
    for k in range(8):
        value, _ = df(np.full(SIZE, float(k)))
        views.append(value[17:19])
        del value
    assert [view.tolist() for view in views] == [[float(k * k)] * 2 for k in range(8)]
