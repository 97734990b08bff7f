"""Every distribution of SciPy's that can be traced: its numbers, and slopes that fit together."""

from __future__ import annotations

import math

import numpy as np
import pytest

import autodiff as ad

stats = pytest.importorskip("scipy.stats", reason="SciPy's distributions need SciPy")

# Shapes, in which no density has a corner at the places below.
SHAPES: dict[str, tuple[float, ...]] = {
    "alpha": (3.57,), "anglit": (), "arcsine": (), "argus": (1.2,), "betaprime": (5.0, 6.0),
    "bradford": (0.3,), "burr": (10.5, 4.3), "burr12": (2.5, 4.0), "chi": (3.9,), "cosine": (),
    "crystalball": (2.0, 3.0), "erlang": (2.3,), "gibrat": (), "genexpon": (9.1, 16.2, 3.3),
    "genhalflogistic": (0.77,), "jf_skew_t": (8.0, 4.0), "kstwobign": (), "dgamma": (1.1,),
    "dweibull": (2.07,), "exponnorm": (1.5,),
    "exponpow": (2.7,), "exponweib": (2.9, 1.95), "fatiguelife": (0.9,), "fisk": (3.09,),
    "foldcauchy": (4.7,), "foldnorm": (1.95,), "genextreme": (-0.1,), "gengamma": (4.4, 3.1),
    "geninvgauss": (2.3, 1.5), "genlogistic": (0.4,), "gennorm": (1.3,), "genpareto": (0.1,),
    "gompertz": (0.95,), "gumbel_l": (), "halfcauchy": (), "halfgennorm": (0.7,),
    "halflogistic": (), "hypsecant": (), "invgauss": (0.7,), "invweibull": (3.5,),
    "johnsonsb": (4.3, 3.2), "johnsonsu": (2.55, 2.25), "kappa3": (1.0,),
    "laplace_asymmetric": (2.0,), "levy": (), "levy_l": (), "loggamma": (0.4,),
    "loglaplace": (3.25,), "loguniform": (0.3, 1.25), "lomax": (1.88,), "maxwell": (),
    "mielke": (10.4, 4.6), "moyal": (), "nakagami": (4.97,),
    "norminvgauss": (1.25, 0.5), "pearson3": (-1.7,), "powerlaw": (1.66,),
    "powerlognorm": (2.14, 0.446), "powernorm": (4.45,), "rdist": (3.4,), "reciprocal": (0.3, 1.25),
    "recipinvgauss": (0.63,), "rel_breitwigner": (3.65,), "rice": (0.775,), "semicircular": (),
    "skewcauchy": (0.5,), "skewnorm": (4.0,), "trapezoid": (0.2, 0.8), "triang": (0.158,),
    "truncexpon": (4.69,), "truncnorm": (-0.8, 2.1), "truncpareto": (2.0, 5.0),
    "truncweibull_min": (2.5, 0.25, 1.75), "vonmises_line": (3.99,), "wald": (),
    "weibull_max": (1.79,), "wrapcauchy": (0.3,),
}  # fmt: skip
NO_CDF = {
    "geninvgauss", "norminvgauss", "rel_breitwigner", "rice", "vonmises_line",
}  # fmt: skip
NO_PPF = NO_CDF | {
    "argus", "cosine", "crystalball", "exponnorm", "foldcauchy", "foldnorm", "genexpon",
    "invgauss", "kstwobign", "recipinvgauss", "semicircular", "skewnorm", "wald",
}  # fmt: skip
SHARES = 0.03, 0.45, 0.98
LOC, SCALE = 0.2, 1.3


def _traced(name: str, method: str) -> ad.Graph:
    function = getattr(getattr(stats, name), method)
    return ad.trace(
        lambda x, shapes, loc, scale: function(x, *shapes, loc, scale),
        0.4,
        SHAPES[name],
        LOC,
        SCALE,
    )


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_densities(name: str) -> None:
    """Inside the support, at its ends, and beyond; the density is the logarithm's."""
    theirs, shapes = getattr(stats, name), SHAPES[name]
    graph, plain = _traced(name, "logpdf"), _traced(name, "pdf")
    low, high = theirs.support(*shapes, LOC, SCALE)
    places = [*theirs.ppf(SHARES, *shapes, LOC, SCALE)]
    places += [end + by for end, by in ((low, -0.1), (high, 0.1)) if math.isfinite(end)]
    for x in places:
        expected = theirs.logpdf(x, *shapes, LOC, SCALE)
        found = ad.evaluate(graph, x, shapes, LOC, SCALE)
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-11), x
        assert ad.evaluate(plain, x, shapes, LOC, SCALE) == pytest.approx(math.exp(found))


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_probabilities_and_quantiles(name: str) -> None:
    """SciPy's numbers; the slope of a probability is the density; a quantile is its inverse."""
    theirs, shapes = getattr(stats, name), SHAPES[name]
    if name in NO_CDF:
        with pytest.raises(ad.TraceError, match=f"scipy.stats.{name} has no distribution function"):
            _traced(name, "cdf")
        return
    below, above = _traced(name, "cdf"), _traced(name, "sf")
    for x in theirs.ppf(SHARES, *shapes, LOC, SCALE):
        value, (slope, *_) = ad.backpropagate(below, x, shapes, LOC, SCALE)
        rest, (fall, *_) = ad.backpropagate(above, x, shapes, LOC, SCALE)
        assert value == pytest.approx(theirs.cdf(x, *shapes, LOC, SCALE), rel=1e-8)
        assert value + rest == pytest.approx(1.0, rel=1e-12)
        density = theirs.pdf(x, *shapes, LOC, SCALE)
        assert (slope, -fall) == pytest.approx((density, density), rel=1e-8)
    if name in NO_PPF:
        with pytest.raises(ad.TraceError, match="solve cdf"):
            _traced(name, "ppf")
        return
    place, mirrored = _traced(name, "ppf"), _traced(name, "isf")
    for q in SHARES:
        found = ad.evaluate(place, q, shapes, LOC, SCALE)
        assert found == pytest.approx(theirs.ppf(q, *shapes, LOC, SCALE), rel=1e-8)
        assert ad.evaluate(mirrored, 1.0 - q, shapes, LOC, SCALE) == pytest.approx(found, rel=1e-9)


@pytest.mark.parametrize(
    ("name", "shapes"),
    [
        ("truncnorm", (2.0, 1.0)), ("loguniform", (2.0, 1.0)), ("loguniform", (-1.0, 1.0)),
        ("trapezoid", (0.8, 0.2)), ("truncpareto", (2.0, 0.5)), ("johnsonsu", (1.0, -1.0)),
        ("norminvgauss", (1.0, 2.0)), ("triang", (1.5,)), ("skewcauchy", (1.0,)),
    ],
)  # fmt: skip
def test_shapes_that_are_none(name: str, shapes: tuple[float, ...]) -> None:
    """Nan as SciPy says, of each and of two together."""
    assert np.isnan(getattr(stats, name).logpdf(0.5, *shapes))
    assert np.isnan(ad.evaluate(_traced(name, "logpdf"), 0.5, shapes, 0.0, 1.0))


def test_where_a_shape_is_zero() -> None:
    """Extremes with the shape 0: the limit, with the slope by the shape that there is."""
    for name in ("genextreme", "genpareto"):
        theirs = getattr(stats, name).logpdf
        graph = ad.trace(lambda x, c, f=name: getattr(stats, f).logpdf(x, c), 0.7, 0.1)
        value, (_, slope) = ad.backpropagate(graph, 0.7, 0.0)
        assert value == pytest.approx(theirs(0.7, 0.0), rel=1e-14)
        expected = (theirs(0.7, 1e-4) - theirs(0.7, -1e-4)) / 2e-4
        assert slope == pytest.approx(expected, rel=1e-6)


def test_far_tails_of_a_cut_normal_variable() -> None:
    """Logarithms of probabilities in either tail, and ends that are infinite."""
    theirs = stats.truncnorm
    graph = ad.trace(lambda x, a, b: 1.0 * theirs.logpdf(x, a, b), 0.5, 0.1, 1.0)
    for x, a, b in ((31.0, 30.0, math.inf), (-31.0, -math.inf, -30.0), (0.5, -math.inf, math.inf)):
        assert ad.evaluate(graph, x, a, b) == pytest.approx(theirs.logpdf(x, a, b), rel=1e-12)
    slope = ad.grad(lambda a: theirs.logpdf(0.5, a, math.inf))(-1.0)
    assert slope == pytest.approx(stats.norm.pdf(-1.0) / stats.norm.sf(-1.0), rel=1e-13)


def test_a_noncentral_variable() -> None:
    """Of known degrees of freedom, which are the order of a Bessel function; by the other shape."""
    value, slope = ad.value_and_grad(lambda nc: stats.ncx2.logpdf(3.0, 21, nc))(1.06)
    assert value == pytest.approx(stats.ncx2.logpdf(3.0, 21, 1.06), rel=1e-12)
    ends = stats.ncx2.logpdf(3.0, 21, [1.061, 1.059])
    assert slope == pytest.approx((ends[0] - ends[1]) / 2e-3, rel=1e-6)
