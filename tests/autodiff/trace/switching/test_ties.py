from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.run.reverse_plan import reverse_plan
from autodiff.run.transform import value_and_gradient
from codegen import compile_gradient, compile_hessian

# Smooth functions whose kinks cancel, their point and derivatives there.
SMOOTH: list[tuple[str, Callable[..., Any], tuple[float, ...], tuple[float, ...]]] = [
    ("x", lambda x: np.maximum(x, 0.0) + np.minimum(x, 0.0), (0.0,), (1.0,)),
    ("x at 2", lambda x: np.maximum(x, 2.0) + np.minimum(2.0, x), (2.0,), (1.0,)),
    ("softplus", lambda x: np.maximum(x, 0.0) + np.log1p(np.exp(-abs(x))), (0.0,), (0.5,)),
    ("cross entropy", lambda x: np.maximum(x, 0.0) - 0.3 * x + np.log1p(np.exp(-np.abs(x))), (0.0,),
     (0.2,)),
    ("abs", lambda x: 2.0 * np.maximum(x, 0.0) - np.abs(x), (0.0,), (1.0,)),
    ("a product", lambda x, y: 2.0 * np.maximum(x * y, 0.0) - abs(x * y), (0.0, 3.0), (3.0, 0.0)),
    ("zeros of either sign", lambda x: np.maximum(x, -0.0) + np.minimum(x, 0.0), (0.0,), (1.0,)),
]  # fmt: skip


def by_value(function: Any, at: tuple[float, ...]) -> tuple[float, ...]:
    """The gradient by Value.backward()."""
    values = [ad.Value(x) for x in at]
    function(*values).backward()
    return tuple(v.grad for v in values)


@pytest.mark.parametrize(("name", "function", "at", "slopes"), SMOOTH, ids=[s[0] for s in SMOOTH])
def test_kinks_that_cancel_leave_the_derivative(
    name: str, function: Any, at: tuple[float, ...], slopes: tuple[float, ...]
) -> None:
    """A smooth sum of kinks has its true derivative at the tie, traced and by Value alike."""
    graph = ad.trace(function, *at)
    wrt = list(range(len(at)))
    assert ad.backpropagate(graph, *at, wrt=wrt)[1] == pytest.approx(slopes, rel=1e-15)
    assert compile_gradient(graph, wrt=wrt)(*at)[1] == pytest.approx(slopes, rel=1e-15)
    assert by_value(function, at) == pytest.approx(slopes, rel=1e-15)


@pytest.mark.parametrize(
    ("function", "slope"),
    [
        (lambda x: np.maximum(x, 0.0), 0.0),
        (lambda x: np.maximum(x, 0.0) + np.minimum(x, 1.0), 1.0),
        (lambda x: np.maximum(x, 0.0) * abs(x - 1.0), 0.0),
        (lambda x: np.maximum(x, 0.0) + np.maximum(x, 0.0), 0.0),
    ],
)
def test_a_kink_that_stands_alone_takes_zero(function: Any, slope: float) -> None:
    """Kinks at other places do not share a tie; the same node twice is one kink."""
    assert "at_least" in str(ad.trace(function, 0.0))
    assert ad.backpropagate(ad.trace(function, 0.0), 0.0)[1] == slope


def test_values_elsewhere_are_untouched() -> None:
    """Away from the tie, and in value everywhere, nothing changes."""
    graph = ad.trace(SMOOTH[0][1], 1.0)
    for x in (-2.0, -0.0, 0.0, 1e-320, 3.0):
        assert ad.evaluate(graph, x) == x
    assert ad.backpropagate(graph, -2.0) == (-2.0, 1.0)


def test_index_and_bound_are_not_confused() -> None:
    """The bound 3.0 is not node %3."""

    def f(x, y):
        s, c = np.sin(x), np.cos(y)
        return np.maximum(s, 3.0) + np.maximum(s, c) + np.minimum(c, 2.0)

    text = str(ad.trace(f, 1.0, 1.0))
    assert text.count("at_least") == 1
    assert text.count("at_most") == 1


@pytest.mark.parametrize("clamped", [lambda x: np.maximum(x, 0.0), ad.relu, lambda x: x.clip(0, 2)])
def test_below_a_clamp_nothing_meets_an_infinite_slope(clamped: Callable[..., Any]) -> None:
    """A root of what is clamped at 0 has an infinite slope where the clamp begins, not below it."""
    limits = ad.gradient(ad.trace(lambda x: np.sqrt(clamped(x - 1.0)), 2.0)).limits
    assert limits is not None
    assert limits.singular == ((2, 0.0),)  # x - 1, after x and the number 1


def test_what_rounding_took_has_one_side() -> None:
    """A Hessian of logistic losses has nothing to settle where what rounding took is left out."""

    def loss(x: Any) -> Any:
        return np.sum(np.logaddexp(0.0, x[0] * x[1:]))

    for derivative in (ad.hessian, ad.hvp):
        limits = derivative(ad.trace(loss, np.ones(3))).limits
        assert limits is None or not limits.places
    text = compile_hessian(loss, np.ones(3)).source
    assert "settled" not in text


@pytest.mark.parametrize(
    ("one", "noted"),
    [
        (lambda x, y: (x - (x - y)) - y, False),
        (lambda x, y: (x + 2.5) - (y + x) + (y - 2.5), False),
        (lambda x, y: (x - y) - (y - x), True),
        (lambda x, y: x - (x - 2.0 * y), True),
        (lambda x, y: x * y - y * x + 0.0 * x, True),
    ],
)
def test_a_choice_between_one_sum_and_itself_is_none(one: Any, noted: bool) -> None:
    """Sides that are sums of the same terms meet everywhere; any others at their tie alone."""

    def function(x: Any, y: Any) -> Any:
        return np.where(x * x < y, one(x, y), 0.0) + abs(y - 1.0) * x

    def without(x: Any, y: Any) -> Any:
        return one(x, y) + abs(y - 1.0) * x

    both, rest = (ad.gradient(ad.trace(f, 1.0, 2.0)).limits for f in (function, without))
    assert (both != rest) == noted


def test_where_kinks_meet_is_found_once() -> None:
    """Who runs a gradient and who makes its graph ask the same."""
    graph = ad.trace(lambda x: np.maximum(x, 0.0) - np.maximum(-x, 0.0), 1.0)
    limits = reverse_plan(graph).limits
    assert limits is not None
    assert value_and_gradient(graph).limits is limits
