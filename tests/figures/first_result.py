"""Figures of compiling: ``python -m tests.figures.first_result [sizes] [scalars] [builds]``.

Seconds from a Python function to its first value and gradient, by the number of nodes and by the
number of scalar arguments; what the two builds of a long program take, and how fast their calls
are.  By the clock of the process, on one core.
"""

from __future__ import annotations

import itertools
import os
import sys
import time
import timeit
from collections.abc import Callable
from typing import Any

import numpy as np

import autodiff as ad
from codegen import compile_gradient

ROUNDS = 3


def planets(count: int) -> Callable[[Any], Any]:
    """The energy of so many bodies: about 30 nodes a pair with its gradient."""

    def energy(x: Any) -> Any:
        total: Any = 0.0
        for i in range(count):
            for j in range(i):
                d = [x[3 * i + k] - x[3 * j + k] for k in range(3)]
                total = total - 1.0 / ad.sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2])
        return total

    return energy


def bodies_for(nodes: int) -> int:
    """So many bodies that their graph of value and gradient has about so many nodes."""
    count = 2
    while count * (count - 1) // 2 * 23 < nodes:
        count += 1
    return count


def seconds(make: Callable[[], object]) -> float:
    """The fastest of some rounds."""
    found = []
    for _ in range(ROUNDS):
        start = time.process_time()
        make()
        found.append(time.process_time() - start)
    return min(found)


def sizes() -> None:
    """First results by the number of nodes."""
    print("nodes of value and gradient: ms to the first result; bars 25, 150, 1500")
    for wanted in (200, 10_000, 100_000):
        count = bodies_for(wanted)
        x = np.random.default_rng(0).normal(size=3 * count)
        for target in ("python", "native"):
            df = compile_gradient(planets(count), x, target=target, check=False)
            nodes = len(ad.gradient(df.graph).nodes)
            found = seconds(
                lambda: compile_gradient(planets(count), x, target=target, check=False)(x)  # noqa: B023
            )
            print(f"{nodes:8} {target:7} {found * 1e3:9.1f}", flush=True)


def scalars() -> None:
    """First results by the number of scalar arguments."""
    print("scalar arguments: ms to the first result; bar 300 at 2000")

    def chain(*x: Any) -> Any:
        return sum(a * b for a, b in itertools.pairwise(x))

    for count in (500, 1000, 2000, 4000):
        args = [0.5] * count
        for target in ("python", "native"):
            found = seconds(
                lambda: compile_gradient(chain, *args, target=target, check=False)(*args)  # noqa: B023
            )
            print(f"{count:8} {target:7} {found * 1e3:9.1f}", flush=True)


def builds() -> None:
    """The quick build and the full one: ms to compile a graph, µs a call."""
    print("operations of a graph: ms to compile, µs a bound call, by effort")
    for wanted in (900, 10_000, 50_000):
        count = bodies_for(wanted)
        x = np.random.default_rng(0).normal(size=3 * count)
        graph = ad.trace(planets(count), x)
        for effort in ("quick", "full"):
            made = seconds(
                lambda: compile_gradient(graph, target="native", check=False, effort=effort)  # noqa: B023
            )
            df = compile_gradient(graph, target="native", check=False, effort=effort)
            bound = df.bind(x, out=np.empty_like(x))
            loops = max(1, 200_000 // wanted)
            watch = timeit.Timer(bound, timer=time.thread_time)
            call = min(watch.repeat(9, loops)) / loops
            print(f"{wanted:8} {effort:7} {made * 1e3:9.1f} {call * 1e6:9.2f}", flush=True)


def main(wanted: list[str]) -> None:
    """Print the tables that are asked for, or all."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    compile_gradient(lambda x: x[0] * x[1], np.ones(2), target="native")  # imports are no part
    for table in (sizes, scalars, builds):
        if not wanted or table.__name__ in wanted:
            table()


if __name__ == "__main__":
    main(sys.argv[1:])
