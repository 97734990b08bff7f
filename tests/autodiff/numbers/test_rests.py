"""The rests of series against 60 digits, on all scales and next to where a form takes over."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator

import mpmath
import pytest

from autodiff.numbers import rests

TRUE: dict[str, Callable[[mpmath.mpf], mpmath.mpf]] = {
    "exp_rest_2": lambda x: mpmath.exp(x) - 1 - x,
    "exp_rest_3": lambda x: mpmath.exp(x) - 1 - x - x * x / 2,
    "log1p_rest_2": lambda x: mpmath.log(1 + x) - x + x * x / 2,
    "sin_rest_1": lambda x: mpmath.sin(x) - x,
    "sinh_rest_1": lambda x: mpmath.sinh(x) - x,
    "atan_rest_1": lambda x: mpmath.atan(x) - x,
}
SEAMS = (2.5, 3.0, -1.5, -0.8125, 1.5, 0.03125, -0.03125, 1.6, 3.5, 1.25, 709.0)


def points() -> Iterator[float]:
    """Everyday numbers, tiny ones, large ones, and both sides of each seam."""
    draw = random.Random(7)
    for _ in range(400):
        yield draw.uniform(-4.0, 4.0)
        yield draw.choice((-1.0, 1.0)) * 10.0 ** draw.uniform(-90.0, 3.0)
    for seam in SEAMS:
        for x in (seam, -seam):
            yield from (x, math.nextafter(x, 9e9), math.nextafter(x, -9e9), x * 1.01, x * 0.99)


@pytest.mark.parametrize("name", TRUE)
def test_within_four_ulp(name: str) -> None:
    """No point is off by more than 4 units in the last place, whatever form it falls to."""
    with mpmath.workdps(400):
        for x in points():
            if name == "log1p_rest_2" and x <= -1.0:
                continue
            true = TRUE[name](mpmath.mpf(x))
            if abs(true) > 1.7e308:
                continue
            found = getattr(rests, name)(x)
            assert abs(mpmath.mpf(found) - true) <= 4 * math.ulp(float(true)), x


@pytest.mark.parametrize(
    ("name", "above", "below"),
    [
        ("exp_rest_2", math.inf, math.inf),
        ("exp_rest_3", math.inf, -math.inf),
        ("log1p_rest_2", math.inf, math.nan),
        ("sin_rest_1", -math.inf, math.inf),
        ("sinh_rest_1", math.inf, -math.inf),
        ("atan_rest_1", -math.inf, math.inf),
    ],
)
def test_far_out(name: str, above: float, below: float) -> None:
    """At the infinities each is its limit, nan outside its domain and for nan, and 0 at 0."""
    function = getattr(rests, name)
    assert function(math.inf) == above
    assert function(-math.inf) == below or (math.isnan(below) and math.isnan(function(-math.inf)))
    assert math.isnan(function(math.nan))
    assert function(0.0) == 0.0
