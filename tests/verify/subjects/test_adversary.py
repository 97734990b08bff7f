"""The adversary's tricks on one function; ``tests.figures.attack`` tries them on all."""

from __future__ import annotations

import warnings

import pytest

from tests.adversary.callables import callables
from tests.adversary.functions import FUNCTIONS
from tests.adversary.tricks import TRICKS
from tests.figures.attack import is_right_exactly, text_of, verdict_on, wrong_at

KINDS = sorted({trick.kind for trick in TRICKS if not trick.rounding})
EVERY = 8  # of a kind; the figure tries all


@pytest.mark.parametrize("kind", KINDS)
def test_no_trick_is_proven(kind: str) -> None:
    """A text that is wrong at a point, and not by rounding alone, is not PROVED or CERTIFIED."""
    function = FUNCTIONS[1]
    for trick in [trick for trick in TRICKS if trick.kind == kind][::EVERY]:
        with warnings.catch_warnings(action="ignore"):
            at = wrong_at(function, trick)
        if at is not None:
            text = text_of(function, trick)
            verdict = verdict_on(function.call, function.arguments(1.25, 0.75), text)
            good = verdict in ("PROVED", "CERTIFIED")
            assert not good or is_right_exactly(function, trick, at[0]), f"{text}at {at}"


def test_no_object_is_proven_that_is_another_for_floats() -> None:
    """What looks at types, counts, remembers or rounds is found by calling it."""
    for name, gradient in callables():
        verdict = verdict_on(lambda x: x * x, (1.25,), gradient)
        assert verdict not in ("PROVED", "CERTIFIED"), name
