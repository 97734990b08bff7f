"""Denominators that are zero on one side of a condition are seen, and those that are replaced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import autodiff as ad
from codegen import compile_gradient
from verify import Verdict
from verify.rules.divided_by_zero import divides_by_zero

SEEN: list[tuple[Callable[[Any, Any], Any], bool]] = [
    (lambda x, y: ad.where(x > 0.0, 0.0, y / ad.where(x > 0.0, 0.0, x)), True),
    (lambda x, y: y / (y * ad.where(x > 0.0, x, 0.0) ** 2), True),
    (lambda x, y: ad.log(abs(ad.where(x > 0.0, x, 0.0) - ad.where(x > 0.0, y, 0.0))), True),
    (lambda x, y: ad.where(x > 0.0, 0.0, y / ad.where(x > 0.0, 1.0, x)), False),
    (lambda x, y: ad.where(x > 0.0, 0.0, x) / y, False),
    (lambda x, y: y / (ad.where(x > 0.0, 0.0, x) + y), False),
]


@pytest.mark.parametrize(("function", "seen"), SEEN)
def test_zeros_are_followed_to_denominators(function: Callable[..., Any], seen: bool) -> None:
    """Through products, sums and roots."""
    assert divides_by_zero(ad.trace(function, -0.3, 0.4)) is seen


def test_a_field_certifies_none_of_them() -> None:
    """In which the first of them is y / x, also where x is above zero."""
    df = compile_gradient(SEEN[0][0], -0.3, 0.4)
    assert df.verdict is Verdict.CERTIFIED_NUMERIC
    assert df.check is not None
    assert "zero on one side" in df.check.note
