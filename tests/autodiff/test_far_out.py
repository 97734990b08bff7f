"""Second derivatives far out: what vanishes faster than anything grows leaves no 0 * inf behind."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

import autodiff as ad
import codegen
from tests.random_graphs import same

_FAR = (math.inf, -math.inf, 1e308, -1e308, 1e200, -1e200, 60.0, -60.0)
_VANISHING: dict[str, Callable[[Any], Any]] = {
    "erf": ad.erf,
    "erfc": ad.erfc,
    "gaussian": lambda x: ad.gaussian(x, 0.5),
    "norm.cdf": norm.cdf,
    "norm.sf": lambda x: norm.sf(x, 0.5, 1.25),
    "norm.pdf": lambda x: norm.pdf(x, 0.5, 1.25),
}
_TARGETS = ("python", "numpy", "native")


@pytest.mark.parametrize("target", _TARGETS)
@pytest.mark.parametrize("name", _VANISHING)
def test_nothing_is_left_of_a_bell(name: str, target: str) -> None:
    """Its slopes are 0 where it has vanished, at infinity as well."""
    f = _VANISHING[name]
    both = codegen.compile(f, 0.7, what=("gradient", "hessian"), target=target)
    for x in _FAR:
        assert [float(number) for number in both(x)] == [0.0, 0.0]


@pytest.mark.parametrize("target", _TARGETS)
def test_slopes_of_inverse_functions_vanish_at_infinity(target: str) -> None:
    """That of an angle or an area falls as 1 / x**2 and 1 / x, and theirs still faster."""
    for f in (np.arctan, np.arcsinh):
        hessian = codegen.compile_hessian(f, 0.7, target=target)
        assert [float(hessian(x)) for x in (math.inf, -math.inf)] == [0.0, 0.0]


@pytest.mark.parametrize("target", _TARGETS)
def test_an_ordered_probit_has_a_hessian(target: str) -> None:
    """Its outer cut points are infinite."""
    y, z = np.array([0, 1, 2]), np.array([0.3, -0.2, 0.4])

    def loss(slope: Any, cuts: Any) -> Any:
        cuts = np.array([-math.inf, cuts[0], cuts[1], math.inf])
        return -np.sum(np.log(norm.cdf(cuts[y + 1] - slope * z) - norm.cdf(cuts[y] - slope * z)))

    hessian = codegen.compile_hessian(loss, 0.5, np.array([-0.4, 0.6]), wrt=0, target=target)
    found = float(hessian(0.5, np.array([-0.4, 0.6])))
    step = 1e-3
    values = [loss(0.5 + k * step, np.array([-0.4, 0.6])) for k in (-1, 0, 1)]
    assert found == pytest.approx((values[0] - 2 * values[1] + values[2]) / step**2, rel=1e-4)


@pytest.mark.parametrize("sparse", [False, "coo"])
def test_a_direction_may_be_zero_where_a_bound_is_infinite(sparse: Any) -> None:
    """As it is of a dummy variable, or where one direction serves several columns."""
    y, x = np.array([0, 1, 2]), np.array([[0.3, 0.0], [0.0, -0.2], [0.4, 0.0]])

    def loss(slopes: Any, cuts: Any) -> Any:
        cuts = np.concatenate([[-math.inf], cuts, [math.inf]])
        inside = norm.cdf(cuts[y + 1] - x @ slopes) - norm.cdf(cuts[y] - x @ slopes)
        return -np.sum(np.log(inside))

    at = np.array([0.5, -0.3]), np.array([-0.4, 0.6])
    how: Any = {"target": "numpy", "expand": False, "sparse": sparse}
    hessian = codegen.compile_hessian(loss, *at, **how)
    parts = (
        hessian(*at)[2]
        if sparse
        else np.concatenate([np.ravel(a) for b in hessian(*at) for a in b])
    )
    assert np.all(np.isfinite(parts))


def test_of_a_product_that_vanishes() -> None:
    """Zero times what is no number is 0; all else is the product, in every bit."""
    for x, y in ((0.0, math.inf), (-0.0, -math.inf), (0.0, math.nan)):
        assert math.copysign(1.0, ad.vanishing(x, y)) == 1.0
    for x, y in ((3.0, 0.1), (-0.0, 2.0), (0.0, -2.0), (math.nan, 0.0), (math.inf, 0.0)):
        assert same(ad.vanishing(x, y), x * y)
    assert ad.grad(ad.vanishing, wrt=(0, 1))(2.0, 3.0) == (3.0, 2.0)


@pytest.mark.parametrize("target", _TARGETS)
def test_a_gate_is_opened_beside_a_tie(target: str) -> None:
    """Behind a kink the row is flat at 0, and its rule asks whether its value is finite."""

    def f(x: Any) -> Any:
        return ad.hypot_1(abs(x)) + ad.relu(x) * ad.relu(-x)

    both = codegen.compile(f, 0.3, what=("gradient", "hessian"), target=target)
    assert [float(number) for number in both(0.0)] == [0.0, 1.0]
