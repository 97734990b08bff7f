"""Where kinks meet: derivatives of smooth functions on the interpreter and by Value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autodiff as ad
from tests.kinks_that_meet import FIRST, SECOND

# Smooth functions spelled by pieces: f, f'.
SPELLED = [
    (lambda z: np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z))), lambda z: 1 / (1 + np.exp(-z))),
    (lambda z: ad.relu(z) - ad.relu(-z), lambda z: 1.0),
    (lambda z: np.where(z > 0, z, 0.0) + np.minimum(z, 0.0), lambda z: 1.0),
    (lambda z: np.abs(z) * np.sign(z), lambda z: 1.0),
    (lambda z: np.abs(z) * np.maximum(z, -z), lambda z: 2 * z),
    (lambda z: ad.where(abs(z) <= 1.0, 0.5 * z * z, abs(z) - 0.5), lambda z: np.clip(z, -1, 1)),
]


@pytest.mark.parametrize(("name", "function", "at", "slope"), FIRST, ids=[c[0] for c in FIRST])
def test_first_derivatives(name: str, function: Any, at: Any, slope: Any) -> None:
    """The interpreter, the gradient graph and Value give the derivative that there is."""
    graph = ad.trace(function, *at)
    assert ad.backpropagate(graph, *at)[1] == pytest.approx(slope, rel=1e-12, abs=1e-12)
    assert ad.evaluate(ad.gradient(graph), *at) == pytest.approx(slope, rel=1e-12, abs=1e-12)
    values = [ad.Value(x) for x in at]
    function(*values).backward()
    found = tuple(v.grad for v in values)
    assert found == pytest.approx(slope if isinstance(slope, tuple) else (slope,), abs=1e-12)


@pytest.mark.parametrize(("name", "function", "at", "curve"), SECOND, ids=[c[0] for c in SECOND])
def test_second_derivatives(name: str, function: Any, at: Any, curve: Any) -> None:
    """The Hessian of a function that is twice smooth is the true one where its kinks meet."""
    hessian = ad.hessian(ad.trace(function, *at))
    assert np.allclose(np.array(ad.evaluate(hessian, *at), float), curve, rtol=1e-12, atol=1e-12)
    assert ad.parse(str(hessian)) == hessian


@settings(max_examples=30, deadline=None)
@given(
    parts=st.lists(st.tuples(st.sampled_from(range(len(SPELLED))), st.integers(-3, 3),
                             st.integers(-3, 3)), min_size=1, max_size=4),
    x=st.integers(-4, 4), y=st.integers(-4, 4),
)  # fmt: skip
def test_sums_and_rotations(parts: list[tuple[int, int, int]], x: int, y: int) -> None:
    """Sums of smooth functions of rotated inputs have their true gradient at their ties."""

    def function(u: Any, v: Any) -> Any:
        return sum(SPELLED[k][0](a * (u - x) + b * (v - y)) for k, a, b in parts) + 0.0 * u

    at = float(x), float(y)
    slopes = [SPELLED[k][1](0.0) for k, _, _ in parts]
    wanted = [sum(s * c[i] for s, c in zip(slopes, parts, strict=True)) for i in (1, 2)]
    found = ad.backpropagate(ad.trace(function, *at), *at)[1]
    assert found == pytest.approx(wanted, rel=1e-12, abs=1e-12)


def test_values_inside_a_trace() -> None:
    """A gradient taken inside a traced function is settled as one taken outside."""
    loss = FIRST[0][1]
    graph = ad.trace(lambda m: 2.0 * ad.grad(loss)(m), 0.0)
    assert ad.evaluate(graph, 0.0) == pytest.approx(-1.0, rel=1e-12)


def test_cancellation_is_no_guess() -> None:
    """Where only cancelled poles are left, the branch that was taken stands."""
    graph = ad.trace(lambda x: np.where(x == 0, 1.0, np.sin(x) / x), 0.0)
    assert ad.evaluate(ad.gradient(ad.gradient(graph)), 0.0) == 0.0


def test_a_side_that_is_not_known_is_no_guess() -> None:
    """Where a step leaves a domain, what compares with it takes no side: the point's own stands."""

    def f(x: Any) -> Any:
        at_least_one = ad.i0(x)
        return ad.maximum(at_least_one, ad.minimum(ad.acos(at_least_one), x))

    assert ad.backpropagate(ad.trace(f, 1.0), -1e-68) == (1.0, pytest.approx(-5e-69, abs=1e-80))


def test_infinities_that_are_equal_are_not_apart() -> None:
    """What a mask leaves out is often infinite: two of them compare as they do in the function."""

    def chosen(x: Any, y: Any) -> Any:
        a, b = np.where(x > 0.0, x, np.inf), np.where(y > 0.0, y, np.inf)
        return np.where(a <= b, 3.0 * x, 5.0 * y) * np.where(np.maximum(a, b) > a, 2.0, 1.0)

    def last(x: Any) -> Any:
        order = np.argsort(np.where(x > 0.0, x, np.inf))
        count = np.sum((x > 0.0)[order])
        return np.sum(np.where(np.arange(4.0) == count - 1.0, x[order], 0.0))

    assert ad.backpropagate(ad.trace(chosen, 1.0, 1.0), -1.0, -2.0) == (-3.0, (3.0, 0.0))
    value, slope = ad.value_and_grad(last)(np.array([1.0, 2.0, -1.0, -2.0]))
    assert value == 2.0
    np.testing.assert_array_equal(slope, [0.0, 1.0, 0.0, 0.0])
