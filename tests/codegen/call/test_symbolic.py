"""Compiled functions and gradients called inside traced functions, and on Values."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autodiff as ad
import codegen
from codegen import compile_gradient, compile_graph, compile_hessian, compile_jacobian

V = np.array([0.3, 0.7])


def g(x, y):
    """A function of floats."""
    return ad.sin(x) * x * y


def h(w):
    """A function of an array."""
    return np.sum(np.sin(w) * w)


@pytest.fixture(params=["python", "numpy", "native"])
def target(request: pytest.FixtureRequest) -> str:
    """Every target."""
    if request.param == "native":
        pytest.importorskip("llvmlite", reason="machine code needs llvmlite")
    return str(request.param)


def test_gradients_of_gradients(target: str) -> None:
    """The compiled gradient is recorded into the outer trace, with its own derivative."""
    df = compile_gradient(g, 1.0, 1.0, target=target)
    slope = ad.grad(lambda x: df(x, 2.0)[1][0])(0.7)
    assert math.isclose(slope, 2.0 * (2 * math.cos(0.7) - 0.7 * math.sin(0.7)))
    assert math.isclose(ad.grad(lambda x: df(x, 2.0)[0])(0.7), df(0.7, 2.0)[1][0])


def test_arrays(target: str) -> None:
    """Arrays of traced values go in, and come out as the gradient."""
    df = compile_gradient(h, V, target=target)
    found = ad.grad(lambda w: np.sum(df(w)[1] ** 2))(V)
    expected = ad.grad(lambda w: np.sum(ad.grad(h)(w) ** 2))(V)
    np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_compiled_graphs(target: str) -> None:
    """A compiled graph inside a function that is compiled itself."""
    inner = compile_graph(ad.trace(g, 1.0, 1.0), target=target)
    df = compile_gradient(lambda x: inner(x, 3.0) * x, 0.7)
    value, slope = df(0.7)
    assert math.isclose(value, g(0.7, 3.0) * 0.7)
    assert math.isclose(slope, 3.0 * (2 * 0.7 * math.sin(0.7) + 0.49 * math.cos(0.7)))


def grown(x: Any) -> Any:
    """x**2 times 1.5 as often as it takes."""
    s = x
    while s < 50.0:
        s = s * 1.5
    return s * x


def test_loops_are_recorded_too(target: str) -> None:
    """What has a loop in it is a loop of the outer trace, with derivatives of any order."""
    df = compile_gradient(grown, 0.7, target=target)
    assert df.graph.expanded is False
    twice = compile_gradient(lambda x: df(x)[1] * x, 0.7, target=target)
    factor = df(0.7)[1] / 1.4
    np.testing.assert_allclose(twice(0.7), (0.98 * factor, 2.8 * factor), rtol=1e-13)
    with pytest.raises(ad.ArgumentError, match="on Values"):
        ad.grad(lambda x: df(x)[1])(0.7)


def test_values(target: str) -> None:
    """On Values the gradient is a Value that remembers how it was computed."""
    df = compile_gradient(g, 1.0, 1.0, target=target)
    x = ad.Value(0.7)
    value, (dx, _) = df(x, 2.0)
    dx.backward()
    assert math.isclose(value.data, g(0.7, 2.0))
    assert math.isclose(x.grad, 2.0 * (2 * math.cos(0.7) - 0.7 * math.sin(0.7)))


def test_wrong_arguments_are_errors_all_the_same(target: str) -> None:
    """A traced value of another shape, or a wrong count, is the caller's mistake."""
    df = compile_gradient(h, V, target=target)
    with pytest.raises(ad.ArgumentError):
        ad.grad(lambda w: np.sum(df(w[:1])[1]))(V)
    with pytest.raises(ad.ProofgradError):
        ad.grad(lambda w: np.sum(df(w, w)[1]))(V)
    with pytest.raises(ad.ProofgradError):
        df("text")


@pytest.mark.parametrize("what", ["jacobian", "hessian", "hvp", "jvp", "vjp"])
def test_derivatives_of_arrays_in_a_trace(what: str, target: str) -> None:
    """What any sibling of compile_gradient returns may be called in a traced function."""

    def cubes(y: Any) -> Any:
        return y**3 if what in ("jacobian", "jvp", "vjp") else np.sum(y**3)

    x = np.array([1.0, 2.0])
    inner = getattr(codegen, f"compile_{what}")(cubes, x, target=target)
    args = (x,) if what in ("jacobian", "hessian") else (x, x)

    def outer(y: Any) -> Any:
        result = inner(*(y for _ in args))
        return sum(np.sum(part) for part in (result if isinstance(result, tuple) else (result,)))

    value, gradient = compile_gradient(outer, x)(x)
    assert np.isclose(value, outer(x))
    h = 1e-6
    for i, step in enumerate(np.eye(2) * h):
        assert np.isclose(gradient[i], (outer(x + step) - outer(x - step)) / (2 * h), rtol=1e-6)


@pytest.mark.parametrize("target", ["numpy", "native"])
def test_a_batch_says_that_it_takes_numbers(target: str) -> None:
    """A batch called in a traced function is refused by name, with the way out."""
    if target == "native":
        pytest.importorskip("llvmlite", reason="needs the extra native")
    inner = compile_gradient(lambda y: y**3, 1.0, target=target, batch=True)
    with pytest.raises(ad.TraceError, match=r"test_symbolic.py:\d+: a batch of .*without batch="):
        ad.trace(lambda x: np.sum(inner(x)[1]), np.ones(2))


ONES = np.ones(2)


def _lagrangian(q: Any, v: Any) -> Any:
    """Of a double pendulum."""
    return v[0] ** 2 + 0.5 * v[1] ** 2 + v[0] * v[1] * np.cos(q[0] - q[1]) + 2.0 * np.cos(q[0])


MASSES = compile_hessian(_lagrangian, ONES, ONES, wrt="v")
COUPLING = compile_jacobian(ad.grad(_lagrangian, wrt=1), ONES, ONES, wrt=0)


def _acceleration(q: Any, v: Any) -> Any:
    """Lagrange's equations, solved: derivatives of derivatives, and arrays that stay whole."""
    force = ad.grad(lambda q: _lagrangian(q, v))(q)  # closes over v
    return np.linalg.solve(MASSES(q, v), force - COUPLING(q, v) @ v)


@pytest.mark.parametrize("target", ["python", "numpy"])
def test_derivatives_stand_inside_functions_of_whole_arrays(target: str) -> None:
    """Compiled in numbers, or of functions that close over whole arrays: the slope is right."""
    q, v = np.array([0.3, -0.4]), np.array([0.7, 1.1])
    slope = compile_jacobian(_acceleration, q, v, wrt=0, target=target, check=False)(q, v)

    def at(q: Any) -> Any:
        turn = q[0] - q[1]
        masses = np.array([[2.0, np.cos(turn)], [np.cos(turn), 1.0]])
        pull = np.sin(turn) * np.array([v[1] ** 2, -(v[0] ** 2)])
        return np.linalg.solve(masses, np.array([-2.0 * np.sin(q[0]), 0.0]) - pull)

    h = 1e-6 * np.eye(2)
    wanted = np.stack([(at(q + step) - at(q - step)) / 2e-6 for step in h], axis=1)
    assert np.allclose(slope, wanted, rtol=0.0, atol=1e-8)


def _bent(z: Any, w: Any, b: Any) -> Any:
    """A network, whose text asks signs and whether there is a quotient."""
    return b @ np.tanh(w @ z + b)


@pytest.mark.parametrize("expand", [True, False])
def test_no_branch_of_a_text_is_taken_for_the_function_s(expand: bool) -> None:
    """Numbers for some arguments and traced values for others: the graph is recorded at once."""
    z, w, b = np.array([0.3, 0.4]), np.full((3, 2), 0.2), np.full(3, 0.1)
    curves = compile_hessian(_bent, z, w, b, wrt="z", target="python", check=False)
    graph = ad.trace(lambda w, b: np.trace(curves(z, w, b)) ** 2, w, b, expand=expand)
    assert ad.evaluate(graph, w, b) == pytest.approx(np.trace(curves(z, w, b)) ** 2, rel=1e-13)
