"""Modified Bessel functions of any order, by the order too, and the scaled ones."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

import autodiff as ad
from tests.autodiff.trace.libraries.special.many_digits import assert_digits

special = pytest.importorskip("scipy.special", reason="SciPy's functions need SciPy")


@pytest.mark.parametrize("order", [0.3, 12.2])
def test_the_scaled_second_kind(order: float) -> None:
    """From tiny numbers to huge ones, on both sides of where the sums change."""
    places = ((1.0,), (1e-12,), (1e-7,), (7.9,), (8.1,), (700.0,))
    true = lambda x: mpmath.besselk(order, x) * mpmath.exp(x)  # noqa: E731
    assert_digits(lambda x: special.kve(order, x) * 1.0, true, places, near=1e-12)


@pytest.mark.parametrize("order", [0.3, 12.2])
def test_the_scaled_first_kind(order: float) -> None:
    """By its series of positive terms, and by the asymptotic one."""
    places = ((1.0,), (1e-7,), (29.0,), (160.0,), (1e5,))
    true = lambda x: mpmath.besseli(order, x) * mpmath.exp(-x)  # noqa: E731
    assert_digits(lambda x: special.ive(order, x) * 1.0, true, places)


def test_by_the_order() -> None:
    """The second kind has a slope by its order; the first kind is refused with the reason."""
    places = ((0.8, 0.5), (2.3, 10.0), (0.0, 1.0))
    assert_digits(lambda n, x: special.kv(n, x) * 1.0, mpmath.besselk, places)
    with pytest.raises(ad.TraceError, match=r"scipy.special.iv of the order <traced .*from 0 to"):
        ad.grad(lambda n: special.iv(n, 1.2))(0.3)


def test_as_scipy_names_them() -> None:
    """Whole orders of either sign, negative numbers, arrays of orders."""
    for f in (
        lambda x: special.ive(3, -x) + special.ive(-2, x) + special.iv(0.4, x),
        lambda x: special.k0e(x) + special.k1e(x) + special.kv(-0.8, x),
        lambda x: np.sum(special.kv(np.array([0.5, 1.0, 0.8]), x)),
    ):
        assert ad.value_and_grad(f)(0.7)[0] == pytest.approx(float(f(0.7)), rel=1e-13)
