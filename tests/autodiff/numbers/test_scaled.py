"""Functions freed of their exponentials against many digits, over the whole line."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator

import mpmath
import pytest

from autodiff.numbers import scaled

SEAMS = (-27.0, -0.75, 0.0, 0.5, 2.5, 3.0, 5.0, 16.0, 700.0)


def _scaled_erfc(n: int, x: mpmath.mpf) -> mpmath.mpf:
    zero = mpmath.exp(x * x) * mpmath.erfc(x)
    one = 1 / mpmath.sqrt(mpmath.pi) - x * zero
    return (zero, one, (zero - 2 * x * one) / 4)[n]


TRUE: dict[str, Callable[[mpmath.mpf], mpmath.mpf]] = {
    "erfcx": lambda x: _scaled_erfc(0, x),
    "ierfcx": lambda x: _scaled_erfc(1, x),
    "i2erfcx": lambda x: _scaled_erfc(2, x),
    "log_erfc": lambda x: mpmath.log(mpmath.erfc(x)),
    "log_i0": lambda x: mpmath.log(mpmath.besseli(0, x)),
    "i1_over_i0": lambda x: mpmath.besseli(1, x) / mpmath.besseli(0, x),
}


def points() -> Iterator[float]:
    """Everyday numbers, tiny ones, large ones, and both sides of each seam."""
    draw = random.Random(7)
    for _ in range(60):
        yield draw.uniform(-26.0, 30.0)
        yield draw.uniform(-4.0, 4.0)
        yield draw.choice((-1.0, 1.0)) * 10.0 ** draw.uniform(-20.0, 1.4)
        yield 10.0 ** draw.uniform(1.0, 3.5)
    for seam in SEAMS:
        yield from (seam, math.nextafter(seam, 9e9), math.nextafter(seam, -9e9))


@pytest.mark.parametrize("name", TRUE)
def test_within_four_ulp(name: str) -> None:
    """No normal number is off by more than 4 units in the last place, whatever form it is of."""
    with mpmath.workdps(90):
        for x in points():
            true = TRUE[name](mpmath.mpf(x))
            if not 1e-307 < abs(true) < 1.7e308:
                continue
            found = getattr(scaled, name)(x)
            assert abs(mpmath.mpf(found) - true) <= 4 * math.ulp(float(true)), x


@pytest.mark.parametrize(
    ("name", "above", "below"),
    [
        ("erfcx", 0.0, math.inf),
        ("ierfcx", 0.0, math.inf),
        ("i2erfcx", 0.0, math.inf),
        ("log_erfc", -math.inf, math.log(2.0)),
        ("log_i0", math.inf, math.inf),
        ("i1_over_i0", 1.0, -1.0),
    ],
)
def test_limits(name: str, above: float, below: float) -> None:
    """Far out, and at what is no number, the limits; where products overflow nothing is raised."""
    function = getattr(scaled, name)
    assert function(math.inf) == above
    assert function(-math.inf) == below
    assert math.isnan(function(math.nan))
    for x in (1e300, -1e300, 26.7, -26.7, 5e-324, -0.0):
        assert not math.isnan(function(x))
