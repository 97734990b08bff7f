"""Guards of a gradient where its function has no value, or no derivative, are no questions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from verify import Verdict, verify_gradient


def length(x: Any, y: Any) -> Any:
    """The length of a vector, as people write it."""
    return np.sqrt(x * x + y * y)


def guarded(x: Any, y: Any) -> Any:
    """Its gradient, with 0 where there is none."""
    r = length(x, y)
    return (x / r, y / r) if r > 0 else (0.0, 0.0)


def cubed(x: Any, y: Any) -> Any:
    """A power of a length, which is smooth."""
    r = length(x, y)
    return (3.0 * r * x, 3.0 * r * y) if r > 0 else (0.0, 0.0)


def cubed_wrong(x: Any, y: Any) -> Any:
    """Another number where the derivative is 0."""
    r = length(x, y)
    return (3.0 * r * x, 3.0 * r * y) if r > 0 else (7.0, 0.0)


RIGHT: list[tuple[Any, Any, tuple[float, ...]]] = [
    (lambda x: x * np.log(x), lambda x: np.log(x) + 1.0 if x > 0 else 0.0, (0.5,)),
    (lambda x: x * np.log(x), lambda x: np.log(x) + 1.0 if x >= 0 else 3.0, (0.5,)),
    (lambda x: np.sin(x) / x, lambda x: (x * np.cos(x) - np.sin(x)) / x**2 if x != 0 else 0.0,
     (0.5,)),
    (lambda x: np.sqrt(x) * x, lambda x: 1.5 * np.sqrt(x) if x > 0 else 0.0, (0.5,)),
    (length, guarded, (0.3, 0.7)),
    (lambda x, y: length(x, y) ** 3, cubed, (0.3, 0.7)),
]  # fmt: skip
WRONG: list[tuple[Any, Any, tuple[float, ...]]] = [
    (lambda x: x * np.log(x), lambda x: np.log(x) + 1.0 if x > 0.1 else 0.0, (0.5,)),
    (lambda x: np.sqrt(x) * x, lambda x: 1.5 * np.sqrt(x) if x > 0 else 5.0, (0.5,)),
    (lambda x, y: length(x, y) ** 3, cubed_wrong, (0.3, 0.7)),
    # For doubles these have a value at 0, and a slope.
    (lambda x: np.exp(-1 / x**2), lambda x: 2 * np.exp(-1 / x**2) / x**3 if x != 0 else 7.0,
     (0.5,)),
    (lambda x: np.arctan(1 / x), lambda x: -1 / (1 + x * x) if x != 0 else 7.0, (0.5,)),
    # Also where another part has none for most numbers.
    (lambda x, y: np.exp(-1 / x**2) * np.log(y - 3),
     lambda x, y: (2 * np.exp(-1 / x**2) / x**3 * np.log(y - 3) if x != 0 else 7.0,
                   np.exp(-1 / x**2) / (y - 3) if x != 0 else 0.0), (0.7, 4.0)),
    (lambda x, y: np.tanh(1 / x**2) * np.log(y - 3),
     lambda x, y: (-2 / x**3 * (1 - np.tanh(1 / x**2) ** 2) * np.log(y - 3) if x != 0 else 7.0,
                   np.tanh(1 / x**2) / (y - 3) if x != 0 else 0.0), (0.7, 4.0)),
    # These have a value below 0, where something else is put for nan.
    (lambda x: np.nan_to_num(np.log(x)) + abs(x), lambda x: 1 / x + 1.0 if x > 0 else 7.0, (0.7,)),
    # These have a value below 0.
    (lambda x: np.log(x * x), lambda x: 2 / x if x > 0 else 0.0, (0.5,)),
    (lambda x: np.where(x > 0, np.log(np.where(x > 0, x, 1.0)), 0.0),
     lambda x: 1 / x if x > 0 else 2.0, (0.5,)),
    (lambda x, y: np.sqrt(x * y), lambda x, y: (y / (2 * np.sqrt(x * y)), x / (2 * np.sqrt(x * y)))
     if x > 0 else (0.0, 0.0), (0.5, 0.5)),
]  # fmt: skip


@pytest.mark.parametrize(("function", "gradient", "at"), RIGHT)
def test_a_guard_where_there_is_nothing_to_be_right_about(
    function: Any, gradient: Any, at: Any
) -> None:
    """The gradient is PROVED on the domain of its function."""
    assert verify_gradient(function, *at, gradient=gradient).verdict is Verdict.PROVED


@pytest.mark.parametrize(("function", "gradient", "at"), WRONG)
def test_a_guard_hides_no_wrong_number(function: Any, gradient: Any, at: Any) -> None:
    """Where the function has a value the gradient has to be right."""
    assert verify_gradient(function, *at, gradient=gradient).verdict is not Verdict.PROVED
