"""SciPy's functions on traced values: by identity, with SciPy's values."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient
from tests.autodiff.trace.libraries.differences import assert_differences_agree

special = pytest.importorskip("scipy.special", reason="SciPy's functions need SciPy")
stats = pytest.importorskip("scipy.stats")
linalg = pytest.importorskip("scipy.linalg")
sparse = pytest.importorskip("scipy.sparse")

# fmt: off
ONE = (
    "erf", "erfc", "expit", "gamma", "gammaln", "psi", "digamma", "i0", "i1", "i0e", "i1e", "ndtr",
    "log_ndtr", "entr", "logit", "exprel", "expm1", "log1p", "cbrt", "log_expit", "rgamma", "exp2",
    "exp10", "cosm1", "loggamma", "erfcx", "erfinv", "erfcinv", "ndtri", "j0", "j1", "y0", "y1",
    "k0", "k1",
)
TWO = (
    "beta", "betaln", "binom", "xlogy", "xlog1py", "kl_div", "rel_entr", "huber", "pseudo_huber",
)
# fmt: on


@pytest.mark.parametrize("name", ONE)
def test_functions_of_one_number(name: str) -> None:
    """Value and slope, at a few places, of a number and of an array."""
    function = getattr(special, name)
    f = lambda x: np.sum(function(x)) * 1.0  # noqa: E731
    for x in (0.12, 0.7, 0.95):
        value, slope = compile_gradient(f, x)(x)
        assert math.isclose(value, float(function(x)), rel_tol=1e-12)
        h = 1e-6
        numeric = (float(function(x + h)) - float(function(x - h))) / (2 * h)
        assert slope == pytest.approx(numeric, rel=1e-6, abs=1e-8)
    x = np.array([0.2, 0.6])
    value, gradient = compile_gradient(f, x)(x)
    assert math.isclose(value, float(np.sum(function(x))), rel_tol=1e-12)
    assert gradient.shape == (2,)


@pytest.mark.parametrize("x", [-1e3, -38.0, -20.0, -19.9, -5.0, 0.0, 5.0, 30.0])
def test_the_logarithm_of_a_tail(x: float) -> None:
    """``log_ndtr`` keeps its digits where ``ndtr`` is zero, and so does its slope."""
    value, slope = compile_gradient(lambda x: special.log_ndtr(x) * 1.0, x)(x)
    assert value == pytest.approx(float(special.log_ndtr(x)), rel=1e-12, abs=1e-300)
    exact = math.exp(-0.5 * x * x - 0.5 * math.log(2 * math.pi) - float(special.log_ndtr(x)))
    assert slope == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("name", ["i0e", "i1e"])
@pytest.mark.parametrize("x", [-900.0, -50.1, -3.0, 20.0, 49.9, 1e6])
def test_scaled_bessel_functions(name: str, x: float) -> None:
    """They are numbers, and have slopes, where ``i0`` and ``i1`` overflow."""
    function = getattr(special, name)
    value, slope = compile_gradient(lambda x: function(x) * 1.0, x)(x)
    assert value == pytest.approx(float(function(x)), rel=1e-14)
    h = 1e-4 * x
    numeric = float(function(x + h) - function(x - h)) / (2.0 * h)
    assert slope == pytest.approx(numeric, rel=1e-6)


@pytest.mark.parametrize("name", TWO)
def test_functions_of_two_numbers(name: str) -> None:
    """Value and both slopes."""
    function = getattr(special, name)
    df = compile_gradient(lambda x, y: function(x, y) * 1.0, 0.7, 0.3)
    for x, y in ((0.7, 0.3), (1.3, 0.4)):
        value, (dx, dy) = df(x, y)
        assert math.isclose(value, float(function(x, y)), rel_tol=1e-12)
        h = 1e-6
        at = lambda a, b: float(function(a, b))  # noqa: E731
        assert dx == pytest.approx((at(x + h, y) - at(x - h, y)) / (2 * h), rel=1e-6, abs=1e-8)
        assert dy == pytest.approx((at(x, y + h) - at(x, y - h)) / (2 * h), rel=1e-6, abs=1e-8)


def test_orders_and_sums() -> None:
    """polygamma, iv, multigammaln; logsumexp and softmax with axis and weights."""
    m = np.array([[0.3, 0.7], [1.2, 0.4]])
    cases: list[tuple[Any, Any]] = [
        (lambda x: special.polygamma(1, x) + special.polygamma(0, x), 0.7),
        (lambda x: special.iv(2, x) - special.iv(-3, x), 0.7),
        (lambda x: special.jn(2, x) + special.jv(-3, x) + special.jv(1.5, x), 0.7),
        (lambda x: special.yn(2, x) + special.yv(-3, x), 0.7),
        (lambda x: special.kn(2, x) + special.kv(-3, x) + special.kv(2.5, x), 0.7),
        (lambda x: special.multigammaln(x, 2), 1.7),
        (special.logsumexp, m),
        (lambda x: np.sum(special.logsumexp(x, axis=1, b=[[1.0, 2.0], [3.0, 4.0]])), m),
        (lambda x: np.sum(special.logsumexp(x, axis=0, keepdims=True)), m),
        (lambda x: np.sum(special.softmax(x, axis=1) ** 2), m),
        (lambda x: np.sum(special.log_softmax(x) * m), m),
        (lambda x: special.logsumexp([x, 2.0 * x]), 400.0),
    ]
    for f, x in cases:
        value, _ = compile_gradient(f, x)(x)
        assert math.isclose(value, float(f(x)), rel_tol=1e-12)


DISTRIBUTIONS: dict[str, tuple[float, ...]] = {
    "norm": (),
    "t": (3.0,),
    "f": (3.0, 7.0),
    "expon": (),
    "gamma": (2.0,),
    "chi2": (3.0,),
    "beta": (2.0, 3.0),
    "cauchy": (),
    "laplace": (),
    "logistic": (),
    "lognorm": (0.5,),
    "uniform": (),
    "weibull_min": (1.7,),
    "gumbel_r": (),
    "pareto": (2.5,),
    "invgamma": (1.3,),
    "halfnorm": (),
    "rayleigh": (),
    "vonmises": (2.5,),
}


NO_CDF = ("vonmises",)
BY_SERIES = ("t", "f", "gamma", "chi2", "beta", "invgamma", "vonmises")
COUNTS: dict[str, tuple[float, ...]] = {
    "poisson": (2.3,),
    "bernoulli": (0.3,),
    "binom": (5.0, 0.3),
    "nbinom": (2.5, 0.4),
    "geom": (0.3,),
}


@pytest.mark.parametrize("name", COUNTS)
def test_counts(name: str) -> None:
    """Probabilities of counts as SciPy's, outside as well; slopes by each parameter."""
    distribution, given = getattr(stats, name), np.array(COUNTS[name])
    counts = np.array([0.0, 1.0, -1.0, 7.0])

    def f(p):
        mass = distribution.pmf(counts + 1.0, *p, loc=1) * np.arange(1.0, 5.0)
        below = distribution.cdf(3, *p) + distribution.cdf(4.5, *p, loc=1)
        below = below + np.sum(distribution.sf(counts[1:], *p)) + distribution.cdf(-1.0, *p)
        return np.sum(mass) + distribution.logpmf(1.0, *p) + below

    value, gradient = compile_gradient(f, given, check=False)(given)
    assert value == pytest.approx(f(given), rel=1e-12)
    smooth = given if name != "binom" else given[1:]  # SciPy's counts of trials are whole
    at = f if name != "binom" else lambda p: f(np.array([5.0, *p]))
    assert_differences_agree(at, smooth, gradient[-len(smooth) :], 1e-7)
    assert ad.grad(lambda k: distribution.cdf(k, *given))(1.5) == 0.0


def test_normal_vectors() -> None:
    """multivariate_normal of points, rows of points, numbers and diagonals as covariance."""
    rows, spread = np.array([[0.3, -0.4], [1.0, 0.2]]), np.array([[1.5, 0.3], [0.3, 0.8]])
    density = stats.multivariate_normal
    cases: list[Any] = [
        lambda v: density.logpdf(v, np.array([0.1, 0.2]), spread),
        lambda v: np.sum(density.logpdf(rows, mean=v, cov=spread)),
        lambda v: density.pdf(rows[0], v) + density.logpdf(rows[1], v, 2.0),
        lambda v: density.logpdf(rows[0], np.zeros(2), np.exp(v)),
        lambda v: density.logpdf(rows[0], cov=spread + np.outer(v, v)),
    ]
    for f in cases:
        value, gradient = compile_gradient(f, rows[0])(rows[0])
        assert value == pytest.approx(float(f(rows[0])), rel=1e-12)
        assert_differences_agree(f, rows[0], gradient)
    with pytest.raises(ad.TraceError, match=r"multivariate_normal with allow_singular"):
        compile_gradient(lambda v: density.logpdf(v, cov=spread, allow_singular=True), rows[0])


def test_dirichlet_and_entropies() -> None:
    """Densities of shares, the last left out or not, and of columns; entropies of vectors."""
    shares, alpha = np.array([0.2, 0.3, 0.5]), np.array([1.5, 2.0, 0.7])
    columns = np.array([[0.2, 0.6], [0.3, 0.1], [0.5, 0.3]])
    spread = np.array([[1.5, 0.3], [0.3, 0.8]])
    cases: list[Any] = [
        (lambda a: stats.dirichlet.logpdf(shares, a) + stats.dirichlet.pdf(shares[:2], a), alpha),
        (lambda a: np.sum(stats.dirichlet.logpdf(columns, a)), alpha),
        (lambda s: stats.dirichlet.logpdf(s, alpha), shares[:2]),
        (lambda v: stats.multivariate_normal.entropy(v, spread + np.diag(v * v)), alpha[:2]),
        (lambda x: special.gammasgn(x) * x, -0.5),
    ]
    for f, x in cases:
        value, gradient = ad.value_and_grad(f)(x)
        assert value == pytest.approx(float(f(x)), rel=1e-12)
        assert_differences_agree(f, x, gradient, 1e-6)


@pytest.mark.parametrize("name", DISTRIBUTIONS)
@pytest.mark.parametrize("method", ["pdf", "logpdf", "cdf", "logcdf", "sf", "logsf"])
def test_distributions(name: str, method: str) -> None:
    """Densities and distribution functions with shapes, ``loc`` and ``scale``, inside and out."""
    function = getattr(getattr(stats, name), method)
    shapes = DISTRIBUTIONS[name]

    def f(x, loc, scale):
        return function(x, *shapes, loc=loc, scale=scale) * 1.0

    if method not in ("pdf", "logpdf") and name in NO_CDF:
        with pytest.raises(ad.TraceError, match=rf"scipy.stats.{name} has no .*\(pdf, logpdf\)"):
            ad.trace(f, 0.7, 0.1, 1.2)
        return
    is_series = method not in ("pdf", "logpdf") and name in BY_SERIES
    df = compile_gradient(f, 0.7, 0.1, 1.2, check=not is_series)
    for x in (0.7, 0.3, -0.4, 1.9):
        value, gradient = df(x, 0.1, 1.2)
        expected = float(f(x, 0.1, 1.2))
        assert value == pytest.approx(expected, rel=1e-11, abs=1e-300)
        if math.isfinite(expected):
            h = 1e-6
            for place, slope in enumerate(gradient):
                at = [x, 0.1, 1.2]
                ends = []
                for step in (h, -h):
                    moved = list(at)
                    moved[place] += step
                    ends.append(float(f(*moved)))
                assert slope == pytest.approx((ends[0] - ends[1]) / (2 * h), rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("name", [n for n in DISTRIBUTIONS if n not in NO_CDF])
def test_quantiles(name: str) -> None:
    """Of either tail, by the probability, the shapes, ``loc`` and ``scale``; nan where none is."""
    function, shapes = getattr(stats, name), DISTRIBUTIONS[name]
    moving = () if name in BY_SERIES else shapes[:1]

    def f(v):
        rest = (*v[3:], *shapes[len(moving) :], v[1], v[2])
        return function.ppf(v[0], *rest) + 2.0 * function.isf(v[0], *rest)

    graph = ad.trace(f, np.array([0.3, 0.1, 1.2, *moving]))
    for q in (0.3, 0.9):
        v = np.array([q, 0.1, 1.2, *moving])
        value, gradient = ad.backpropagate(graph, v)
        assert value == pytest.approx(float(f(v)), rel=1e-11)
        assert_differences_agree(f, v, gradient, 1e-5)
    assert math.isnan(ad.evaluate(graph, np.array([1.5, 0.1, 1.2, *moving])))


def test_no_quantiles_in_closed_form() -> None:
    """Those that need an equation solved are refused, with what solves it."""
    with pytest.raises(ad.TraceError, match=r"stats.vonmises has no quantiles .*autodiff.root"):
        ad.trace(lambda q: stats.vonmises.ppf(q, 2.0), 0.3)


def test_a_likelihood() -> None:
    """The log-likelihood of data by mean and spread, as it is written with SciPy."""
    data = np.array([0.1, 0.4, -0.3, 1.1])

    def likelihood(mean, spread):
        return np.sum(stats.norm.logpdf(data, mean, spread))

    value, (by_mean, by_spread) = compile_gradient(likelihood, 0.2, 0.8)(0.2, 0.8)
    assert math.isclose(value, float(likelihood(0.2, 0.8)))
    assert math.isclose(by_mean, float(np.sum(data - 0.2) / 0.64))
    assert math.isclose(by_spread, float(np.sum((data - 0.2) ** 2) / 0.512 - 4 / 0.8))


@pytest.mark.parametrize("size", [4, 90])  # small ones are multiplied as dense ones
def test_sparse_matrices_multiply(size: int) -> None:
    """Whole arrays meet SciPy's sparse matrices from both sides."""
    a = sparse.random(size + 3, size, 0.3, format="csr", random_state=size)
    x = np.linspace(0.5, 1.5, size)

    def f(x):
        column = a @ x[:, None]
        return np.sum((a @ x) ** 3) + x @ (a.T @ a) @ x + np.sum(column * a.dot(column.T[0, :size]))

    value, gradient = compile_gradient(f, x, target="numpy", expand=False)(x)
    assert value == pytest.approx(float(f(x)), rel=1e-12)
    assert_differences_agree(f, x, gradient, 1e-6)


def test_sparse_matrices_of_numbers_one_by_one_are_refused() -> None:
    """Where arrays are taken apart SciPy's matrices hold numbers alone: the way out is said."""
    matrix = sparse.csr_matrix(np.eye(2))
    with pytest.raises(ad.TraceError, match=r"test_scipy_functions.py:\d+: .*A.toarray\(\) @ x"):
        ad.trace(lambda x: np.sum(matrix @ x), np.ones(2))


def test_what_has_no_rule_is_named() -> None:
    """A special function without a rule: its name and the user's line."""
    with pytest.raises(
        ad.TraceError, match=r"test_scipy_functions.py:\d+: scipy.special.hyperu has no"
    ):
        ad.trace(lambda x: special.hyperu(1.0, 2.0, x) * 1.0, 0.3)


_PLANE: dict[str, Any] = {
    "fft2": lambda y: np.sum(np.abs(np.fft.fft2(np.outer(y, y))) ** 2),
    "several": lambda y: np.sum(np.abs(np.fft.rfftn(np.outer(y, y), s=(4, 4), axes=(0, 1)))),
    "axes": lambda y: np.sum(np.abs(np.fft.fftn(np.outer(y, y), axes=(1,))[1])),
    "back": lambda y: np.sum(np.abs(np.fft.ifft2(np.outer(y, y) * np.exp(0.3j))) ** 2),
    "polyval": lambda y: np.sum(np.abs(np.polyval(y, np.exp(1j * np.arange(3.0)))) ** 2),
}


@pytest.mark.parametrize("name", sorted(_PLANE))
def test_complex_numbers_between(name: str) -> None:
    """Fourier transforms along several axes, and polynomials of complex numbers."""
    function, y = _PLANE[name], np.array([0.4, -0.6, 1.2])
    value, gradient = compile_gradient(function, y, target="numpy")(y)
    assert value == pytest.approx(float(function(y)), rel=1e-12)
    assert_differences_agree(function, y, gradient)


def _chain(step: Any, start: Any, read: Any) -> Any:
    """A hidden Markov model of three states in a row, which starts in the first."""

    def loss(mu: Any) -> Any:
        alpha = start
        for seen in (0.3, -0.2, 0.5):
            alpha = step(alpha, -0.5 * (seen - mu) ** 2)
        return -read(alpha)

    return loss


@pytest.mark.parametrize("expand", [True, False])
@pytest.mark.parametrize("name", ["logsumexp", "logaddexp"])
def test_impossible_states(name: str, expand: bool) -> None:
    """-inf stands for no chance: what is made of it alone is -inf, and moves with nothing."""
    chances = np.array([[0.7, 0.3, 0.0], [0.0, 0.6, 0.4], [0.0, 0.0, 1.0]])
    with np.errstate(divide="ignore"):
        start, logs = np.log([1.0, 0.0, 0.0]), np.log(chances)
    total = special.logsumexp if name == "logsumexp" else np.logaddexp.reduce
    in_logs = _chain(lambda a, e: e + total(a[:, None] + logs, axis=0), start, total)
    plain = _chain(lambda a, e: np.exp(e) * (a @ chances), np.exp(start), lambda a: np.log(sum(a)))
    mu = np.array([0.1, -0.4, 0.6])
    graph = ad.trace(in_logs, mu, expand=expand)
    for found, expected in zip(
        ad.backpropagate(graph, mu), ad.value_and_grad(plain)(mu), strict=True
    ):
        assert np.allclose(found, expected, rtol=1e-12, atol=0.0)
    nothing = ad.trace(lambda x: total(x - np.inf), mu, expand=expand)
    assert ad.evaluate(nothing, mu) == -math.inf


@pytest.mark.parametrize(
    ("called", "instead"),
    [
        (lambda a: linalg.qr(a)[1][0, 0], r"linalg\.qr cannot be traced.*Use np\.linalg\.qr"),
        (lambda a: linalg.lu(a)[2][0, 0], r"linalg\.lu cannot be traced.*Use np\.linalg\.solve"),
        (lambda a: special.factorial(a)[0, 0], r"factorial cannot .*Use scipy\.special\.gamma"),
        (lambda a: np.linalg.tensorsolve(a, a[0])[0], r"tensorsolve .*Use np\.linalg\.solve"),
    ],
)
def test_what_needs_numbers_names_what_does_not(called: Any, instead: str) -> None:
    """A function that cannot be traced is named, and so is one that can."""
    for expand in (True, False):
        with pytest.raises(ad.TraceError, match=instead):
            ad.trace(called, np.array([[2.0, 0.3], [0.1, 1.5]]), expand=expand)


@pytest.mark.parametrize("expand", [True, False])
def test_ufuncs_are_known_by_themselves(expand: bool) -> None:
    """Also where they stand in a class that a function without text takes them from."""
    names = {"of": type("Functions", (), {"erf": special.erf, "ndtr": special.ndtr}), "np": np}
    function = eval("lambda x: np.sum(of.erf(x) * of.ndtr(x))", names)
    x = np.array([0.3, -1.2])
    assert ad.evaluate(ad.trace(function, x, expand=expand), x) == pytest.approx(function(x))


def test_rosenbrock_has_its_value_to_the_bit_and_its_derivative() -> None:
    """Of points, and of columns of points."""
    optimize = pytest.importorskip("scipy.optimize")
    x, columns = np.array([1.3, 0.7, 0.8, 1.9]), np.arange(12.0).reshape(4, 3)
    value, slopes = compile_gradient(optimize.rosen, x)(x)
    assert value == optimize.rosen(x)
    np.testing.assert_allclose(slopes, optimize.rosen_der(x), rtol=1e-13)
    found = ad.trace(optimize.rosen, columns)
    np.testing.assert_array_equal(ad.evaluate(found, columns), optimize.rosen(columns))
