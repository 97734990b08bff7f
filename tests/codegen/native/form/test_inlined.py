"""exp, tanh and logarithms written out for eight lanes: as accurate as a library's, everywhere."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from codegen import compile_function, compile_gradient
from codegen.native.form import vector_math
from codegen.native.form.inlined import inlined

mpmath = pytest.importorskip("mpmath")
pytest.importorskip("llvmlite", reason="needs the extra native")

LANES = vector_math.lanes()
_DRAW = np.random.default_rng(0)
_NEAR = [
    _DRAW.uniform(-1.0, 1.0, 2000),
    _DRAW.uniform(0.3, 0.4, 500),  # half of log(2)
    np.outer([1.0, -1.0], 10.0 ** _DRAW.uniform(-320, 0, 500)).ravel(),
]
_FAR = _DRAW.uniform(0.99, 1.01, 500) * math.sqrt(0.5)  # where the exponent that is taken changes
POINTS = {
    "exp": np.concatenate([*_NEAR, _DRAW.uniform(-745.0, 709.7, 2000)]),
    "tanh": np.concatenate([*_NEAR, _DRAW.uniform(-22.0, 22.0, 2000)]),
    "log": np.concatenate(
        [
            1.0 + _NEAR[0][_NEAR[0] > -0.99], np.abs(_NEAR[2]), 10.0 ** _DRAW.uniform(-1, 308, 500),
            _FAR * 2.0 ** _DRAW.integers(-1074, 1023, 500),
        ]
    ),
    "log1p": np.concatenate(
        [
            _NEAR[0], _NEAR[2], 10.0 ** _DRAW.uniform(-1, 308, 500),
            _FAR * 2.0 ** _DRAW.integers(-53, 60, 500) - 1.0,
        ]
    ),
}  # fmt: skip
ULPS = {"exp": 1.5, "tanh": 3.0, "log": 1.5, "log1p": 1.5}
ENDS = np.array(
    [0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324, -1e-310, 709.782712893384, 709.79, -745.13, -745.2,
     800.0, -800.0, 1e308, -1e308, 19.0, 22.5, 1.0, -1.0, -0.9999999999999999,
     1.7976931348623157e308]
)  # fmt: skip


def batched(name: str) -> Callable[[Any], Any]:
    """The function over many points, as machine code."""
    return compile_function(getattr(np, name), 0.3, target="native", batch=True)


@pytest.mark.parametrize("name", POINTS)
def test_all_points_are_within_the_bound(name: str) -> None:
    """Against 120 bits, from the smallest number to where it overflows or is one."""
    found = batched(name)(POINTS[name])
    with mpmath.workprec(120):
        for x, y in zip(POINTS[name].tolist(), found.tolist(), strict=True):
            true = getattr(mpmath, name)(mpmath.mpf(x))
            assert abs(mpmath.mpf(y) - true) <= ULPS[name] * math.ulp(float(true)), x


@pytest.mark.parametrize("name", POINTS)
def test_ends_are_as_numpys(name: str) -> None:
    """Infinities, nan, zeros with their signs, overflow and underflow."""
    with np.errstate(all="ignore"):
        expected = getattr(np, name)(ENDS)
    found = batched(name)(ENDS)
    assert np.allclose(found, expected, rtol=1e-15, atol=5e-324, equal_nan=True)
    told = ~np.isnan(expected)
    assert np.array_equal(np.signbit(found)[told], np.signbit(expected)[told])


def test_the_slope_of_tanh_keeps_its_digits_in_the_tails() -> None:
    """It is made from the exponential, not from ``1 - tanh(x)**2``."""
    x = np.array([-300.0, -20.0, -1.0, 0.0, 0.5, 30.0, 350.0, 37.0])
    _, slope = compile_gradient(np.tanh, 0.3, target="native", batch=True)(x)
    assert np.allclose(slope, np.cosh(x) ** -2.0, rtol=1e-14)


@pytest.mark.skipif(LANES != 8, reason="registers of eight lanes are needed")
def test_other_functions_are_called() -> None:
    """Only these are written out; every value is named after the result."""
    assert inlined("sin", "%x", "%y") is None
    lines = inlined("tanh", "%x", "%y")
    assert lines is not None
    assert lines[-1].startswith("%y = ")
    assert all(line.startswith("%y.") for line in lines[:-1])
