"""Sine and cosine integrals, circular and hyperbolic, against many digits."""

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

_PLACES = ((0.3,), (1e-8,), (1.9,), (2.1,), (4.9,), (5.1,), (12.0,), (90.3,))
CASES: dict[str, tuple[Callable[..., Any], int, Callable[..., Any]]] = {
    "si": (special.sici, 0, mpmath.si),
    "ci": (special.sici, 1, mpmath.ci),
    "shi": (special.shichi, 0, mpmath.shi),
    "chi": (special.shichi, 1, mpmath.chi),
}


@pytest.mark.parametrize("name", CASES)
def test_on_each_piece(name: str) -> None:
    """Series and fractions, and both sides of where they meet."""
    function, which, true = CASES[name]
    assert_digits(lambda x: function(x)[which] * 1.0, true, _PLACES, near=2e-12)


@pytest.mark.parametrize("name", CASES)
def test_the_ends_are_scipys(name: str) -> None:
    """At 0, below it, far out, and in arrays."""
    function, which, _ = CASES[name]
    graph = ad.trace(lambda x: function(x)[which] * 1.0, 0.5)
    with np.errstate(all="ignore"):
        for x in (0.0, -0.3, -7.0, 1e5, math.inf, -math.inf):
            np.testing.assert_allclose(ad.evaluate(graph, x), function(x)[which], rtol=1e-11)
    x = np.array([0.3, 7.2])
    slopes = ad.grad(lambda x: np.sum(function(x)[which]))(x)
    wave = {"si": np.sin, "ci": np.cos, "shi": np.sinh, "chi": np.cosh}[name]
    assert slopes == pytest.approx(wave(x) / x, rel=1e-12)
