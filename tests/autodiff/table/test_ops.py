from __future__ import annotations

import inspect
import math
import pickle
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.table.primitive import PUBLIC
from codegen import compile_gradient
from tests.random_graphs import ROWS


def row_of(function: Any, *examples: float) -> str:
    """Name of the one row a function records."""
    operations = list(ad.trace(function, *examples).operations())
    assert len(operations) <= 1
    return operations[0][1].name if operations else ""


@pytest.mark.parametrize(
    ("exponent", "row"),
    [(2, "square"), (2.0, "square"), (-1, "reciprocal"), (0.5, "sqrt"), (1, ""), (0, ""),
     (3, "pow_literal"), (-2.5, "pow_literal"), (np.float64(2.0), "square")],
)  # fmt: skip
def test_pow_with_a_literal_exponent(exponent: Any, row: str) -> None:
    """Exponents that are plain arithmetic are recorded as such, others as pow_literal."""
    assert row_of(lambda x: x**exponent, 1.0) == row
    assert row_of(lambda x: np.power(x, exponent), 1.0) == row
    value = ad.evaluate(ad.trace(lambda x: x**exponent, 1.0), 1.7)
    assert value == pytest.approx(1.7 ** float(exponent), rel=1e-15)


def test_a_power_of_zero_has_mixed_derivatives() -> None:
    """The slope of x ** y along x is zero at y = 0, and grows there by 1 / x."""
    graph = ad.trace(lambda x, y: x**y, 2.0, 0.0)
    assert ad.evaluate(ad.hvp(graph), 2.0, 0.0, 0.0, 1.0)[0] == 0.5
    assert ad.backpropagate(graph, 1e-310, 0.0)[1][0] == 0.0


def test_pow_with_other_operands() -> None:
    """A base or both operands traced are the general power."""
    assert row_of(lambda x: 2.0**x, 1.0) == "pow"
    assert row_of(lambda x, y: x**y, 1.0, 1.0) == "pow"
    assert ad.pow(2.0, 3) == 8.0
    np.testing.assert_array_equal(ad.pow(np.array([2.0, 3.0]), 2.0), [4.0, 9.0])


def test_maximum_and_minimum_pick_a_row() -> None:
    """Against a number the one-sided rows, else the symmetric ones; nan bounds are symmetric."""
    assert row_of(lambda x: np.maximum(x, 1.0), 1.0) == "at_least"
    assert row_of(lambda x: np.maximum(1, x), 1.0) == "at_least"
    assert row_of(lambda x: np.minimum(x, 1.0), 1.0) == "at_most"
    assert row_of(np.maximum, 1.0, 1.0) == "maximum"
    assert row_of(lambda x: np.maximum(x, math.nan), 1.0) == "maximum"
    assert math.isnan(ad.evaluate(ad.trace(lambda x: np.maximum(x, math.nan), 1.0), 1.0))
    assert math.isnan(ad.evaluate(ad.trace(lambda x: np.maximum(x, 1.0), 1.0), math.nan))


def test_clip() -> None:
    """clip takes None for no bound, and refuses bounds in the wrong order."""
    for low, high in ((None, 1.0), (-1.0, None), (None, None)):
        graph = ad.trace(lambda x, low=low, high=high: ad.clip(x, low, high), 0.0)
        for x in (-2.0, 0.5, 2.0):
            assert ad.evaluate(graph, x) == np.clip(x, low, high)
    with pytest.raises(ad.ArgumentError, match=r"above high = 1\.0; swap"):
        ad.trace(lambda x: np.clip(x, 2.0, 1.0), 0.0)


def test_a_bound_that_is_nan_is_what_clip_gives() -> None:
    """As NumPy has it, whether the bound is a number, traced, or one of an array."""
    nan, inf = math.nan, math.inf
    graph = ad.trace(np.clip, 0.5, 0.0, 1.0)
    for x, low, high in (
        (1.0, nan, 2.0), (1.0, 0.0, nan), (1.0, nan, nan), (0.0, 5.0, 1.0), (3.0, -inf, inf),
    ):  # fmt: skip
        expected = np.clip(x, low, high)
        np.testing.assert_equal(ad.evaluate(graph, x, low, high), expected)
        one = ad.trace(lambda x, high=high: np.clip(x, None, high), 1.0)
        np.testing.assert_equal(ad.evaluate(one, x), np.clip(x, None, high))
    x = np.array([1.0, 3.0])
    for lows in (nan, np.array([0.0, nan])):
        many = ad.trace(lambda x, low=lows: np.clip(x, low, 2.0), x)
        np.testing.assert_equal(ad.evaluate(many, x), np.clip(x, lows, 2.0))
    known = ad.trace(lambda x: np.sum(np.clip(x, np.zeros(2), 2.0)), x)
    assert "ne" not in {row.name for _, row, *_ in known.operations()}


def test_defaults_of_activations() -> None:
    """leaky_relu has slope 0.01, elu has alpha 1, unless told otherwise."""
    assert ad.leaky_relu(-2.0) == -0.02
    assert ad.leaky_relu(-2.0, 0.5) == -1.0
    assert ad.elu(-1.0) == math.expm1(-1.0)
    assert ad.elu(-1.0, 2.0) == 2.0 * math.expm1(-1.0)


def test_functions_of_numbers_and_arrays() -> None:
    """The public functions also take plain numbers, arrays and lists, with IEEE results."""
    assert ad.log(0.0) == -math.inf
    assert ad.exp(1000) == math.inf
    assert math.isnan(ad.pow(-8.0, 1 / 3))
    assert ad.sin(1) == math.sin(1.0)
    np.testing.assert_array_equal(ad.log(np.array([0.0, 1.0])), [-math.inf, 0.0])
    np.testing.assert_array_equal(ad.where(np.array([True, False]), 1.0, [2.0, 3.0]), [1.0, 3.0])
    with pytest.raises(TypeError, match="sin: found str 'a'"):
        ad.sin("a")
    with pytest.raises(TypeError, match="found NoneType"):
        ad.hypot(None, 1.0)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_is_complete(row: ad.Primitive) -> None:
    """A row has text for every target and the oracle, intervals for its operands, and pickles."""
    for text in (row.python, row.numpy, row.sympy):
        assert all(f"{{{i}}}" in text for i in range(row.arity)), text
    assert row.domain == () or len(row.domain) == row.arity
    assert row.name in PUBLIC
    assert inspect.unwrap(getattr(ad, row.name)) is PUBLIC[row.name]
    assert pickle.loads(pickle.dumps(row)) is row
    assert repr(row) == f"<primitive {row.name}>"
    if row.ufunc:
        assert callable(getattr(np, row.ufunc))  # np.clip is a function around a ufunc
    if row.commutative:
        for x, y in ((1.5, -2.0), (0.0, -0.0), (math.inf, -math.inf)):
            assert repr(row.impl(x, y)) == repr(row.impl(y, x))


@pytest.mark.parametrize(
    "row",
    [r for r in ROWS if isinstance(getattr(np, r.ufunc or "pi"), np.ufunc)],
    ids=lambda row: row.name,
)
def test_rows_mean_what_their_ufunc_means(row: ad.Primitive) -> None:
    """Where NumPy has the function, values agree within a few ulp and at special inputs."""
    ufunc = getattr(np, row.ufunc)
    numbers = (0.3, -0.7, 2.5, -2.5, 0.0, -0.0, math.inf, -math.inf, math.nan, 1e200, -3.0, 1.0)
    with np.errstate(all="ignore"):
        for x in numbers:
            for y in numbers if row.arity > 1 else (1.0,):
                operands = [x, y, 2.0][: row.arity]
                found, wanted = row.impl(*operands), float(ufunc(*operands))
                assert found == pytest.approx(wanted, rel=1e-14, nan_ok=True), operands
                if found == 0.0 and row.name not in ("maximum", "minimum", "clip", "sign"):
                    assert math.copysign(1.0, found) == math.copysign(1.0, wanted), operands


@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.0, -1.0, 0.5])
def test_a_graph_may_raise_to_any_number(exponent: float) -> None:
    """Exponents that no function records as a power have their rule in a graph that is read."""
    text = f"graph f(x: float) -> float:\n    %2 = pow_literal x, {exponent!r}\n    return %2\n"
    value, slope = ad.backpropagate(ad.parse(text), 4.0)
    assert value == 4.0**exponent
    assert slope == exponent * 4.0 ** (exponent - 1.0)


@pytest.mark.parametrize("target", ["python", "numpy", "native"])
def test_a_gaussian_by_its_scale(target: str) -> None:
    """A scale that is no number is differentiated by; one that is keeps its row."""
    df = compile_gradient(ad.gaussian, 1.2, 0.5, target=target)
    value, (by_x, by_scale) = df(1.2, 0.5)
    assert (by_x, by_scale) == pytest.approx((-1.2 * value, -1.44 * value), rel=1e-15)
    scales = np.array([0.5, 0.7])
    slopes = ad.grad(lambda s: np.sum(ad.gaussian(1.2, s)))(scales)
    assert slopes == pytest.approx(-1.44 * np.exp(-1.44 * scales))
    scale = ad.Value(0.5)
    ad.gaussian(1.2, scale).backward()
    assert scale.grad == pytest.approx(by_scale, rel=1e-15)
    assert "gaussian x, 0.5" in str(ad.trace(lambda x: ad.gaussian(x, 0.5), 1.0))


def test_nothing_is_differentiated_by_what_has_to_be_a_number() -> None:
    """An order or a bound that is traced is refused: its slope would be 0 without a word."""
    for f, message in (
        (lambda n: ad.polygamma(n, 1.2), r"polygamma: the order is <traced"),
        (lambda n: np.sum(ad.polygamma(np.array([n, 2.0]), 1.2)), "polygamma: the order"),
        (lambda n: ad.at_least(2.0, n), r"at_least: found a traced value as argument 2"),
        (lambda n: ad.pow_literal(2.0, n), r"pow_literal: found a traced value as argument 2"),
    ):
        with pytest.raises(ad.ArgumentError, match=message):
            ad.grad(f)(1.5)
    assert not hasattr(ad.Value(1.0), "at_least")
