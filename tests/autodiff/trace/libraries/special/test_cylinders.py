"""Bessel functions of real orders and of spheres, Airy's and Struve's, against many digits."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

import autodiff as ad
from tests.autodiff.trace.libraries.special.many_digits import assert_digits

special = pytest.importorskip("scipy.special", reason="SciPy's functions need SciPy")


@pytest.mark.parametrize("order", [0.3, 5.25, -1.7])
@pytest.mark.parametrize("name", ["jv", "yv"])
def test_real_orders(name: str, order: float) -> None:
    """On both sides of where series, integral and Hankel's series meet."""
    places = ((0.7,), (1.99,), (2.01,), (4.9,), (8.3,), (24.9,), (25.1,), (1000.5,))
    function, true = getattr(special, name), {"jv": mpmath.besselj, "yv": mpmath.bessely}[name]
    assert_digits(lambda x: function(order, x) * 1.0, lambda x: true(order, x), places)


def test_half_orders_keep_their_zeros() -> None:
    """What the other kind has no part in: it would be huge next to 0."""
    true = lambda x: mpmath.bessely(-3.5, x)  # noqa: E731
    assert_digits(lambda x: special.yv(-3.5, x) * 1.0, true, [(1e-3,), (3.0,)])


def test_orders_beyond() -> None:
    """Too large, too near to a whole number, traced; and places below 0, where there is nothing."""
    for order in (31.5, 2.0001, -40.5):
        with pytest.raises(ad.TraceError, match=r"scipy.special.yv of the order .*autodiff.custom"):
            ad.trace(lambda x, n=order: special.yv(n, x), 1.0)
    with pytest.raises(ad.TraceError, match=r"jv of the order a traced number"):
        ad.trace(lambda n: special.jv(n, 1.0), 0.3)
    assert np.isnan(ad.evaluate(ad.trace(lambda x: special.jv(0.3, x) * 1.0, 1.0), -1.0))


@pytest.mark.parametrize("which", range(4))
def test_airy(which: int) -> None:
    """The four functions, on both sides of where pieces meet."""
    true = (mpmath.airyai, mpmath.airybi)[which // 2]
    places = ((-60.3,), (-2.2,), (-2.0,), (0.4,), (0.99,), (1.01,), (9.9,), (10.1,), (60.0,))
    assert_digits(
        lambda x: special.airy(x)[which] * 1.0, lambda x: true(x, derivative=which % 2), places
    )


def test_scaled_airy() -> None:
    """Numbers where the plain ones vanish or overflow; Ai has no scaled form below 0."""
    for which, x in ((0, 0.4), (0, 500.0), (1, 3.0), (2, 0.4), (2, 500.0), (3, 12.0), (2, -3.0)):
        graph = ad.trace(lambda x, k=which: special.airye(x)[k] * 1.0, 1.0)
        assert ad.evaluate(graph, x) == pytest.approx(special.airye(x)[which], rel=1e-12)
    assert np.isnan(ad.evaluate(ad.trace(lambda x: special.airye(x)[0] * 1.0, 1.0), -1.0))


@pytest.mark.parametrize("order", [0, 1, 0.3])
def test_struve(order: float) -> None:
    """By power series, and by Bessel functions and what these lack."""
    places = ((0.1,), (7.9,), (8.1,), (39.0,), (41.0,))
    assert_digits(
        lambda x: special.struve(order, x) * 1.0, lambda x: mpmath.struveh(order, x), places
    )
    assert_digits(
        lambda x: special.modstruve(order, x) * 1.0, lambda x: mpmath.struvel(order, x), places
    )
    if order % 1.0 == 0.0:
        graph = ad.trace(lambda x: special.struve(order, x) * 1.0, 1.0)
        assert ad.evaluate(graph, -1.3) == pytest.approx(special.struve(order, -1.3), rel=1e-14)
    with pytest.raises(ad.TraceError, match=r"scipy.special.struve of the order 11 cannot"):
        ad.trace(lambda x: special.struve(11, x), 1.0)


@pytest.mark.parametrize(
    ("name", "true"),
    [
        ("spherical_yn", mpmath.bessely),
        ("spherical_in", mpmath.besseli),
        ("spherical_kn", mpmath.besselk),
    ],
)
def test_spheres(name: str, true: object) -> None:
    """Values, and the slopes that SciPy gives when asked."""
    function = getattr(special, name)
    for n in (0, 3):
        of = lambda x, n=n: mpmath.sqrt(mpmath.pi / 2 / x) * true(n + 0.5, x)  # type: ignore[operator]  # noqa: E731
        places = ((0.7,), (1.99,), (2.01,), (24.0,))
        assert_digits(lambda x, n=n: function(n, x) * 1.0, of, places)
        graph = ad.trace(lambda x, n=n: function(n, x, True) * 1.0, 1.0)
        for (x,) in places:
            assert ad.evaluate(graph, x) == pytest.approx(function(n, x, True), rel=1e-12)
    graph = ad.trace(lambda x: special.spherical_in(2, x) * 1.0, 1.0)
    assert ad.backpropagate(graph, 0.0) == (0.0, 0.0)


@pytest.mark.parametrize("name", ["jvp", "yvp", "ivp", "kvp"])
def test_slopes_by_name(name: str) -> None:
    """Slopes of Bessel functions of the first and second order."""
    function = getattr(special, name)
    for n in (1, 2):
        graph = ad.trace(lambda x, n=n: function(2, x, n) * 1.0, 1.0)
        assert ad.evaluate(graph, 1.7) == pytest.approx(function(2, 1.7, n), rel=1e-12)
