"""Where kinks meet, C gives the derivative that there is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.graph.graph import Graph
from autodiff.graph.structure import SCALAR
from autodiff.run.interpret import flatten_arguments
from autodiff.run.transform import gradient
from codegen.c99 import CSource, to_c
from tests.c_compiler import arrays_in_c, compiled, in_c, needs_compiler
from tests.kinks_that_meet import FIRST, SECOND


def _called(source: CSource, graph: Graph, at: tuple[Any, ...], folder: Path) -> Any:
    point = flatten_arguments(graph, at)
    return in_c(compiled([source], folder), source.name, graph, len(point))(point)


@needs_compiler
@pytest.mark.parametrize(("name", "function", "at", "slope"), FIRST, ids=[c[0] for c in FIRST])
def test_gradients(name: str, function: Any, at: Any, slope: Any, tmp_path: Path) -> None:
    """A gradient in C is the true one, with the interpreter's bits."""
    graph = ad.trace(function, *at)
    value, found = _called(to_c(graph), graph, at, tmp_path)
    assert found == pytest.approx(np.ravel(slope), rel=1e-12, abs=1e-12)
    expected_value, expected = ad.backpropagate(graph, *at)
    assert repr((value, found)) == repr((expected_value, np.ravel(expected).tolist()))


@needs_compiler
@pytest.mark.parametrize(("name", "function", "at", "curve"), SECOND, ids=[c[0] for c in SECOND])
def test_gradients_of_gradients(
    name: str, function: Any, at: Any, curve: Any, tmp_path: Path
) -> None:
    """Each row of a Hessian in C is the true one, and so is the slope it is the gradient of."""
    whole = gradient(ad.trace(function, *at))
    rows = np.array(curve, float).reshape(len(whole.outputs), -1)
    slopes = np.ravel(np.array(ad.evaluate(whole, *at), float))
    for k, output in enumerate(whole.outputs):
        limits = None if whole.limits is None else replace(whole.limits, outputs=(0,))
        row = replace(whole, outputs=(output,), result=SCALAR, limits=limits)
        folder = tmp_path / str(k)  # a library is loaded once by its path
        folder.mkdir()
        value, found = _called(to_c(row), row, at, folder)
        assert value == pytest.approx(slopes[k], abs=1e-12)
        assert found == pytest.approx(rows[k], rel=1e-12, abs=1e-12)


@needs_compiler
def test_long_functions(tmp_path: Path) -> None:
    """Functions in parts settle ties too."""
    margins = np.linspace(-1.0, 1.0, 101)

    def loss(w: Any) -> Any:
        m = margins * w
        return np.sum(np.maximum(-m, 0.0) + np.log1p(np.exp(-np.abs(m))))

    graph = ad.trace(loss, 0.5)
    source = to_c(graph)
    assert "malloc" in source.body
    _, (slope,) = _called(source, graph, (0.0,), tmp_path)
    assert slope == pytest.approx(float(np.sum(-0.5 * margins)), abs=1e-12)


def test_functions_without_ties_have_none_of_it() -> None:
    """A text holds nothing for ties where kinks cannot meet."""
    assert "settled" in to_c(lambda x: np.maximum(x, 0.0) + np.minimum(x, 0.0), 1.0).body
    assert "settled" not in to_c(lambda x: np.maximum(x, 0.0), 1.0).body


@needs_compiler
def test_whole_arrays(tmp_path: Path) -> None:
    """Where rows tie, the function that settles them gives the derivative that there is."""
    rows = np.random.default_rng(6).normal(size=(500, 4))
    signs = np.sign(rows[:, 0])

    def fit(w: Any, rows: Any, signs: Any) -> Any:
        m = signs * (rows @ w)
        return np.sum(np.maximum(-m, 0.0) + np.log1p(np.exp(-np.abs(m))))

    source = to_c(fit, np.zeros(4), rows, signs, wrt="w", expand=False)
    library = compiled([source], tmp_path, "-O3")
    assert arrays_in_c(library, source, "ties")(np.zeros(4), rows, signs)[0] == 1000.0
    value, (found,) = arrays_in_c(library, source, "settled", 4)(np.zeros(4), rows, signs)
    assert value == pytest.approx(500.0 * np.log(2.0))
    assert found == pytest.approx(-0.5 * (signs @ rows))
    at = np.array([0.1, -0.2, 0.3, 0.4])
    both = (arrays_in_c(library, source, entry, 4)(at, rows, signs)
            for entry in ("value_and_gradient", "settled"))  # fmt: skip
    (value, (found,)), (again, (settled,)) = both
    assert value == again
    np.testing.assert_array_equal(found, settled)
