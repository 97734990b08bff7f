import inspect
import math
import random

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autodiff as ad
from autodiff.numbers import bessel, special
from autodiff.numbers.ieee import PORTABLE
from codegen.language.target import PYTHON

UNARY = ["gamma", "lgamma", "digamma", "i0", "i1"]
REFERENCE = {
    "gamma": mpmath.gamma,
    "lgamma": lambda x: mpmath.log(abs(mpmath.gamma(x))) if x < 0 else mpmath.loggamma(x),
    "digamma": mpmath.digamma,
    "i0": lambda x: mpmath.besseli(0, x),
    "i1": lambda x: mpmath.besseli(1, x),
}


@pytest.fixture(autouse=True)
def sixty_digits():
    """Every reference value is computed with 60 digits."""
    with mpmath.workdps(60):
        yield


def ulps(found, true, scale=0.0):
    """Error of ``found`` in units in the last place of ``true`` (or of ``scale``, if larger)."""
    rounded = float(true)
    if math.isinf(rounded) or math.isinf(found):
        return 0.0 if rounded == found else math.inf
    return float(abs(mpmath.mpf(found) - true) / math.ulp(max(abs(rounded), scale)))


def worst(function, reference, points):
    """The largest error over ``points``, and where it is."""
    return max((ulps(function(x), reference(mpmath.mpf(x))), x) for x in points)


def uniform(low, high, count=300):
    """Numbers spread evenly over an interval, the same ones in every run."""
    draw = random.Random(f"{low} {high}")
    return [draw.uniform(low, high) for _ in range(count)]


def powers(low, high, sign=1.0, count=300):
    """Numbers of all sizes between 10**low and 10**high."""
    return [sign * 10.0**exponent for exponent in uniform(low, high, count)]


def around(center, count=300):
    """Numbers at all distances from ``center``."""
    return [center + d for s in (1.0, -1.0) for d in powers(-15.0, -1.0, s, count // 2)]


@pytest.mark.parametrize(
    ("name", "bound", "points"),
    [
        ("gamma", 4.0, powers(-307.6, 0.0)),
        ("gamma", 4.0, powers(-307.6, 0.0, -1.0)),
        ("gamma", 4.0, uniform(0.0, 3.0)),
        ("gamma", 4.0, uniform(3.0, 171.6)),
        ("gamma", 5.0, uniform(-1.0, 0.0)),
        ("gamma", 5.0, uniform(-20.0, -1.0)),
        ("gamma", 5.0, uniform(-184.0, -20.0)),
        ("gamma", 5.0, around(-7.0)),
        ("lgamma", 4.0, powers(-320.0, 0.0)),
        ("lgamma", 4.0, powers(-320.0, 0.0, -1.0)),
        ("lgamma", 4.0, around(1.0)),
        ("lgamma", 4.0, around(2.0)),
        ("lgamma", 4.0, uniform(0.0, 4.0)),
        ("lgamma", 4.0, uniform(4.0, 40.0)),
        ("lgamma", 4.0, powers(1.0, 305.0)),
        ("lgamma", 4.0, uniform(-2.0, 0.0)),
        ("lgamma", 4.0, uniform(-1e4, -20.0)),
        ("digamma", 4.0, powers(-308.2, 0.0)),
        ("digamma", 4.0, powers(-308.2, -1.0, -1.0)),
        ("digamma", 4.0, uniform(0.0, 4.0)),
        ("digamma", 4.0, around(1.4616321449683622)),
        ("digamma", 4.0, powers(0.0, 308.0)),
        ("digamma", 4.0, [n + d for n in range(-30, 0) for d in (1e-9, -1e-9, 1e-3, -1e-3)]),
        ("i0", 4.0, powers(-320.0, 0.0)),
        ("i0", 4.0, uniform(0.0, 8.0)),
        ("i0", 4.0, uniform(8.0, 40.0)),
        ("i0", 4.0, uniform(40.0, 713.9)),
        ("i0", 4.0, uniform(-713.9, 0.0)),
        ("i1", 4.0, powers(-320.0, 0.0)),
        ("i1", 4.0, uniform(0.0, 8.0)),
        ("i1", 4.0, uniform(8.0, 40.0)),
        ("i1", 4.0, uniform(40.0, 713.9)),
        ("i1", 4.0, uniform(-713.9, 0.0)),
    ],
)
def test_accuracy(name, bound, points):
    """Each function is within its bound of the true value over its whole domain."""
    error, x = worst(PORTABLE[name], REFERENCE[name], points)
    assert error <= bound, f"{name}({x!r}): {error:.2f} ulp"


@pytest.mark.parametrize("name", ["lgamma", "digamma"])
def test_accuracy_at_negative_zeros(name):
    """Next to the zeros on the negative axis the error is small against the terms that cancel."""
    for x in uniform(-20.0, -0.25, 400):
        true = REFERENCE[name](mpmath.mpf(x))
        term = abs(PORTABLE[name](1.0 - x)) + 1.0
        assert ulps(PORTABLE[name](x), true, term) <= 4.0, x


@pytest.mark.parametrize("n", [1.0, 2.0, 3.0, 4.0, 7.0, 12.0])
def test_polygamma_accuracy(n):
    """Every order is within 4 ulp for positive x, and against its largest term for negative x."""
    positive = powers(-300.0 / (n + 1.0), 300.0 / n, count=40) + uniform(0.0, 30.0, 60)
    error, x = worst(lambda x: special.polygamma(n, x), lambda x: mpmath.psi(int(n), x), positive)
    assert error <= 4.0, f"polygamma({n}, {x!r}): {error:.2f} ulp"
    for x in uniform(-25.0, 0.0, 60):
        largest = 0.0 if n % 2.0 else math.factorial(int(n)) / abs(x - round(x)) ** (n + 1.0)
        assert ulps(special.polygamma(n, x), mpmath.psi(int(n), mpmath.mpf(x)), largest) <= 4.0


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("gamma(0.0)", "inf"), ("gamma(-0.0)", "-inf"), ("gamma(inf)", "inf"),
        ("gamma(-inf)", "nan"), ("gamma(-1.0)", "nan"), ("gamma(-1e300)", "nan"),
        ("gamma(1.0)", "1.0"), ("gamma(24.0)", "25852016738884976640000.0"),
        ("gamma(171.0)", "7.257415615307999e306"), ("gamma(172.0)", "inf"),
        ("gamma(171.7)", "inf"), ("gamma(-200.5)", "-0.0"), ("gamma(-201.5)", "0.0"),
        ("gamma(5e-324)", "inf"), ("gamma(-5e-324)", "-inf"),
        ("lgamma(0.0)", "inf"), ("lgamma(-3.0)", "inf"), ("lgamma(inf)", "inf"),
        ("lgamma(-inf)", "inf"), ("lgamma(1.0)", "0.0"), ("lgamma(2.0)", "0.0"),
        ("lgamma(3e305)", "inf"), ("lgamma(-1e300)", "inf"),
        ("digamma(0.0)", "-inf"), ("digamma(-0.0)", "inf"), ("digamma(-4.0)", "nan"),
        ("digamma(inf)", "inf"), ("digamma(-inf)", "nan"), ("digamma(-1e300)", "nan"),
        ("digamma(5e-324)", "-inf"), ("digamma(-5e-324)", "inf"),
        ("polygamma(1.0, 0.0)", "inf"), ("polygamma(1.0, -3.0)", "inf"),
        ("polygamma(2.0, 0.0)", "-inf"), ("polygamma(2.0, -0.0)", "inf"),
        ("polygamma(2.0, -3.0)", "nan"), ("polygamma(2.0, 5e-324)", "-inf"),
        ("polygamma(2.0, -5e-324)", "inf"), ("polygamma(3.0, -5e-324)", "inf"),
        ("polygamma(1.0, inf)", "0.0"), ("polygamma(2.0, inf)", "-0.0"),
        ("polygamma(1.0, -inf)", "nan"), ("polygamma(0.0, 1.0)", "nan"),
        ("polygamma(1.5, 1.0)", "nan"), ("polygamma(nan, 1.0)", "nan"),
        ("i0(0.0)", "1.0"), ("i0(inf)", "inf"), ("i0(-inf)", "inf"), ("i0(714.5)", "inf"),
        ("i1(0.0)", "0.0"), ("i1(-0.0)", "-0.0"), ("i1(inf)", "inf"), ("i1(-inf)", "-inf"),
        ("i1(-714.5)", "-inf"),
    ],
)  # fmt: skip
def test_special_inputs(call, expected):
    """Poles, infinities, overflow and exact values are as IEEE 754 and C have them."""
    names = {name: PORTABLE[name] for name in (*UNARY, "polygamma")}
    found = eval(call, {"inf": math.inf, "nan": math.nan} | names)
    assert repr(found) == repr(float(expected))


@pytest.mark.parametrize("name", UNARY)
@given(x=st.floats())
def test_total(name, x):
    """No float makes a function raise; only nan, poles and -inf give nan."""
    found = PORTABLE[name](x)
    assert isinstance(found, float)
    if found != found:
        assert x != x or x == -math.inf or (x < 0.0 and x % 1.0 == 0.0)


@given(n=st.integers(1, 100).map(float) | st.floats(), x=st.floats())
def test_polygamma_total(n, x):
    """No pair of floats makes polygamma raise."""
    assert isinstance(special.polygamma(n, x), float)


@pytest.mark.parametrize("name", [*UNARY, "polygamma"])
def test_nan_passes(name):
    """A nan gives a nan."""
    operands = (1.0, math.nan) if name == "polygamma" else (math.nan,)
    assert math.isnan(PORTABLE[name](*operands))


@pytest.mark.parametrize("n", range(1, 172))
def test_gamma_of_integers(n):
    """The gamma function of a positive integer is the factorial, correctly rounded."""
    assert special.gamma(float(n)) == float(math.factorial(n - 1))


@pytest.mark.parametrize("name", special.__all__)
def test_source_stands_alone(name):
    """A function and those it calls run with nothing but ``math``, as in emitted files."""
    namespace = {"math": math}
    for needed in PYTHON.needed_portable([name]):
        source = inspect.getsource(PORTABLE[needed])
        exec(source[source.index("def ") :], namespace)
    of_order = name.startswith("polygamma")
    for x in (-170.25, -2.5, 0.3, 0.9, 1.5, 2.5, 5.0, 12.5, 20.0, 150.5):
        operands = (2.0, abs(x) if name == "polygamma_sum" else x) if of_order else (x,)
        assert namespace[name](*operands) == PORTABLE[name](*operands)


@pytest.mark.parametrize("x", [0.0, 1e-12, 1e-3, 0.3, 0.4999, 0.5, 2.0, -3.0, 30.0])
def test_derivatives_of_i1(x):
    """The first three derivatives of i1 are right at zero, next to it and away from it."""
    graph = ad.trace(ad.i1, x)
    for order in (1, 2, 3):
        graph = ad.gradient(graph)
        neighbours = (1 - order + 2 * j for j in range(order + 1))
        true = sum(
            math.comb(order, j) * mpmath.besseli(abs(k), mpmath.mpf(x)) / 2**order
            for j, k in enumerate(neighbours)
        )
        assert ad.evaluate(graph, x) == pytest.approx(float(true), rel=1e-13, abs=1e-300)


@pytest.mark.parametrize("n", [0, 1, 4])
def test_derivatives_of_polygamma(n):
    """The derivative of polygamma(n, x) is polygamma(n + 1, x), and order 0 is digamma."""
    graph = ad.trace(lambda x: ad.polygamma(n, x), 1.0)
    for order in (0, 1, 2):
        true = mpmath.psi(n + order, mpmath.mpf(0.75))
        assert ulps(ad.evaluate(graph, 0.75), true) <= 4.0
        graph = ad.gradient(graph)


@pytest.mark.parametrize(
    ("function", "low", "high"),
    [
        (ad.gamma, 0.05, 171.0), (ad.lgamma, 1e-3, 1e3), (ad.digamma, 1e-3, 1e3),
        (ad.i0, -700.0, 700.0), (ad.i1, -713.9, 713.9), (ad.i1, -8.0, 8.0),
    ],
)  # fmt: skip
def test_rules(function, low, high):
    """The rules give the derivative at once, within the sum of their factors' errors."""
    true = {
        ad.gamma: lambda x: mpmath.gamma(x) * mpmath.digamma(x),
        ad.lgamma: mpmath.digamma,
        ad.digamma: lambda x: mpmath.psi(1, x),
        ad.i0: lambda x: mpmath.besseli(1, x),
        ad.i1: lambda x: (mpmath.besseli(0, x) + mpmath.besseli(2, x)) / 2,
    }[function]
    graph = ad.gradient(ad.trace(function, 1.0))
    error, x = worst(lambda x: ad.evaluate(graph, x), true, uniform(low, high, 200))
    assert error <= 5.0, f"at {x!r}: {error:.2f} ulp"


def test_numpy_i0():
    """np.i0 of a traced number or array is the primitive, element by element."""
    assert ad.grad(np.i0)(1.0) == bessel.i1(1.0)
    gradient = ad.grad(lambda v: np.sum(np.i0(v)))(np.array([0.0, 1.0, -2.0]))
    assert gradient.tolist() == [0.0, bessel.i1(1.0), bessel.i1(-2.0)]
