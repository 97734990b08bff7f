"""Quantiles by Newton's method: SciPy's values, slopes by everything, second slopes."""

from __future__ import annotations

import math

import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient

special = pytest.importorskip("scipy.special", reason="SciPy's functions need SciPy")

GAMMA = ((2.0, 0.3), (0.2, 1e-9), (0.7, 0.9), (30.0, 0.999), (150.0, 1e-12), (0.05, 0.97))
BETA = (
    (2.0, 3.0, 0.3), (0.4, 0.7, 0.9), (90.0, 0.6, 0.2), (0.3, 100.0, 0.97), (40.0, 60.0, 1e-9),
)  # fmt: skip
STUDENT = ((5.0, 0.3), (0.6, 1e-6), (40.0, 0.50001), (3.0, 0.5), (12.0, 0.9999), (1.5, 0.4999))
CASES = {"gammaincinv": GAMMA, "betaincinv": BETA, "stdtrit": STUDENT}
BACK = {"gammaincinv": "gammainc", "betaincinv": "betainc", "stdtrit": "stdtr"}


@pytest.mark.parametrize("name", CASES)
def test_values_and_slopes(name: str) -> None:
    """Values are SciPy's; slopes those of the implicit function theorem, by each operand."""
    function, back = getattr(special, name), getattr(special, BACK[name])
    graph = ad.trace(lambda *at: function(*at) * 1.0, *CASES[name][0])
    forward = ad.trace(lambda *at: back(*at) * 1.0, *CASES[name][0])
    for at in CASES[name]:
        value, slopes = ad.backpropagate(graph, *at)
        assert value == pytest.approx(float(function(*at)), rel=2e-11, abs=1e-15), at
        _, others = ad.backpropagate(forward, *at[:-1], value)
        expected = [-one / others[-1] for one in others[:-1]] + [1.0 / others[-1]]
        assert slopes == pytest.approx(expected, rel=1e-8, abs=1e-12), at


def test_second_slopes() -> None:
    """Steps to which nothing flows leave no trace in second slopes, either."""
    graph = ad.trace(lambda p: special.gammaincinv(2.0, p), 0.3)
    value, by_p = ad.backpropagate(graph, 0.3)
    # x' = 1 / density, so x'' = -(log density)' x'**2
    second = ad.evaluate(ad.hvp(graph), 0.3, 1.0)
    assert second == pytest.approx(-(1.0 / value - 1.0) * by_p**2, rel=1e-9)


@pytest.mark.parametrize("target", ["python", "numpy", "native"])
def test_every_target_and_the_ends(target: str) -> None:
    """The ends of the probabilities are those of the distributions; nothing is beyond."""
    f = lambda p: special.gammaincinv(2.0, p)  # noqa: E731
    df = compile_gradient(f, 0.3, target=target, check=False)
    assert df(0.3)[0] == pytest.approx(float(f(0.3)), rel=1e-12)
    assert df(1.0)[0] == math.inf
    assert math.isnan(df(-0.5)[0])
    assert math.isnan(df(1.5)[0])


def test_arrays_stay_whole() -> None:
    """Of a vector of probabilities, one trace for all."""
    p = np.linspace(0.05, 0.95, 40)
    df = compile_gradient(
        lambda p: np.sum(special.gammaincinv(2.0, p)), p, target="numpy", expand=False, check=False
    )
    value, slopes = df(p)
    x = special.gammaincinv(2.0, p)
    assert value == pytest.approx(np.sum(x), rel=1e-13)
    assert slopes == pytest.approx(np.exp(x) / x, rel=1e-11)
