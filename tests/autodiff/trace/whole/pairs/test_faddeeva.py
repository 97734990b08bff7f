"""The Faddeeva function of traced complex numbers is SciPy's, on both sides of the real axis."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import special

import autodiff as ad
from tests.autodiff.trace.libraries.differences import slopes


def _voigt(p: Any, x: Any) -> Any:
    z = (x - p[0] + 1j * p[1]) / (p[2] * np.sqrt(2.0))
    return special.wofz(z).real / (p[2] * np.sqrt(2.0 * np.pi))


def test_values_are_scipys() -> None:
    """From beside the real axis to far from it, both parts."""
    draw = np.random.default_rng(0)
    x, y = draw.uniform(-12.0, 12.0, 400), 10.0 ** draw.uniform(-4.0, 1.0, 400)
    y[:40] = -0.1 * y[:40]

    def f(x: Any, y: Any) -> Any:
        found = special.wofz(x + 1j * y)
        return np.stack([found.real, found.imag])

    expected = special.wofz(x + 1j * y)
    found = ad.evaluate(ad.trace(f, x, y, expand=False), x, y)
    np.testing.assert_allclose(found[0], expected.real, rtol=1e-9)
    np.testing.assert_allclose(found[1], expected.imag, rtol=1e-9, atol=1e-13)


def test_slopes_of_a_voigt_profile() -> None:
    """By place, width and damping."""
    x, p = np.linspace(-30.0, 30.0, 31), np.array([0.3, 0.4, 1.2])

    def loss(p: Any) -> Any:
        return np.sum(_voigt(p, x) ** 2)

    slope = ad.backpropagate(ad.trace(loss, p, expand=False), p)[1]
    np.testing.assert_allclose(slope, slopes(loss, p), rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize(
    "at", [(0.3, 0.8, 0.5), (-3.0, 0.5, 2.0), (1.0, 0.0, 0.5), (1.0, 0.5, 0.0)]
)
def test_voigt_profile(at: tuple[float, float, float]) -> None:
    """By place and both widths, each of which may be 0."""

    def profile(x: float, s: float, g: float) -> float:
        return special.voigt_profile(x, s, g)

    value, found = ad.value_and_grad(profile)(*at)
    assert value == pytest.approx(special.voigt_profile(*at), rel=1e-13)
    step = 1e-5
    for place, slope in enumerate(found):
        if at[place] == 0.0:
            continue
        low, high = (
            special.voigt_profile(*(x + h * (k == place) for k, x in enumerate(at)))
            for h in (-step, step)
        )
        assert slope == pytest.approx((high - low) / (2.0 * step), rel=1e-7)
