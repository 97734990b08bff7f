"""Exponential and elliptic integrals and Lambert's function: against many digits, with slopes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient
from tests.autodiff.trace.libraries.special.many_digits import assert_digits

special = pytest.importorskip("scipy.special", reason="SciPy's functions need SciPy")

Case = tuple[Callable[[Any], Any], Callable[[Any], Any], tuple[float, ...]]
# The function as it is called, its meaning, and both sides of each seam.
CASES: dict[str, Case] = {
    "exp1": (lambda x: 1.0 * special.exp1(x), mpmath.e1, (1e-200, 0.3, 1.49, 1.51, 40.0, 650.0)),
    "expi": (
        lambda x: 1.0 * special.expi(x), mpmath.ei,
        (-650.0, -1.6, -1e-9, 1e-9, 0.5, 7.0, 39.9, 40.1, 700.0),
    ),
    "ellipk": (lambda m: 1.0 * special.ellipk(m), mpmath.ellipk, (-1e8, -0.5, 0.0, 0.3, 0.999999)),
    "ellipkm1": (
        lambda p: 1.0 * special.ellipkm1(p), lambda p: mpmath.ellipk(1 - p),
        (1e-40, 1e-9, 0.4, 3.0),
    ),
    "ellipe": (lambda m: 1.0 * special.ellipe(m), mpmath.ellipe, (-1e8, -0.5, 0.0, 0.3, 0.999)),
    "lambertw": (
        lambda z: special.lambertw(z).real, mpmath.lambertw,
        (-0.36, -0.2, -1e-200, 1e-200, 0.5, math.e, 1e9, 1e300),
    ),
    "lambertw below": (
        lambda z: np.real(special.lambertw(z, k=-1)), lambda z: mpmath.lambertw(z, -1),
        (-0.36, -0.251, -0.249, -0.01, -1e-200),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_values_and_slopes(name: str) -> None:
    """Within a few 1e-15 of the true numbers, on all scales; an array has the same."""
    function, true, points = CASES[name]
    df = compile_gradient(function, 0.3 if "below" not in name else -0.3, check=False)
    with mpmath.workdps(60):
        for x in points:
            value, slope = df(x)
            step = mpmath.mpf(10) ** -25 * (abs(mpmath.mpf(x)) or 1)
            expected = mpmath.diff(true, mpmath.mpf(x), h=step).real
            assert value == pytest.approx(float(mpmath.re(true(mpmath.mpf(x)))), rel=1e-14)
            assert slope == pytest.approx(float(expected), rel=1e-9 if "ellip" in name else 1e-13)
    row = np.array(points[1:3])
    total, slopes = ad.value_and_grad(lambda x: np.sum(function(x)))(row)
    assert total == pytest.approx(sum(df(x)[0] for x in row), rel=1e-14)
    assert slopes == pytest.approx([df(x)[1] for x in row], rel=1e-13)


def test_ends() -> None:
    """Where they are infinite, or end, or have no real value, they are SciPy's."""
    for name, points in {
        "exp1": (0.0, -1.0, math.inf),
        "expi": (0.0, math.inf, -math.inf),
        "ellipk": (1.0, 2.0),
        "ellipkm1": (0.0, -1.0),
        "ellipe": (1.0, 2.0),
    }.items():
        df = compile_gradient(CASES[name][0], 0.3, check=False)
        for x in points:
            assert df(x)[0] == pytest.approx(float(getattr(special, name)(x)), nan_ok=True)


@pytest.mark.parametrize(
    ("name", "at", "value", "slope", "curve"),
    [
        ("exp1", -1.0, math.nan, math.nan, math.nan),
        ("exp1", 0.0, math.inf, -math.inf, math.inf),
        ("expi", 716.0, 1.2605029106040893e308, 1.2587399625442793e308, 1.2569819458368153e308),
        ("expi", 720.0, math.inf, math.inf, None),
        ("ellipk", 1.0, math.inf, math.inf, math.inf),
        ("ellipkm1", 0.0, math.inf, -math.inf, math.inf),
        ("ellipe", 1.0, 1.0, -math.inf, -math.inf),
        ("lambertw", 0.0, 0.0, 1.0, -2.0),
        ("lambertw", math.inf, math.inf, 0.0, 0.0),
        ("lambertw", -0.3678794411714, -0.9999995202104045, 5665567.885820186, -6.690156512e19),
        ("lambertw below", 0.0, -math.inf, -math.inf, None),
        ("lambertw below", -1e-320, -743.4385269728544, -math.inf, None),
    ],
)
def test_slopes_at_ends(
    name: str, at: float, value: float, slope: float, curve: float | None
) -> None:
    """No branch that stands for a single number gives the slopes there; the limits are given."""
    graph = ad.trace(CASES[name][0], -0.3 if "below" in name else 0.3)
    first = ad.gradient(graph)
    assert ad.evaluate(graph, at) == pytest.approx(value, rel=1e-14, nan_ok=True)
    assert ad.evaluate(first, at) == pytest.approx(slope, rel=1e-13, nan_ok=True)
    if curve is not None:
        found = ad.evaluate(ad.gradient(first), at)
        assert found == pytest.approx(curve, rel=1e-9, abs=1e-300, nan_ok=True)


def test_recording_a_nan_warns_of_nothing() -> None:
    """What is recorded over arrays computes nothing: no invalid operation, whatever NumPy does."""
    with np.errstate(all="raise"):
        assert ad.grad(lambda x: np.sum(special.exp1(x)))(np.array([1.0, 2.0]))[0] < 0.0


def test_branches_that_are_not_real() -> None:
    """The branch is told, and those that there are."""
    with pytest.raises(ad.TraceError, match=r"lambertw\(k=1\) cannot be traced; expected the real"):
        ad.grad(lambda z: special.lambertw(z, 1).real)(0.5)


@pytest.mark.parametrize("order", [2, 3, 10])
def test_expn(order: int) -> None:
    """Of whole orders, next to 0 and on both sides of where the fraction takes over."""
    places = ((0.5,), (1e-10,), (1.4,), (1.6,), (500.0,))
    assert_digits(lambda x: special.expn(order, x), lambda x: mpmath.expint(order, x), places)
    with pytest.raises(ad.TraceError, match=r"expn of the order 2.5 .* whole number from 0 to 100"):
        ad.grad(lambda x: special.expn(2.5, x))(0.5)


def test_wrightomega() -> None:
    """Lambert's function of an exponential, also of one that overflows."""
    places = ((0.9,), (-50.0,), (1.1,), (3.0,), (1000.0,))
    true = lambda x: mpmath.lambertw(mpmath.exp(x))  # noqa: E731
    assert_digits(lambda x: special.wrightomega(x) * 1.0, true, places)
