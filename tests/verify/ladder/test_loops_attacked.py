"""Loops that are recorded once are the functions that they were written as."""

from __future__ import annotations

import pytest

from tests.adversary.loop_forms import LOOP_FORMS
from tests.figures.loop_forms import wrong_numbers

QUICK = ("alt", "counter", "cont", "tryin", "viewd", "iadd", "neg")  # the figure tries all


@pytest.mark.parametrize("name", QUICK)
@pytest.mark.parametrize("target", ["numpy", "native"])
def test_no_loop_is_another_function(name: str, target: str) -> None:
    """Value and gradient are what calls of the function give, away from the example, too."""
    [(form, example)] = [each for each in LOOP_FORMS if each[0].__name__ == name]
    assert not list(wrong_numbers(form, example, target))
