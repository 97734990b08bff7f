import inspect
import math
import random

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autodiff as ad
from autodiff.numbers import bessel
from autodiff.numbers.ieee import PORTABLE
from codegen.language.target import PYTHON

FUNCTIONS = ["iv", "spherical_jn"]


@pytest.fixture(autouse=True)
def sixty_digits():
    """Every reference value is computed with 60 digits."""
    with mpmath.workdps(60):
        yield


def true_iv(n, x):
    """I_n(x)."""
    return mpmath.besseli(n, mpmath.mpf(x))


def true_jn(n, x):
    """j_n(x) for x > 0."""
    x = mpmath.mpf(x)
    return mpmath.sqrt(mpmath.pi / (2 * x)) * mpmath.besselj(n + mpmath.mpf(0.5), x)


def ulps(found, true, scale=0.0):
    """Error of ``found`` in units in the last place of ``true`` (or of ``scale``, if larger)."""
    rounded = float(true)
    if math.isinf(rounded) or math.isinf(found):
        return 0.0 if rounded == found else math.inf
    return float(abs(mpmath.mpf(found) - true) / math.ulp(max(abs(rounded), scale)))


def spread(low, high, count=40):
    """Numbers between two, the same ones in every run; every other time on all scales."""
    draw = random.Random(f"{low} {high}")
    for k in range(count):
        if k % 2 or not low:
            yield draw.uniform(low, high)
        else:
            yield 10.0 ** draw.uniform(math.log10(low), math.log10(high))


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 7, 14, 15, 18, 40, 200, 1000])
@pytest.mark.parametrize(
    ("low", "high"), [(1e-320, 1.0), (0.0, 20.0), (20.0, 60.0), (60.0, 720.0), (720.0, 1300.0)]
)
def test_accuracy_of_iv(n, low, high):
    """Within 4 ulp for every order and argument, with zero and inf where the true number is."""
    for x in spread(low, high):
        found = bessel.iv(float(n), x)
        assert ulps(found, true_iv(n, x)) <= 4.0, (n, x)
        assert bessel.iv(float(n), -x) == (-found if n % 2 else found)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 7, 14, 15, 18, 40, 200, 1000])
def test_accuracy_of_spherical_jn(n):
    """Within 4 ulp where nothing cancels, up to x = n; beyond, where it has zeros, of 1 / x."""
    limit = math.sqrt(2.0 * n + 3.0)
    ranges = [(1e-9, limit), (0.0, limit), (limit, 3.0 * n + 9.0), (10.0, 1e25)]
    for x in (x for low, high in ranges for x in spread(low, high)):
        found, scale = bessel.spherical_jn(float(n), x), 1.0 / x if x > n else 0.0
        assert ulps(found, true_jn(n, x), scale) <= 4.0, (n, x)
        assert bessel.spherical_jn(float(n), -x) == (-found if n % 2 else found)


@pytest.mark.parametrize("n", [1, 2, 4, 40])
def test_next_to_zeros_of_spherical_jn(n):
    """Next to a zero the error stays below 4 ulp of 1 / x."""
    for k in (1, 2, 30):
        zero = float(mpmath.besseljzero(n + mpmath.mpf(0.5), k))
        for x in (zero, math.nextafter(zero, 0.0), zero * (1.0 + 1e-9)):
            assert ulps(bessel.spherical_jn(float(n), x), true_jn(n, x), 1.0 / x) <= 4.0, (n, x)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("iv(0.0, 0.0)", "1.0"), ("iv(1.0, 0.0)", "0.0"), ("iv(1.0, -0.0)", "-0.0"),
        ("iv(2.0, -0.0)", "0.0"), ("iv(0.0, 5e-324)", "1.0"), ("iv(2.0, inf)", "inf"),
        ("iv(2.0, -inf)", "inf"), ("iv(3.0, -inf)", "-inf"), ("iv(3.0, -1e308)", "-inf"),
        ("iv(200.0, 1e-3)", "0.0"), ("iv(201.0, -1e-3)", "-0.0"), ("iv(2.0, 2e-154)", "5e-309"),
        ("iv(1000.0, 1e6)", "inf"), ("iv(1000.0, 1.7e308)", "inf"), ("iv(1.5, 1.0)", "nan"),
        ("iv(-1.0, 1.0)", "nan"), ("iv(1001.0, 1.0)", "nan"), ("iv(nan, 1.0)", "nan"),
        ("iv(inf, 1.0)", "nan"), ("iv(2.0, nan)", "nan"),
        ("spherical_jn(0.0, 0.0)", "1.0"), ("spherical_jn(0.0, -0.0)", "1.0"),
        ("spherical_jn(1.0, -0.0)", "-0.0"), ("spherical_jn(2.0, -0.0)", "0.0"),
        ("spherical_jn(1.0, 5e-324)", "0.0"), ("spherical_jn(1.0, -6e-323)", "-2e-323"),
        ("spherical_jn(0.0, inf)", "0.0"), ("spherical_jn(1.0, inf)", "0.0"),
        ("spherical_jn(1.0, -inf)", "-0.0"), ("spherical_jn(200.0, 1.0)", "0.0"),
        ("spherical_jn(0.5, 1.0)", "nan"), ("spherical_jn(-1.0, 1.0)", "nan"),
        ("spherical_jn(1001.0, 1.0)", "nan"), ("spherical_jn(nan, 1.0)", "nan"),
        ("spherical_jn(3.0, nan)", "nan"),
    ],
)  # fmt: skip
def test_special_inputs(call, expected):
    """Zeros keep their sign, overflow and underflow come where the true number does."""
    names = {name: getattr(bessel, name) for name in FUNCTIONS}
    found = eval(call, {"inf": math.inf, "nan": math.nan} | names)
    assert repr(found) == repr(float(expected))


@pytest.mark.parametrize("name", FUNCTIONS)
@given(n=st.integers(0, 1000).map(float) | st.floats(), x=st.floats())
def test_total(name, n, x):
    """No pair of floats raises; a whole order and a number give a number."""
    found = getattr(bessel, name)(n, x)
    assert isinstance(found, float)
    assert (found != found) == (x != x or not (0.0 <= n <= 1000.0 and n % 1.0 == 0.0))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_source_stands_alone(name):
    """A function and those it calls run with nothing but ``math``, as in emitted files."""
    namespace = {"math": math}
    for needed in PYTHON.needed_portable([name]):
        source = inspect.getsource(PORTABLE[needed])
        exec(source[source.index("def ") :], namespace)
    for n in (0.0, 3.0, 40.0):
        for x in (-30.0, -2.5, 0.3, 5.0, 25.0, 150.5):
            assert namespace[name](n, x) == PORTABLE[name](n, x)


def test_orders_with_rows_of_their_own():
    """Order 0 and 1 of iv are i0 and i1, for numbers and in graphs."""
    for n, function in ((0, ad.i0), (1, ad.i1)):
        assert ad.iv(n, 0.75) == function(0.75)
        assert str(ad.trace(lambda x, n=n: ad.iv(n, x), 1.0).nodes[1].primitive) == str(function)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("order", [-1, 0.5, 1001, math.nan, math.inf, "2", None])
def test_an_order_that_is_none_is_named(name, order):
    """Anything but a whole number up to 1000 is an error that says what was found."""
    with pytest.raises(ad.ArgumentError, match=f"{name}: the order is .*expected a whole number"):
        getattr(ad, name)(order, 1.0)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_derivative_by_the_order(name):
    """A traced order is refused before anything is computed."""
    with pytest.raises(ad.ArgumentError, match=f"{name}: the order is <traced"):
        ad.grad(getattr(ad, name))(2.0, 1.0)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 20])
@pytest.mark.parametrize("x", [-3.0, 1e-9, 0.4, 2.0, 25.0])
def test_derivatives_by_order(n, x):
    """The first three derivatives of iv and spherical_jn are those of the true functions."""
    for name, true in (("iv", true_iv), ("spherical_jn", true_jn)):
        graph = ad.trace(lambda x, name=name: getattr(ad, name)(n, x), 1.0)
        for order in (1, 2, 3):
            graph = ad.gradient(graph)
            slope = mpmath.diff(lambda t, true=true: true(n, t), abs(x), order)
            sign = -1 if x < 0 and (n + order) % 2 else 1
            expected = float(sign * slope)
            assert ad.evaluate(graph, x) == pytest.approx(expected, rel=1e-13, abs=1e-290)


@pytest.mark.parametrize(
    "x", [0.0, 5e-324, 1e-160, 1e-12, 1e-3, 0.3, 0.4999, 0.5, 0.9, 1.7, -2.2, 3.6]
)
def test_derivatives_of_sinc(x):
    """The first three derivatives of sinc are right at zero, next to it and away from it."""
    graph = ad.trace(ad.sinc, 1.0)
    for order in (1, 2, 3):
        graph = ad.gradient(graph)
        # By the series: sum of (-1)**k pi**(2k) / (2k + 1)! times the derivative of x**(2k).
        true = mpmath.nsum(
            lambda k, order=order: (
                (-1) ** int(k) * mpmath.pi ** (2 * k) / mpmath.factorial(2 * k + 1)
                * mpmath.ff(2 * k, order) * mpmath.mpf(x) ** (2 * k - order)
                if 2 * k >= order else mpmath.mpf(0)
            ),
            [0, 60], method="direct",
        )  # fmt: skip
        assert ad.evaluate(graph, x) == pytest.approx(float(true), rel=1e-14, abs=1e-320)


@pytest.mark.parametrize("x", [30.3, 1000.7, 123456.1])
def test_derivatives_of_sinc_far_out(x):
    """Far out they are right up to the rounding of pi x, which moves the phase."""
    graph = ad.trace(ad.sinc, 1.0)
    for order in (1, 2, 3):
        graph = ad.gradient(graph)
        true = mpmath.diff(mpmath.sincpi, mpmath.mpf(x), order)
        bound = math.pi**order / 1e15
        assert ad.evaluate(graph, x) == pytest.approx(float(true), rel=0.0, abs=bound)
