"""Batches in machine code against ddx-ad and JAX, and a network's step.

Run it: ``python -m tests.figures.native_batch [points]`` (ddx-ad and JAX installed).
"""

from __future__ import annotations

import os
import sys
from math import prod
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
from tests.examples_by_path import example

ROUNDS = 9


def prepared(case: Case, name: str) -> Prepared:
    """A contender's batch, its numbers compared with ours."""
    batch = CONTENDERS[name].batch
    assert batch is not None
    return batch(case)


def bound(function: Any, case: Case) -> Any:
    """Our batch, bound to arrays of its own: as ddx-ad's buffer is."""
    columns = case.columns
    df = compile_gradient(case.graph, target="native", batch=True)
    out = tuple(np.empty_like(column) for column in columns)
    return df.bind(*columns, out=out if len(out) > 1 else out[0])


def batches(points: int) -> None:
    """The four functions that ddx-ad compiles for so many points."""
    functions = example("benchmark")
    against: dict[str, list[float]] = {"ddx-ad": [], "JAX jit": []}
    print(f"{'ns a point':16}{'ours':>8}{'bound':>8}{'ddx-ad':>9}{'JAX':>9}{'/ddx':>7}{'/JAX':>7}")
    for name in ("rosenbrock", "black_scholes", "network", "camera"):
        function = getattr(functions, name)
        examples = function.__defaults__
        graph = ad.trace(function, *examples)
        inputs = np.concatenate([np.ravel(x) for x in examples])
        case = Case(str(graph), tuple(inputs.tolist()), points)
        made = {key: prepared(case, key) for key in ("native", *against)}
        made["bound"] = Prepared(bound(function, case), lambda out: (0.0, ()))
        times = measure({key: p.call for key, p in made.items()}, ROUNDS)
        ours = min(times["native"], times["bound"]) / points
        for key, ratios in against.items():
            ratios.append(times[key] / points / ours)
        numbers = [times[key] / points for key in ("native", "bound", "ddx-ad", "JAX jit")]
        print(f"{name:16}{numbers[0]:8.2f}{numbers[1]:8.2f}{numbers[2]:9.2f}{numbers[3]:9.2f}"
              f"{against['ddx-ad'][-1]:7.2f}{against['JAX jit'][-1]:7.2f}")  # fmt: skip
    for key, bar in (("ddx-ad", 2.5), ("JAX jit", 8.0)):
        ratios = against[key]
        mean = prod(ratios) ** (1 / len(ratios))
        print(f"{key}: {mean:.2f}x geometric mean (bar {bar}x), slowest {min(ratios):.2f}x")


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
