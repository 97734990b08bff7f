"""Whole numbers that are made of traced values look things up: in arrays, lists, by bisection."""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autodiff.errors import ArgumentError
from autodiff.trace.trace import trace
from codegen import compile_gradient
from tests.autodiff.trace.libraries.differences import slopes
from verify import Verdict

TABLE = np.cos(0.3 * np.arange(12.0))
GRID = np.sin(np.arange(20.0)).reshape(4, 5)
EDGES, RATES = [0.0, 10.0, 40.0, 90.0], [0.1, 0.2, 0.3, 0.4]


def _bilinear(x: Any) -> Any:
    i, j = np.floor(x[:, 0]).astype(int), np.floor(x[:, 1]).astype(int)
    u, v = x[:, 0] - i, x[:, 1] - j
    low = (1 - v) * GRID[i, j] + v * GRID[i, j + 1]
    high = (1 - v) * GRID[i + 1, j] + v * GRID[i + 1, j + 1]
    return np.sum(((1 - u) * low + u * high) ** 2)


def _limited(x: Any) -> Any:
    total = 0.0
    for t in x:
        k = max(0, min(int(t // 0.5), len(TABLE) - 2))
        total += (t / 0.5 - k) * TABLE[k + 1] + TABLE[k]
    return total


def _deposited(x: Any) -> Any:
    cells = np.zeros(6)
    for t in x:
        k = math.floor(t)
        cells[k] += 1.0 - (t - k)
        cells[k + 1] += t - k
    return np.sum(cells**2 * np.arange(6.0))


def _added_at(x: Any) -> Any:
    cells, k = np.zeros((4, 5)), x.astype(int)
    np.add.at(cells, (k % 4, k), x * x)
    return np.sum(np.sin(cells) * GRID)


def _in_lists(x: Any) -> Any:
    counts, total = [0.0] * 5, 0.0
    for t in x:
        counts[int(t)] += t * t
        total += RATES[round(t) % 4] * t
    return total + sum(a * a * (i + 1) for i, a in enumerate(counts))


def _brackets(x: Any) -> Any:
    k = bisect.bisect(EDGES, 20.0 * x[0]) - 1
    below = np.sum(np.asarray(EDGES) <= 20.0 * x[1]) - 1
    return RATES[k] * (20.0 * x[0] - EDGES[k]) + TABLE[below] * x[1]


def _assigned(x: Any) -> Any:
    made = np.arange(20.0).reshape(4, 5) * x[0]
    made[:, int(x[1])] = x[2] ** 3
    made[int(x[0]), 1] = x[1]
    return np.sum(np.sin(made))


def _unravelled(x: Any) -> Any:
    square = np.outer(x, x)[1:]
    i, j = np.unravel_index(np.argmax(square), square.shape)
    k, m = np.unravel_index(np.argsort(x)[1:], (2, 2), order="F")
    return square[i, (j + 1) % 4] + np.sum(x.reshape(2, 2)[k, m] * x[1:])


POINT = np.array([0.3, 1.2, 2.7, 1.9])


@pytest.mark.parametrize(
    "function", [_bilinear, _limited, _deposited, _added_at, _in_lists, _brackets, _assigned]
)
def test_what_is_looked_up(function: Callable[..., Any]) -> None:
    """Nothing flows through the index; what it leads to has its derivative, and is certified."""
    point = POINT.reshape(2, 2) if function is _bilinear else POINT
    right, slope = float(function(point)), slopes(function, point).ravel()
    for target in ("python", "numpy", "native"):
        compiled = compile_gradient(function, point, target=target)
        value, gradient = compiled(point)
        assert value == pytest.approx(right, rel=1e-12), target
        assert np.ravel(gradient) == pytest.approx(slope, rel=1e-7, abs=1e-7), target
        if target == "numpy":
            assert compiled.verdict in (Verdict.CERTIFIED, Verdict.CERTIFIED_NUMERIC)


@pytest.mark.parametrize("target", ["numpy", "native"])
def test_places_of_a_flat_index(target: str) -> None:
    """An index into the flat array is taken apart as NumPy does."""
    value, gradient = compile_gradient(_unravelled, POINT, target=target)(POINT)
    assert value == pytest.approx(float(_unravelled(POINT)), rel=1e-12)
    assert gradient == pytest.approx(slopes(_unravelled, POINT), rel=1e-7)


@pytest.mark.parametrize("target", ["numpy", "native"])
def test_beyond_the_table(target: str) -> None:
    """As in NumPy negative places count from the end, and those beyond are errors of the call."""
    looked_up = compile_gradient(lambda x: TABLE[int(x)] * x, 1.5, target=target)
    assert looked_up(-2.5) == pytest.approx((TABLE[-2] * -2.5, TABLE[-2]))
    with pytest.raises(ArgumentError, match="out of bounds"):
        looked_up(12.5)


def test_beyond_the_table_in_plain_python() -> None:
    """Text of scalars has no value there."""
    looked_up = compile_gradient(lambda x: RATES[int(x)] * TABLE[int(x)], 1.5)
    assert looked_up(-2.5)[0] == pytest.approx(RATES[-2] * TABLE[-2])
    assert math.isnan(looked_up(4.5)[0])


@pytest.mark.parametrize(
    ("made", "integer"),
    [
        (lambda x: int(x[0]) + 2, True),
        (lambda x: int(x[0]) // 2 % 3, True),
        (lambda x: np.sum(x < 1.0) - 1, True),
        (lambda x: np.where(x > 1.0, 1, 2)[0], True),
        (lambda x: x.astype(np.int64).max(), True),
        (lambda x: int(x[0]) / 2, False),
        (lambda x: np.floor(x[0]), False),
        (lambda x: x.astype(np.int64) * 0.5, False),
    ],
)
def test_which_results_are_whole(made: Callable[[Any], Any], integer: bool) -> None:
    """Arithmetic of whole numbers gives some, as in NumPy; ``np.floor`` gives floats."""
    found: list[Any] = []

    def function(x: Any) -> Any:
        found.append(made(x))
        return np.sum(x)

    trace(function, POINT, expand=False)
    assert found[-1].integer is integer


def test_other_types_are_refused() -> None:
    """Types whose numbers wrap around are not recorded."""
    with pytest.raises(TypeError, match="uint8"):
        compile_gradient(lambda x: np.sum(x.astype(np.uint8)), POINT)
