"""Figures of random graphs on every target: ``python -m tests.figures.graphs 10000 [seed]``.

Random graphs over the whole registry, at points of any size, infinities, nan and zeros among them.
Python, machine code and C give the interpreter's bits (C but for ``hypot``).  NumPy and batches of
machine code may differ by 4 ulp in each operation that is not arithmetic: what that can do to the
result is found by running the graph with every such operation moved by as much, some times; a
number beyond what was seen so is a difference.  What differs, or is refused, is printed.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import autodiff as ad
from autodiff.graph.graph import Graph
from autodiff.run.transform import value_and_gradient
from codegen import compile_gradient
from tests.figures.meeting_kinks import Tally, bits, flat, from_the_command_line, show, tied
from tests.random_graphs import random_graph, random_number
from verify.beside.accuracy import REASONS

ROWS_OF_A_BATCH = 19  # registers of points, and some that fill none
EXACT = frozenset({"add", "sub", "mul", "div", "sqrt", "neg", "abs", "where", "reciprocal"})
MOVED_RUNS = 40
SLACK = 8.0  # of what was seen: the farthest corner is not drawn
TIGHT = 1e-9

Point = list[float]


def moved(graph: Graph, at: Point, source: random.Random) -> list[float]:
    """The outputs when each operation that is not arithmetic is off by up to 4 ulp."""
    values = list(at)
    for node in graph.nodes[len(at) :]:
        row = node.primitive
        if row is None:
            values.append(node.value)
            continue
        operands = [values[i] for i in node.operands]
        value = row.impl(*operands)
        if row.name not in EXACT and not row.predicate and math.isfinite(value):
            value += source.uniform(-4.0, 4.0) * math.ulp(max(abs(value), _scale(row, operands)))
        values.append(value)
    return [values[i] for i in graph.outputs]


def _scale(row: ad.Primitive, operands: list[float]) -> float:
    """Size of the numbers in whose ulp the row's accuracy is stated."""
    reason = REASONS.get((row.name, None))
    if reason is None or not all(map(math.isfinite, operands)):
        return 0.0
    scale = reason.scale(*operands)
    return scale if math.isfinite(scale) else 0.0


class Near:
    """What a result may be at a point where operations are within 4 ulp."""

    def __init__(self, graph: Graph, at: Point, expected: list[float], seed: int) -> None:
        both, source = value_and_gradient(graph), random.Random(seed)
        self.free = tied(graph, at)  # where switches tie, what is moved is another piece
        runs = [moved(both, at, source) for _ in range(MOVED_RUNS)]
        self.reach = [self._reach(x, [one[i] for one in runs]) for i, x in enumerate(expected)]

    @staticmethod
    def _reach(expected: float, seen: list[float]) -> float:
        if any(x != expected and not math.isfinite(x - expected) for x in seen if x == x):
            return math.inf  # it overflows, or not, by an ulp
        if any(math.isnan(x) for x in seen) != math.isnan(expected):
            return math.inf
        large = max((abs(x - expected) for x in seen if x == x and x != expected), default=0.0)
        return SLACK * large + 8.0 * math.ulp(expected if math.isfinite(expected) else 0.0)

    @property
    def tight(self) -> bool:
        """True if the comparison says anything about the digits of every number."""
        return not self.free and all(math.isfinite(r) for r in self.reach)

    def __call__(self, found: list[float], expected: list[float]) -> bool:
        """True if ``found`` is within reach."""
        for a, b, reach in zip(found, expected, self.reach, strict=True):
            if a == b or (a != a and b != b) or reach == math.inf:
                continue
            if self.free and abs(a - b) <= TIGHT * max(abs(a), abs(b), 1.0):
                continue
            if not abs(a - b) <= reach:
                return False
        return True


def check(tally: Tally, graph: Graph, points: list[Point], seed: int) -> None:
    """One graph on all targets but C, one by one and as a batch."""
    exact = [flat(ad.backpropagate(graph, *at)) for at in points]
    near = [Near(graph, at, x, seed) for at, x in zip(points, exact, strict=True)]
    for one in near:
        tally.counts["points with a finite reach"] += one.tight
        tally.counts["points"] += 1
    for target in ("python", "native", "numpy"):
        made = _made(tally, graph, target, None)
        if made is None:
            continue
        for at, expected, reach in zip(points, exact, near, strict=True):
            tally.compare(
                target, graph, at, lambda at=at, made=made: made(*at), expected,
                reach if target == "numpy" else bits,
            )  # fmt: skip
    columns = [np.array(column) for column in zip(*points, strict=True)]
    for target in ("numpy", "native"):
        made = _made(tally, graph, target, True)
        if made is None:
            continue
        value, gradient = made(*columns)
        parts = gradient if isinstance(gradient, tuple) else (gradient,)
        for k, (at, expected, reach) in enumerate(zip(points, exact, near, strict=True)):
            row = [float(part[k]) for part in (value, *parts)]
            tally.compare(f"{target} batch", graph, at, lambda row=row: row, expected, reach)


def _made(
    tally: Tally, graph: Graph, target: str, batch: bool | None
) -> Callable[..., Any] | None:  # fmt: skip
    name = f"{target} batch" if batch else target
    try:
        return compile_gradient(graph, target=target, batch=batch)
    except Exception as error:  # a figure counts whatever is raised
        tally.counts[f"{name} refused"] += 1
        print(f"REFUSED {name}: {type(error).__name__} {error}\n{graph}", flush=True)
        return None


def main(count: int, seed: int) -> None:
    """Print what differs, and the table of counts."""
    tally, source = Tally(), random.Random(seed)

    def checked() -> Iterator[tuple[Graph, list[float]]]:
        for number in range(count):
            graph = random_graph(source, nodes=source.choice((4, 12, 30)))
            points = [
                [random_number(source) for _ in range(graph.input_count)]
                for _ in range(ROWS_OF_A_BATCH)
            ]
            check(tally, graph, points, number)
            yield graph, points[0]

    show(tally, checked())


if __name__ == "__main__":
    from_the_command_line(main)
