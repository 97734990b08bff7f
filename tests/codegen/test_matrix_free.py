"""Linear operators of derivatives: SciPy takes them, and their products are the matrix's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import least_squares, minimize
from scipy.sparse.linalg import LinearOperator, cg

import autodiff as ad
from codegen import compile_gradient, compile_hessian, compile_jacobian, compile_operator

X = np.array([0.7, -0.4, 1.3])


def vector(x: Any) -> Any:
    """Four numbers from three."""
    return np.concatenate([np.sin(x) * x[0], np.stack([np.exp(x[1] * x[2])])])


def scalar(x: Any) -> Any:
    """Coupled neighbours."""
    return np.sum(x[1:] ** 2 * x[:-1] ** 2) + np.sum((x - 1.0) ** 4)


@pytest.mark.parametrize("target", ["python", "numpy", "native"])
def test_products_are_those_of_the_matrix(target: str) -> None:
    """Of a Jacobian and its transpose, and of a Hessian; for a vector and for a matrix."""
    if target == "native":
        pytest.importorskip("llvmlite")
    jacobian = compile_operator(vector, X, target=target)(X)
    assert isinstance(jacobian, LinearOperator)
    expected = compile_jacobian(vector, X)(X)
    assert jacobian.shape == expected.shape
    assert np.allclose(jacobian @ np.eye(3), expected, rtol=1e-14)
    assert np.allclose(jacobian.T @ np.eye(4), expected.T, rtol=1e-14)
    hessian = compile_operator(scalar, X, what="hessian", target=target)(X)
    assert np.allclose(hessian @ np.eye(3), compile_hessian(scalar, X)(X), rtol=1e-13)


def test_several_arguments_and_results_are_side_by_side() -> None:
    """In their order, arrays flat; ``wrt`` chooses the columns, alone or in a tuple."""

    def f(x: Any, y: Any) -> Any:
        return {"a": x * y, "b": (x[0, 1] * y, y * y)}

    x, y = np.arange(4.0).reshape(2, 2), 3.0
    whole = compile_operator(f, x, y)(x, y) @ np.eye(5)
    assert whole.shape == (6, 5)
    assert whole[4].tolist() == [0.0, 3.0, 0.0, 0.0, 1.0]
    for wrt in ("x", ("x",), 0):
        columns = compile_operator(f, x, y, wrt=wrt)(x, y)
        assert np.array_equal(columns @ np.eye(4), whole[:, :4])
        assert np.array_equal(columns.T @ np.eye(6), whole[:, :4].T)


def test_least_squares_without_a_matrix() -> None:
    """SciPy's solver finds the same minimum as with the matrix."""
    operator, matrix = compile_operator(vector, X), compile_jacobian(vector, X)
    found = least_squares(vector, X, jac=operator, tr_solver="lsmr", xtol=1e-12, gtol=1e-12)
    expected = least_squares(vector, X, jac=matrix, xtol=1e-12, gtol=1e-12)
    assert found.cost == pytest.approx(expected.cost, abs=1e-8)


def test_newton_without_a_matrix() -> None:
    """``trust-constr`` takes an operator for a Hessian, conjugate gradients solve with one."""
    gradient, operator = compile_gradient(scalar, X), compile_operator(scalar, X, what="hessian")
    found = minimize(gradient, X, jac=True, hess=operator, method="trust-constr", tol=1e-9)
    assert np.max(np.abs(gradient(found.x)[1])) < 1e-6
    at = operator(found.x)
    step, failed = cg(at, np.ones(3), rtol=1e-10)
    assert failed == 0
    assert np.allclose(compile_hessian(scalar, X)(found.x) @ step, 1.0)


def test_wrong_calls() -> None:
    """Each says what was found and what to do, at once."""
    with pytest.raises(ad.ArgumentError, match="expected 'jacobian' or 'hessian'"):
        compile_operator(vector, X, what="gradient")
    with pytest.raises(ad.DifferentiationError, match="returns one float"):
        compile_operator(vector, X, what="hessian")
    with pytest.raises(ad.ArgumentError, match="found no examples"):
        compile_operator(vector)
    at = compile_operator(vector, X)
    with pytest.raises(ad.ArgumentError, match=r"expected shape \(3,\)"):
        at(np.ones(4))
    with pytest.raises(ad.ArgumentError, match="found 2 arguments; expected 1"):
        at(X, X)
    with pytest.raises(ValueError, match="dimension mismatch"):
        at(X) @ np.ones(4)


def test_without_scipy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says what is missing, and what does without."""
    monkeypatch.setattr("codegen.matrix_free.find_spec", lambda _: None)
    with pytest.raises(ad.UnsupportedError, match=r"SciPy.*is missing.*compile_jvp"):
        compile_operator(vector, X)
