"""Spherical harmonics, and Legendre's functions of an order."""

from __future__ import annotations

import numpy as np
import pytest

import autodiff as ad

special = pytest.importorskip("scipy.special", reason="SciPy's functions need SciPy")


@pytest.mark.parametrize(("n", "m"), [(0, 0), (2, 1), (3, -2), (5, 3), (4, -1)])
def test_harmonics(n: int, m: int) -> None:
    """A complex number's parts, of both angles."""

    def mixed(theta: float, phi: float) -> float:
        return np.abs(special.sph_harm_y(n, m, theta, phi) * (1.0 + 0.5j) + 0.2) ** 2

    value, slopes = ad.value_and_grad(mixed)(0.7, 0.4)
    assert value == pytest.approx(mixed(0.7, 0.4), rel=1e-13)
    ends = (
        mixed(0.7 + 1e-5, 0.4) - mixed(0.7 - 1e-5, 0.4),
        mixed(0.7, 0.40001) - mixed(0.7, 0.39999),
    )
    assert slopes == pytest.approx([end / 2e-5 for end in ends], rel=1e-7, abs=1e-9)


def test_legendre_functions() -> None:
    """Of orders on both sides of 0, and beyond the degree."""
    for m, n in ((1, 2), (-2, 3), (3, 2), (0, 4)):
        graph = ad.trace(lambda x, m=m, n=n: special.lpmv(m, n, x) * 1.0, 0.3)
        assert ad.evaluate(graph, 0.3) == pytest.approx(special.lpmv(m, n, 0.3), rel=1e-13)
    with pytest.raises(ad.ArgumentError, match="a whole number from -2 to 2"):
        ad.trace(lambda t: np.real(special.sph_harm_y(2, 3, t, 0.0)), 0.3, expand=False)
