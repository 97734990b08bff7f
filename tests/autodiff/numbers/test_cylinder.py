"""Bessel functions J, Y, K and the inverses of the error functions against 50 digits."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from typing import Any

import mpmath
import pytest

from autodiff.numbers import cylinder, inverse_error

TRUE: dict[str, Callable[..., Any]] = {
    "jv": mpmath.besselj, "yv": mpmath.bessely, "kv": mpmath.besselk,
}  # fmt: skip


@pytest.fixture(autouse=True)
def fifty_digits() -> Iterator[None]:
    """Every reference value is computed with 50 digits."""
    with mpmath.workdps(50):
        yield


def ulps(found: float, true: Any, scale: float = 0.0) -> float:
    """Error in units in the last place of ``true``, or of ``scale`` where that is larger."""
    rounded = float(true)
    if math.isinf(rounded) or math.isinf(found):
        return 0.0 if rounded == found else math.inf
    return float(abs(mpmath.mpf(found) - true) / math.ulp(max(abs(rounded), scale)))


def spread(n: int) -> Iterator[float]:
    """Arguments of everyday size, on all scales, around the order, and far out."""
    draw = random.Random(n)
    for _ in range(5):
        yield draw.uniform(0.0, 30.0)
        yield 10.0 ** draw.uniform(-200.0 / max(n, 1), 0.0)
        yield (n + 1.0) * draw.uniform(0.5, 2.5)
        yield draw.uniform(330.0, 760.0)


@pytest.mark.parametrize("name", TRUE)
@pytest.mark.parametrize("n", [0, 1, 2, 3, 7, 40, 200])
def test_accuracy_of_orders(name: str, n: int) -> None:
    """Within 4 ulp; beyond x = n, where J and Y have zeros, of their amplitude."""
    function = getattr(cylinder, name)
    for x in spread(n):
        oscillates = name != "kv" and x > n
        amplitude = min(1.0, math.sqrt(2.0 / (math.pi * x))) if oscillates else 0.0
        found = function(float(n), x)
        assert ulps(found, TRUE[name](n, mpmath.mpf(x)), amplitude) <= 4.0, (n, x)
        assert math.isnan(function(float(n), -x)) == (name != "jv")
    if name == "jv":
        assert function(float(n), -2.5) == (-1.0) ** n * function(float(n), 2.5)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("jv(0.0, 0.0)", "1.0"), ("jv(1.0, -0.0)", "-0.0"), ("jv(1.0, -inf)", "-0.0"),
        ("jv(2.0, inf)", "0.0"), ("jv(0.5, 1.0)", "nan"), ("jv(1001.0, 1.0)", "nan"),
        ("yv(0.0, 0.0)", "-inf"), ("yv(3.0, 1e-320)", "-inf"), ("yv(2.0, inf)", "0.0"),
        ("yv(0.0, -1.0)", "nan"), ("yv(4.0, 1e-90)", "-inf"), ("kv(2.0, 5e-324)", "inf"),
        ("kv(0.0, -0.0)", "inf"), ("kv(5.0, inf)", "0.0"), ("kv(0.0, 800.0)", "0.0"),
        ("kv(1.0, nan)", "nan"), ("kv(-1.0, 1.0)", "nan"), ("kv(151.0, 1.0) < inf", "True"),
        ("erfinv(1.0)", "inf"), ("erfinv(-1.0)", "-inf"), ("erfinv(1.5)", "nan"),
        ("erfinv(-0.0)", "-0.0"), ("erfinv(5e-324)", "5e-324"), ("erfinv(nan)", "nan"),
        ("erfcinv(0.0)", "inf"), ("erfcinv(2.0)", "-inf"), ("erfcinv(1.0)", "0.0"),
        ("erfcinv(-1.0)", "nan"), ("erfcinv(inf)", "nan"),
    ],
)  # fmt: skip
def test_special_inputs(call: str, expected: str) -> None:
    """Ends of the domain, overflow, what is no order: nothing raises."""
    names = {"inf": math.inf, "nan": math.nan} | vars(cylinder) | vars(inverse_error)
    assert repr(eval(call, names)) == expected


def test_accuracy_of_inverses() -> None:
    """Within 4 ulp over the whole domain, next to its ends too."""
    draw = random.Random(5)
    for _ in range(60):
        for x in (draw.uniform(-1.0, 1.0), 1.0 - 10.0 ** draw.uniform(-15.0, -1.0)):
            assert ulps(inverse_error.erfinv(x), mpmath.erfinv(mpmath.mpf(x))) <= 4.0, x
        for x in (draw.uniform(0.0, 2.0), 10.0 ** draw.uniform(-30.0, 0.0)):
            assert ulps(inverse_error.erfcinv(x), mpmath.erfinv(1 - mpmath.mpf(x))) <= 4.0, x
    for w in (7.0, 12.0, 26.5):  # there and back, far out in the tail
        tail = math.erfc(w)
        assert inverse_error.erfcinv(tail) == pytest.approx(w, rel=1e-15)
