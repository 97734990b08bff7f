"""Elliptic integrals of an angle, Carlson's, Jacobi's functions, against many digits."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

import autodiff as ad
from tests.autodiff.trace.libraries.special.many_digits import assert_digits

special = pytest.importorskip("scipy.special", reason="SciPy's functions need SciPy")


@pytest.mark.parametrize(
    ("name", "true"), [("ellipkinc", mpmath.ellipf), ("ellipeinc", mpmath.ellipe)]
)
def test_of_an_angle(name: str, true: object) -> None:
    """By angle and parameter, also of more than a quarter of a turn."""
    function = getattr(special, name)
    places = ((0.1, 0.3), (1.5, 0.9), (0.8, -3.0), (2.0, 0.3), (-5.0, 0.3))
    assert_digits(lambda p, m: function(p, m) * 1.0, true, places)  # type: ignore[arg-type]


def test_carlson() -> None:
    """Operands far from each other and alike."""
    places = ((0.1, 2.0, 3.0), (1.0, 1.0, 1.0), (1e-4, 0.5, 30.0))
    for name in ("elliprf", "elliprd"):
        function, true = getattr(special, name), getattr(mpmath, name)
        assert_digits(lambda x, y, z, f=function: f(x, y, z) * 1.0, true, places)
    assert_digits(
        lambda x, y: special.elliprc(x, y) * 1.0, mpmath.elliprc, [(0.1, 2.0), (3.0, 0.2)]
    )
    value, slopes = ad.value_and_grad(lambda x, y, z: special.elliprg(x, y, z) * 1.0)(0.1, 3.0, 2.0)
    assert value == pytest.approx(special.elliprg(0.1, 3.0, 2.0), rel=1e-14)
    assert value == pytest.approx(2.0 * np.dot(slopes, (0.1, 3.0, 2.0)), rel=1e-12)  # Euler's
    assert ad.evaluate(ad.trace(lambda y: special.elliprc(1.0, y) * 1.0, 1.0), -2.0) == (
        pytest.approx(special.elliprc(1.0, -2.0), rel=1e-14)
    )


@pytest.mark.parametrize(("place", "name"), [(0, "sn"), (1, "cn"), (2, "dn")])
def test_jacobi(place: int, name: str) -> None:
    """By both operands; at the end of the parameter hyperbolic functions."""
    places = ((0.8, 0.3), (3.0, 0.9), (7.0, 0.05))
    true = lambda u, m: mpmath.ellipfun(name, u, m=m)  # noqa: E731
    assert_digits(lambda u, m: special.ellipj(u, m)[place] * 1.0, true, places)
    graph = ad.trace(lambda m: special.ellipj(0.8, m)[place] * 1.0, 0.5)
    assert ad.evaluate(graph, 1.0) == pytest.approx(special.ellipj(0.8, 1.0)[place], rel=1e-14)
    assert np.isnan(ad.evaluate(graph, 1.5))


def test_mean_and_degrees() -> None:
    """The arithmetic-geometric mean; sines of degrees, which turn exactly."""
    assert_digits(lambda a, b: special.agm(a, b) * 1.0, mpmath.agm, [(1.0, 2.0), (1e-5, 3.0)])
    for a, b in ((-1.0, -4.0), (0.0, 2.0)):
        graph = ad.trace(lambda a, b: special.agm(a, b) * 1.0, 1.0, 2.0)
        assert ad.evaluate(graph, a, b) == pytest.approx(special.agm(a, b), rel=1e-15)
    for name, true in (("sindg", mpmath.sin), ("cosdg", mpmath.cos), ("tandg", mpmath.tan)):
        function = getattr(special, name)
        of = lambda x, f=true: f(x * mpmath.pi / 180)  # noqa: E731
        assert_digits(
            lambda x, f=function: f(x) * 1.0, of, [(10.0,), (100.0,), (-30.0,), (3700.0,)]
        )
        graph = ad.trace(lambda x, f=function: f(x) * 1.0, 1.0)
        assert [ad.evaluate(graph, x) for x in (0.0, 180.0, 45.0)] == (
            pytest.approx(list(function([0.0, 180.0, 45.0])), abs=1e-15)
        )
    slopes = ad.grad(lambda d, m, s: special.radian(d, m, s) * 1.0)(1.0, 2.0, 3.0)
    assert slopes == pytest.approx(np.array([1.0, 1 / 60, 1 / 3600]) * np.pi / 180, rel=1e-15)
