"""Functions that are small differences keep their digits, to second slopes, where terms meet."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import pytest

import autodiff as ad
from codegen import compile_gradient, compile_graph
from tests.autodiff.trace.libraries.special.many_digits import assert_digits

special = pytest.importorskip("scipy.special", reason="SciPy's functions need SciPy")


def _exprel(x: Any) -> Any:
    return mpmath.expm1(x) / x if x else mpmath.mpf(1)


def _boxcox(x: Any, p: Any) -> Any:
    return mpmath.log(x) * _exprel(p * mpmath.log(x))


def _inv_boxcox(y: Any, p: Any) -> Any:
    return mpmath.exp(mpmath.log1p(p * y) / p if p else y)


def _relative(x: Any, y: Any) -> Any:
    return x * mpmath.log(x / y)


def _pseudo_huber(d: Any, r: Any) -> Any:
    return d * d * (mpmath.sqrt(1 + (r / d) ** 2) - 1)


ZERO_AND_NEAR = ((0.0,), (1e-10,), (-1e-4,), (0.999,), (1.001,), (-50.0,), (700.5,))
POWERS = (
    (2.0, 0.0), (2.0, 1e-10), (1.0000001, 0.5), (1e-5, 1e-6), (3.0, -1.0), (2.0, 3.0),
    (1e-9, 2.0), (1e-12, 0.7), (1e30, -0.5),
)  # fmt: skip
ALIKE = ((0.5, 0.5000001), (1e5, 1e5 + 1.0), (1.0, 3.0), (1e-200, 1e-199))
CASES: dict[str, tuple[Callable[..., Any], tuple[tuple[float, ...], ...]]] = {
    "exprel": (_exprel, ZERO_AND_NEAR),
    "boxcox": (_boxcox, POWERS),
    "boxcox1p": (lambda x, p: _boxcox(1 + x, p), ((2.0, 0.0), (1e-10, 1e-10), (1e-9, 0.5))),
    "inv_boxcox": (_inv_boxcox, ((2.0, 0.0), (2.0, 1e-10), (1e-12, 0.5), (2.0, 0.5), (9.0, 0.7))),
    "inv_boxcox1p": (lambda y, p: _inv_boxcox(y, p) - 1, ((2.0, 0.0), (1e-12, 0.5), (2.0, 0.5))),
    "logit": (lambda p: mpmath.log(p / (1 - p)), ((0.3,), (0.5000001,), (1e-300,), (1 - 1e-15,))),
    "pseudo_huber": (
        _pseudo_huber, ((1.0, 1e-8), (1e3, 1e-3), (1.0, 0.5), (1.0, 3.0))
    ),
    "rel_entr": (_relative, (*ALIKE, (1e-300, 1e300))),
    "kl_div": (lambda x, y: _relative(x, y) - x + y, ALIKE),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_digits(name: str) -> None:
    """Also where a parameter is 0, of which SciPy's formulas are another branch."""
    function, (true, places) = getattr(special, name), CASES[name]
    traced = sorted(places, key=lambda at: not 0.2 < abs(at[0] - at[-1]) < 3.0)  # SciPy agrees
    assert_digits(lambda *x: function(*x) * 1.0, true, traced, near=5e-13)


@pytest.mark.parametrize("target", ["python", "numpy", "native"])
def test_every_target(target: str) -> None:
    """The second slope of ``exprel`` at 0, which a quotient has not."""
    second = ad.hessian(ad.trace(special.exprel, 0.5))
    assert compile_graph(second, target=target)(0.0) == pytest.approx(1.0 / 3.0, rel=1e-15)


def test_counts_of_zero_have_a_power() -> None:
    """``boxcox`` of 0, as SciPy has it."""
    df = compile_gradient(lambda x, p: special.boxcox(x, p) * 1.0, 0.7, 0.3)
    assert df(0.0, 0.6)[0] == -1.0 / 0.6
    assert df(0.0, -0.6)[0] == -math.inf


@pytest.mark.parametrize("name", ["rel_entr", "kl_div"])
def test_ends_of_entropies(name: str) -> None:
    """At 0, beyond it, and of nan, as SciPy."""
    function = getattr(special, name)
    df = compile_gradient(lambda x, y: function(x, y) * 1.0, 0.7, 0.3, check=False)
    for at in ((0.0, 0.4), (0.0, 0.0), (-1.0, 0.4), (0.4, 0.0), (float("nan"), 0.3)):
        assert df(*at)[0] == pytest.approx(float(function(*at)), nan_ok=True), at
