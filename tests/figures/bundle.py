"""The Jacobian of bundle adjustment's residuals, per observation, against C written by hand.

Both gather cameras and points of each observation and leave the data of a CSR matrix.  The problem
has the size of ADBench's ``ba1``: 49 cameras, 7776 points, 31 843 observations.

Run it: ``python -m tests.figures.bundle`` (gcc, and the extra ``native``).
"""

from __future__ import annotations

import ctypes
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from codegen import compile_jacobian
from tests.examples_by_path import example

CAMERAS, POINTS, SEEN, ROUNDS = 49, 7776, 31_843, 31
FLAGS = ["-O3", "-march=native", "-std=gnu99", "-shared", "-fPIC"]


class Problem:
    """Cameras and points near those of the example, and which is seen from which."""

    def __init__(self) -> None:
        self.one, draw, k = example("reprojection"), np.random.default_rng(0), np.arange(SEEN)
        self.cameras = self.one.CAMERA * (1 + 0.01 * draw.standard_normal((CAMERAS, 11)))
        self.points = self.one.POINT * (1 + 0.01 * draw.standard_normal((POINTS, 3)))
        self.weights = 1 + 0.1 * draw.standard_normal(SEEN)
        self.features = 100.0 * draw.standard_normal((SEEN, 2))
        self.seen = np.stack([k % CAMERAS, k % POINTS], axis=1).astype(np.int64)

    def ours(self, profile: str) -> Callable[[], Any]:
        """Compiled machine code, with NumPy's gather; gives the matrix's data."""

        def of_one(u: Any, feature: Any) -> Any:
            return self.one.residual(u[:11], u[11:14], u[14], feature)

        start = np.concatenate([self.one.CAMERA, self.one.POINT, [1.0]])
        compiled = compile_jacobian(
            of_one, start, np.zeros(2), wrt=0, target="native", batch=True, profile=profile
        )
        gathered, data = np.empty((SEEN, 15)), np.empty((SEEN, 2, 15))
        camera, point = (np.ascontiguousarray(self.seen[:, k]) for k in range(2))

        def call() -> Any:
            gathered[:, :11] = self.cameras[camera]
            gathered[:, 11:14] = self.points[point]
            gathered[:, 14] = self.weights
            return compiled(gathered, self.features, out=data)

        return call

    def by_hand(self, library: ctypes.CDLL, name: str, columns: int) -> Callable[[], Any]:
        """A function of bundle_by_hand.c."""
        data = np.empty((SEEN, 2, columns))
        arrays = self.seen, self.cameras, self.points, self.weights, self.features, data
        addresses = [ctypes.c_void_p(each.ctypes.data) for each in arrays]
        call, count = getattr(library, name), ctypes.c_long(SEEN)

        def by_c() -> Any:
            call(count, *addresses)
            return data

        return by_c


def library() -> ctypes.CDLL:
    """bundle_by_hand.c, compiled."""
    source = Path(__file__).with_name("bundle_by_hand.c")
    with tempfile.TemporaryDirectory() as folder:
        built = Path(folder) / "hand.so"
        subprocess.run(["gcc", *FLAGS, str(source), "-o", str(built), "-lm"], check=True)
        return ctypes.CDLL(str(built))


def medians(calls: Mapping[str, Callable[[], Any]]) -> dict[str, float]:
    """Median seconds of each, in turn."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            begun = time.perf_counter()
            call()
            times[name].append(time.perf_counter() - begun)
    return {name: median(each) for name, each in times.items()}


def main() -> None:
    """Print nanoseconds an observation, and the ratio to the C."""
    problem, compiled = Problem(), library()
    calls = {
        "C by hand": problem.by_hand(compiled, "jacobian", 15),
        "exact": problem.ours("exact"),
        "fast": problem.ours("fast"),
        "residuals alone, C": problem.by_hand(compiled, "residuals", 1),
    }
    expected = calls["C by hand"]()
    for profile in ("exact", "fast"):
        difference = np.abs(calls[profile]() - expected) / (1 + np.abs(expected))
        print(f"{profile}: largest difference {difference.max():.1e}")
    found = medians(calls)
    for name, seconds in found.items():
        ratio = seconds / found["C by hand"]
        print(f"{name:20} {1e9 * seconds / SEEN:6.0f} ns an observation, {ratio:.2f} of the C")


if __name__ == "__main__":
    main()
