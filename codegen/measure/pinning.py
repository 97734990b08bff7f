"""One core for a measurement: threads of a rival's then get no more than we do."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["ONE_THREAD", "one_core"]

# What libraries read when they are imported: for systems that cannot pin, and for those libraries
# that count a machine's cores, not a process's.
ONE_THREAD = {
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    **dict.fromkeys(("MKL_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"),
}


@contextmanager
def one_core() -> Iterator[int | None]:
    """Pin this thread, and what it starts meanwhile, to the last core it may use.

    Yields:
        The core's number; None where the system cannot pin.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield None
        return
    before = os.sched_getaffinity(0)
    core = max(before)
    os.sched_setaffinity(0, {core})
    try:
        yield core
    finally:
        os.sched_setaffinity(0, before)
