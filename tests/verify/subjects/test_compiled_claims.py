"""Something compiled as somebody's derivatives: it must be by the arguments that are asked for."""

from __future__ import annotations

from typing import Any

import pytest

import autodiff as ad
from codegen import compile_gradient, compile_hessian, compile_jacobian
from verify import Verdict, verify_derivatives, verify_gradient, verify_jacobian


def product(x: Any, y: Any) -> Any:
    """Not the same by both."""
    return x * x * y


def pair(x: Any, y: Any) -> Any:
    """Two numbers of two."""
    return x * x * y, ad.sin(x) + 3.0 * y


@pytest.mark.parametrize(("by", "said"), [(1, r"by \(y\)"), ((1, 0), r"by \(y, x\)")])
def test_a_gradient_by_other_arguments_is_refused(by: Any, said: str) -> None:
    """As a callable would be that returns fewer numbers, or these in another order."""
    other = compile_gradient(product, 1.0, 2.0, wrt=by)
    with pytest.raises(ad.ArgumentError, match=rf"{said}; expected them by \(x, y\)"):
        verify_gradient(product, 1.0, 2.0, gradient=other)
    assert verify_gradient(other, 1.0, 2.0).verdict is Verdict.PROVED


@pytest.mark.parametrize(("by", "asked"), [("y", "x"), ("y", None), ((1, 0), (0, 1)), ("x", "y")])
def test_a_matrix_by_other_arguments_is_refused(by: Any, asked: Any) -> None:
    """What is asked for decides."""
    other = compile_jacobian(pair, 1.0, 2.0, wrt=by)
    with pytest.raises(ad.ArgumentError, match="gives derivatives by"):
        verify_jacobian(pair, 1.0, 2.0, jacobian=other, wrt=asked)


def test_what_is_by_the_same_arguments_is_proven() -> None:
    """Named or counted, dense or sparse."""
    by_name = compile_jacobian(pair, 1.0, 2.0, wrt="y")
    assert verify_jacobian(pair, 1.0, 2.0, jacobian=by_name, wrt=1).verdict is Verdict.PROVED
    sparse = compile_hessian(product, 1.0, 2.0, sparse="csr")
    report = verify_derivatives(product, 1.0, 2.0, what="hessian", claimed=sparse)
    assert report.verdict is Verdict.PROVED
