import math
import random
import re

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autodiff.numbers import ieee, rests, scaled, special
from autodiff.table.primitive import REGISTRY
from codegen.language.numpy.array_forms import ARRAY_FORMS
from codegen.language.numpy.vectorized import VECTORIZED as BY_HAND
from codegen.language.target import NUMPY, globals_of, helper_source
from tests.orders import LITERALS, WHOLE_ORDERS

OF_ORDER = sorted(WHOLE_ORDERS - {"polygamma"})
# Rows call these too; their forms are written from the scalar source.
WRITTEN = (
    "softplus", "sinc", "i0", "i1", "erfinv", "erfcinv", "inverse_error", "kv_scaled",
    "second_kind_near", "wave_0", "wave_1", *rests.__all__, *scaled.__all__,
)  # fmt: skip
VECTORIZED = {name: ARRAY_FORMS[name] for name in (*BY_HAND, *WRITTEN)}
# Only called by others.
PARTS = {
    part
    for name, function in VECTORIZED.items()
    for part in globals_of(function)
    if part in VECTORIZED and part != name and part not in REGISTRY
}
UNARY = sorted(set(VECTORIZED) - {"xlogy", "vanishing", "gaussian", "polygamma", *OF_ORDER} - PARTS)
# The first operand of functions of two.
FIRST = {
    "xlogy": (2.0,),
    "vanishing": (2.0,),
    **{name: LITERALS[name][1:2] for name in WHOLE_ORDERS},
}
# Of functions that oscillate beyond their order: what errors are small against at their zeros.
AMPLITUDES = {
    "spherical_jn": lambda x: 1.0 / abs(x),
    "jv": lambda x: min(1.0, 0.8 / math.sqrt(abs(x))),
    "yv": lambda x: min(1.0, 0.8 / math.sqrt(abs(x))),
}
SPECIAL = (
    0.0, -0.0, math.inf, -math.inf, math.nan, 5e-324, -5e-324, 2.5e-308, -2.5e-308, 1e-17, -1e-17,
    0.5, -0.5, 1.0, -1.0, 2.0, -2.0, 23.0, 24.0, -30.5, -184.25, -200.5, -201.5, 171.5, 172.0,
    713.5, 714.5, -714.5, 746.0, -746.0, 3e305, 1e308, -1e308, 1.7e308,
)  # fmt: skip


def normal_distribution(x):
    """Probability that a standard normal number is below x."""
    return mpmath.erfc(-x / mpmath.sqrt(2)) / 2


REFERENCE = {
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "silu": lambda x: x / (1 + mpmath.exp(-x)),
    "gelu": lambda x: x * normal_distribution(x),
    "erf": mpmath.erf,
    "erfc": mpmath.erfc,
    "gamma": mpmath.gamma,
    "lgamma": lambda x: mpmath.log(abs(mpmath.gamma(x))) if x < 0 else mpmath.loggamma(x),
    "digamma": mpmath.digamma,
    "i0": lambda x: mpmath.besseli(0, x),
    "i1": lambda x: mpmath.besseli(1, x),
    "erfinv": mpmath.erfinv,
    "erfcinv": lambda x: mpmath.erfinv(1 - x),
}


@pytest.fixture(autouse=True)
def quiet_and_precise():
    """As callers do, silence NumPy; every reference value is computed with 60 digits."""
    with np.errstate(all="ignore"), mpmath.workdps(60):
        yield


def uniform(low, high, count=300):
    """Numbers spread evenly over an interval, the same ones in every run."""
    draw = random.Random(f"{low} {high}")
    return np.array([draw.uniform(low, high) for _ in range(count)])


def powers(low, high, sign=1.0):
    """Numbers of all sizes between 10**low and 10**high."""
    return sign * 10.0 ** uniform(low, high)


def ulps(found, true, scale=0.0):
    """Error of ``found`` in units in the last place of ``true`` (or of ``scale``, if larger)."""
    rounded = float(true)
    if math.isinf(rounded) or math.isinf(found):
        return 0.0 if rounded == found else math.inf
    return float(abs(mpmath.mpf(found) - true) / math.ulp(max(abs(rounded), scale)))


def worst(found, reference, points):
    """The largest error over ``points``, and where it is."""
    pairs = zip(found.tolist(), points.tolist(), strict=True)
    return max((ulps(y, reference(mpmath.mpf(x))), x) for y, x in pairs)


def scalar(name):
    """The reference meaning of a function: its version for one float."""
    return ieee.PORTABLE.get(name) or getattr(ieee, name)


def same(found, expected):
    """Equal up to 4 ulp, with the same infinities, nans and signs."""
    if math.isnan(found) or math.isnan(expected):
        return math.isnan(found) and math.isnan(expected)
    if math.copysign(1.0, found) != math.copysign(1.0, expected):
        return False
    return found == expected or abs(found - expected) <= 4.0 * math.ulp(expected)


def test_all_are_there():
    """Every function that a NumPy spelling calls by a bare name has an array version."""
    called = {
        name
        for row in REGISTRY.values()
        for name in re.findall(r"(?<![\w.])([a-z]\w*)\(", row.numpy)
    }
    assert called | PARTS == set(VECTORIZED)


@pytest.mark.parametrize(
    ("name", "bound", "points"),
    [
        ("sigmoid", 4.0, powers(-323.0, 0.0)),
        ("sigmoid", 4.0, uniform(-750.0, 40.0)),
        ("sigmoid", 4.0, uniform(-5.0, 5.0)),
        ("softplus", 4.0, uniform(-750.0, 50.0)),
        ("softplus", 4.0, uniform(-5.0, 5.0)),
        ("silu", 4.0, powers(-323.0, 0.0, -1.0)),
        ("silu", 4.0, uniform(-755.0, 40.0)),
        ("silu", 4.0, uniform(-718.0, -704.0)),
        ("silu", 4.0, uniform(-5.0, 5.0)),
        ("gelu", 4.0, powers(-323.0, 0.0, -1.0)),
        ("gelu", 4.0, uniform(-39.0, 5.0)),
        ("gelu", 4.0, uniform(-39.0, -37.0)),
        ("erf", 4.0, powers(-323.0, 0.0)),
        ("erf", 4.0, uniform(-7.0, 7.0)),
        ("erf", 4.0, uniform(-1.0, 1.0)),
        ("erfc", 4.0, powers(-323.0, 0.0)),
        ("erfc", 4.0, uniform(-7.0, 7.0)),
        ("erfc", 4.0, uniform(0.0, 27.4)),
        ("erfc", 4.0, uniform(26.0, 27.4)),
        ("gamma", 4.0, powers(-307.6, 0.0)),
        ("gamma", 4.0, uniform(0.0, 4.0)),
        ("gamma", 5.0, uniform(-1.0, 0.0)),
        ("gamma", 4.0, uniform(4.0, 171.6)),
        ("gamma", 5.0, uniform(-184.0, -1.0)),
        ("lgamma", 4.0, powers(-320.0, 0.0)),
        ("lgamma", 4.0, powers(-320.0, 0.0, -1.0)),
        ("lgamma", 4.0, uniform(-2.0, 4.0)),
        ("lgamma", 4.0, 1.0 + powers(-15.0, -1.0)),
        ("lgamma", 4.0, 2.0 - powers(-15.0, -1.0)),
        ("lgamma", 4.0, uniform(4.0, 40.0)),
        ("lgamma", 4.0, powers(1.0, 305.0)),
        ("digamma", 4.0, powers(-308.2, 0.0)),
        ("digamma", 4.0, powers(-308.2, -1.0, -1.0)),
        ("digamma", 4.0, uniform(0.0, 4.0)),
        ("digamma", 4.0, 1.4616321449683622 + powers(-15.0, -1.0)),
        ("digamma", 4.0, powers(0.0, 308.0)),
        ("i0", 4.0, uniform(-8.0, 8.0)),
        ("i0", 4.0, uniform(8.0, 40.0)),
        ("i0", 4.0, uniform(40.0, 713.9)),
        ("i1", 4.0, powers(-320.0, 0.0)),
        ("i1", 4.0, uniform(-8.0, 8.0)),
        ("i1", 4.0, uniform(8.0, 40.0)),
        ("i1", 4.0, uniform(-713.9, -40.0)),
        ("erfinv", 4.0, powers(-320.0, 0.0)),
        ("erfinv", 4.0, uniform(-1.0, 1.0)),
        ("erfcinv", 4.0, powers(-30.0, 0.0)),
        ("erfcinv", 4.0, uniform(0.0, 2.0)),
    ],
)
def test_accuracy(name, bound, points):
    """Each function is within its bound of the true value over its whole domain."""
    error, x = worst(VECTORIZED[name](points), REFERENCE[name], points)
    assert error <= bound, f"{name}({x!r}): {error:.2f} ulp"


@pytest.mark.parametrize("scale", [1.0, 0.5])
@pytest.mark.parametrize("points", [uniform(-39.0, 39.0), uniform(-3.0, 3.0), powers(-320.0, 0.0)])
def test_gaussian_accuracy(scale, points):
    """The rounding of x * x never shows in the gaussian, however far out."""
    found = VECTORIZED["gaussian"](points, scale)
    error, x = worst(found, lambda x: mpmath.exp(-scale * x * x), points)
    assert error <= 4.0, f"gaussian({x!r}, {scale}): {error:.2f} ulp"


@pytest.mark.parametrize(
    ("name", "operands", "far"),
    [("erf", (), 5.0), ("gaussian", (1.0,), 5.0), ("gaussian", (0.5,), 5.0), ("silu", (), -740.0)],
)
@pytest.mark.parametrize("points", [uniform(-1.73, 1.73), powers(-323.0, 0.0, -1.0)])
def test_shortcuts(name, operands, far, points):
    """A block of small numbers takes a shorter way; one far number or nan in it does not show."""
    function = VECTORIZED[name]
    near = function(points, *operands)
    truth = {
        "erf": mpmath.erf,
        "silu": REFERENCE["silu"],
        "gaussian": lambda x: mpmath.exp(-operands[0] * x * x),
    }[name]
    for other in (far, math.nan):
        longer = function(np.append(points, other), *operands)
        assert all(map(same, longer.tolist()[:-1], near.tolist()))
        assert same(float(longer[-1]), float(truth(other)) if other == far else math.nan)
        error, x = worst(longer[:-1], truth, points)
        assert error <= 4.0, f"{name}({x!r}): {error:.2f} ulp"
    error, x = worst(near, truth, points)
    assert error <= 4.0, f"{name}({x!r}): {error:.2f} ulp"


@pytest.mark.parametrize("limit", [math.sqrt(3.0), 2.0, math.sqrt(8.0)])
def test_shortcuts_end(limit):
    """Next to the limit up to which a shorter way serves both ways are within 4 ulp."""
    for points in (limit * (1.0 - powers(-15.0, -2.0)), limit * (1.0 + powers(-15.0, -2.0))):
        for found, truth in (
            (VECTORIZED["erf"](points), mpmath.erf),
            (VECTORIZED["gaussian"](points, 1.0), lambda x: mpmath.exp(-x * x)),
            (VECTORIZED["gaussian"](points, 0.5), lambda x: mpmath.exp(-x * x / 2)),
        ):
            error, x = worst(found, truth, points)
            assert error <= 4.0, f"{x!r}: {error:.2f} ulp"


@pytest.mark.parametrize("n", [1.0, 2.0, 3.0, 4.0, 7.0])
def test_polygamma_accuracy(n):
    """Every order is within 4 ulp for positive x, and against its largest term for negative x."""
    points = np.concatenate([powers(-300.0 / (n + 1.0), 300.0 / n)[:60], uniform(0.0, 30.0, 60)])
    found = VECTORIZED["polygamma"](n, points)
    error, x = worst(found, lambda x: mpmath.psi(int(n), x), points)
    assert error <= 4.0, f"polygamma({n}, {x!r}): {error:.2f} ulp"
    points = uniform(-25.0, 0.0, 60)
    for x, y in zip(points.tolist(), VECTORIZED["polygamma"](n, points).tolist(), strict=True):
        largest = 0.0 if n % 2.0 else math.factorial(int(n)) / abs(x - round(x)) ** (n + 1.0)
        assert ulps(y, mpmath.psi(int(n), mpmath.mpf(x)), largest) <= 4.0


@pytest.mark.parametrize("name", OF_ORDER)
@pytest.mark.parametrize("n", [0.0, 1.0, 2.0, 3.0, 7.0, 20.0, 200.0, 1000.0])
def test_accuracy_of_orders(name, n):
    """Every order agrees with its scalar function, whose accuracy test_bessel.py measures."""
    ranges = (-5.0, 5.0), (-60.0, 60.0), (-1.5 * n, 1.5 * n), (-1300.0, 1300.0)
    points = np.concatenate([*(uniform(*r, 60) for r in ranges), powers(-323.0, 0.0), SPECIAL])
    for x, y in zip(points.tolist(), VECTORIZED[name](n, points).tolist(), strict=True):
        expected = scalar(name)(n, x)
        size = AMPLITUDES[name](x) if name in AMPLITUDES and abs(x) > n else 0.0
        close = abs(y - expected) <= 4.0 * math.ulp(size) if size else False
        assert close or same(y, expected), (n, x, y, expected)


@pytest.mark.parametrize("name", ["lgamma", "digamma"])
def test_accuracy_at_negative_zeros(name):
    """Next to the zeros on the negative axis the error is small against the terms that cancel."""
    points = uniform(-20.0, -0.25)
    for x, y in zip(points.tolist(), VECTORIZED[name](points).tolist(), strict=True):
        term = abs(getattr(special, name)(1.0 - x)) + 1.0
        assert ulps(y, REFERENCE[name](mpmath.mpf(x)), term) <= 4.0, x


@pytest.mark.parametrize("name", UNARY)
def test_special_inputs(name):
    """Zeros, infinities, nan, poles and overflow come out as in the scalar function."""
    found = VECTORIZED[name](np.array(SPECIAL)).tolist()
    wrong = [
        (x, y, expected)
        for x, y in zip(SPECIAL, found, strict=True)
        if not same(y, expected := scalar(name)(x))
    ]
    assert wrong == []


@pytest.mark.parametrize("name", ["xlogy", "vanishing", "gaussian", "polygamma", *OF_ORDER])
def test_special_inputs_of_two_operands(name):
    """As above, for the functions of two operands; one may be a number."""
    first = {
        "xlogy": SPECIAL,
        "vanishing": SPECIAL,
        "gaussian": (1.0, 0.5),
        "polygamma": (1.0, 3.0, 0.0, 1.5, math.nan),
    }
    first |= dict.fromkeys(OF_ORDER, (0.0, 1.0, 1.5, -1.0, 1001.0, math.nan))
    for a in first[name]:
        swap = name == "gaussian"
        operands = (np.array(SPECIAL), a) if swap else (a, np.array(SPECIAL))
        for x, y in zip(SPECIAL, VECTORIZED[name](*operands).tolist(), strict=True):
            expected = scalar(name)(*((x, a) if swap else (a, x)))
            assert same(y, expected), (a, x, y, expected)


@pytest.mark.parametrize("name", UNARY)
@settings(max_examples=25)
@given(x=st.floats())
def test_element_by_element(name, x):
    """An element's result does not depend on its neighbours or on the array's shape."""
    function = VECTORIZED[name]
    alone = function(x)
    assert isinstance(alone, float)
    among = function(np.array([[-40.5, x, 3.5], [x, 0.25, -1.75]]))
    assert among.shape == (2, 3)
    # NumPy's own loops round some functions differently for full vectors and for the rest.
    assert same(among[0, 1], alone)
    assert same(among[1, 0], alone)


@pytest.mark.parametrize("name", sorted(set(VECTORIZED) - PARTS))
def test_arguments_are_left_alone(name):
    """Strided and read-only arrays serve, and no argument is written to."""
    first = FIRST.get(name, ())
    last = (0.5,) if name == "gaussian" else ()
    wide = np.linspace(-4.3, 9.7, 60)
    before = wide.copy()
    view = wide[::3]
    view.flags.writeable = False
    found = VECTORIZED[name](*first, view, *last)
    assert np.array_equal(found, VECTORIZED[name](*first, view.copy(), *last), equal_nan=True)
    assert np.array_equal(wide, before)
    assert not np.shares_memory(found, wide)
    assert VECTORIZED[name](*first, np.empty((0, 2)), *last).shape == (0, 2)


def test_xlogy_broadcasts():
    """Two arrays combine as in NumPy."""
    x, y = np.array([[0.0], [2.0]]), np.array([0.0, 1.0, 3.0])
    expected = [[0.0, 0.0, 0.0], [-math.inf, 0.0, 2.0 * math.log(3.0)]]
    assert VECTORIZED["xlogy"](x, y).tolist() == expected


@pytest.mark.parametrize("name", sorted(set(VECTORIZED) - PARTS))
def test_source_stands_alone(name):
    """The source text of each function runs with nothing but NumPy, as in emitted files."""
    namespace = {"np": np}
    for needed in NUMPY.needed_portable([name]):
        exec(helper_source(VECTORIZED[needed]), namespace)
    first = FIRST.get(name, ())
    last = (0.5,) if name == "gaussian" else ()
    x = np.linspace(-20.3, 30.7, 300)
    found, expected = namespace[name](*first, x, *last), VECTORIZED[name](*first, x, *last)
    assert np.array_equal(found, expected, equal_nan=True)
