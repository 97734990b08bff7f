"""A quotient and its opposite are divided once, and nothing else changes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen.native.write.opposite_quotients import opposite_quotients

PAIRS: dict[str, tuple[Any, int]] = {
    "numbers": (lambda x, y: (1.0 / x, -1.0 / x), 1),
    "the opposite first": (lambda x, y: ((-x) / y, x / y), 2),
    "the opposite later": (lambda x, y: (x / y, (-x) / y), 1),
    "another divisor": (lambda x, y: (1.0 / x, -1.0 / y), 2),
    "another number": (lambda x, y: (1.0 / x, -2.0 / x), 2),
    "zeros": (lambda x, y: (0.0 / x, -0.0 / x), 2),
}
POINTS = ((0.3, -1.7), (-0.0, 2.0), (math.inf, 1.0), (1e-310, 1e10), (7.0, 0.0))


@pytest.mark.parametrize("name", PAIRS)
def test_divisions_are_counted_and_values_kept(name: str) -> None:
    """Opposite dividends over one divisor share a division; the bits are the same."""
    function, divisions = PAIRS[name]
    graph = ad.trace(function, 0.3, 0.7)
    shared = opposite_quotients(graph)
    assert sum(p.name in ("div", "reciprocal") for _, p, _ in shared.operations()) == divisions
    for point in POINTS:
        assert repr(ad.evaluate(shared, *point)) == repr(ad.evaluate(graph, *point))


def test_a_longer_function_keeps_its_values() -> None:
    """Among other operations, and where the divided value is used again."""

    def f(x: Any, y: Any) -> Any:
        z = x * x + y
        return np.sin(1.0 / z) * (-1.0 / z) + x / z - (-x) / z

    graph = ad.trace(f, 0.3, 0.7)
    assert ad.evaluate(opposite_quotients(graph), 0.4, 0.9) == ad.evaluate(graph, 0.4, 0.9)
