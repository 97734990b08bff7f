"""Figures of compiling: ``python -m tests.figures.first_result [sizes] [scalars] [builds] ...``.

Seconds from a Python function to its first value and gradient, by the number of nodes and by the
number of scalar arguments; what the two builds of a long program take, and how fast their calls
are; a sparse Hessian (``sparse``); loops that end by a condition (``newton``); what a new process
takes until it has imported, compiled, proven (``starts``).  By the clock of the process, on one
core; new processes also by that on the wall, on every core.
"""

from __future__ import annotations

import itertools
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
import timeit
from collections.abc import Callable
from typing import Any

import numpy as np

import autodiff as ad
from codegen import compile_gradient, compile_hessian

ROUNDS = 3
_CORES = os.sched_getaffinity(0)


_START = itertools.count(1.0)
_MANY = 1_000_000
_A_PAIR = 40  # nodes at most, with those of a new body


def planets(pairs: int, more: int = 0) -> tuple[Callable[[Any], Any], Any]:
    """The energy of bodies of which so many pairs attract each other, and an example.

    It begins with another number each time: who holds machine code shares it with the same text.

    Args:
        pairs: About 23 nodes each, with the gradient.
        more: Nodes besides.
    """
    start = next(_START)
    count = (1 + math.isqrt(1 + 8 * pairs)) // 2  # bodies that all attract each other
    rest = pairs - count * (count - 1) // 2  # of these, which the next one attracts

    def energy(x: Any) -> Any:
        total: Any = start
        for i in range(count):
            for j in range(i):
                d = [x[3 * i + k] - x[3 * j + k] for k in range(3)]
                total = total - 1.0 / ad.sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2])
        for j in range(rest):
            d = [x[3 * count + k] - x[3 * j + k] for k in range(3)]
            total = total - 1.0 / ad.sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2])
        for _ in range(more):
            total = total + 1.0
        return total

    return energy, np.random.default_rng(0).normal(size=3 * count + 3)


def of_nodes(wanted: int) -> tuple[int, int]:
    """What ``planets`` takes for just so many nodes of value and gradient."""
    pairs = 1
    while (left := wanted - len(ad.gradient(ad.trace(*planets(pairs))).nodes)) >= _A_PAIR:
        pairs += left // _A_PAIR
    return pairs, left


def seconds(make: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The fastest of some rounds."""
    found = []
    for _ in range(rounds):
        start = time.process_time()
        make()
        found.append(time.process_time() - start)
    return min(found)


def sizes() -> None:
    """First results by the number of nodes."""
    print("nodes of value and gradient: ms to the first result, bar; MB so far")
    for wanted, bar in ((200, 25), (10_000, 150), (100_000, 1500), (1_000_000, 20_000)):
        size = of_nodes(wanted)
        _, x = planets(*size)
        for target in ("python", "native"):
            found = seconds(
                lambda: compile_gradient(planets(*size)[0], x, target=target, check=False)(x),  # noqa: B023
                ROUNDS if wanted < _MANY else 1,
            )
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(
                f"{wanted:8} {target:7} {found * 1e3:9.1f}  bar {bar:6} {memory:6.0f}", flush=True
            )


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
        energy, x = planets(*of_nodes(wanted))
        graph = ad.trace(energy, x)
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


def sparse() -> None:
    """Rosenbrock's Hessian, of which 2998 of a million entries can differ from zero."""

    def rosenbrock(x: Any) -> Any:
        return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)

    print("sparse Hessian of 1000 numbers, native, checked: ms to compile; bar 400")
    x = np.random.default_rng(0).uniform(0.5, 1.5, 1000)
    found = seconds(lambda: compile_hessian(rosenbrock, x, target="native", sparse=True))
    print(f"{found * 1e3:9.1f}")


def newton() -> None:
    """Ten loops, each until a step is small: their derivative, and its check."""

    def root(p: Any, y: Any) -> Any:
        loss = 0.0
        for k in range(10):
            v, dv = 0.5, 1.0
            while abs(dv) > 1e-12:
                dv = (y[k] - v - p[0] * np.exp(v / p[1])) / (1.0 + p[0] / p[1] * np.exp(v / p[1]))
                v = v + min(dv, 0.1)
            loss = loss + v * v
        return loss

    print("Newton's method at ten points, Python: ms to compile, checked and not")
    args = np.array([0.01, 0.4]), np.linspace(0.5, 1.5, 10)
    for check in (True, False):
        found = seconds(lambda: compile_gradient(root, *args, wrt=0, check=check))  # noqa: B023
        print(f"{check!s:7} {found * 1e3:9.1f}")


_COMPILED = "import codegen; codegen.compile_gradient(lambda x: x * x, 1.0"
_STARTS = {
    "import numpy": "import numpy",
    "import codegen": "import codegen",
    "first gradient in Python": f"{_COMPILED})",
    "first gradient in machine code": f"{_COMPILED}, target='native')",
    "first proof": "from verify import verify_gradient; verify_gradient(lambda x: x * x, 1.0)",
}


def starts() -> None:
    """What new processes take."""
    print("a new process: ms by its clock, and on the wall; bars: codegen NumPy's + 40, proof 400")
    os.sched_setaffinity(0, _CORES)  # SymPy is imported beside what is traced
    kept = tempfile.TemporaryDirectory()  # compiled files, which not everybody's environment keeps
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": kept.name}
    for name, text in _STARTS.items():
        found = []
        for _ in range(2 * ROUNDS):
            before, start = os.times(), time.perf_counter()
            subprocess.run([sys.executable, "-c", text], check=True, env=environment)
            after = os.times()
            used = after.children_user + after.children_system
            used -= before.children_user + before.children_system
            found.append((used, time.perf_counter() - start))
        used, wall = map(min, zip(*found, strict=True))
        print(f"{name:31} {used * 1e3:9.0f} {wall * 1e3:9.0f}", flush=True)


def main(wanted: list[str]) -> None:
    """Print the tables that are asked for, or all."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    compile_gradient(lambda x: x[0] * x[1], np.ones(2), target="native")  # imports are no part
    for table in (sizes, scalars, builds, sparse, newton, starts):
        if not wanted or table.__name__ in wanted:
            table()


if __name__ == "__main__":
    main(sys.argv[1:])
