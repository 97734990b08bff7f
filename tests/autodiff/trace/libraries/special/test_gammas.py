"""Quotients of gamma functions: signs, zeros, and large operands, to second slopes."""

from __future__ import annotations

import mpmath
import pytest

import autodiff as ad
from tests.autodiff.trace.libraries.special.many_digits import assert_digits

special = pytest.importorskip("scipy.special", reason="SciPy's functions need SciPy")

PAIRS = ((0.5, 2.0), (50.0, 60.0), (-0.5, 2.0), (500.0, -2.5), (1e8, 2.0), (12.0, 300.0))


def test_beta_functions() -> None:
    """With the sign, and without what logarithms of large gamma functions cancel."""
    assert_digits(lambda a, b: special.beta(a, b) * 1.0, mpmath.beta, PAIRS)
    more = (*PAIRS, (9.99, 10.01), (1e15, 3.0), (-20.5, 30.0))
    log = lambda a, b: mpmath.log(abs(mpmath.beta(a, b)))  # noqa: E731
    assert_digits(lambda a, b: special.betaln(a, b) * 1.0, log, more)


def test_binomial_coefficients_and_rising_factorials() -> None:
    """Of known whole numbers polynomials; else quotients, with their signs."""
    places = ((5.5, 2.5), (1e6, 3.0), (-2.5, 0.5))
    assert_digits(lambda n, k: special.binom(n, k) * 1.0, mpmath.binomial, places)
    three = lambda n: mpmath.binomial(n, 3)  # noqa: E731
    assert_digits(lambda n: special.binom(n, 3), three, ((5.0,), (1e10,), (-2.5,)))
    places = ((2.5, 1.5), (1e10, 2.5), (-1.5, 0.7), (200.0, 0.5))
    assert_digits(lambda z, m: special.poch(z, m) * 1.0, mpmath.rf, places)
    assert_digits(lambda z: special.poch(z, 3) * 1.0, lambda z: mpmath.rf(z, 3), ((-1.0,), (2.5,)))


def test_the_reciprocal_has_zeros_with_slopes() -> None:
    """At 0, -1, -2 it is 0; beyond 171, where gamma overflows, still a number."""
    places = ((0.5,), (0.0,), (-1.0,), (-2.0,), (-30.5,), (130.0,), (150.0,), (171.0,), (-0.3,))
    assert_digits(lambda x: special.rgamma(x) * 1.0, mpmath.rgamma, places)
    assert ad.grad(special.rgamma)(-2.0) == pytest.approx(2.0, rel=1e-15)
