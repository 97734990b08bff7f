"""Elimination in scalars asks and computes nothing about what is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.run.interpret import run
from autodiff.run.whole.scalarize import scalarize
from autodiff.trace.switching.ties import ties


def _by_hand(system: Any, b: Any) -> Any:
    return np.linalg.solve(system, b), np.linalg.det(system), np.linalg.inv(system)


@pytest.mark.parametrize("seed", range(12))
def test_matrices_that_are_partly_known(seed: int) -> None:
    """Whatever is a number and whatever is an input: NumPy's results."""
    draw = np.random.default_rng(seed)
    n = 2 + seed % 4
    given = draw.random((n, n)) < 0.5
    numbers = np.where(draw.random((n, n)) < 0.5, 0.0, draw.integers(-3, 4, (n, n)))
    numbers = numbers + 5.0 * np.eye(n)[draw.permutation(n)]  # rows have to change places

    def mixed(x: Any, b: Any) -> Any:
        rows = [[x[i, j] if given[i, j] else numbers[i, j] for j in range(n)] for i in range(n)]
        return _by_hand(np.array(rows), b)

    x, b = draw.normal(size=(n, n)) + 4.0 * np.eye(n), draw.normal(size=n)
    graph = scalarize(ad.trace(mixed, x, b, expand=False))
    wanted = _by_hand(np.where(given, x, numbers), b)
    for found, one in zip(ad.evaluate(graph, x, b), wanted, strict=True):
        np.testing.assert_allclose(found, one, rtol=1e-9, atol=1e-9)


def test_a_band_stays_a_band() -> None:
    """A tridiagonal system takes work in proportion to its size, and asks of neighbours alone."""

    def banded(d: Any, b: Any) -> Any:
        n = len(b)
        return np.linalg.solve(np.diag(d) - np.eye(n, k=1) - np.eye(n, k=-1), b)

    sizes = {}
    for n in (6, 12):
        graph = scalarize(ad.trace(banded, np.ones(n), np.ones(n), expand=False))
        names = [primitive.name for _, primitive, _ in graph.operations()]
        sizes[n] = len(names)
        assert names.count("gt") == n - 1
    assert sizes[12] < 2.5 * sizes[6]


def test_known_pivots_are_not_asked_for() -> None:
    """Which of two numbers is larger is no condition: proofs are as of a quotient."""

    def solved(x: Any) -> Any:
        return np.linalg.solve(np.array([[0.5, 3.0], [2.0, x[0]]]), x)

    graph = scalarize(ad.trace(solved, np.ones(2), expand=False))
    assert "where" not in str(graph)


def test_numbers_of_one_size_are_no_tie() -> None:
    """Either of them divides as well, so that the slope needs no settling."""

    def system(a: Any, b: Any) -> Any:
        return np.sum(np.linalg.solve(np.array([[a, 1.0], [1.0, b]]), np.array([1.0, a])))

    graph = ad.gradient(scalarize(ad.trace(system, 1.0, 0.4, expand=False)))
    assert graph.limits is None or not ties(graph.limits.places, run(graph, [1.0, 0.4]))
    assert ad.evaluate(graph, 1.0, 0.4) == pytest.approx((-1.0, 0.0), abs=1e-12)
