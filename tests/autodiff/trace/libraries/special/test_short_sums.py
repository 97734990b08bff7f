"""Zeta functions, dilogarithms, Fresnel's, Dawson's and Owen's integrals against many digits."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

import autodiff as ad
from tests.autodiff.trace.libraries.special.many_digits import assert_digits

special = pytest.importorskip("scipy.special", reason="SciPy's functions need SciPy")


def _dawsn(x: Any) -> Any:
    return mpmath.exp(-x * x) * mpmath.erfi(x) * mpmath.sqrt(mpmath.pi) / 2


def _kolmogorov(x: Any) -> Any:
    terms = (mpmath.exp(-(((2 * k - 1) * mpmath.pi / x) ** 2) / 8) for k in range(1, 25))
    return 1 - mpmath.sqrt(2 * mpmath.pi) / x * sum(terms)


Places = tuple[tuple[float, ...], ...]
CASES: dict[str, tuple[Callable[..., Any], Places]] = {
    "spence": (
        lambda x: mpmath.polylog(2, 1 - x), ((0.3,), (0.5,), (1.0001,), (1.9,), (2.1,), (1e10,))
    ),
    "dawsn": (_dawsn, ((0.3,), (1e-10,), (0.51,), (-2.0,), (5.9,), (6.1,), (1e10,))),
    "erfi": (mpmath.erfi, ((0.3,), (-2.0,), (1e-10,), (-20.0,))),
    "kolmogorov": (_kolmogorov, ((0.2,), (0.5,), (0.819,), (0.821,), (3.0,))),
    "zetac": (lambda x: mpmath.zeta(x) - 1, ((-1.5,), (0.5,), (1.5,), (60.0,))),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_of_one_number(name: str) -> None:
    """On each piece, and on both sides of where pieces meet."""
    function, (true, places) = getattr(special, name), CASES[name]
    assert_digits(lambda x: function(x) * 1.0, true, places)


@pytest.mark.parametrize(
    ("function", "x"),
    [
        (special.erfi, 30.0), (special.erfi, -26.7), (special.exprel, 800.0),
        (lambda x: special.airy(x)[2], 120.0), (lambda x: special.airy(x)[3], 1e300),
    ],
)  # fmt: skip
def test_what_overflows_has_an_infinite_slope(function: Callable[..., Any], x: float) -> None:
    """No difference of infinities: nan is for places where nothing is known."""
    value, slope = ad.value_and_grad(function)(x)
    assert (value, slope) == (math.copysign(math.inf, x), math.inf)
    assert ad.value_and_grad(lambda x: special.airy(x)[0])(1e300) == (0.0, 0.0)


def test_zeta() -> None:
    """Hurwitz's by both operands; Riemann's below 1 as well, where it is known by reflection."""
    places = ((2.0, 1.0), (1.01, 1.5), (20.0, 0.3), (2.0, 1e5))
    assert_digits(lambda s, q: special.zeta(s, q) * 1.0, mpmath.zeta, places)
    places = ((2.5,), (0.5,), (-1e-9,), (-0.4,), (-2.5,), (-19.3,))
    assert_digits(lambda s: special.zeta(s) * 1.0, mpmath.zeta, places)
    assert np.isnan(ad.evaluate(ad.trace(lambda q: special.zeta(2.0, q), 1.0), -1.0))


def test_fresnel() -> None:
    """Sine and cosine integral of numbers, of arrays and far out, where the angle turns fast."""
    places = ((0.3,), (1e-5,), (1.9,), (2.1,), (-5.9,), (30.1,), (1000.3,))
    for which, true in enumerate((mpmath.fresnels, mpmath.fresnelc)):
        assert_digits(lambda x, k=which: special.fresnel(x)[k], true, places, near=2e-12)
    x = np.array([0.3, 2.2])
    slopes = ad.grad(lambda x: np.sum(special.fresnel(x)))(x)
    assert slopes == pytest.approx(np.sin(np.pi / 2 * x * x) + np.cos(np.pi / 2 * x * x))


def test_owens_t() -> None:
    """Within and beyond 1, of both signs."""

    def true(h: Any, a: Any) -> Any:
        part = lambda t: mpmath.exp(-h * h * (1 + t * t) / 2) / (1 + t * t)  # noqa: E731
        with mpmath.workdps(40):
            return mpmath.quad(part, [0, a / 2, a]) / (2 * mpmath.pi)

    for at in ((0.5, 0.5), (1.0, 1.5), (3.0, -0.9), (0.3, 2.0)):
        value, slopes = ad.value_and_grad(lambda h, a: special.owens_t(h, a) * 1.0)(*at)
        assert value == pytest.approx(float(true(*map(mpmath.mpf, at))), rel=1e-13)
        h, a = at
        by_a = np.exp(-0.5 * h * h * (1.0 + a * a)) / (1.0 + a * a) / (2.0 * np.pi)
        by_h = -np.exp(-0.5 * h * h) * special.erf(a * h / np.sqrt(2.0)) / np.sqrt(8.0 * np.pi)
        assert slopes == pytest.approx((by_h, by_a), rel=1e-12)
