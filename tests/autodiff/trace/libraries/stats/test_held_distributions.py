"""Distributions that a program holds: with parameters, in tables, as defaults, in objects."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

import autodiff as ad

stats = pytest.importorskip("scipy.stats", reason="SciPy's distributions need SciPy")

PRIOR = stats.norm(0.3, 2.0)
COUNTS = stats.poisson(3.2)
TWO = stats.multivariate_normal([0.0, 1.0], [[2.0, 0.3], [0.3, 1.0]])
TABLE = {"a": stats.norm(0.0, 1.0), "b": stats.expon(scale=2.0)}
DENSITIES = [stats.norm.logpdf, stats.t(5.0).logpdf]


class Model:
    """A model that holds what it expects of its parameters."""

    prior = stats.gamma(2.0, scale=2.0)

    def __init__(self) -> None:
        self.kind, self.density = stats.beta, stats.norm.logpdf

    def cost(self, x: float) -> float:
        """Of the class, of the object, and a method of a distribution."""
        return -self.prior.logpdf(x) - self.kind.logpdf(x, 2.0, 3.0) - self.density(x)


def _by_default(x: float, density: Callable[[float], float] = stats.norm.logpdf) -> float:
    return density(x)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: PRIOR.logpdf(x) + PRIOR.cdf(x) + PRIOR.mean() * x + PRIOR.ppf(0.3),
        lambda x: COUNTS.logpmf(2) * x,
        lambda x: TWO.logpdf([x, 2.0 * x]),
        lambda x: sum(one.logpdf(x) for one in TABLE.values()),
        TABLE["b"].pdf,
        lambda x: sum(density(x) for density in DENSITIES),
        Model().cost,
        partial(_by_default),
        PRIOR.logpdf,
        stats.norm(0.0, 2.0).sf,
    ],
)  # fmt: skip
def test_a_program_holds_a_distribution(function: Callable[[float], float]) -> None:
    """However it is held, its methods are ours on traced numbers."""
    value, slope = ad.value_and_grad(function)(0.4)
    assert value == pytest.approx(function(0.4), rel=1e-12)
    difference = (function(0.4001) - function(0.3999)) / 2e-4
    assert slope == pytest.approx(np.asarray(difference), rel=1e-6)


def test_middle_and_interval() -> None:
    """What SciPy makes of quantiles; a moment of traced parameters is refused by name."""
    for name in ("median", "interval"):
        given = () if name == "median" else (0.9,)
        theirs = getattr(stats.gamma, name)
        graph = ad.trace(
            lambda s, f=name, g=given: np.sum(getattr(stats.gamma, f)(*g, 2.0, 0.0, s)), 1.3
        )
        assert ad.evaluate(graph, 1.3) == pytest.approx(np.sum(theirs(*given, 2.0, 0.0, 1.3)))
    with pytest.raises(ad.TraceError, match=r"scipy\.stats\.gamma\.mean of traced values"):
        ad.trace(stats.gamma.mean, 1.0)


def test_of_vectors() -> None:
    """Counts and their shares; Student's distribution of several numbers, by rows as well."""
    x = np.array([0.7, 1.3, 0.4, 2.1])

    def cost(x: np.ndarray) -> float:
        rows = stats.multivariate_t.logpdf([x[:2], x[2:]], x[1:3], np.diag(x[:2]), df=x[3])
        counts = stats.multinomial.logpmf([1, 2, 1, 0], 4, x / np.sum(x))
        return np.sum(rows) + counts + stats.multinomial.pmf([1, 2, 1, 0], 4, x / np.sum(x))

    value, slopes = ad.value_and_grad(cost)(x)
    assert value == pytest.approx(cost(x), rel=1e-12)
    step = np.array([0.3, -0.2, 0.5, 0.1])
    difference = (cost(x + 1e-5 * step) - cost(x - 1e-5 * step)) / 2e-5
    assert slopes @ step == pytest.approx(difference, rel=1e-7)
