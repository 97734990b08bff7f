"""pow is C99's, on every target, where exponents are next to odd numbers too."""

from __future__ import annotations

import ctypes
import math

import pytest

import autodiff as ad
from codegen import compile_graph

EXPONENTS = [
    y
    for whole in (-1.0, -2.0, -3.0, -5.0, -9007199254740991.0)
    for y in (whole, math.nextafter(whole, 0.0), math.nextafter(whole, -math.inf))
] + [-5e-324, -1e-17, -0.5, -1e300, -math.inf, 0.0, -0.0, 3.0, math.nextafter(3.0, 0.0), math.nan]
BASES = [0.0, -0.0, -1e300, 1e300, -1e-300, -2.0, math.inf, -math.inf, math.nan]


def c_pow(x: float, y: float) -> float:
    """The C library's."""
    function = ctypes.CDLL(None).pow
    function.restype, function.argtypes = ctypes.c_double, [ctypes.c_double] * 2
    return float(function(x, y))


@pytest.mark.parametrize("target", ["interpreter", "python", "numpy", "native"])
def test_pow_next_to_odd_exponents(target: str) -> None:
    """The sign of an infinity is that of C99: negative for odd exponents alone."""
    graph = ad.trace(ad.pow, 1.0, 1.0)
    if target == "native":
        pytest.importorskip("llvmlite")
    call = (
        (lambda x, y: ad.evaluate(graph, x, y))
        if target == "interpreter"
        else compile_graph(graph, target=target)
    )
    for x in BASES:
        for y in EXPONENTS:
            found, expected = float(call(x, y)), c_pow(x, y)
            assert str(found) == str(expected), (x, y)
