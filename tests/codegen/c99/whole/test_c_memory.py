"""C99 of whole arrays: sizes, memory, and places that indices say."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from codegen.c99 import to_c
from tests.arrays_in_c import BOTH, assert_right, graph_of, normalised, run_alone
from tests.c_compiler import arrays_in_c, compiled, needs_compiler

# --- sizes, memory, places -----------------------------------------------------------------------


def _rowwise(x: Any, y: Any) -> Any:
    centred = x - np.sum(x, axis=0) / 3.0
    return np.sum(np.tanh(centred @ y)) + np.sum(centred[::-1] * x) + np.sum(y**2)


@needs_compiler
@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0), (1, 1), (1, 4), (5, 1), (7, 3)])
def test_every_size(shape: tuple[int, int], tmp_path: Path) -> None:
    """Arrays without numbers, with one, and odd ones."""
    draw = np.random.default_rng(8)
    x, y = draw.normal(size=shape), draw.normal(size=shape[1])
    graph = graph_of("rowwise", _rowwise, x, y)
    source = to_c(graph, expand=False)
    assert_right(compiled([source], tmp_path), source, graph, x, y)


def _indexed(table: Any, w: Any) -> Any:
    rows = table[np.array([0, 2, 2, 3, -1])]
    joined = np.concatenate([np.sin(rows @ w), np.cumsum(w)[::-1]])
    return np.sum(joined[1:] * joined[:-1]) + np.sum(np.max(table, axis=0))


@needs_compiler
@pytest.mark.parametrize("function", [_indexed, normalised, _rowwise])
def test_nothing_is_read_or_written_outside(function: Any, tmp_path: Path) -> None:
    """The compiler's own checks of addresses and of undefined behaviour find nothing."""
    draw = np.random.default_rng(4)
    shapes = {
        _indexed: [(4, 3), (3,)],
        normalised: [(13, 5), (5,)],
        _rowwise: [(7, 3), (3,)],
    }[function]
    arrays = [draw.normal(size=shape) for shape in shapes]
    graph = graph_of("f", function, *arrays)
    run_alone(to_c(graph, expand=False), graph, arrays, tmp_path)


@needs_compiler
def test_an_index_that_does_not_fit_gives_nan_everywhere(tmp_path: Path) -> None:
    """Indices that are arguments are checked at every call; nothing outside is read."""

    def f(table: Any, places: Any) -> Any:
        return np.sum(np.sin(table[places]) ** 2)

    table, places = np.linspace(0.1, 1.0, 6), np.array([0, 5, -1, 2])
    source = to_c(f, table, places, wrt=0, expand=False)
    assert "Where an index does not fit its axis, every result is nan." in source.header
    call = arrays_in_c(compiled([source], tmp_path), source, BOTH, 6)
    value, (gradient,) = call(table, places)
    assert value == pytest.approx(float(f(table, places)), rel=1e-14)
    assert np.isfinite(gradient).all()
    for wrong in (6.0, -7.0, 0.5, math.nan, 1e300):
        value, (gradient,) = call(table, np.array([0.0, wrong, 1.0, 2.0]))
        assert math.isnan(value)
        assert np.isnan(gradient).all()
