"""Habits of who comes from micrograd or PyTorch: what works, and what is refused in which words."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff import Value


@pytest.mark.parametrize(
    "use",
    [
        math.exp,
        float,
        lambda a: np.zeros(2).__setitem__(0, a),
        lambda a: np.array([a, 1.0], dtype=float),
        np.float64,
        Value,
    ],
)
def test_what_would_lose_the_derivative_is_refused(use: Any) -> None:
    """A float made of a Value remembers nothing: that is an error, as in micrograd."""
    with pytest.raises(ad.TraceError, match=r"\.data"):
        use(Value(2.0))


def test_a_power_of_zero_is_a_value() -> None:
    """``a ** 0`` is the constant 1: it has ``backward()`` and adds nothing to ``a.grad``."""
    a = Value(2.0)
    for one in (a**0, np.power(a, 0), ad.pow(a, 0.0)):
        assert (type(one), one.data) == (Value, 1.0)
        one.backward()
    assert a.grad == 0.0


def test_backward_twice_adds_the_derivative_twice() -> None:
    """Twice the derivative, where micrograd counts intermediate Values once more."""
    a, b = Value(2.0), Value(-3.0)
    c = a * b
    d = c * 1.0
    d.backward()
    d.backward()
    assert (a.grad, b.grad, c.grad) == (-6.0, 4.0, 2.0)


def test_parameters_are_changed_by_numbers() -> None:
    """``p.data = p - 0.1 * p.grad`` forgets a ``.data``; PyTorch sets ``grad`` to None."""
    p = Value(1.0)
    p.data = p - 0.1 * p.grad  # type: ignore[assignment]  # the mistake
    with pytest.raises(ad.ArgumentError, match=r"found a Value in the data.*p\.data - 0\.1"):
        ((p - 3.0) ** 2).backward()
    p.data, p.grad = 2, None  # type: ignore[assignment]  # a number of another type, and none
    with pytest.raises(ad.ArgumentError, match=r"found NoneType None in the grad.*0\.0 between"):
        ((p - 3.0) ** 2).backward()
    p.grad = 0.0
    ((p - 3.0) ** 2).backward()
    assert (p.grad, type(p.grad)) == (-2.0, float)


def test_names_of_micrograd_and_pytorch_are_translated() -> None:
    """Who asks the package for them is told where they are."""
    for name, there in (("draw_dot", "draw"), ("Adam", "optimizers.Adam"), ("SGD", "optimizers")):
        with pytest.raises(AttributeError, match=f"has no attribute '{name}'; here it is {there}"):
            getattr(ad, name)
