"""The conventions table of DESIGN.md, section 4, one line after the other, on every reader."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient
from tests.random_graphs import ROWS, same

INF, NAN = math.inf, math.nan

# Convention, function, point, gradient.
TABLE: list[tuple[str, Callable[..., Any], tuple[float, ...], tuple[float, ...]]] = [
    ("relu'(0) = 0", ad.relu, (0.0,), (0.0,)),
    ("relu'(-0) = 0", ad.relu, (-0.0,), (0.0,)),
    ("abs'(0) = 0", abs, (0.0,), (0.0,)),
    ("np.abs'(-0) = 0", np.abs, (-0.0,), (0.0,)),
    ("max tie 1/2, 1/2", np.maximum, (1.5, 1.5), (0.5, 0.5)),
    ("min tie 1/2, 1/2", np.minimum, (1.5, 1.5), (0.5, 0.5)),
    ("max tie of the zeros", np.maximum, (0.0, -0.0), (0.5, 0.5)),
    ("max against a constant 0", lambda x: np.maximum(x, 0.0), (0.0,), (0.0,)),
    ("max of a constant 0", lambda x: np.maximum(0.0, x), (0.0,), (0.0,)),
    ("min against a constant 0", lambda x: np.minimum(x, 2.0), (2.0,), (0.0,)),
    ("max of three alike", lambda x: np.maximum(np.maximum(x, x * 1.0), x), (2.0,), (1.0,)),
    ("shared tie: x", lambda x: np.maximum(x, 0.0) + np.minimum(x, 0.0), (0.0,), (1.0,)),
    ("shared tie: softplus", lambda x: np.maximum(x, 0.0) + np.log1p(np.exp(-abs(x))), (0.0,),
     (0.5,)),
    ("clip lower edge 1", lambda x: np.clip(x, 0.0, 1.0), (0.0,), (1.0,)),
    ("clip upper edge 1", lambda x: np.clip(x, 0.0, 1.0), (1.0,), (1.0,)),
    ("clip outside 0", lambda x: np.clip(x, 0.0, 1.0), (1.5,), (0.0,)),
    ("clip, bounds that vary", ad.clip, (0.5, 0.0, 1.0), (1.0, 0.0, 0.0)),
    ("clip, below a bound that varies", ad.clip, (-1.0, 0.0, 1.0), (0.0, 1.0, 0.0)),
    ("clip, above a bound that varies", ad.clip, (2.0, 0.0, 1.0), (0.0, 0.0, 1.0)),
    ("sqrt'(0) = inf", np.sqrt, (0.0,), (INF,)),
    ("x ** 0.5 at 0 = inf", lambda x: x**0.5, (0.0,), (INF,)),
    ("cbrt'(0) = inf", np.cbrt, (0.0,), (INF,)),
    ("hypot(0, 0): 0, 0", np.hypot, (0.0, 0.0), (0.0, 0.0)),
    ("root of squares: 0, 0", lambda x, y: np.sqrt(x * x + y * y), (0.0, 0.0), (0.0, 0.0)),
    ("(x**2 + y**4) ** 0.5", lambda x, y: (x**2 + 3.0 * y**4) ** 0.5, (0.0, 0.0), (0.0, 0.0)),
    ("norm of zero: 0", lambda x, y: np.linalg.norm(np.stack([x, y, x])), (0.0, 0.0), (0.0, 0.0)),
    ("atan2(0, 0): nan, nan", np.arctan2, (0.0, 0.0), (NAN, NAN)),
    ("pow(0, 0): 0, 0", lambda x, y: x**y, (0.0, 0.0), (0.0, 0.0)),
    ("pow(0, 2): 0, 0", lambda x, y: x**y, (0.0, 2.0), (0.0, 0.0)),
    ("pow(0, 1): 1, 0", lambda x, y: x**y, (0.0, 1.0), (1.0, 0.0)),
    ("pow(0, 1/2): inf, 0", lambda x, y: x**y, (0.0, 0.5), (INF, 0.0)),
    ("pow(-2, 2): dy = nan", lambda x, y: x**y, (-2.0, 2.0), (-4.0, NAN)),
    ("0 ** y: 0", lambda y: 0.0**y, (2.0,), (0.0,)),
    ("x ** 0 at 0: 0", lambda x: x**0.0, (0.0,), (0.0,)),
    ("x ** 1.5 at 0: 0", lambda x: x**1.5, (0.0,), (0.0,)),
    ("x ** 3 at -2: 12", lambda x: x**3, (-2.0,), (12.0,)),
    ("floor at a step 0", np.floor, (2.0,), (0.0,)),
    ("ceil at a step 0", np.ceil, (2.0,), (0.0,)),
    ("trunc at a step 0", np.trunc, (2.0,), (0.0,)),
    ("round at a step 0", np.rint, (2.5,), (0.0,)),
    ("sign'(0) = 0", np.sign, (0.0,), (0.0,)),
    ("sign at 1", np.sign, (1.0,), (0.0,)),
    ("where: branch taken", lambda x: np.where(x >= 1.0, x * x, 3.0 * x), (1.0,), (2.0,)),
    ("where: other branch taken", lambda x: np.where(x > 1.0, x * x, 3.0 * x), (1.0,), (3.0,)),
    ("asin'(1) = inf", np.arcsin, (1.0,), (INF,)),
    ("asin'(-1) = inf", np.arcsin, (-1.0,), (INF,)),
    ("acos'(1) = -inf", np.arccos, (1.0,), (-INF,)),
    ("acosh'(1) = inf", np.arccosh, (1.0,), (INF,)),
    ("leaky_relu'(0) = slope", ad.leaky_relu, (0.0,), (0.01,)),
    ("elu'(0) = alpha", lambda x: ad.elu(x, 2.0), (0.0,), (2.0,)),
    ("xlogy(0, 2): log 2, 0", ad.xlogy, (0.0, 2.0), (math.log(2.0), 0.0)),
    ("sinc'(0) = 0", np.sinc, (0.0,), (0.0,)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "function", "at", "gradient"), TABLE, ids=[x[0] for x in TABLE])
def test_convention(
    name: str, function: Any, at: tuple[float, ...], gradient: tuple[float, ...]
) -> None:
    """The convention holds on the interpreter, the gradient graph, emitted Python, and Value."""
    graph = ad.trace(function, *at)
    wrt = list(range(len(at)))
    _, interpreted = ad.backpropagate(graph, *at, wrt=wrt)
    _, compiled = compile_gradient(graph, wrt=wrt)(*at)
    evaluated = ad.evaluate(ad.gradient(graph, wrt=wrt), *at)
    values = [ad.Value(x) for x in at]
    out = function(*values)
    if isinstance(out, ad.Value):
        out.backward()
    by_value = tuple(v.grad for v in values)
    for found in (interpreted, compiled, evaluated, by_value):
        assert same(tuple(g + 0.0 for g in found), gradient), found


def test_kinks_are_documented_at_their_rows() -> None:
    """Every row with a point where no derivative exists says in ``kinks`` what its rule returns."""
    documented = {row.name for row in ROWS if row.kinks}
    assert documented >= {
        "abs", "sign", "relu", "leaky_relu", "elu", "maximum", "minimum", "at_least", "at_most",
        "clip", "where", "floor", "ceil", "trunc", "rint", "mod", "fmod", "sqrt", "cbrt", "hypot",
        "root_of_squares",
        "atan2", "pow", "pow_literal", "asin", "acos", "acosh", "xlogy",
    }  # fmt: skip
    for row in ROWS:
        for where, returned in row.kinks:
            assert where
            assert returned


@pytest.mark.parametrize("name", ["exp", "log", "sqrt", "tanh", "sinc", "hypot", "erf", "abs"])
def test_nan_in_nan_out(name: str) -> None:
    """A nan argument gives a nan value and a nan derivative, not a number."""
    row = getattr(ad, name)
    count = ad.primitive.REGISTRY[name].arity
    graph = ad.trace(row, *[1.0] * count)
    value, gradient = ad.backpropagate(graph, *[NAN] * count, wrt=0)
    assert math.isnan(value)
    assert math.isnan(gradient)
