"""Jacobians and Hessians of whole arrays: the numbers of the scalars', whichever way they go."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest

import autodiff as ad
from autodiff.errors import UnsupportedError
from autodiff.graph.structure import Scalar
from autodiff.run.derive import array_matrix
from autodiff.run.whole.scalarize import scalarize
from tests.autodiff.trace.whole.test_functions import _FUNCTIONS, _X, _loss
from tests.autodiff.trace.whole.test_programs import flat

_DRAW = np.random.default_rng(3)
_A, _B = _DRAW.normal(size=(30, 4)), _DRAW.normal(size=30)
_POINT = np.array([0.3, -0.2, 0.5, 0.1])


def _whole(function: Any, *examples: Any) -> Any:
    return ad.trace(function, *examples, expand=False)


def _held(made: Any, graph: Any, *point: Any) -> None:
    """``made`` gives the numbers of a graph of scalars."""
    found, wanted = flat(ad.evaluate(made, *point)), flat(ad.evaluate(graph, *point))
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-10)


def _by_products(graph: Any, x: Any) -> Any:
    """A Jacobian of graphs that cannot be written in scalars: products with unit vectors."""
    products, columns = ad.jvp(graph), []
    for place in np.ndindex(x.shape):
        unit = np.zeros_like(x)
        unit[place] = 1.0
        columns.append(flat(ad.evaluate(products, x, unit)[1]))
    return np.transpose(columns).ravel()


def _jacobian_is_right(made: Any, graph: Any, x: Any) -> None:
    try:
        scalars = scalarize(graph)
    except UnsupportedError:
        found, wanted = flat(ad.evaluate(made, x)), _by_products(graph, x)
        np.testing.assert_allclose(found, wanted, rtol=1e-7, atol=1e-9)
    else:
        _held(made, ad.jacobian(scalars), x)


@pytest.mark.parametrize("way", ["_forward", "_reverse"])
@pytest.mark.parametrize("name", sorted(_FUNCTIONS))
def test_jacobians_of_every_function(name: str, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """For every function of NumPy, forwards and backwards: the Jacobian is the scalars'."""
    graph = _whole(_FUNCTIONS[name], _X)
    if isinstance(graph.result, Scalar):
        return
    monkeypatch.setattr(
        array_matrix, "_cost", lambda chosen, *_: 0 if chosen.__name__ == way else 1
    )
    _jacobian_is_right(ad.jacobian(graph), graph, _X)


@pytest.mark.parametrize("name", sorted(_FUNCTIONS))
def test_hessians_of_every_function(name: str) -> None:
    """For every function of NumPy: the Hessian of a loss over it is the scalars'."""
    graph = _whole(_loss(_FUNCTIONS[name]), _X)
    try:
        scalars = scalarize(graph)
    except UnsupportedError:
        _jacobian_is_right(ad.hessian(graph), ad.gradient(graph), _X)
    else:
        _held(ad.hessian(graph), ad.hessian(scalars), _X)


def test_an_elementwise_map_has_a_diagonal() -> None:
    """One slope for each element, spread over a diagonal at the end."""
    x = np.linspace(-1.0, 1.0, 400)
    made = ad.jacobian(_whole(lambda x: np.sin(x) * x, x))
    sizes = [np.prod(node.shape, dtype=int) for node in made.nodes]
    assert sorted(sizes)[-1] == 160_000
    assert sum(size > 400 for size in sizes) == 1
    np.testing.assert_allclose(
        ad.evaluate(made, x), np.diag(np.cos(x) * x + np.sin(x)), rtol=1e-13, atol=1e-15
    )


def test_a_linear_map_is_its_own_jacobian() -> None:
    """``A @ x`` gives A and computes nothing; so do sums of rows."""
    made = ad.jacobian(_whole(lambda x: _A @ x + _B, _POINT))
    np.testing.assert_array_equal(ad.evaluate(made, _POINT), _A)
    assert made.nodes[made.outputs[0]].array is not None
    rows = ad.evaluate(ad.jacobian(_whole(lambda x: np.sum(x, axis=1), _X)), _X)
    np.testing.assert_array_equal(rows, np.eye(3)[:, :, None] * np.ones(4))


def test_hessians_of_losses_over_rows_are_one_product() -> None:
    """``2 A' A`` for least squares, ``A' D A`` for a logistic loss: one matrix product each."""
    squares = ad.hessian(_whole(lambda w: np.sum((_A @ w - _B) ** 2), _POINT))
    np.testing.assert_allclose(ad.evaluate(squares, _POINT), 2.0 * _A.T @ _A, rtol=1e-13)

    def logistic(w: Any) -> Any:
        return np.sum(np.log1p(np.exp(-_B * (_A @ w))))

    made = ad.hessian(_whole(logistic, _POINT))
    p = 1.0 / (1.0 + np.exp(-_B * (_A @ _POINT)))
    wanted = (_A.T * (_B * _B * p * (1.0 - p))) @ _A
    np.testing.assert_allclose(ad.evaluate(made, _POINT), wanted, rtol=1e-12)
    matrices = [i for i, node in enumerate(made.nodes) if node.shape == (4, 4)]
    assert len(matrices) == 1


def test_a_hessian_to_many_digits() -> None:
    """The Hessian of a chain of rotations agrees with mpmath's derivative to 1e-12."""

    def chain(x: Any) -> Any:
        return np.sum(np.exp(np.sin(np.cumsum(x))) * x[::-1]) / np.sum(x * x)

    found = ad.evaluate(ad.hessian(_whole(chain, _POINT)), _POINT)

    def exact(*x: Any) -> Any:
        running = [sum(x[: k + 1]) for k in range(len(x))]
        above = sum(mpmath.exp(mpmath.sin(s)) * y for s, y in zip(running, x[::-1], strict=True))
        return above / sum(y * y for y in x)

    with mpmath.workdps(40):
        at = tuple(map(mpmath.mpf, _POINT.tolist()))
        for i in range(4):
            for j in range(4):
                order = tuple(int(k == i) + int(k == j) for k in range(4))
                wanted = float(mpmath.diff(exact, at, order))
                assert found[i, j] == pytest.approx(wanted, rel=1e-11)


def test_several_arguments_and_results() -> None:
    """Every array of the result by every array of the arguments, numbers among them."""

    def function(p: Any, s: Any) -> Any:
        return {"z": p["w"] @ p["x"] * s, "n": np.sum(p["x"] * s), "c": p["w"] * 0.0 + 1.0}

    p = {"w": _DRAW.normal(size=(2, 3)), "x": _DRAW.normal(size=3)}
    graph = _whole(function, p, 0.7)
    _held(ad.jacobian(graph), ad.jacobian(scalarize(graph)), p, 0.7)
    assert ad.jacobian(graph).result == ad.jacobian(scalarize(graph)).result
    loss = _whole(lambda p, s: np.sum(np.tanh(p["w"] @ p["x"]) * s) * s, p, 0.7)
    _held(ad.hessian(loss), ad.hessian(scalarize(loss)), p, 0.7)
    _held(ad.hessian(loss, "s"), ad.hessian(scalarize(loss), "s"), p, 0.7)


def test_a_third_derivative() -> None:
    """A Hessian is a graph of arrays, which has a Jacobian again."""
    graph = ad.hessian(_whole(lambda x: np.sum(np.exp(x) * x[::-1]), _POINT))
    _held(ad.jacobian(graph), ad.jacobian(scalarize(graph)), _POINT)


def _rosenbrock(x: Any) -> Any:
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


_SPARSE = {
    "elementwise": lambda x: np.sin(x) * x,
    "differences": lambda x: np.diff(x**3) * 0.5,
    "two": lambda x: (np.exp(x), x[::-1] * x),
    "chosen": lambda x: x[np.array([3, 0, 3])] ** 2,
    "rows": lambda x: np.sum(np.outer(x, np.ones(3)), axis=1),
    "numbers": lambda x: (x[0] * x[1], np.sum(x)),
    "constant": lambda x: x * 0.0 + np.ones(6),
    "full": lambda x: x * np.sum(x),
}


@pytest.mark.parametrize("lines", ["csr", "csc"])
@pytest.mark.parametrize("name", _SPARSE)
def test_sparse_jacobians(name: str, lines: str) -> None:
    """Pattern and entries are those of the scalars: nothing is missing, nothing is too much."""
    x = np.linspace(0.2, 1.4, 6)
    graph = _whole(_SPARSE[name], x)
    made, scalars = (ad.jacobian(g, sparse=lines) for g in (graph, scalarize(graph)))
    assert str(made.result) == str(scalars.result)
    _held(made, scalars, x)


@pytest.mark.parametrize("lines", ["csr", "csc"])
def test_sparse_hessians(lines: str) -> None:
    """A band of three, from three directions."""
    x = np.linspace(0.2, 1.4, 20)
    graph = _whole(_rosenbrock, x)
    made, scalars = (ad.hessian(g, sparse=lines) for g in (graph, scalarize(graph)))
    assert str(made.result) == str(scalars.result)
    _held(made, scalars, x)
    assert max(np.prod(node.shape, dtype=int) for node in made.nodes) <= 3 * 20


def test_sparse_of_several_arguments() -> None:
    """Columns are the elements of all arguments, one after the other."""
    graph = _whole(lambda x, s: np.sum(np.tanh(x * s)) + s * s, _POINT, 0.7)
    made, scalars = (ad.hessian(g, sparse=True) for g in (graph, scalarize(graph)))
    assert str(made.result) == str(scalars.result)
    _held(made, scalars, _POINT, 0.7)


def test_diagonals_of_any_size() -> None:
    """Of more elements than scalars can be, a diagonal is known by its structure."""
    x = np.linspace(-1.0, 1.0, 205_000)
    made = ad.jacobian(_whole(lambda x: np.sin(np.exp(x) * x), x), sparse=True)
    assert made.result.pattern.count == len(x)
    found = ad.evaluate(made, x)
    wanted = np.cos(np.exp(x) * x) * (np.exp(x) * x + np.exp(x))
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)
