"""More points, for numbers of which nothing but points tells."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from verify import Verdict, verify_gradient


@pytest.mark.parametrize(
    ("function", "gradient"),
    [
        (lambda x: np.arctan(np.tan(x)) * x, lambda x: 2.0 * x),
        (lambda x: np.sqrt(1 - np.sin(x) ** 2) * x, lambda x: np.cos(x) - x * np.sin(x)),
        (lambda x: np.cos(2 * x), lambda x: -4 * np.sin(x) * np.sqrt(1 - np.sin(x) ** 2)),
    ],
)
def test_what_is_wrong_on_half_of_the_line_is_refuted(
    function: Callable[..., object], gradient: Callable[..., object]
) -> None:
    """Identities that hold around the example alone: six points may all lie there."""
    found = {verify_gradient(function, 0.7, gradient=gradient).verdict for _ in range(3)}
    assert found == {Verdict.REFUTED}


def test_what_is_proven_is_looked_at_at_few_points() -> None:
    """More points cost time, and tell nothing about what symbols prove."""
    report = verify_gradient(lambda x: np.arctan(x) * x, 0.7)
    assert report.verdict is Verdict.PROVED
    assert "at 24 points" not in report.entries[0].method
