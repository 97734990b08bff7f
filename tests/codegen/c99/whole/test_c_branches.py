"""C99 of conditions among arrays, sums and loops, drawn at random."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import autodiff as ad
from codegen.c99 import to_c
from tests.arrays_in_c import assert_right, graph_of
from tests.c_compiler import compiled, needs_compiler

_X = np.linspace(-1.0, 1.3, 25)
_POINTS = [(0.7, 0.4), (-0.3, 0.9), (1.5, -1.2), (0.05, 0.06)]


def _number(draw: random.Random, a: Any, b: Any, m: Any, n: Any) -> Any:
    """A new number, some by a condition or a loop that ends."""
    kind = draw.random()
    if kind < 0.3:
        return np.tanh(np.sum(np.exp(-a * a) * b)) * 0.3 + m
    if kind < 0.7:
        return ad.cond(
            m > n * 0.9,
            lambda: np.sum(np.log1p(a * a)) * 0.1 + n,
            lambda: np.exp(-m * m),
        )
    return ad.while_loop(lambda v: v * v > 0.5, lambda v: 0.5 * v + 0.01 * np.sin(n), m, most=9)


def _array(draw: random.Random, a: Any, b: Any, m: Any, n: Any) -> Any:
    """A new array, some by a condition, some by a loop with one inside."""
    kind = draw.random()
    if kind < 0.4:
        return np.sin(a) + b * m
    if kind < 0.8:
        return ad.cond(
            m < n + 0.1,
            lambda: np.exp(-a * a) * n,
            lambda: np.where(b > 0.1, np.sqrt(1.0 + b * b), a),
        )

    def step(c: Any, y: Any) -> Any:
        after = ad.cond(c > y, lambda: np.sin(c) * np.exp(-y * y), lambda: c * 0.5 + m)
        return after, after * y

    return np.concatenate([ad.scan(step, m, a[:20])[1], b[20:]])


def _program(seed: int) -> Callable[..., Any]:
    def f(p: Any, x: Any) -> Any:
        draw = random.Random(seed)
        arrays, numbers = [x, x * p[0], np.cos(x)], [p[0], p[1], np.sum(x) / 50.0]
        for _ in range(draw.randint(3, 9)):
            taken = *draw.choices(arrays, k=2), *draw.choices(numbers, k=2)
            if draw.random() < 0.5:
                numbers.append(_number(draw, *taken))
            else:
                arrays.append(_array(draw, *taken))
        return sum(np.sum(one * np.cos(one)) for one in arrays[2:]) + sum(numbers)

    return f


@needs_compiler
def test_random_conditions(tmp_path: Path) -> None:
    """Sides inside sides, loops on one side, sides inside loops: as in the interpreter."""
    graphs = [graph_of(f"f{seed}", _program(seed), np.array(_POINTS[0]), _X) for seed in range(12)]
    sources = [to_c(graph, expand=False) for graph in graphs]
    assert any("} else {" in source.body for source in sources)
    assert any("break;" in source.body for source in sources)
    library = compiled(sources, tmp_path, "-O1")
    for source, graph in zip(sources, graphs, strict=True):
        for point in _POINTS:
            assert_right(library, source, graph, np.array(point), _X * (1.0 + 0.1 * point[0]))
