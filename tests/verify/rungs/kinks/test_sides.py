"""One-sided derivatives by chords, and the rule for a number at a kink."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from verify.answer.reasons import Ruling
from verify.program.program import program_of
from verify.rungs.kinks.sides import Chords, Sides, ruled

UNKNOWN = Sides(None, None)
inf = math.inf


def chords(function: Callable[[Any], Any], x: float) -> Chords:
    """Slopes of a function at a point."""
    return Chords(program_of(ad.trace(function, 0.5)), [x])


@pytest.mark.parametrize(
    ("function", "x", "expected"),
    [
        (lambda x: x * ad.sqrt(x), 0.0, Sides(None, 0.0, (False, True))),
        (lambda x: ad.sqrt(x) ** 2, 0.0, Sides(None, 1.0, (False, True))),
        (lambda x: ad.cbrt(x) ** 3, 0.0, Sides(1.0, 1.0)),
        (lambda x: abs(x - 1.0) + x, 1.0, Sides(0.0, 2.0)),
        (ad.sqrt, 0.0, Sides(None, None, (False, True))),
        (np.floor, 2.0, Sides(None, 0.0)),
        (lambda x: x * np.log(np.abs(x) + (x == 0.0)), 0.0, UNKNOWN),
        (lambda x: np.exp(-1.0 / (x * x)), 0.0, UNKNOWN),
    ],
)
def test_slopes_of_short_chords(function: Any, x: float, expected: Sides) -> None:
    """What they tend to, None where they do not, and whether a side is there at all."""
    assert chords(function, x).completed(UNKNOWN, 0) == expected


def test_what_is_known_stays() -> None:
    """A side that balls enclosed is not looked for again."""
    assert chords(abs, 0.0).completed(Sides(-7.0, None), 0) == Sides(-7.0, 1.0)


@pytest.mark.parametrize(
    ("sides", "found", "ruling"),
    [
        (Sides(1.0, 1.0), 1.0, Ruling.RIGHT),
        (Sides(1.0, 1.0), 0.0, Ruling.WRONG),
        (Sides(1.0, 1.0), math.nan, Ruling.WRONG),
        (Sides(1.0, 1.0), inf, Ruling.WRONG),
        (Sides(-1.0, 1.0), math.nan, Ruling.CONVENTION),
        (Sides(-inf, inf), math.nan, Ruling.CONVENTION),
        (Sides(0.0, inf), inf, Ruling.CONVENTION),
        (Sides(None, 2.0, (False, True)), 2.0, Ruling.RIGHT),
        (Sides(None, 2.0, (False, True)), math.nan, Ruling.WRONG),
        (Sides(None, 2.0), math.nan, Ruling.UNKNOWN),
        (Sides(None, None, (False, False)), 1.0, Ruling.UNKNOWN),
    ],
)
def test_the_rule(sides: Sides, found: float, ruling: Ruling) -> None:
    """One derivative makes another number wrong; two make it a convention; else silence."""
    assert ruled(sides, found) is ruling
