"""Threads that batches share, kept from call to call: starting one takes as long as 5000 points."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from autodiff.forking import hold_at_fork

__all__ = ["in_threads", "worth"]

_WORTH = 500_000  # operations that a thread must be given to be of use: a tenth of a millisecond
_LOCK = threading.RLock()
hold_at_fork(_LOCK)
_pools: dict[tuple[int, int], ThreadPoolExecutor] = {}  # by process and size


def worth(threads: int, operations: int) -> int:
    """How many of so many threads are of use for so many operations."""
    return max(1, min(threads, operations // _WORTH))


def in_threads(run: Callable[[int, int], None], count: int, threads: int) -> None:
    """``run`` over ranges of ``count`` segments, in so many threads, of which one is ours."""
    threads = min(threads, count)
    if count == 0:
        return
    borders = [count * k // max(threads, 1) for k in range(max(threads, 1) + 1)]
    first, *others = itertools.pairwise(borders)
    waiting = [_pool(threads - 1).submit(run, *range_) for range_ in others]
    try:
        run(*first)
    finally:
        for one in waiting:
            one.result()


def _pool(size: int) -> ThreadPoolExecutor:
    """The threads of this process; a forked child has none of its parent's."""
    with _LOCK:
        key = os.getpid(), size
        if key not in _pools:
            for other in [known for known in _pools if known[0] != key[0]]:
                del _pools[other]
            _pools[key] = ThreadPoolExecutor(size, "proofgrad batch")
        return _pools[key]
