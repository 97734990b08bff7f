"""The proof: what the check at compile costs, how the proof by composition scales, all rules.

``python -m tests.figures.proof`` prints a table: what, the bar, what was measured.
"""

from __future__ import annotations

import random
import resource
import statistics
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

import autodiff as ad
from autodiff.graph import Graph
from autodiff.transform import value_and_gradient
from codegen.compiled import CompiledGradient
from codegen.passes import BEFORE_EMISSION, run_passes
from verify import prove_rules, verify_gradient
from verify.quick import check_compiled

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


def check_at_compile(make: Callable[[], Graph], name: str) -> list[tuple[str, str, str]]:
    """Microseconds an emitted operation, and the share of the time without the check."""
    per_operation, share = [], []
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        graph = make()
        compiled = CompiledGradient(graph, "python", None)
        between = time.perf_counter()
        check = check_compiled(compiled)
        seconds = time.perf_counter() - between
        emitted = run_passes(value_and_gradient(graph, None), BEFORE_EMISSION)
        per_operation.append(1e6 * seconds / sum(1 for _ in emitted.operations()))
        share.append(100.0 * seconds / (between - start))
    each = f"{statistics.median(per_operation):.1f} µs, {statistics.median(share):.0f} %"
    return [(f"check at compile, {name}", "≤ 3 µs an operation, ≤ 30 %", f"{each}; {check}")]


def full_proof(nodes: int) -> tuple[str, str, str]:
    """verify_gradient on the compiled gradient of a random graph: both halves, and the whole."""
    compiled = CompiledGradient(dag(nodes), "python", None)
    emitted = len(run_passes(value_and_gradient(compiled.graph, None), BEFORE_EMISSION).nodes)
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
        *check_at_compile(lambda: chain(1000), "chain"),
        *check_at_compile(lambda: network(30), "network"),
        *check_at_compile(lambda: dag(3000), "random graph"),
        *(full_proof(n) for n in (400, 4_000, 40_000)),
        rules(),
    ]
    for what, bar, measured in rows:
        print(f"{what:38} | {bar:28} | {measured}", flush=True)


if __name__ == "__main__":
    main()
