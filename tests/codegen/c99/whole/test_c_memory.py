"""C99 of whole arrays: sizes, memory, and places that indices say."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from codegen.c99 import to_c
from tests.arrays_in_c import BOTH, assert_right, graph_of, normalised, run_alone
from tests.c_compiler import arrays_in_c, compiled, needs_compiler, work_size

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


def _later(x: Any) -> Any:
    after = np.cumsum(np.cos(x))
    return np.sum(np.flip(np.cumsum(after * x)) * after)


@needs_compiler
def test_memory_is_read_before_others_use_it(tmp_path: Path) -> None:
    """A number that is written where it is used reads memory that others take after it."""
    x = np.linspace(0.0, 1.0, 900)
    graph = graph_of("f", lambda x: 3.0 * np.cumsum(np.sin(x))[7] * _later(x), x)
    source = to_c(graph, expand=False)
    assert work_size(source, "f_value")
    assert_right(compiled([source], tmp_path), source, graph, x)


@needs_compiler
def test_places_in_what_lies_nowhere(tmp_path: Path) -> None:
    """An index of equal layers, or of a number, is looked at, too."""

    def f(c: Any, x: Any, place: Any) -> Any:
        layers = np.broadcast_to(x, (4, 3))
        return np.sum(layers[place]) + np.sum(np.reshape(c, (1,))[place]) + np.sum(x[:0])

    examples = (np.float64(2.0), np.arange(3.0), np.array([0]))
    graph = graph_of("f", f, *examples)
    source = to_c(graph, expand=False, wrt=(0, 1))
    call = arrays_in_c(compiled([source], tmp_path), source, "value")
    assert call(*examples)[0] == 5.0
    assert math.isnan(call(*examples[:2], np.array([3]))[0])


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
