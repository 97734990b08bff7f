"""Gradients of functions that take gradients: nested, closing over each other's variables."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient, compile_graph


def test_inner_gradients_use_outer_variables() -> None:
    """The inner function's variable and the outer one's are never confused."""
    assert ad.grad(lambda x: x * ad.grad(lambda y: x + y)(1.0))(1.0) == 1.0
    assert ad.grad(lambda x: x * ad.grad(lambda y: x * y * y)(2.0))(3.0) == 24.0
    assert ad.grad(lambda x: ad.grad(lambda _: x)(1.0) + x)(2.0) == 1.0


def test_any_depth() -> None:
    """Three gradients deep, each level uses the variables of all around it."""

    def f(x):
        return ad.grad(lambda y: ad.grad(lambda z: (x * y * z) ** 2)(2.0))(3.0)

    assert math.isclose(ad.grad(f)(5.0), 240.0)  # d/dx d/dy d/dz x²y²z² = 8xyz
    assert math.isclose(ad.grad(ad.grad(f))(5.0), 48.0)
    graph = ad.hessian(ad.trace(f, 1.0))
    assert ad.evaluate(graph, 5.0) == 48.0


def test_arrays_are_closed_over() -> None:
    """An inner gradient of arrays that uses the outer array."""
    w = np.array([1.0, 2.0])

    def f(w):
        return np.sum(ad.grad(lambda v: np.sum(w * v**3))(np.array([1.0, 2.0])))

    np.testing.assert_array_equal(ad.grad(f)(w), [3.0, 12.0])


def test_values_are_closed_over() -> None:
    """A Value inside a function whose gradient is taken stays in the graph."""
    v = ad.Value(3.0)
    slope = ad.grad(lambda y: (v * v) * y * y + v * y)(2.0)
    slope.backward()
    assert (slope.data, v.grad) == (39.0, 25.0)


def test_wrt_counts_the_functions_own_arguments() -> None:
    """Values closed over are no arguments: -1 is the last of the function's own."""

    def f(x):
        return ad.grad(lambda a, b: a * b * b * x, wrt=-1)(2.0, 5.0)

    assert ad.grad(f)(3.0) == 20.0
    value, parts = ad.value_and_grad(lambda x: ad.grad(lambda a, b: a * b * x)(2.0, 5.0)[1])(3.0)
    assert (value, parts) == (6.0, 2.0)


@pytest.mark.parametrize("target", ["python", "native"])
def test_such_functions_compile(target: str) -> None:
    """A compiled function may take gradients inside, closing over its arguments."""
    if target == "native":
        pytest.importorskip("llvmlite")

    def f(x):
        return x * ad.grad(lambda y: x * ad.sin(y))(2.0)

    df = compile_gradient(f, 3.0, target=target)
    value, slope = df(3.0)
    assert math.isclose(value, 9.0 * math.cos(2.0))
    assert math.isclose(slope, 6.0 * math.cos(2.0))


def test_a_kept_value_of_a_finished_trace_is_an_error() -> None:
    """Nothing outlives its trace: the number behind it is gone."""
    kept: list[Any] = []

    def keep(x):
        kept.append(x)
        return x * x

    with pytest.raises(ad.TraceError, match="keeps values of one call for the next in kept"):
        ad.grad(keep)(1.0)
    with pytest.raises(ad.TraceError, match="value of another trace"):
        ad.grad(lambda x: x * kept[0])(1.0)


def test_implicit_functions() -> None:
    """Newton's method on an inner gradient, differentiated by the outer variable."""

    def minimum(a):  # of cosh(y) - a y, where sinh(y) = a
        y = 0.5
        for _ in range(8):
            slope = ad.grad(lambda y: ad.cosh(y) - a * y)
            y = y - slope(y) / ad.grad(slope)(y)
        return y

    assert math.isclose(ad.grad(minimum)(0.7), 1.0 / math.hypot(1.0, 0.7))
    compiled = compile_graph(ad.trace(minimum, 0.7))
    assert math.isclose(compiled(0.7), math.asinh(0.7))


def test_linear_algebra() -> None:
    """What scalars cannot do is done with whole arrays."""
    a = np.array([[2.0, 0.3], [0.1, 1.5]])
    value, slope = ad.value_and_grad(lambda m: np.log(np.linalg.det(m)))(a)
    assert value == pytest.approx(np.log(np.linalg.det(a)), rel=1e-14)
    np.testing.assert_allclose(slope, np.linalg.inv(a).T, rtol=1e-13)
    slope = ad.grad(lambda m: np.sum(np.linalg.solve(m, np.ones(2))))(a)
    solved = np.linalg.solve(a, np.ones(2))
    np.testing.assert_allclose(slope, -np.outer(np.linalg.solve(a.T, np.ones(2)), solved))
    with pytest.raises(ad.TraceError, match=r"np\.linalg\.eig cannot be traced"):
        ad.grad(lambda m: np.linalg.eig(m)[0][0])(a)
