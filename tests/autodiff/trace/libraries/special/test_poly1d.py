"""``np.poly1d`` of traced coefficients is NumPy's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.errors import TraceError
from tests.autodiff.trace.libraries.differences import slopes

_C, _T = np.array([0.7, -1.2, 0.4, 2.0]), np.linspace(-1.0, 2.0, 5)
_KNOWN = np.poly1d([2.0, 1.0])
_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "values": lambda c: np.sum(np.poly1d(c)(_T) ** 2),
    "listed": lambda c: np.poly1d([c[0], 2.0, c[1]])(c[2]),
    "slopes": lambda c: np.sum(np.poly1d(c).deriv()(_T) * np.poly1d(c).integ(2, 1.0)(_T)),
    "roots": lambda c: np.sum(np.poly1d(c, True)(_T)),
    "algebra": lambda c: np.sum(
        ((np.poly1d(c) * _KNOWN - 3 * _KNOWN + 1) ** 2 / 2.0 - np.poly1d(c))(_T)
    ),
    "parts": lambda c: (
        np.poly1d(c).order * np.poly1d(c)[1] + sum(-np.poly1d(c)) + np.poly1d(c).c[0]
    ),
}


@pytest.mark.parametrize("expand", [True, False])
@pytest.mark.parametrize("name", _FUNCTIONS)
def test_polynomials(name: str, expand: bool) -> None:
    """Value and gradient are those that NumPy's polynomial gives."""
    function = _FUNCTIONS[name]
    value, gradient = ad.backpropagate(ad.trace(function, _C, expand=expand), _C)
    assert float(value) == pytest.approx(float(function(_C)), rel=1e-13)
    np.testing.assert_allclose(gradient, slopes(function, _C), rtol=2e-6, atol=1e-7)


def test_one_inside_another_is_refused() -> None:
    """Its places have to be numbers."""
    with pytest.raises(TraceError, match="of a polynomial"):
        ad.trace(lambda c: np.poly1d(c)(_KNOWN)[0], _C)
