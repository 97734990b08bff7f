"""Kinks of a function at a point: which steps have no derivative there, and which matter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.table.primitive import REGISTRY
from verify import Verdict, prove_rule
from verify.numbers.precise import Precise
from verify.program.program import program_of
from verify.rungs.kinks.kinks import active_kinks
from verify.rungs.points import candidates


def kinks(function: Callable[[Any], Any], x: float) -> list[list[float]]:
    """Operands of every step at a kink."""
    program = program_of(ad.trace(function, 0.5))
    return [kink.operands for kink in active_kinks(program, Precise(), [x])]


@pytest.mark.parametrize(
    ("function", "x", "expected"),
    [
        (lambda x: abs(x) + x, 0.0, [[0.0]]),
        (lambda x: abs(x) + x, 1.0, []),
        (lambda x: ad.maximum(x, x), 1.0, []),
        (lambda x: np.where(x > 0.0, np.log(x), x), -1.0, []),
        (lambda x: x * ad.sqrt(x), 0.0, [[0.0]]),
        (lambda x: 1.0 / np.log(x), 0.0, [[0.0]]),
        (lambda x: ad.sinc(x > 1.0) + x, 0.5, []),
        (lambda x: np.where(x > 1.0, x * x, x), 1.0, [[1.0, 1.0]]),
    ],
)
def test_steps_at_a_kink(function: Any, x: float, expected: Any) -> None:
    """Those that the result depends on, if only by an infinite slope times zero."""
    assert kinks(function, x) == expected


def test_a_slope_that_nobody_can_compute_hides_no_error() -> None:
    """SymPy has no number for a Bessel function's slope by its order: the rest is judged."""
    row = REGISTRY["iv"]
    before = dict(REGISTRY)
    wrong = ad.Primitive(
        "iv", row.impl, (None, lambda g, out, n, x: 2.0 * g * out), row.python, row.numpy,
        row.sympy, domain=row.domain, literal=row.literal,
    )  # fmt: skip
    REGISTRY.update(before)
    for _ in range(5):
        entry = prove_rule(wrong, 1)
        assert entry.verdict is Verdict.REFUTED
        assert entry.witness is not None
        assert entry.witness.found != entry.witness.expected


def test_wide_intervals_are_drawn_from_at_their_beginning() -> None:
    """Most orders drawn from 0 to 1000 are small ones."""
    drawn = candidates([], [(0.0, 1000.0)], [], 1)
    orders = [next(drawn)[0] for _ in range(200)]
    assert sum(order < 100.0 for order in orders) > 120
