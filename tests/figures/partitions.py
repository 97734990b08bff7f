"""Throughput of a sum over partitions: two processes of a Dask cluster against two plain loops.

Run it on a quiet machine of two cores or more: ``python -m tests.figures.partitions [rows of a
partition]``.  It needs the extra ``dask``.
"""

from __future__ import annotations

import multiprocessing
import statistics
import sys
import time
from multiprocessing.pool import Pool
from typing import Any

import dask.array as da
import numpy as np
from dask.distributed import Client, LocalCluster

from codegen import compile_gradient
from proofgrad.distributed import distribute

PARTITION = int(sys.argv[1]) if len(sys.argv) > 1 else 4_000_000  # 32 MB a column
ROWS, ROUNDS = 32 * PARTITION, 5
P = np.array([2.0, 1.0])


def decay(p: Any, x: Any, y: Any) -> Any:
    """What one row contributes."""
    return (p[0] * np.exp(-p[1] * x) - y) ** 2


def x_of(start: int) -> Any:
    """One partition, made where it is used: what is measured sends no rows."""
    return np.linspace(0.0, 3.0, PARTITION) + 1e-9 * start


def y_of(x: Any) -> Any:
    """Its other column."""
    return 2.5 * np.exp(-1.3 * x)


def one_loop(half: int) -> tuple[float, float]:
    """When a plain loop over half of the partitions begins, and when it ends."""
    df = compile_gradient(
        decay, P, 0.0, 0.0, target="numpy", wrt=0, batch=(False, True, True), reduce="sum"
    )
    begun, total = time.time(), 0.0
    for start in range(half * ROWS // 2, (half + 1) * ROWS // 2, PARTITION):
        x = x_of(start)
        total += df(P, x, y_of(x))[0]
    return begun, time.time()


def of_loops(pool: Pool) -> float:
    """Seconds of two loops beside each other."""
    spans = pool.map(one_loop, range(2), chunksize=1)
    return max(end for _, end in spans) - min(begun for begun, _ in spans)


def of_cluster(total: Any) -> float:
    """Seconds of the same rows by the cluster."""
    x = da.map_blocks(
        lambda block_id=(0,): x_of(block_id[0] * PARTITION),
        chunks=((PARTITION,) * (ROWS // PARTITION),), dtype=float, meta=np.empty(0),
    )  # fmt: skip
    begun = time.time()
    total(P, x, x.map_blocks(y_of, dtype=float, meta=np.empty(0)))
    return time.time() - begun


def compared(total: Any) -> tuple[float, float]:
    """Seconds of two loops and of a cluster, medians of rounds."""
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with (
        multiprocessing.get_context("spawn").Pool(2) as pool,
        LocalCluster(processes=True, **options) as cluster,
        Client(cluster),
    ):
        of_loops(pool), of_cluster(total)  # compiled once
        times = [(of_loops(pool), of_cluster(total)) for _ in range(ROUNDS)]
    loops, spread = (statistics.median(each) for each in zip(*times, strict=True))
    return loops, spread


def main() -> None:
    """Print the ratio of throughputs."""
    loops, spread = compared(distribute(decay, P, 0.0, 0.0))
    print(
        f"two loops {ROWS / loops / 1e6:.1f}, cluster {ROWS / spread / 1e6:.1f} million rows/s, "
        f"ratio {loops / spread:.3f} (medians of {ROUNDS} rounds)"
    )


if __name__ == "__main__":
    main()
