"""Figures of the native target: ``python -m tests.figures.native [calls] [build] [size] [bits]``.

Calls against CasADi's generated C (cc -O3, through ``buffer()``) and ddx-ad; time to a first
result against JAX; a straight line of a million nodes; bits against the interpreter.
"""

from __future__ import annotations

import itertools
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

import autodiff as ad
from autodiff.graph.graph import Builder, same_bits
from autodiff.graph.structure import SCALAR
from codegen import compile_gradient, compile_graph
from codegen.measure.timing import measure
from tests.orders import WHOLE_ORDERS, literals_of
from tests.random_graphs import ROWS, SPECIAL

Functions = Any  # where exp, log, sin, cos, sqrt and tanh come from
_OURS = SimpleNamespace(exp=ad.exp, log=ad.log, sin=ad.sin, cos=ad.cos, sqrt=ad.sqrt, tanh=ad.tanh)


# --- the five functions ----------------------------------------------------------------------


def rosenbrock(x: Sequence[Any], m: Functions) -> Any:
    """The banana valley, in any number of dimensions."""
    total: Any = 0.0
    for here, after in itertools.pairwise(x):
        total = total + 100.0 * (after - here * here) * (after - here * here)
        total = total + (1.0 - here) * (1.0 - here)
    return total


def black_scholes(x: Sequence[Any], m: Functions) -> Any:
    """Price of a call: spot, strike, maturity, rate, volatility; logistic normal distribution."""
    spot, strike, maturity, rate, volatility = x
    spread = volatility * m.sqrt(maturity)
    drift = (rate + 0.5 * volatility * volatility) * maturity
    high = (m.log(spot / strike) + drift) / spread
    low = high - spread

    def normal(z: Any) -> Any:
        return 1.0 / (1.0 + m.exp(-1.5976 * z - 0.070565992 * z * z * z))

    return spot * normal(high) - strike * m.exp(-rate * maturity) * normal(low)


def network(x: Sequence[Any], m: Functions) -> Any:
    """A tanh network 3-4-4-1: three inputs, then weights and biases, 44 numbers in all."""
    layer, rest = [x[0], x[1], x[2]], itertools.count(3)
    for width in (4, 4, 1):
        following = []
        for _ in range(width):
            total = x[next(rest)]
            for activation in layer:
                total = total + x[next(rest)] * activation
            following.append(m.tanh(total))
        layer = following
    return layer[0]


def reprojection(x: Sequence[Any], m: Functions) -> Any:
    """Squared error of a point seen by a camera: rotation, centre, focal length, distortion."""
    rotation = [x[0], x[1], x[2]]
    moved = [x[11] - x[3], x[12] - x[4], x[13] - x[5]]
    angle = m.sqrt(sum((r * r for r in rotation[1:]), rotation[0] * rotation[0]))
    cosine, sine, scale = m.cos(angle), m.sin(angle), 1.0 / angle
    a, b, c = (r * scale for r in rotation)
    p, q, r = moved
    cross = [b * r - c * q, c * p - a * r, a * q - b * p]
    along = (a * p + b * q + c * r) * (1.0 - cosine)
    seen = [
        d * cosine + k * sine + w * along for d, k, w in zip(moved, cross, (a, b, c), strict=True)
    ]
    u, v = seen[0] / seen[2], seen[1] / seen[2]
    squared = u * u + v * v
    lens = 1.0 + x[9] * squared + x[10] * squared * squared
    across, down = x[6] * u * lens + x[7], x[6] * v * lens + x[8]
    return across * across + down * down


def cases() -> Iterator[tuple[str, Callable[..., Any], np.ndarray]]:
    """Name, function and point."""
    draw = np.random.default_rng(0)
    yield "Rosenbrock 2", rosenbrock, np.array([0.3, 0.7])
    yield "Rosenbrock 100", rosenbrock, draw.uniform(0.5, 1.5, 100)
    yield "Black-Scholes", black_scholes, np.array([100.0, 110.0, 1.3, 0.03, 0.25])
    yield "network", network, draw.normal(size=44) * 0.5
    camera = [*draw.normal(size=6), 500.0, 3.0, 4.0, 0.01, 0.002, *draw.normal(size=2), 8.5]
    yield "reprojection", reprojection, np.array(camera)


# --- calls -----------------------------------------------------------------------------------


def _casadi(function: Callable[..., Any], x: np.ndarray, folder: Path, out: np.ndarray) -> Any:
    import casadi

    symbol = casadi.SX.sym("x", len(x))
    value = function([symbol[i] for i in range(len(x))], casadi)
    both = casadi.Function("f", [symbol], [value, casadi.gradient(value, symbol)])
    name = f"f{len(list(folder.iterdir()))}"
    where = os.getcwd()
    os.chdir(folder)  # generate() takes no folder
    try:
        both.generate(f"{name}.c")
        command = ["cc", "-O3", "-march=native", "-shared", "-fPIC", f"{name}.c", "-o",
                   f"{name}.so", "-lm"]  # fmt: skip
        subprocess.run(command, check=True)
        loaded = casadi.external("f", f"./{name}.so")
    finally:
        os.chdir(where)
    buffer, call = loaded.buffer()
    buffer.set_arg(0, memoryview(x))
    kept = np.zeros(1)
    buffer.set_res(0, memoryview(kept))
    buffer.set_res(1, memoryview(out))
    return call, (buffer, kept, loaded)


def _ddx(function: Callable[..., Any], x: np.ndarray) -> tuple[Any, Any]:
    import ddx

    functions = SimpleNamespace(
        exp=ddx.exp, log=ddx.log, sin=ddx.sin, cos=ddx.cos, sqrt=ddx.sqrt, tanh=ddx.tanh
    )

    @ddx.equation
    def equation() -> Any:
        return function([ddx.var(f"x{i}") for i in range(len(x))], functions)

    equation.compile()
    return equation.buffer(x), equation.jacobian


def calls() -> None:
    """One bound and one plain call."""
    ratios: dict[str, list[float]] = {"casadi": [], "ddx": []}
    print("nanoseconds a call   bound  casadi  ratio    ddx  ratio |  plain  allowed  ddx plain")
    with tempfile.TemporaryDirectory() as folder:
        for name, function, x in cases():
            gradient = np.zeros(len(x))
            if name == "Black-Scholes":
                arguments: tuple[Any, ...] = tuple(map(float, x))
                df = compile_gradient(lambda *x, f=function: f(x, _OURS), *arguments,
                                      target="native")  # fmt: skip
                out: Any = tuple(gradient[i, ...] for i in range(len(x)))
                bound = df.bind(*(x[i, ...] for i in range(len(x))), out=out)
            else:
                arguments = (x,)
                df = compile_gradient(lambda x, f=function: f(x, _OURS), x, target="native")
                bound = df.bind(x, out=gradient)
            theirs = np.zeros(len(x))
            casadi, kept = _casadi(function, x, Path(folder), theirs)
            ddx, jacobian = _ddx(function, x)
            bound(), casadi()
            assert np.allclose(gradient, theirs), name
            times = measure(
                {"bound": bound, "casadi": casadi, "ddx": ddx, "plain": (df, *arguments),
                 "ddx plain": (jacobian, x)}, rounds=41)  # fmt: skip
            del kept
            ratios["casadi"].append(times["bound"] / times["casadi"])
            ratios["ddx"].append(times["bound"] / times["ddx"])
            print(
                f"{name:18} {times['bound']:7.0f} {times['casadi']:7.0f} "
                f"{ratios['casadi'][-1]:6.2f} {times['ddx']:6.0f} {ratios['ddx'][-1]:6.2f}"
                f" | {times['plain']:6.0f} {2 * times['bound'] + 100:8.0f} "
                f"{times['ddx plain']:10.0f}"
            )
    mean = statistics.geometric_mean(ratios["casadi"])
    print(f"against CasADi, worst | <= 0.85 | {max(ratios['casadi']):.2f}")
    print(f"against CasADi, geometric mean | <= 0.65 | {mean:.2f}")
    print(f"against ddx-ad, worst | <= 0.5 | {max(ratios['ddx']):.2f}")


# --- building --------------------------------------------------------------------------------


def build() -> None:
    """From the Python function to the first result, 200 nodes."""
    import jax

    jax.config.update("jax_enable_x64", True)
    x = np.linspace(0.5, 1.5, 23)
    own, theirs = [], []
    compile_gradient(lambda y: y * y, 1.0, target="native")(1.0)  # imports and first-time checks
    jax.jit(jax.value_and_grad(lambda y: y * y))(1.0)
    for turn in range(9):
        shifted = x + turn
        start = time.perf_counter()
        df = compile_gradient(lambda y, k=turn: rosenbrock(y, None) + k, shifted, target="native")
        df(shifted)
        own.append(time.perf_counter() - start)
        start = time.perf_counter()
        call = jax.jit(jax.value_and_grad(lambda y, k=turn: rosenbrock(y, None) + k))
        call(shifted)[1].block_until_ready()
        theirs.append(time.perf_counter() - start)
    ours = statistics.median(own)
    print(f"{len(df.graph)} nodes to the first result | <= 25 ms | {ours * 1e3:.1f} ms")
    print(f"the same over JAX | <= 0.125 | {ours / statistics.median(theirs):.3f}")


def size() -> None:
    """Time and memory of long straight lines, by the clock of the process."""
    per_node = []
    for n in (1_111, 11_111, 60_000):
        x = np.linspace(0.5, 1.5, n)
        start = time.process_time()
        df = compile_gradient(lambda y: rosenbrock(y, None), x, target="native")
        df(x)
        seconds = time.process_time() - start
        nodes = 17 * n  # of the gradient
        per_node.append(seconds / nodes * 1e6)
        print(f"Rosenbrock {n}: {seconds:.2f} s, {per_node[-1]:.1f} µs a node")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"10^6 nodes | <= 20 s | {seconds:.1f} s")
    print(f"peak memory | <= 3 GB | {peak:.2f} GB")
    print(f"time a node, longest over shortest | <= 2 | {per_node[-1] / per_node[0]:.2f}")


# --- bits ------------------------------------------------------------------------------------


def bits(points: int = 1_000_000) -> None:
    """Differing bits of every primitive, native against interpreter."""
    draw = np.random.default_rng(1)
    worst = 0
    for row in ROWS:
        literals, slow = literals_of(row), row.name in WHOLE_ORDERS
        count = points // 100 if slow else points  # 10 µs a call
        differing = sum(
            _differing(row, literal, draw, count // len(literals))
            for literal in (literals if row.literal else (0.0,))
        )
        worst = max(worst, differing)
        print(f"{row.name}: {differing} of {count} differ", flush=True)
    print(f"primitives: differing results over {points} inputs each | 0 | {worst}")


def _differing(row: Any, literal: float, draw: np.random.Generator, count: int) -> int:
    free = [p for p in range(row.arity) if p not in row.literal]
    builder = Builder(len(free))
    operands = tuple(
        builder.literal(literal) if p in row.literal else free.index(p) for p in range(row.arity)
    )
    names = [(f"x{i}", SCALAR) for i in range(len(free))]
    call = compile_graph(builder.graph("f", names, [builder.add(row, operands)], SCALAR), "native")
    kinds = draw.integers(0, 4, (count, len(free)))
    spread = draw.normal(size=(count, len(free))) * np.array([1.0, 10.0, 1000.0, 1.0])[kinds]
    special = np.array(SPECIAL)[draw.integers(0, len(SPECIAL), (count, len(free)))]
    wild = draw.integers(0, 2**64, (count, len(free)), dtype=np.uint64).view(np.float64)
    points = np.where(kinds == 3, np.where(draw.random(kinds.shape) < 0.5, special, wild), spread)
    differing = 0
    for point in points.tolist():
        full = [literal if p in row.literal else point[free.index(p)] for p in range(row.arity)]
        differing += not same_bits(call(*point), float(row.impl(*full)))
    return differing


if __name__ == "__main__":
    chosen = sys.argv[1:] or ["calls", "build", "size", "bits"]
    for name in chosen:
        {"calls": calls, "build": build, "size": size, "bits": bits}[name]()
