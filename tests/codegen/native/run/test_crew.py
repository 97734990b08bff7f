"""Threads that batches share: all ranges run, errors arrive, and a fork has threads of its own."""

from __future__ import annotations

import os
import threading

import numpy as np
import pytest

from codegen import compile_gradient
from codegen.native.run.crew import _WORTH, in_threads, worth


@pytest.mark.parametrize(("count", "threads"), [(0, 2), (1, 4), (5, 2), (7, 3), (4, 4), (3, 1)])
def test_every_segment_runs_once(count: int, threads: int) -> None:
    """Ranges do not overlap and leave nothing out."""
    seen: list[int] = []
    in_threads(lambda first, last: seen.extend(range(first, last)), count, threads)
    assert sorted(seen) == list(range(count))


def test_threads_are_kept() -> None:
    """The second call starts none."""
    names: set[str] = set()

    def run(first: int, last: int) -> None:
        names.add(threading.current_thread().name)

    for _ in range(20):
        in_threads(run, 2, 2)
    assert len(names) == 2


@pytest.mark.parametrize("wrong", [0, 1])
def test_an_error_in_any_range_is_the_caller_s(wrong: int) -> None:
    """Whichever range fails, ours or another thread's, the call does, after all have ended."""
    ended: list[int] = []

    def run(first: int, last: int) -> None:
        if first == wrong:
            raise ValueError("no")
        ended.append(first)

    with pytest.raises(ValueError, match="no"):
        in_threads(run, 2, 2)
    assert ended == [1 - wrong]


def test_a_thread_must_be_worth_it() -> None:
    """Little work is done in the caller's thread; much in as many as were asked for."""
    assert worth(8, 10) == 1
    assert worth(2, 2 * _WORTH) == 2
    assert worth(4, 3 * _WORTH) == 3
    assert worth(1, 100 * _WORTH) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system cannot fork")
def test_a_forked_child_has_threads() -> None:
    """A batch in two threads before a fork, and one after it, give the same."""
    df = compile_gradient(lambda x: np.sin(x) * x, 1.0, target="native", batch=True, threads=2)
    x = np.linspace(0.0, 1.0, 400_000)
    expected = df(x)[1]
    child = os.fork()
    if child == 0:
        os._exit(0 if np.array_equal(df(x)[1], expected) else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert np.array_equal(df(x)[1], expected)
