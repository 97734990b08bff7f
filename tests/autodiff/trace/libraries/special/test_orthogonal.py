"""Orthogonal polynomials of whole orders against many digits, and SciPy's numbers of arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient
from tests.autodiff.trace.libraries.special.many_digits import assert_digits
from verify import Verdict

special = pytest.importorskip("scipy.special", reason="SciPy's functions need SciPy")

TRUE: dict[str, Callable[..., Any]] = {
    "eval_chebyc": lambda n, x: 2 * mpmath.chebyt(n, x / 2),
    "eval_chebys": lambda n, x: mpmath.chebyu(n, x / 2),
    "eval_chebyt": mpmath.chebyt,
    "eval_chebyu": mpmath.chebyu,
    "eval_hermite": mpmath.hermite,
    "eval_hermitenorm": lambda n, x: mpmath.hermite(n, x / mpmath.sqrt(2)) / mpmath.sqrt(2) ** n,
    "eval_laguerre": lambda n, x: mpmath.laguerre(n, 0, x),
    "eval_legendre": mpmath.legendre,
    "eval_sh_chebyt": lambda n, x: mpmath.chebyt(n, 2 * x - 1),
    "eval_sh_chebyu": lambda n, x: mpmath.chebyu(n, 2 * x - 1),
    "eval_sh_legendre": lambda n, x: mpmath.legendre(n, 2 * x - 1),
}
WITH_PARAMETERS: dict[str, tuple[Callable[..., Any], tuple[float, ...]]] = {
    "eval_gegenbauer": (mpmath.gegenbauer, (0.7,)),
    "eval_genlaguerre": (mpmath.laguerre, (0.7,)),
    "eval_jacobi": (mpmath.jacobi, (0.7, 1.2)),
}


@pytest.mark.parametrize("name", TRUE)
@pytest.mark.parametrize("order", [4, 7])
def test_of_an_order(name: str, order: int) -> None:
    """Value and slope, also next to where the polynomial is 1."""
    function, true = getattr(special, name), TRUE[name]
    places = ((0.3,), (0.999,), (1.7,))
    assert_digits(
        lambda x: function(order, x) + 0.0 * x, lambda x: true(order, x), places, near=1e-12
    )


@pytest.mark.parametrize("name", WITH_PARAMETERS)
def test_with_parameters(name: str) -> None:
    """Slopes by the parameters as well."""
    function, (true, given) = getattr(special, name), WITH_PARAMETERS[name]
    for order in (4, 5):
        assert_digits(
            lambda *all_, n=order: function(n, *all_) + 0.0 * sum(all_),
            lambda *all_, n=order: true(n, *all_),
            ((*given, 0.3), (*given, 1.4)),
            near=1e-12,
        )


@pytest.mark.parametrize("order", [0, 1, 2])
def test_the_first_orders(order: int) -> None:
    """SciPy's numbers to the bit, or nearly, at 1 too."""
    for name in (*TRUE, *WITH_PARAMETERS):
        given = WITH_PARAMETERS[name][1] if name in WITH_PARAMETERS else ()
        function = getattr(special, name)
        graph = ad.trace(lambda x, f=function, g=given: f(order, *g, x) + 0.0 * x, 0.5)
        for x in (0.3, 1.0):
            assert ad.evaluate(graph, x) == pytest.approx(function(order, *given, x), rel=1e-14)


def test_orders_and_places_in_arrays() -> None:
    """Orders in an array of constants beside places that are traced, proven as any polynomial."""
    orders, x = np.arange(4), np.array([0.2, -0.7, 1.0, 0.4])
    df = compile_gradient(lambda x: np.sum(special.eval_legendre(orders, x)), x)
    assert df(x)[0] == pytest.approx(np.sum(special.eval_legendre(orders, x)), rel=1e-14)
    assert df.verdict is Verdict.CERTIFIED


def test_a_traced_order_is_refused() -> None:
    """Between whole orders there is no polynomial."""
    with pytest.raises(ad.TraceError, match=r"legendre of the order .* expected a whole"):
        ad.trace(lambda n: special.eval_legendre(n, 0.3), 2.0)
    with pytest.raises(ad.TraceError, match=r"of the order 1\.5"):
        ad.trace(lambda x: special.eval_hermite(1.5, x), 2.0)
