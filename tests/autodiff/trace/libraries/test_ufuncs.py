"""Ufuncs of two results: their parts and slopes, in each form of a trace and for single numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from codegen import compile_gradient
from tests.autodiff.trace.libraries.differences import assert_differences_agree

X = np.array([0.3, 0.9, -1.7])


def _fractions(x: Any) -> Any:
    rest, whole = np.modf(x * 3.0)
    return np.sum(rest**2 + whole * x)


def _quotients(x: Any) -> Any:
    whole, rest = np.divmod(x, 0.4)
    return np.sum(rest * x + whole**2)


def _of_numbers(x: Any) -> Any:
    rest, whole = math.modf(x[0] * 5.0)
    first, second = np.modf(x[1] * 3.0)
    return rest * whole * x[2] + first * second


@pytest.mark.parametrize("expand", [True, False])
@pytest.mark.parametrize("function", [_fractions, _quotients, _of_numbers])
def test_both_results(function: Callable[[Any], Any], expand: bool) -> None:
    """Values are NumPy's, slopes those of the parts."""
    at = X * 1.1
    value, gradient = compile_gradient(function, X, target="numpy", expand=expand)(at)
    assert value == pytest.approx(function(at), rel=1e-14)
    assert_differences_agree(function, at, gradient)


@pytest.mark.parametrize("module", [math, np])
def test_infinite_numbers_have_no_fraction(module: Any) -> None:
    """It is 0, as both libraries have it, not nan."""
    df = compile_gradient(lambda x: module.modf(x)[0] + x, 0.3)
    assert df(math.inf)[0] == math.inf
    assert compile_gradient(lambda x: module.modf(x)[0], 0.3)(-math.inf)[0] == 0.0
