"""Functions made of each other in a field: what is true of them holds there, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import autodiff as ad
from verify.field.field import Field
from verify.field.prime import random_prime
from verify.field.whole.meaning_of_rows import WholeField

_TRUE: dict[str, Callable[[Any], Any]] = {
    "squares of sin and cos": lambda x: ad.sin(x) * ad.sin(x) + ad.cos(x) * ad.cos(x) - 1.0,
    "tan is a quotient": lambda x: ad.tan(x) * ad.cos(x) - ad.sin(x),
    "sin is odd": lambda x: ad.sin(-x) + ad.sin(x),
    "cos is even": lambda x: ad.cos(-x) - ad.cos(x),
    "squares of sinh and cosh": lambda x: ad.cosh(x) * ad.cosh(x) - ad.sinh(x) * ad.sinh(x) - 1.0,
    "exp is a sum": lambda x: ad.cosh(x) + ad.sinh(x) - ad.exp(x),
    "tanh is a quotient": lambda x: ad.tanh(x) * (ad.exp(2.0 * x) + 1.0) - ad.exp(2.0 * x) + 1.0,
    "exp of a negative": lambda x: ad.exp(-x) * ad.exp(x) - 1.0,
    "at zero": lambda x: ad.sin(0.0 * x) + ad.cos(0.0 * x) - ad.exp(0.0 * x),
}
_FALSE: dict[str, Callable[[Any], Any]] = {
    "twice the sine": lambda x: ad.tan(x) * ad.cos(x) - 2.0 * ad.sin(x),
    "a sum of sin and cos": lambda x: ad.sin(x) + ad.cos(x) - 1.0,
    "sinh and sin": lambda x: ad.sinh(x) - ad.sin(x),
    "cosh without its half": lambda x: 2.0 * ad.cosh(x) + ad.sinh(x) - ad.exp(x),
    "tanh of half": lambda x: ad.tanh(x) * (ad.exp(x) + 1.0) - ad.exp(x) + 1.0,
    "exp is even": lambda x: ad.exp(-x) - ad.exp(x),
}


def _is_zero(function: Callable[[Any], Any]) -> list[bool]:
    """Whether it vanishes at a random number, and at random arrays."""
    one, many = Field(random_prime(61), None, relations=True), WholeField(relations=True)
    return [
        one.lift(function(one.unknown("x"))).v == 0,
        not many.lift(function(many.unknown((3,)))).v.any(),
    ]


@pytest.mark.parametrize("name", _TRUE)
def test_what_is_true_holds(name: str) -> None:
    """For one element, and for arrays of them."""
    assert _is_zero(_TRUE[name]) == [True, True]


@pytest.mark.parametrize("name", _FALSE)
def test_what_is_false_does_not(name: str) -> None:
    """A relation that is wrong would certify wrong gradients."""
    assert _is_zero(_FALSE[name]) == [False, False]
