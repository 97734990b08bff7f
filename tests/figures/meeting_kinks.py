"""Figures of kinks that meet in random graphs: ``python -m tests.figures.meeting_kinks 10000``.

Random graphs, rich in switches, at points where switches tie: gradients and Hessians of every
target beside the interpreter's.  Python, machine code and C have its bits (C but for ``hypot``);
NumPy and batches of machine code are within some ulp of the largest number that the graph makes.
What differs, or is refused, is printed with its graph.
"""

from __future__ import annotations

import math
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import autodiff as ad
from autodiff.graph.graph import Graph
from autodiff.run.interpret import outputs_at, run
from autodiff.run.transform import hessian, value_and_gradient
from codegen import compile_gradient, compile_graph, to_c
from codegen.call.derivative import Derivative
from tests.c_compiler import compiled, in_c
from tests.random_graphs import ROWS, differences, grow

SWITCHES = [
    ad.primitive.REGISTRY[name]
    for name in (
        "abs", "maximum", "minimum", "at_least", "at_most", "clip", "relu", "leaky_relu", "elu",
        "sign", "where", "where", "lt", "le", "gt", "ge", "eq", "ne", "hypot", "sqrt", "square",
        "mul", "sub", "add", "neg", "add", "sub", "mul", "exp", "log1p", "div", "floor", "mod",
    )
]  # fmt: skip
PLACES = (0.0, 0.0, 0.0, 1.0, -1.0, 0.5, 2.0, -0.0, -2.0)
C_TOGETHER = 50  # graphs of one C library
ULPS = 1e-9  # of the largest number beside it: what reordered and vectorised sums may lose


def cases(count: int, seed: int) -> Iterator[tuple[Graph, list[float]]]:
    """Graphs and points; switches tie at most of them."""
    source = random.Random(seed)
    while count:
        rows = SWITCHES if source.random() < 0.8 else ROWS
        graph = grow(source.randint, lambda: source.choice(PLACES), rows=rows, nodes=10)
        at = [source.choice(PLACES) for _ in range(graph.input_count)]
        if source.random() < 0.3:
            at = [source.uniform(-2.0, 2.0)] * len(at)
        count -= 1
        yield graph, at


def flat(result: Any) -> list[float]:
    """All numbers of a result, in order."""
    if isinstance(result, (tuple, list)):
        return [x for item in result for x in flat(item)]
    return np.ravel(np.asarray(result, dtype=np.float64)).tolist()


def tied(graph: Graph, at: list[float]) -> bool:
    """True if switches tie there that may meet."""
    flagged = Derivative(graph).flagged
    return flagged.limits is not None and bool(run(flagged, at)[flagged.outputs[-1]])


def close(found: list[float], expected: list[float], values: list[float]) -> bool:
    """True if numbers differ by what rounding can do among ``values``."""
    large = [abs(x) for x in values if math.isfinite(x)]
    scale = max([1e-300, *large])
    return all(
        abs(a - b) <= ULPS * max(scale, abs(b)) or a == b or (a != a and b != b)
        for a, b in zip(found, expected, strict=True)
    )


class Tally:
    """What was compared and what differed."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.seconds: Counter[str] = Counter()

    def compare(
        self, what: str, graph: Graph, at: list[float], run_it: Callable[[], Any], expected: Any,
        same: Callable[[Any, Any], bool],
    ) -> None:  # fmt: skip
        """Run one target, and print what it gets wrong."""
        start = time.perf_counter()
        try:
            found = flat(run_it())
        except Exception as error:  # a figure counts whatever is raised
            self.counts[f"{what} refused"] += 1
            print(f"REFUSED {what} at {at}: {type(error).__name__} {error}\n{graph}", flush=True)
            return
        finally:
            self.seconds[what] += time.perf_counter() - start
        self.counts[what] += 1
        if not same(found, expected):
            self.counts[f"{what} differs"] += 1
            print(f"DIFFERS {what} at {at}: {found} for {expected}\n{graph}", flush=True)


def bits(found: Any, expected: Any) -> bool:
    """True if all numbers have the same bits; all nans are one."""
    return not differences(found, expected)


def check(tally: Tally, graph: Graph, at: list[float]) -> None:
    """One graph on all targets but C."""
    expected = flat(ad.backpropagate(graph, *at))
    values = run(value_and_gradient(graph), at)

    def near(found: Any, wanted: Any) -> bool:
        return close(found, wanted, values)

    for target, same in (("python", bits), ("native", bits), ("numpy", near)):
        df: Any = None

        def whole(target: str = target) -> Any:
            nonlocal df
            df = compile_gradient(graph, target=target)
            return df(*at)

        tally.compare(target, graph, at, whole, expected, same)
        if df is not None and target != "native":

            def halves(df: Any = df) -> Any:
                value, residuals = df.forward(*at)
                return value, df.backward(residuals)

            tally.compare(f"{target} halves", graph, at, halves, expected, near)
    rows = [np.array([x, x + 0.3, x]) for x in at]
    for target in ("numpy", "native"):

        def batch(target: str = target) -> Any:
            value, gradient = compile_gradient(graph, target=target, batch=True)(*rows)
            columns = gradient if isinstance(gradient, tuple) else (gradient,)
            return [value[2], *[column[2] for column in columns]]

        tally.compare(f"{target} batch", graph, at, batch, expected, near)
    second = hessian(graph)
    wanted = outputs_at(second, at)
    values = run(second, at)
    for target, same in (("python", bits), ("native", bits), ("numpy", near)):

        def curves(target: str = target) -> Any:
            return compile_graph(second, target)(*at)

        tally.compare(f"{target} hessian", graph, at, curves, wanted, same)


def check_c(tally: Tally, group: list[tuple[Graph, list[float]]]) -> None:
    """Some graphs in one C library."""
    with tempfile.TemporaryDirectory() as folder:
        named = [
            (Graph(f"f{k}", g.parameters, g.nodes, g.outputs, g.result), at)
            for k, (g, at) in enumerate(group)
        ]
        sources = [to_c(graph) for graph, _ in named]
        library = compiled(sources, Path(folder), "-O1", "-Wno-int-in-bool-context")
        for graph, at in named:
            has_hypot = any(
                row.name in ("hypot", "atan2", "atan") for _, row, _ in graph.operations()
            )
            expected = flat(ad.backpropagate(graph, *at))
            values = run(value_and_gradient(graph), at)

            def near(found: Any, wanted: Any, values: Any = values) -> bool:
                return close(found, wanted, values)

            call = in_c(library, graph.name, graph, len(at))
            tally.compare("c", graph, at, partial(call, at), expected, near if has_hypot else bits)


def show(tally: Tally, checked: Iterable[tuple[Graph, list[float]]]) -> None:
    """Compare graphs that other targets were compared on in C, too; print the table of counts."""
    group: list[tuple[Graph, list[float]]] = []
    start = time.perf_counter()
    for number, one in enumerate(checked):
        group.append(one)
        if shutil.which("cc") and len(group) == C_TOGETHER:
            check_c(tally, group)
            group = []
        if number % 500 == 499:
            print(f"{number + 1} graphs, {time.perf_counter() - start:.0f} s", flush=True)
    for name, amount in sorted(tally.counts.items()):
        print(f"{name:28} {amount:8} {tally.seconds[name]:8.0f} s")


def from_the_command_line(main: Callable[[int, int], None]) -> None:
    """Call ``main`` with the count of graphs and the seed of the command line."""
    with np.errstate(all="ignore"):
        main(
            int(sys.argv[1]) if len(sys.argv) > 1 else 1000,
            int(sys.argv[2]) if len(sys.argv) > 2 else 0,
        )


def main(count: int, seed: int) -> None:
    """Print what differs, and the table of counts."""
    tally = Tally()

    def checked() -> Iterator[tuple[Graph, list[float]]]:
        for graph, at in cases(count, seed):
            tally.counts["ties"] += tied(graph, at)
            check(tally, graph, at)
            yield graph, at

    show(tally, checked())


if __name__ == "__main__":
    from_the_command_line(main)
