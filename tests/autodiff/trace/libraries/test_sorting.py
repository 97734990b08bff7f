"""Sorting networks: every order, equal elements, nan, and what is too long."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.trace.libraries.sorting import _network
from codegen import compile_gradient


@pytest.mark.parametrize("count", range(10))
def test_networks_sort(count: int) -> None:
    """A network that sorts all zeros and ones sorts anything."""
    for bits in itertools.product((0, 1), repeat=count):
        found = list(bits)
        for low, high in _network(count):
            found[low], found[high] = sorted((found[low], found[high]))
        assert found == sorted(bits)


def weighted(x: Any) -> Any:
    """Each element counts by its rank."""
    return np.sort(x) @ np.arange(1.0, len(x) + 1.0)


@pytest.mark.parametrize("target", ["python", "native"])
def test_derivatives_go_to_the_elements(target: str) -> None:
    """Whatever the order is at a call, not that of the example."""
    df = compile_gradient(weighted, np.array([3.0, 1.0, 2.0, 0.5]), target=target)
    for order in itertools.permutations([0.5, 1.0, 2.0, 7.0]):
        x = np.array(order)
        value, gradient = df(x)
        assert value == weighted(x)
        assert gradient.tolist() == [1.0 + np.sum(x < one) for one in x]


def test_nan_comes_last() -> None:
    """As in NumPy: what is no number sorts behind all numbers."""
    f = lambda x: np.sort(x)[0] + np.sort(x)[1]  # noqa: E731
    df = compile_gradient(f, np.array([3.0, 1.0, 2.0]))
    assert df(np.array([np.nan, 4.0, 2.0]))[0] == 6.0
    median = compile_gradient(lambda x: np.median(x) * 1.0, np.ones(3))
    assert np.isnan(median(np.array([1.0, np.nan, 2.0]))[0])


def test_equal_elements_share_no_slope_that_is_not_there() -> None:
    """Where all are equal, the gradient of their sum in order is that of their sum."""
    df = compile_gradient(lambda x: np.sum(np.sort(x)), np.ones(30))
    value, gradient = df(np.full(30, 2.0))
    assert value == 60.0
    assert gradient.tolist() == [1.0] * 30


def test_too_many_are_refused() -> None:
    """A long array gets an error with the way out."""
    with pytest.raises(ad.TraceError, match=r"np.sort of 513 elements .*np.argsort"):
        ad.trace(lambda x: np.sort(x)[0] * 1.0, np.ones(513))
    with pytest.raises(ad.TraceError, match="Reshape them into one"):
        ad.trace(lambda x: np.median(x, axis=(0, 1)) * 1.0, np.ones((2, 2)))


def test_a_question_about_nan_is_no_switch() -> None:
    """``x != x`` has one side: a function that skips nan runs no second form for it."""
    df = compile_gradient(lambda x: np.nansum(x * x), np.array([1.0, 2.0]))
    assert "ArithmeticError" not in df.source
