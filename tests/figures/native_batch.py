"""Batches in machine code against ddx-ad, JAX and C written by hand, and a network's step.

Run it: ``python -m tests.figures.native_batch [points]`` (ddx-ad and JAX installed; the C where
there is gcc and a processor with AVX-512).  One core, by the clock of the process.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
import time
import timeit
from collections.abc import Callable, Mapping
from math import prod
from pathlib import Path
from typing import Any

# One thread, said before JAX is imported.
os.environ.setdefault(
    "XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
)

import numpy as np

import autodiff as ad
from codegen import compile_gradient, measure
from codegen.measure.contest.case import Case, Prepared
from codegen.measure.contest.contenders import CONTENDERS
from codegen.native.host import llvm
from tests.examples_by_path import example

ROUNDS = 9
BARS = {"ddx-ad": 2.5, "JAX jit": 8.0}
FLAGS = [
    "-O3", "-march=native", "-mprefer-vector-width=512", "-ffp-contract=fast", "-shared", "-fPIC",
]  # fmt: skip


def prepared(case: Case, name: str) -> Prepared:
    """A contender's batch, its numbers compared with ours."""
    batch = CONTENDERS[name].batch
    assert batch is not None
    return batch(case)


def bound(case: Case, profile: str = "exact") -> Callable[[], object]:
    """Our batch, bound to arrays of its own: as ddx-ad's buffer is."""
    df = compile_gradient(case.graph, target="native", batch=True, profile=profile)
    out = tuple(np.empty_like(column) for column in case.columns)
    return df.bind(*case.columns, out=out if len(out) > 1 else out[0])


def by_hand() -> ctypes.CDLL | None:
    """The functions of batches_by_hand.c; None where they cannot be compiled or run."""
    if not shutil.which("gcc") or not llvm().get_host_cpu_features().get("avx512f"):
        return None
    source = Path(__file__).with_name("batches_by_hand.c")
    with tempfile.TemporaryDirectory() as folder:
        built = Path(folder) / "hand.so"
        command = ["gcc", *FLAGS, str(source), "-o", str(built), "-lmvec", "-lm"]
        subprocess.run(command, check=True)
        return ctypes.CDLL(str(built))


def handwritten(library: ctypes.CDLL, name: str, case: Case) -> Callable[[], object]:
    """A function of the library over arrays of its own, its numbers compared with ours."""
    value, columns = np.empty(case.points), [np.empty_like(column) for column in case.columns]
    call = getattr(library, name)
    addresses = [ctypes.c_void_p(a.ctypes.data) for a in (*case.columns, value, *columns)]
    call(ctypes.c_long(case.points), *addresses)
    df = compile_gradient(case.graph, target="native", batch=True)
    ours = df(*case.columns)
    gradient = ours[1] if len(columns) > 1 else (ours[1],)
    for mine, theirs in zip((ours[0], *gradient), (value, *columns), strict=True):
        assert np.allclose(mine, theirs, rtol=1e-10, atol=1e-10 * np.abs(mine).max())
    kept = case.columns, value, columns
    return lambda: call(ctypes.c_long(case.points), *addresses) or kept


def nanoseconds(calls: Mapping[str, Callable[[], object]], points: int) -> dict[str, float]:
    """A point, each of the calls: the fastest of alternating rounds."""
    timers = {key: timeit.Timer(call, timer=time.process_time) for key, call in calls.items()}
    loops = {key: max(1, int(0.02 / max(watch.timeit(1), 1e-6))) for key, watch in timers.items()}
    found = {key: float("inf") for key in timers}
    for _ in range(ROUNDS):
        for key, watch in timers.items():
            found[key] = min(found[key], watch.timeit(loops[key]) / loops[key])
    return {key: seconds / points * 1e9 for key, seconds in found.items()}


def batches(points: int) -> None:
    """The four functions that ddx-ad compiles for so many points."""
    functions, library = example("benchmark"), by_hand()
    against: dict[str, list[float]] = {key: [] for key in BARS}
    beside: list[float] = []
    # C contracts products and sums, which ours may in the profile "fast" only.
    columns = ("ours", "bound", "fast", "C", "ddx-ad", "JAX jit")
    print(f"{'ns a point':16}" + "".join(f"{key:>9}" for key in columns) + "  bound / C, fast / C")
    for name in ("rosenbrock", "black_scholes", "network", "camera"):
        function = getattr(functions, name)
        examples = function.__defaults__
        inputs = np.concatenate([np.ravel(x) for x in examples])
        case = Case(str(ad.trace(function, *examples)), tuple(inputs.tolist()), points)
        made = {key: prepared(case, key).call for key in ("native", *BARS)}
        calls = {key: (lambda c=call: c[0](*c[1:])) if isinstance(call, tuple) else call
                 for key, call in made.items()}  # fmt: skip
        calls["ours"], calls["bound"] = calls.pop("native"), bound(case)
        calls["fast"] = bound(case, "fast")
        if library is not None:
            calls["C"] = handwritten(library, name, case)
        times = nanoseconds(calls, points)
        for key, ratios in against.items():
            ratios.append(times[key] / times["ours"])
        shown = "".join(f"{times.get(key, float('nan')):9.2f}" for key in columns)
        if library is not None:
            beside.append(times["bound"] / times["C"])
            shown += f"{beside[-1]:11.2f} {times['fast'] / times['C']:9.2f}"
        print(f"{name:16}{shown}")
    for key, ratios in against.items():
        print(f"{key} / ours: {_mean(ratios):.2f} (bar {BARS[key]}), least {min(ratios):.2f}")
    if beside:
        print(f"bound / C: {_mean(beside):.2f}, most {max(beside):.2f} (bar 1.15)")


def _mean(ratios: list[float]) -> float:
    """The geometric mean."""
    return prod(ratios) ** (1 / len(ratios))


def network(p: Any, x: Any, y: Any) -> Any:
    """Hinge loss of an MLP 2-16-16-1 with 337 parameters."""
    start, layer = 0, x
    for width, last in ((16, False), (16, False), (1, True)):
        rows = width * len(layer)
        weights = p[start : start + rows].reshape(width, len(layer))
        layer = weights @ layer + p[start + rows : start + rows + width]
        start += rows + width
        layer = layer if last else np.maximum(layer, 0.0)
    return np.maximum(1.0 - y * layer[0], 0.0)


def step() -> None:
    """Value and gradient of 337 shared parameters over 100 points, against JAX."""
    import jax

    jax.config.update("jax_enable_x64", True)
    numpy = jax.numpy
    draw = np.random.default_rng(0)
    p, x, y = draw.uniform(-1, 1, 337), draw.normal(size=(100, 2)), np.sign(draw.normal(size=100))
    options: dict[str, Any] = {"wrt": 0, "batch": (False, True, True), "reduce": "mean"}
    df = compile_gradient(network, p, x[0], 1.0, target="native", **options)

    def loss(p: Any, x: Any, y: Any) -> Any:
        start, layer = 0, x
        for width, last in ((16, False), (16, False), (1, True)):
            rows = width * layer.shape[1]
            weights = p[start : start + rows].reshape(width, -1)
            layer = layer @ weights.T + p[start + rows : start + rows + width]
            start += rows + width
            layer = layer if last else numpy.maximum(layer, 0.0)
        return numpy.mean(numpy.maximum(1.0 - y * layer[:, 0], 0.0))

    rival = jax.jit(jax.value_and_grad(loss))
    at = [jax.numpy.asarray(a) for a in (p, x, y)]
    value, gradient = rival(*at)
    assert abs(float(value) - df(p, x, y)[0]) < 1e-12
    assert np.allclose(gradient, df(p, x, y)[1], atol=1e-12)
    call = df.bind(p, x, y, out=np.empty(337))
    times = measure(
        {"call": (df, p, x, y), "bound": call, "JAX": lambda: jax.block_until_ready(rival(*at))},
        ROUNDS,
    )
    print("MLP 2-16-16-1, 100 points, µs:", {k: round(t / 1e3, 1) for k, t in times.items()})


if __name__ == "__main__":
    batches(int(sys.argv[1]) if len(sys.argv) > 1 else 1 << 18)
    step()
