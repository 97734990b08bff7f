"""``math`` and ``float`` in traced functions record, and are themselves without traced values."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.trace.libraries.standard.math_functions import MATH, OF_WHOLE
from codegen import compile_gradient
from tests.autodiff.trace.libraries.differences import assert_differences_agree

_OTHERS: dict[str, tuple[Any, ...]] = {
    "acosh": (1.7,), "atan2": (0.4, 1.3), "copysign": (0.7, -2.0), "fmod": (5.2, 1.5),
    "gamma": (2.3,), "hypot": (0.3, 0.4), "ldexp": (0.7, 3), "pow": (1.3, 2.2),
    "remainder": (5.6, 1.5), "isclose": (1.0, 2.0),
}  # fmt: skip
_ITEMS = {"dist": ([0.3, 0.5], [1.0, 2.0]), "sumprod": ([0.3, 0.5], [1.0, 2.0])}
_ITEMS |= {name: ([0.3, 0.5, 1.2],) for name in ("fsum", "prod")}
_TESTS = ("isfinite", "isinf", "isnan", "isclose")


_NO_FLOATS = {*_ITEMS, *_TESTS, *OF_WHOLE}


@pytest.mark.parametrize("name", [n for n in MATH if n not in _NO_FLOATS])
def test_functions_of_numbers(name: str) -> None:
    """A traced call has the value and slope of the function; any other call is the function."""
    first, *rest = _OTHERS.get(name, (0.6,))
    own = getattr(math, name)
    pick = (lambda y: y[0]) if name == "modf" else (lambda y: y)

    def function(x: Any) -> Any:
        return pick(own(x, *rest)) * 1.5 + pick(own(first, *rest))

    value, slope = compile_gradient(function, first)(first)
    assert value == pytest.approx(function(first), rel=1e-14)
    assert_differences_agree(function, first, slope)


@pytest.mark.parametrize("target", ["python", "numpy", "native"])
def test_remainders_are_exact(target: str) -> None:
    """Of any size, half way between multiples, and of a multiple: IEEE 754's, and its slope."""
    points = [(x / 2.0, y / 2.0) for x in range(-9, 10) for y in range(-4, 5) if y]
    points += [(1e10, 3.1), (-1e308, 20.5), (1e-300, 3.0), (3.0, 5e-324), (-0.0, 1.0), (7.0, 1e308)]
    points += [(2.0, math.inf), (-1e308, -math.inf)]
    df = compile_gradient(math.remainder, 5.6, 1.5, target=target)
    for x, y in points:
        value, (by_x, by_y) = df(x, y)
        expected = math.remainder(x, y)
        assert (value, math.copysign(1.0, value)) == (expected, math.copysign(1.0, expected))
        count = (x - expected) / y
        if abs(expected) != abs(y) / 2.0 and abs(count) < 1e6:
            assert (by_x, by_y) == (1.0, -round(count))


@pytest.mark.parametrize("name", [n for n in _ITEMS if hasattr(math, n)])
def test_functions_of_items(name: str) -> None:
    """Sums, products and distances take generators of traced values."""
    first, *rest = _ITEMS[name]
    own = getattr(math, name)

    def function(x: Any) -> Any:
        return own((v for v in x), *rest)

    value, slope = compile_gradient(function, np.array(first))(np.array(first))
    assert value == pytest.approx(function(first), rel=1e-14)
    assert_differences_agree(lambda x: own(x, *rest), np.array(first), slope)


def test_tests_of_numbers() -> None:
    """What math asks of a number is a condition on the traced one."""
    f = lambda x: x if math.isfinite(x) and not math.isnan(x) else 0.0  # noqa: E731
    assert compile_gradient(f, 2.0)(3.0) == (3.0, 1.0)
    close = lambda x: x * 2.0 if math.isclose(x, 1.0, abs_tol=0.1) else x * 3.0  # noqa: E731
    df = compile_gradient(close, 2.0)
    assert (df(1.05), df(1.2)) == ((2.1, 2.0), (pytest.approx(3.6), 3.0))


def test_float_keeps_what_is_traced() -> None:
    """float(x) is x, also of arrays of one number; of anything else it is float."""

    def function(x: Any) -> Any:
        filled = np.zeros(2, dtype=float)
        filled[0] = float(np.sum(x))
        assert isinstance(x[0], float)
        assert not isinstance(x, float)
        assert float("2.5") == 2.5
        assert np.dtype(float) == np.array([1, 2]).astype(float).dtype
        return float(filled[0] * x[1]) + float(x[:1] ** 2)

    x = np.array([2.0, 3.0])
    for expand in (True, False):
        graph = ad.trace(function, x, expand=expand)
        assert ad.backpropagate(graph, x)[0] == 19.0
        np.testing.assert_array_equal(ad.backpropagate(graph, x)[1], [7.0, 8.0])


def test_an_array_is_no_number() -> None:
    """math.sin of an array of several numbers is refused, as math does."""
    with pytest.raises(ad.ArgumentError, match=r"math.sin: found an array of shape \(2,\)"):
        ad.trace(lambda x: math.sin(x), np.ones(2))  # noqa: PLW0108
