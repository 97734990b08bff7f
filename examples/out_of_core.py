"""A fit of more rows than memory holds: normal equations over partitions of Parquet files.

Half-lives are read off the decay y = a exp(-b x) + noise.  The rows are written to files first, a
partition at a time; then two processes, each with little memory, compute cost, gradient and JᵀJ of
one partition after another, and the sums are the same bits on any number of processes.

Run it: ``python examples/out_of_core.py``, or with 10⁸ rows (1.6 GB of files, a few minutes)
``python examples/out_of_core.py --rows 100000000 --keep /tmp/decay``, and open the dashboard that
it names.  It needs the extra ``dask``.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

import numpy as np

from proofgrad.distributed import normal_equations

TRUE = np.array([2.5, 1.3])
NOISE = 0.01
MEMORY = "400MB"  # of a process; above, Dask would stop it


def decay(p, x, y):
    """What one row contributes: the distance of y from the curve."""
    return p[0] * np.exp(-p[1] * x) - y


def write_rows(folder, rows, per_file):
    """Parquet files of the rows, drawn a partition at a time."""
    import pandas as pd

    for number, start in enumerate(range(0, rows, per_file)):
        path = folder / f"part-{number:05d}.parquet"
        if not path.exists():
            draw, count = np.random.default_rng(number), min(per_file, rows - start)
            x = draw.uniform(0.0, 3.0, count)
            y = decay(TRUE, x, NOISE * draw.standard_normal(count))
            pd.DataFrame({"x": x, "y": y}).to_parquet(path, compression=None, index=False)


def fit(frame, steps=6):
    """Parameters after steps of Gauss and Newton, printed on the way."""
    equations, p = normal_equations(decay, np.ones(2), 0.0, 0.0), np.array([1.0, 1.0])
    for step in range(steps):
        found = equations(p, frame)
        print(f"step {step}: a {p[0]:.6f}, b {p[1]:.6f}, half the sum of squares {found.cost:.6g}")
        move = found.step()
        p = equations.moved([p], move)
        if np.max(np.abs(move)) < 1e-9:
            break
    return p, found


def highest_memory():
    """The most memory that this process has taken, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main():
    """Write rows, fit, and say what it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--per-file", type=int, default=None)
    parser.add_argument("--keep", type=Path, default=None, help="a folder for the files")
    given = parser.parse_args()
    try:
        import dask.dataframe as dd
        from dask.distributed import Client, LocalCluster
    except ImportError:
        print("not run: it needs Dask (pip install '.[dask]')")
        return

    per_file = given.per_file or max(given.rows // 200, 25_000)
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        write_rows(folder, given.rows, per_file)
        files = sorted(folder.glob("*.parquet"))
        size = sum(file.stat().st_size for file in files)
        print(f"{given.rows} rows in {len(files)} files, {size / 1e6:.0f} MB")
        options = {"n_workers": 2, "threads_per_worker": 1, "memory_limit": MEMORY}
        with (
            LocalCluster(processes=True, dashboard_address=":0", **options) as cluster,
            Client(cluster) as client,
        ):
            print(f"dashboard: {client.dashboard_link}")
            begun = time.perf_counter()
            p, found = fit(dd.read_parquet(files))
            taken = time.perf_counter() - begun
            used = client.run(highest_memory)
        errors = NOISE * np.sqrt(np.diag(np.linalg.inv(found.matrix)))
        print(f"a {p[0]:.5f} ± {errors[0]:.1g}, b {p[1]:.5f} ± {errors[1]:.1g}")
        print(f"within four standard errors: {bool(np.all(np.abs(p - TRUE) < 4 * errors))}")
        print(f"{taken:.1f} s; a process took at most {max(used.values()):.0f} MB")


if __name__ == "__main__":
    main()
