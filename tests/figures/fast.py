"""What ``profile="fast"`` saves: operations and time, exact against fast.

Run it: ``python -m tests.figures.fast``
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

import numpy as np

import autodiff as ad
from autodiff.graph.graph import Graph
from autodiff.run.transform import value_and_gradient
from codegen import compile_gradient
from codegen.passes import before_emission, dce, run_passes
from tests.examples_by_path import example

ROUNDS, CALLS, POINTS = 15, 200, 2**14


def rosenbrock(x: Any) -> Any:
    """The sum over neighbours."""
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def network(p: Any, x: Any) -> Any:
    """tanh MLP 3-4-4-1: 41 parameters and 3 inputs."""
    first = np.tanh(p[:12].reshape(4, 3) @ x + p[12:16])
    second = np.tanh(p[16:32].reshape(4, 4) @ first + p[32:36])
    return np.tanh(p[36:40] @ second + p[40])


def polynomial(x: Any, y: Any) -> Any:
    """Powers and quotients by one divisor."""
    return (x**3 + 2.0 * x**5 - y**4) / (1.0 + x * x) + y / (1.0 + x * x) ** 1.5


def cases() -> dict[str, tuple[Callable[..., Any], tuple[Any, ...]]]:
    """Function and point by name."""
    source = np.random.default_rng(0)
    return {
        "Black-Scholes": (example("black_scholes").price, (100.0, 110.0, 1.3, 0.03, 0.25)),
        "Kepler": (example("kepler").eccentric_anomaly, (0.8, 0.3)),
        "Rosenbrock n=100": (rosenbrock, (source.normal(size=100),)),
        "tanh MLP 3-4-4-1": (network, (source.normal(size=41), source.normal(size=3))),
        "polynomial": (polynomial, (1.2, 0.7)),
    }


def _count(graph: Graph, profile: str, target: str) -> int:
    passes = before_emission(profile, target)
    return sum(1 for _ in dce(run_passes(value_and_gradient(graph), passes)).operations())


def _seconds(call: Callable[[], Any], times: int) -> float:
    start = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - start) / times


def _ratio(exact: Callable[[], Any], fast: Callable[[], Any], times: int) -> float:
    """Median over interleaved rounds of fast / exact."""
    return median(_seconds(fast, times) / _seconds(exact, times) for _ in range(ROUNDS))


def main() -> None:
    """Print the table."""
    print("what | bar | measured: operations exact, fast, fast for a compiler; time fast / exact")
    for name, (function, point) in cases().items():
        graph = ad.trace(function, *point)
        exact, fast = (compile_gradient(graph, profile=p) for p in ("exact", "fast"))
        one = _ratio(partial(exact, *point), partial(fast, *point), CALLS)
        columns = tuple(np.repeat(np.asarray(x)[None], POINTS, 0) for x in point)
        exact, fast = (
            compile_gradient(graph, target="numpy", batch=True, profile=p)
            for p in ("exact", "fast")
        )
        many = _ratio(partial(exact, *columns), partial(fast, *columns), 3)
        counts = [_count(graph, *pair) for pair in
                  (("exact", "python"), ("fast", "python"), ("fast", "native"))]  # fmt: skip
        print(f"{name} | <= 1 | {counts} | Python {one:.2f}, NumPy batch {many:.2f}")


if __name__ == "__main__":
    main()
