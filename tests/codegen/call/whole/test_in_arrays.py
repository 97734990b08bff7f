"""The NumPy target over whole arrays: results, text, files, pickles, errors."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.errors import ArgumentError, TraceError
from codegen import compile_function, compile_gradient, compile_graph
from tests.autodiff.trace.whole.test_functions import _FUNCTIONS, _X, _loss
from tests.autodiff.trace.whole.test_programs import _GOLDEN, assert_golden, program
from tests.modules_by_path import module_at
from verify import Verdict

_DRAW = np.random.default_rng(1)
A, B = _DRAW.normal(size=(200, 5)), _DRAW.normal(size=200)
_W = _DRAW.normal(size=5)


def least_squares(w: Any) -> Any:
    """A loss over closed-over data."""
    residual = A @ w - B
    return np.sum(residual * residual)


def _compiled(function: Any, *examples: Any, **options: Any) -> Any:
    return compile_gradient(function, *examples, target="numpy", expand=False, **options)


def _loaded(path: Path) -> Any:
    return module_at(path)


def test_the_text_is_what_a_person_writes() -> None:
    """Flat statements under the user's names, the data under theirs."""
    df = _compiled(least_squares, np.zeros(5))
    body = df.source[df.source.index("def value_and_gradient") :]
    assert body == (
        "def value_and_gradient(w):\n"
        '    """Value of least_squares, and its gradient."""\n'
        "    # forward\n"
        "    residual = A @ w - B\n"
        "\n"
        "    # backward\n"
        "    w_bar = A.T @ (2.0 * residual)\n"
        "    return residual @ residual, w_bar\n"
    )
    assert df.verdict is Verdict.CERTIFIED
    assert df.check.chance < 1e-12


def test_value_and_gradient() -> None:
    """A call, its halves, a pickle and the saved file with its data agree."""
    df = _compiled(least_squares, np.zeros(5))
    value, slope = df(_W)
    residual = A @ _W - B
    assert value == pytest.approx(residual @ residual, rel=1e-14)
    np.testing.assert_allclose(slope, 2.0 * A.T @ residual, rtol=1e-13)
    value, residuals = df.forward(_W)
    np.testing.assert_array_equal(df.backward(residuals), slope)
    np.testing.assert_allclose(df.backward(residuals, 3.0), 3.0 * slope, rtol=1e-15)
    again = pickle.loads(pickle.dumps(df))
    np.testing.assert_array_equal(again(_W)[1], slope)
    out = np.empty(5)
    df(_W, out=out)
    np.testing.assert_array_equal(out, slope)


def test_a_saved_file_stands_alone(tmp_path: Path) -> None:
    """The file finds its data beside it and needs NumPy alone."""
    df = _compiled(least_squares, np.zeros(5))
    df.save(tmp_path / "df.py")
    module = _loaded(tmp_path / "df.py")
    np.testing.assert_array_equal(module.value_and_gradient(_W)[1], df(_W)[1])
    assert "sha256" in df.source
    assert (tmp_path / "df.npz").exists()


@pytest.mark.parametrize("name", _FUNCTIONS)
def test_the_text_computes_the_graph(name: str) -> None:
    """For every function of NumPy: the code gives what the interpreter gives, and is checked."""
    loss = _loss(_FUNCTIONS[name])
    df = _compiled(loss, _X)
    value, slope = df(_X)
    expected = ad.backpropagate(df.graph, _X)
    assert value == pytest.approx(expected[0], rel=1e-12)
    np.testing.assert_allclose(slope, expected[1], rtol=1e-10, atol=1e-12)
    residuals = df.forward(_X)[1]
    np.testing.assert_allclose(df.backward(residuals), slope, rtol=1e-12, atol=1e-13)
    assert df.verdict in (Verdict.CERTIFIED, Verdict.CERTIFIED_NUMERIC)


@pytest.mark.parametrize("name", sorted(set(_GOLDEN) - {"cartpole", "seir_rk4"}))
def test_programs(name: str) -> None:
    """Real programs, unchanged: golden gradients from the emitted text, which is checked."""
    module, golden = program(name), _GOLDEN[name]
    examples = module.examples(golden["size"])
    df = _compiled(module.f, *examples, wrt=0)
    assert_golden(golden, *df(*examples))
    assert df.check is not None
    if name in ("logistic", "gmm", "attention"):
        text = df.source[df.source.index("def value_and_gradient") :]
        assert len(text.splitlines()) <= 60


def test_graphs_compile_as_they_are() -> None:
    """A Hessian-vector product of arrays is compiled like any graph."""
    graph = ad.hvp(ad.trace(least_squares, np.zeros(5), expand=False))
    h = compile_graph(graph, target="numpy")
    np.testing.assert_allclose(h(_W, _W), 2.0 * A.T @ (A @ _W), rtol=1e-12)
    assert h.verdict is Verdict.CERTIFIED
    scalars = compile_graph(ad.trace(lambda x: np.sum(x * x), np.ones(3), expand=False))
    assert scalars(np.ones(3)) == 3.0


def test_results_are_the_callers_own() -> None:
    """No result shares memory with an argument, a constant or another result."""
    df = _compiled(lambda x, y: np.sum(x * y), _X, _X)
    x, y = _X.copy(), _X.copy() + 1.0
    _, (by_x, by_y) = df(x, y)
    for array in (by_x, by_y):
        assert not np.shares_memory(array, x)
        assert not np.shares_memory(array, y)
        assert array.flags.writeable
    assert not np.shares_memory(by_x, by_y)


def test_a_result_may_be_written_into_again() -> None:
    """What NumPy computes of transposed arrays lies column by column; what is given, row by row."""
    f = compile_function(lambda a: a.T + np.exp(a.T), np.ones((2, 3)), target="numpy", expand=False)
    result = f(np.zeros((2, 3)))
    buffer = np.empty_like(result)
    np.testing.assert_array_equal(f(np.zeros((2, 3)), out=buffer), result)


def test_arguments_as_indices() -> None:
    """Arrays of integers are indices that a call may change; others are refused."""
    index = np.array([0, 2, 2, 1])
    df = _compiled(lambda w, i: np.sum(w[i] ** 2), np.ones(3), index, wrt=0)
    np.testing.assert_array_equal(df(np.ones(3), np.array([0, 0, -1, 0]))[1], [6.0, 0.0, 2.0])
    with pytest.raises(ArgumentError, match="out of bounds"):
        df(np.ones(3), np.array([0, 0, 3, 0]))
    with pytest.raises(ArgumentError, match="no whole number"):
        df(np.ones(3), np.array([0.5, 0, 1, 0]))


def test_wrong_calls() -> None:
    """Another shape, another count: the error names the argument."""
    df = _compiled(least_squares, np.zeros(5))
    with pytest.raises(ArgumentError, match="argument w"):
        df(np.zeros(6))
    with pytest.raises(ArgumentError, match="expected 1"):
        df()


def test_errors_of_traces_name_line_and_shapes() -> None:
    """Shapes that do not fit are told with the user's line."""
    with pytest.raises(TraceError, match=r"test_in_arrays\.py:\d+: add: shapes \(3,\) and \(4,\)"):
        ad.trace(lambda x: x + np.ones(4), np.ones(3), expand=False)
    with pytest.raises(TraceError, match=r"matmul: shapes \(2, 3\) and \(2,\)"):
        ad.trace(lambda x: np.ones((2, 3)) @ x, np.ones(2), expand=False)
    with pytest.raises(TraceError, match="axis 2 is out of bounds"):
        ad.trace(lambda x: np.sum(x, axis=2), np.ones(3), expand=False)
    with pytest.raises(TraceError, match="index 3 is out of bounds"):
        ad.trace(lambda x: x[3], np.ones(3), expand=False)
    with pytest.raises(TraceError, match="argument"):
        ad.trace(lambda x: x.__setitem__(0, 1.0), np.ones(3), expand=False)


def test_places_of_what_is_dropped_are_places() -> None:
    """An argument that only a dropped, watched part takes for places is one still."""

    def dropped(x: Any, k: Any) -> Any:
        counts = np.zeros(5)
        np.add.at(counts, k, x[:3])
        np.interp(counts, np.linspace(-1.0, 1.0, x.size), x)
        return np.sum(x**2)

    x, k = np.linspace(0.0, 1.0, 8), np.array([4, 0, 4])
    df = compile_gradient(dropped, x, k, wrt=0, target="numpy", expand=False)
    assert np.allclose(df(x, k)[1], 2.0 * x)
