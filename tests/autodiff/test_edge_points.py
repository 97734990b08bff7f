"""Points where rivals' users met wrong derivatives: each target gives what is true there."""

from __future__ import annotations

import math
from typing import Any

import pytest

import autodiff as ad
from codegen import compile_gradient

INF, NAN = math.inf, math.nan
# The function, the point, and the derivatives that are true there, or the convention.
POINTS: list[tuple[str, float, tuple[float, ...]]] = [
    ("abs(x)**3", 0.0, (0.0,)),
    ("x*abs(x)", 0.0, (0.0,)),
    ("where(x>0, sqrt(x), 0.0)", 0.0, (0.0,)),
    ("where(x>0, log(x), x)", -1.0, (1.0,)),
    ("where(x==0, 1.0, sin(x)/where(x==0,1.0,x))", 0.0, (0.0,)),
    ("log(1+exp(x))", -1000.0, (0.0,)),
    ("logaddexp(x,0.0)", 1000.0, (1.0,)),
    ("logaddexp(x,0.0)", -1000.0, (0.0,)),
    ("tanh(x)", 400.0, (0.0,)),
    ("sigmoid(x)", -800.0, (0.0,)),
    ("sigmoid(x)", 800.0, (0.0,)),
    ("x**2", 0.0, (0.0,)),
    ("x**1", 0.0, (1.0,)),
    ("x**0", 0.0, (0.0,)),
    ("x**0.5", 0.0, (INF,)),
    ("x**1.5", 0.0, (0.0,)),
    ("pow(2.0,x)", 0.0, (math.log(2.0),)),
    ("pow(0.0,x)", 1.0, (0.0,)),
    ("pow(x,x)", 1.0, (1.0,)),
    ("maximum(x,0.0)", 0.0, (0.0,)),
    ("maximum(x,x)", 1.0, (1.0,)),
    ("minimum(x,-x)", 0.0, (0.0,)),
    ("maximum(x,0.0)-maximum(-x,0.0)", 0.0, (1.0,)),
    ("abs(x)-abs(-x)", 0.0, (0.0,)),
    ("clip(x,0.0,1.0)", 1.0, (1.0,)),
    ("clip(x,0.0,1.0)", 2.0, (0.0,)),
    ("sinc(x)", 0.0, (0.0,)),
    ("expm1(x)/1.0", 1e-20, (1.0,)),
    ("log1p(x)", 1e-20, (1.0,)),
    ("asin(x)", 1.0, (INF,)),
    ("acos(x)", -1.0, (-INF,)),
    ("atanh(x)", 0.0, (1.0,)),
    ("atan2(x,0.0)", 1.0, (0.0,)),
    ("atan2(0.0,x)", -1.0, (0.0,)),
    ("hypot(x,0.0)", 0.0, (0.0,)),
    ("cbrt(x)", 0.0, (INF,)),
    ("x/x", 0.0, (NAN, 0.0)),
    ("1/x", 0.0, (-INF,)),
    ("erf(x)", 30.0, (0.0,)),
    ("erfc(x)", -30.0, (0.0,)),
    ("xlogy(x,x)", 0.0, (-INF,)),
    ("floor(x)", 1.0, (0.0,)),
    ("mod(x,1.0)", 0.5, (1.0,)),
    ("sign(x)*x", 0.0, (0.0,)),
    ("relu(x)**2", 0.0, (0.0,)),
    ("sqrt(x*x)", 0.0, (0.0,)),
    ("exp(-1/(x*x+1e-300))", 0.0, (0.0,)),
    ("exp(x)", 710.0, (INF,)),
]


@pytest.mark.parametrize("target", ["python", "numpy", "native", "interpreted"])
@pytest.mark.parametrize(("text", "x", "true"), POINTS)
def test_what_is_true_there(target: str, text: str, x: float, true: tuple[float, ...]) -> None:
    """The derivative at the point is one of those that are true."""

    def f(x: Any) -> Any:
        return eval(text, vars(ad) | {"abs": abs, "x": x})

    if target == "interpreted":
        found = ad.grad(f)(x)
    else:
        found = compile_gradient(f, x or 0.5, target=target, check=False)(x)[1]
    assert any(
        found == one or (found != found and one != one) or math.isclose(found, one, rel_tol=1e-12)
        for one in true
    )


@pytest.mark.parametrize("text", ["x * log(x)", "log(1.0 + exp(2000.0 * (x + 0.5)))"])
def test_what_only_a_rewrite_saves_is_nan(text: str) -> None:
    """Where the text itself makes inf - inf or 0 / 0, the derivative says so: no wrong number."""
    x = 0.5 if "exp" in text else 0.0
    assert math.isnan(ad.grad(lambda x: eval(text, vars(ad) | {"x": x}))(x))
