"""Where squares are added up under a root, it is a length: its derivative at 0 is 0."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient, compile_hessian
from codegen.stable import stabilised

V, X, A = np.zeros(3), np.ones((4, 2)), np.array([[1.0, 2.0], [0.5, 0.0]])


def _pair(x: Any) -> Any:
    return (x[0] ** 2 + x[1] ** 2) ** 0.5


def _loop(v: Any) -> Any:
    total = 0.0
    for i in range(len(v)):
        total = total + v[i] * v[i]
    return math.sqrt(total)


def _pairs(points: Any) -> Any:
    total = 0.0
    for i in range(len(points)):
        for j in range(len(points)):
            dx, dy = points[i, 0] - points[j, 0], points[i, 1] - points[j, 1]
            total = total + math.sqrt(dx * dx + dy * dy)
    return total


# Lengths, each at a point where it is 0.
LENGTHS: dict[str, tuple[Callable[..., Any], Any]] = {
    "a sum": (lambda v: np.sqrt(np.sum(v**2)), V),
    "a product with itself": (lambda v: np.sqrt(v @ v), V),
    "np.dot": (lambda v: np.sqrt(np.dot(v, v)), V),
    "a mean": (lambda v: np.sqrt(np.mean(np.abs(v) ** 2)), V),
    "weights": (lambda v: np.sqrt(np.sum(np.array([1.0, 0.0, 2.0]) * v**2)), V),
    "np.std": (np.std, V + 1.5),
    "distances": (lambda x: np.sum(np.sqrt(np.sum((x[:, None] - x) ** 2, axis=-1))), X),
    "np.einsum": (lambda x: np.sum(np.sqrt(np.einsum("ij,ij->i", x - 1.0, x - 1.0))), X),
    "chosen ones": (lambda v: np.sqrt(np.sum(np.where(v > 1.0, v**2, v**4))), V),
    "a pair": (_pair, np.zeros(2)),
    "a loop": (_loop, np.zeros(30)),
    "a loop inside a loop": (_pairs, np.ones((7, 2))),
    "exponents": (lambda v: np.sqrt((v[0] - v[1]) ** 2 / np.exp(v[2])), V),
}
# No lengths.
OTHERS: list[Callable[..., Any]] = [
    lambda x, y: np.sqrt(x * y),
    lambda x, y: np.sqrt(x * x - y * y),
    lambda x, y: np.sqrt(x * x + y),
    lambda x, y: np.sqrt(abs(x) + y * y),
    lambda x, y: np.sqrt(x * x * y),
    lambda x, y: np.sqrt(1.0 + x * x + y * y),
    lambda x, y: np.sqrt(-0.5 * x * x + y),
    lambda x, y: np.sqrt(x**3 + y**2),
]


def rows(function: Any, *at: Any) -> set[str]:
    """The names of the operations of a trace."""
    return {row.name for _, row, _ in ad.trace(function, *at).operations()}


@pytest.mark.parametrize("target", ["python", "numpy", "native"])
@pytest.mark.parametrize("name", LENGTHS)
def test_a_length_has_the_slope_0_where_it_is_0(name: str, target: str) -> None:
    """On every target, as np.linalg.norm has; its value is that of the program, bit for bit."""
    if target == "native":
        pytest.importorskip("llvmlite", reason="needs the extra native")
    function, at = LENGTHS[name]
    df = compile_gradient(function, at, target=target)
    value, gradient = df(at)
    assert value == function(at) == 0.0
    assert not np.any(gradient)
    aside = at + np.linspace(0.3, 0.9, at.size).reshape(at.shape)
    value, gradient = df(aside)
    assert value == pytest.approx(float(function(aside)), rel=1e-15)
    assert np.all(np.isfinite(gradient))


@pytest.mark.parametrize("function", OTHERS)
def test_what_is_no_length_stays_a_root(function: Any) -> None:
    """Differences, products, odd powers, and what a number keeps above 0."""
    assert "root_of_squares" not in rows(function, 2.0, 1.0)
    assert "sqrt" in rows(function, 2.0, 1.0)


def test_the_text_of_a_root_above_0_asks_nothing() -> None:
    """Only where a root may be 0 its text looks whether it is."""
    asking = compile_gradient(lambda x, y: np.sqrt(x * x + y * y), 1.0, 2.0).source
    plain = compile_gradient(lambda x, y: np.sqrt(1.0 + x * x + y * y), 1.0, 2.0).source
    assert "== 0.0" in asking
    assert "== 0.0" not in plain.split("_ieee(")[0]


def test_a_root_of_a_carried_sum_is_one_if_all_that_is_added_is() -> None:
    """What a loop adds up is a sum of squares if it begins as one, and only such are added."""

    def summed(v: Any, sign: float) -> Any:
        total = 0.0
        for i in range(len(v)):
            total = total + sign * (v[i] * v[i])
        return math.sqrt(abs(total))

    v = np.linspace(0.1, 0.2, 60)
    assert "root_of_squares" in rows(lambda v: summed(v, 1.0), v)
    assert "root_of_squares" not in rows(lambda v: summed(v, -1.0), v)


def test_a_gradient_inside_a_function_sees_the_squares_outside() -> None:
    """An inner gradient may close over a square of the outer function's argument."""

    def inner(x: Any, y: Any) -> Any:
        return ad.grad(lambda z: np.sqrt(z * z + y * y))(x)

    assert ad.grad(inner)(3.0, 4.0)[0] == pytest.approx(16 / 125, rel=1e-14)
    assert ad.trace(inner, 0.0, 0.0) is not None
    assert ad.evaluate(ad.trace(inner, 0.0, 0.0), 0.0, 0.0) == 0.0


@pytest.mark.parametrize("name", ["a sum", "a product with itself", "np.einsum", "a pair"])
def test_values_know_lengths(name: str) -> None:
    """Value.backward() gives 0 as well, and inf for the root of a single number."""
    function, at = LENGTHS[name]
    value = ad.Value(at)
    function(value).backward()
    assert not np.any(value.grad)
    x = ad.Value(0.0)
    (x * 2.0).sqrt().backward()
    assert x.grad == np.inf


def test_a_printed_length_is_read_back() -> None:
    """The printed graph says which roots are lengths."""
    graph = ad.trace(lambda x, y: np.sqrt(x * x + y * y), 1.0, 2.0)
    assert "root_of_squares" in str(graph)
    assert ad.parse(str(graph)) == graph


@pytest.mark.parametrize("target", ["python", "numpy", "native"])
def test_lengths_meet_other_kinks(target: str) -> None:
    """Beside a kink of another kind, or made of one another, lengths are settled as all kinks."""
    if target == "native":
        pytest.importorskip("llvmlite", reason="needs the extra native")

    def half(x: Any) -> Any:
        return ad.relu(x) - 0.5 * np.sqrt(x * x)

    def double(x: Any) -> Any:
        size = np.sqrt(x * x)
        return np.sqrt((size + x) ** 2) - np.sqrt((size - x) ** 2)

    assert compile_gradient(half, 1.0, target=target)(0.0)[1] == 0.5
    assert compile_gradient(double, 1.0, target=target)(0.0)[1] == pytest.approx(2.0, rel=1e-12)


def test_the_text_of_many_lengths_says_nothing_of_ties() -> None:
    """Each moves as much along a line as against it: what they have at 0 adds up."""
    source = compile_gradient(
        lambda x, y: np.sqrt(x * x + y * y) + np.hypot(x, y) + abs(x), 1.0, 2.0
    ).source
    assert "_settled" not in source


def test_a_batch_with_a_point_at_0() -> None:
    """Points that are 0 have their slope, the others theirs."""
    df = compile_gradient(lambda x, y: np.sqrt(x * x + y * y), 1.0, 2.0, target="numpy", batch=True)
    value, (x_bar, y_bar) = df(np.array([0.0, 3.0, 0.0]), np.array([0.0, 4.0, -2.0]))
    assert np.array_equal(value, [0.0, 5.0, 2.0])
    assert np.allclose(x_bar, [0.0, 0.6, 0.0])
    assert np.allclose(y_bar, [0.0, 0.8, -1.0])


@pytest.mark.parametrize("target", ["python", "numpy"])
def test_energies_of_pairs_are_smooth_where_points_meet(target: str) -> None:
    """A bell of a distance has its Hessian where the points are one."""

    def bell(p: Any, q: Any) -> Any:
        return np.exp(-0.5 * np.sqrt(np.sum((p - q) ** 2)) ** 2)

    found = compile_hessian(bell, X[0], X[1], target=target)(X[0], X[1])
    assert np.allclose(found[0][0], -np.eye(2))
    assert np.allclose(found[0][1], np.eye(2))


def test_the_stable_form_of_a_length_is_hypot() -> None:
    """What the stable profile knows of roots it knows of lengths."""
    graph = ad.trace(lambda x, y: np.sqrt(x * x + y * y), 1.0, 2.0)
    assert "hypot" in str(stabilised(graph, ad.gradient).graph)
