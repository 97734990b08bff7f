"""The proof: what the check at compile costs, how the proof by composition scales, all rules.

``python -m tests.figures.proof`` prints a table: what, the bar, what was measured.
"""

from __future__ import annotations

import gc
import random
import resource
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

import autodiff as ad
from autodiff.graph.graph import Graph
from autodiff.run.transform import value_and_gradient
from codegen import compile_gradient
from codegen.passes import before_emission, run_passes
from verify import prove_rules, verify_gradient
from verify.ladder.quick import check_compiled

_ROUNDS = 5


def dag(nodes: int) -> Graph:
    """A random function of 64 inputs, whose operands lie up to 300 nodes back."""

    def f(x: Any) -> Any:
        source, values = random.Random(1), list(x)
        for _ in range(nodes):
            a, b = source.choice(values[-300:]), source.choice(values[-300:])
            kind = source.randrange(10)
            if kind < 3:
                values.append(a + b)
            elif kind < 7:
                values.append(a * b)
            else:
                values.append((a - b, ad.sin(a), a / (b * b + 1.0))[kind - 7])
        return sum(values[-64:])

    return ad.trace(f, np.ones(64))


def network(size: int) -> Graph:
    """A network of two hidden layers."""

    def f(first: Any, second: Any, x: Any) -> Any:
        hidden = np.tanh(second @ np.tanh(first @ x))
        return (hidden * hidden).sum()

    return ad.trace(f, np.ones((size, size)), np.ones((size, size)), np.ones(size))


def chain(length: int) -> Graph:
    """A long chain of two variables."""

    def f(x: Any, y: Any) -> Any:
        for _ in range(length):
            x, y = ad.sin(x) * y + x, y * 0.9 + x / 3.0
        return x + y

    return ad.trace(f, 0.5, 0.6)


def rosenbrock(size: int) -> Graph:
    """The banana valley in many dimensions."""

    def f(x: Any) -> Any:
        return (100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2).sum()

    return ad.trace(f, np.linspace(0.0, 1.0, size))


def gates(size: int, activation: Callable[[Any], Any]) -> Graph:
    """A network of two layers with a piecewise activation; arguments in a dict."""

    def f(layers: Any, x: Any) -> Any:
        for name in ("first", "second"):
            x = activation(layers[name] @ x)
        return (x * x).sum()

    square = np.ones((size, size))
    return ad.trace(f, {"first": square, "second": square}, np.ones(size))


def fractions(length: int) -> Graph:
    """A rational function, nested deeply."""

    def f(x: Any, y: Any) -> Any:
        for _ in range(length):
            x, y = (x + y) / (1.0 + y * y), (y + 1.0) / (x + 3.0)
        return x / y

    return ad.trace(f, 0.3, 0.4)


def selections(length: int) -> Graph:
    """Selections by fresh conditions, clipped."""

    def f(x: Any) -> Any:
        total = 0.0
        for k in range(length):
            part = np.clip(x[k] * x[k - 1], -1.0, 1.0)
            total = total + np.where(part > x[k], ad.sin(part), x[k] * part)
        return total

    return ad.trace(f, np.linspace(0.1, 2.0, length))


_RELU: Callable[[Any], Any] = ad.relu
_CHECKED: list[tuple[str, Callable[[], Graph], dict[str, Any]]] = [
    ("chain", lambda: chain(1000), {}),
    ("network", lambda: network(30), {}),
    ("random graph", lambda: dag(3000), {}),
    ("Rosenbrock 2000", lambda: rosenbrock(2000), {}),
    ("Rosenbrock 2000, fast", lambda: rosenbrock(2000), {"profile": "fast"}),
    ("Rosenbrock 2000, numpy", lambda: rosenbrock(2000), {"target": "numpy"}),
    ("Rosenbrock 2000, native", lambda: rosenbrock(2000), {"target": "native"}),
    ("fractions", lambda: fractions(300), {}),
    ("selections", lambda: selections(500), {}),
    ("relu network", lambda: gates(30, _RELU), {}),
    ("max network", lambda: gates(30, lambda z: np.maximum(z, 0.0)), {}),
    ("chain, 1e5 nodes", lambda: chain(20_000), {}),
    ("random graph, 1e5 nodes", lambda: dag(100_000), {}),
]


def check_at_compile(
    name: str, make: Callable[[], Graph], options: dict[str, Any]
) -> tuple[str, str, str]:
    """Microseconds an emitted operation, and the share of the time without the check."""
    per_operation, share = [], []
    for _ in range(_ROUNDS if "1e5" not in name else 1):
        start = time.perf_counter()
        graph = make()
        compiled = compile_gradient(graph, check=False, **options)
        compiling = time.perf_counter() - start
        gc.collect()  # what compiling left behind is not the check's to clear away
        start = time.perf_counter()
        check = check_compiled(compiled)
        seconds = time.perf_counter() - start
        passes = before_emission(options.get("profile", "exact"), compiled.target)
        emitted = run_passes(value_and_gradient(graph, None), passes)
        per_operation.append(1e6 * seconds / sum(1 for _ in emitted.operations()))
        share.append(100.0 * seconds / compiling)
    each = f"{statistics.median(per_operation):.1f} µs, {statistics.median(share):.0f} %"
    return f"check at compile, {name}", "≤ 3 µs an operation, ≤ 30 %", f"{each}; {check}"


_SMALL = """
import time
import autodiff as ad
from codegen import compile_gradient
def f(x, y):
    return x * ad.sin(y) + ad.log(x) / y
times = []
for _ in range(20):
    start = time.perf_counter()
    compile_gradient(f, 0.3, 0.4, check=False)
    between = time.perf_counter()
    compile_gradient(f, 0.3, 0.4)
    times.append(1e3 * (time.perf_counter() - between) - 1e3 * (between - start))
print(times[0], sorted(times[1:])[9])
"""


def small_functions() -> tuple[str, str, str]:
    """What a function of seven nodes pays for its check, in a process of its own."""
    told = []
    for _ in range(_ROUNDS):
        command = [sys.executable, "-c", _SMALL]
        answer = subprocess.run(command, capture_output=True, text=True, check=True)
        told.append([float(x) for x in answer.stdout.split()])
    first, later = (statistics.median(times) for times in zip(*told, strict=True))
    measured = f"the first {first:.0f} ms (imports), each other {later:.2f} ms"
    return "check of a function of seven nodes", "-", measured


def full_proof(nodes: int) -> tuple[str, str, str]:
    """verify_gradient on the compiled gradient of a random graph: both halves, and the whole."""
    compiled = compile_gradient(dag(nodes), check=False)
    emitted = len(run_passes(value_and_gradient(compiled.graph, None), compiled._passes).nodes)
    start = time.perf_counter()
    report = verify_gradient(compiled)
    seconds = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    counted = Counter(str(entry.verdict) for entry in report.entries)
    told = f"{seconds:.1f} s, {memory:.1f} GiB, {dict(counted)}: {report.entries[0].method}"
    return f"full proof, {emitted} nodes optimised", "1e5: < 60 s, < 2 GiB, linear", told


def rules() -> tuple[str, str, str]:
    """Every rule of the registry against sympy.diff."""
    prove_rules([ad.primitive.REGISTRY["mul"]])  # SymPy is there
    start = time.perf_counter()
    report = prove_rules()
    seconds = time.perf_counter() - start
    counted = Counter(str(entry.verdict) for entry in report.entries)
    return "rules against sympy.diff", "all PROVED, < 10 s", f"{dict(counted)}, {seconds:.1f} s"


def main() -> None:
    """Print the table."""
    rows = [
        *(check_at_compile(*case) for case in _CHECKED),
        small_functions(),
        *(full_proof(n) for n in (400, 4_000, 40_000)),
        rules(),
    ]
    for what, bar, measured in rows:
        print(f"{what:38} | {bar:28} | {measured}", flush=True)


if __name__ == "__main__":
    main()
