"""An array of one element is a number where one is needed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import autodiff as ad
import codegen
from codegen import compile_gradient
from verify import verify_gradient

POINT = np.array([2.0, 3.0])


def listed(x: np.ndarray) -> np.ndarray:
    """A number in a list."""
    return np.array([x[0] * x[1] ** 2])


def product(x: np.ndarray) -> np.ndarray:
    """A product of matrices, as formulas of textbooks have it."""
    column = x.reshape(2, 1)
    return column.T @ np.array([[1.0, 2.0], [3.0, 4.0]]) @ column


SLOPES = {listed: (18.0, [9.0, 12.0]), product: (70.0, [19.0, 34.0])}
HOW = (
    {},
    {"target": "numpy"},
    {"target": "native"},
    {"target": "numpy", "expand": False},
    {"target": "native", "expand": False},
)


@pytest.mark.parametrize("function", SLOPES)
@pytest.mark.parametrize("how", HOW, ids=lambda how: " ".join(map(str, how.values())))
def test_compiled(function: Callable[..., object], how: dict[str, object]) -> None:
    """Every target gives its value as a float, and the gradient."""
    value, gradient = compile_gradient(function, POINT, **how)(POINT)  # type: ignore[call-overload]
    expected, slope = SLOPES[function]
    assert type(value) is float
    assert value == expected
    np.testing.assert_array_equal(gradient, slope)


@pytest.mark.parametrize("function", SLOPES)
def test_interpreted_and_proven(function: Callable[..., object]) -> None:
    """So do the interpreter and the transforms, and the proof reads the same."""
    value, slope = SLOPES[function]
    assert ad.value_and_grad(function)(POINT)[0] == value
    np.testing.assert_array_equal(ad.grad(function)(POINT), slope)
    graph = ad.trace(function, POINT)
    np.testing.assert_array_equal(ad.evaluate(ad.gradient(graph), POINT), slope)
    assert str(verify_gradient(function, POINT).verdict) == "PROVED"


def test_several_derivatives() -> None:
    """A Hessian makes it a number as well; beside a Jacobian it stays an array."""
    found = codegen.compile(listed, POINT, what=("value", "gradient", "hessian"))(POINT)
    assert found[0] == 18.0
    np.testing.assert_array_equal(found[2], [[0.0, 6.0], [6.0, 4.0]])
    assert codegen.compile(listed, POINT, what=("value", "jacobian"))(POINT)[0].shape == (1,)


def test_values() -> None:
    """A Value of one element goes backward as a number does."""
    v = ad.Value(np.array([[2.0]]))
    (v * v).backward()
    np.testing.assert_array_equal(v.grad, [[4.0]])


def test_more_elements_are_refused() -> None:
    """An array of two has no gradient."""
    with pytest.raises(ad.DifferentiationError, match="returns one float"):
        ad.grad(lambda x: x)(POINT)
