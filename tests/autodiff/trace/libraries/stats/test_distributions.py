"""Distributions of SciPy's where their parameters are none, and where probabilities are tiny."""

import itertools
import math

import numpy as np
import pytest
import scipy.special
import scipy.stats

import autodiff as ad
from codegen import compile_gradient
from verify import verify_gradient

SHAPES = {
    "norm": 0, "t": 1, "f": 2, "expon": 0, "gamma": 1, "chi2": 1, "beta": 2, "cauchy": 0,
    "laplace": 0, "logistic": 0, "lognorm": 1, "weibull_min": 1, "gumbel_r": 0, "pareto": 1,
    "invgamma": 1, "halfnorm": 0, "rayleigh": 0, "vonmises": 1, "uniform": 0,
}  # fmt: skip
COUNTS = {"poisson": 1, "bernoulli": 1, "binom": 2, "nbinom": 2, "geom": 1}


def _alike(found: object, expected: object) -> bool:
    return bool(np.isclose(found, expected, rtol=1e-9, atol=0.0, equal_nan=True))


@pytest.mark.parametrize("method", ["logpdf", "cdf", "ppf"])
@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_what_is_no_parameter_gives_nan(name: str, method: str) -> None:
    """Scales and shapes that are negative or zero, and x that is nan."""
    count, theirs = SHAPES[name], getattr(getattr(scipy.stats, name), method)
    if name == "vonmises" and method != "logpdf":
        return
    graph = ad.trace(
        lambda x, shapes, scale: theirs(x, *shapes, 0.1, scale), 0.4, (1.3, 2.2)[:count], 1.1
    )
    usual, known = (1.3, 2.2)[:count], (1.1,)
    bad = [(0.4, usual, (s,)) for s in (-1.0, 0.0)] + [(math.nan, usual, known)]
    bad += [(0.4, (s, *usual[1:]), known) for s in (-1.5, 0.0) if count]
    for x, shapes, (scale,) in bad:
        expected = theirs(x, *shapes, 0.1, scale)
        assert _alike(ad.evaluate(graph, x, shapes, scale), expected), (x, shapes, scale)


@pytest.mark.parametrize("method", ["logpmf", "cdf"])
@pytest.mark.parametrize("name", COUNTS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_what_is_no_count_or_share_gives_nan_or_none(name: str, method: str) -> None:
    """Shares beyond 0 and 1, numbers of trials that are not whole, counts between two."""
    count, theirs = COUNTS[name], getattr(getattr(scipy.stats, name), method)
    graph = ad.trace(lambda k, given: theirs(k, *given), 1.0, (3.0, 0.3)[-count:])
    for k, given in itertools.product(
        (-1.0, 0.5, 1.0, 4.0, math.nan),
        itertools.product(*[(-0.5, 0.3, 1.5, 3.0)] * (count - 1), (-0.5, 0.3, 1.5)),
    ):
        assert _alike(ad.evaluate(graph, k, given), theirs(k, *given)), (k, given)


@pytest.mark.parametrize(
    ("name", "method", "shapes", "places"),
    [
        ("logistic", "logsf", (), (800.0, 40.0, -40.0)),
        ("logistic", "logcdf", (), (-800.0,)),
        ("expon", "logsf", (), (800.0,)),
        ("weibull_min", "logsf", (1.5,), (200.0,)),
        ("gumbel_r", "logcdf", (), (-8.0,)),
        ("rayleigh", "logsf", (), (60.0,)),
        ("lognorm", "logcdf", (0.1,), (0.01,)),
        ("pareto", "logsf", (2.0,), (1e200,)),
        ("laplace", "logcdf", (), (-800.0, 1.0)),
        ("cauchy", "cdf", (), (-1e10, -1e300, 2.0)),
        ("lognorm", "pdf", (0.7,), (0.0,)),
        ("invgamma", "cdf", (0.7,), (-0.0,)),
    ],
)
def test_tails_stay_numbers(
    name: str, method: str, shapes: tuple[float, ...], places: tuple[float, ...]
) -> None:
    """Logarithms of probabilities that are too small for a number of their own."""
    theirs = getattr(getattr(scipy.stats, name), method)
    graph = ad.trace(lambda x: theirs(x, *shapes), 1.5)
    with np.errstate(all="ignore"):
        for x in places:
            expected = theirs(x, *shapes)
            if name in ("pareto", "laplace") and not math.isfinite(expected):
                expected = -2.0 * math.log(x) if name == "pareto" else x - math.log(2.0)
            assert math.isfinite(expected)
            assert _alike(ad.evaluate(graph, x), expected), (x, expected)


def test_a_tail_that_is_nearly_certain_keeps_its_digits() -> None:
    """The logarithm of a probability next to 1 is minus that of the other side."""
    graph = ad.trace(lambda x: scipy.stats.t.logsf(x, 5.0), 0.5)
    below = scipy.stats.t.cdf(-2000.0, 5.0)
    assert ad.evaluate(graph, -2000.0) == pytest.approx(-below, rel=1e-9)


def test_whole_counts_are_no_border() -> None:
    """Slopes by the parameters, and by counts that are traced, 0 among them."""
    counts = np.array([3.0, 0.0, 2.0])
    _, (by_counts, by_mu) = compile_gradient(
        lambda k, mu: np.sum(scipy.stats.poisson.logpmf(k, mu)), counts, 1.3
    )(counts, 1.3)
    assert by_mu == pytest.approx(np.sum(counts) / 1.3 - 3.0)
    np.testing.assert_allclose(by_counts, math.log(1.3) - scipy.special.digamma(counts + 1.0))


def test_a_condition_that_holds_costs_no_proof() -> None:
    """A density by its parameter is proven, where the parameter is one."""
    report = verify_gradient(lambda mu: scipy.stats.poisson.logpmf(3.0, mu), 1.2)
    assert report.verdict == "PROVED"


@pytest.mark.parametrize("method", ["cdf", "sf", "logcdf", "logsf"])
def test_a_smooth_middle_has_its_slope(method: str) -> None:
    """Laplace's distribution function is smooth where its density has a kink."""
    theirs = getattr(scipy.stats.laplace, method)

    def traced(x: float) -> float:
        return theirs(x)

    _, slope = compile_gradient(traced, 0.5)(0.0)
    assert slope == pytest.approx((theirs(1e-6) - theirs(-1e-6)) / 2e-6, rel=1e-5)
