"""Signs of shapes: what is counted of numbers of which one is the largest is not zero."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import pytest

from verify.induction.needs import Structure, Structures

INPUTS = 4


def _asked(largest: Sequence[int], counted: Sequence[int], otherwise: float) -> list[object]:
    """What one over a count of the largest needs.

    Args:
        largest: Inputs of which the largest is taken.
        counted: Inputs that count if they are it.
        otherwise: What they add if they are not.
    """
    meaning = Structures()
    x = [meaning.input(i) for i in range(INPUTS)]
    most = reduce(meaning.larger, [x[i] for i in largest])
    one, other = meaning.lift(1.0), meaning.lift(otherwise)
    terms = [meaning.where(meaning.equal(x[i], most), one, other) for i in counted]
    total = reduce(lambda a, b: meaning.node("add", a, b), terms)
    assert isinstance(total, Structure)
    meaning.node("div", one, total)
    return [*meaning.needs]


@pytest.mark.parametrize(
    ("largest", "counted", "otherwise", "needs"),
    [
        ((0, 1, 2), (2, 0, 1), 0.0, False),
        ((0, 1), (0, 1, 2), 0.0, False),  # more are counted
        ((0, 1, 2), (0, 1), 0.0, True),  # the third may be the largest
        ((0, 1, 2), (0, 1, 3), 0.0, True),
        ((0, 1, 2), (0, 1, 2), -1.0, True),  # two take away what one adds
    ],
)
def test_one_of_them_is_the_largest(
    largest: Sequence[int], counted: Sequence[int], otherwise: float, needs: bool
) -> None:
    """A quotient by their number needs nothing, if all of them are counted."""
    assert bool(_asked(largest, counted, otherwise)) is needs


def test_what_replaces_zero_is_not_zero() -> None:
    """``1.0 if x == 0 else x`` is not; with another number asked about it may be."""
    meaning = Structures()
    x, y, zero, one = meaning.input(0), meaning.input(1), meaning.lift(0.0), meaning.lift(1.0)
    meaning.node("div", one, meaning.where(meaning.equal(x, zero), one, x))
    assert not meaning.needs
    meaning.node("div", one, meaning.where(meaning.equal(y, zero), one, x))
    assert meaning.needs


@pytest.mark.parametrize(("more", "needs"), [(2.25, False), (1.0, True), (0.5, True)])
def test_products_of_sines_are_at_most_one(more: float, needs: bool) -> None:
    """A root of ``2.25 - sin(x) * sin(x)`` is there everywhere, and something may be above it."""
    meaning = Structures()
    sine = meaning.function("sin", meaning.input(0))
    root = meaning.function("sqrt", meaning.node("sub", more, sine * sine))
    meaning.node("div", meaning.lift(1.0), root)
    assert bool(meaning.needs) is needs
