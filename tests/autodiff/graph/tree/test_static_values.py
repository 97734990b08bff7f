"""Static values: taken out of arguments, put back, and told apart by their keys."""

from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from autodiff.errors import ArgumentError
from autodiff.graph.tree.static_values import merged, split

Pair = namedtuple("Pair", "x kind")


@dataclass
class Data:
    """Numbers and what to do with them."""

    x: Any
    rows: Any


STATIC = [
    "text", b"bytes", None, 1j, np.complex128(1j), np.array([1j]), Decimal(1), len, np.sin,
    lambda t: t, SimpleNamespace(a=1), {1, 2}, np.array(["a"]), np.array([None, 1.0]),
    np.ma.masked_array([1.0, 2.0], [True, False]), {frozenset(): 1.0},
]  # fmt: skip
NUMBERS = [1.0, np.float32(2.0), np.ones(3), np.ones(2, np.float32), (), [], {}]
WHOLE = [1, True, np.int64(3), np.bool_(True), np.arange(3), np.array([True]), [1, 2], (True,)]


@pytest.mark.parametrize("value", STATIC, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("whole", [False, True])
def test_what_is_no_number_is_static(value: Any, whole: bool) -> None:
    """It leaves None, and comes back as the very object."""
    found = split(value, whole)
    assert found.value is None
    assert found.some
    assert merged(found.value, value, whole) is value


@pytest.mark.parametrize("value", NUMBERS, ids=repr)
def test_floats_are_never_static(value: Any) -> None:
    """Floats, float arrays and empty containers stay in the argument."""
    assert split(value, whole=True).value is value


@pytest.mark.parametrize("value", WHOLE, ids=repr)
def test_integers_and_booleans_are_what_is_said(value: Any) -> None:
    """They are static with ``whole``, and numbers without."""
    assert split(value, whole=True).value is None
    assert split(value, whole=False).value is value


@pytest.mark.parametrize(
    "value", [Pair(1.0, "l2"), Data(np.ones(2), [0, 1]), {"a": [1.0, None]}, [(1.0, "b"), 2.0]]
)
def test_containers_keep_their_numbers(value: Any) -> None:
    """Only the static part is taken out, and the whole comes back in its own type."""
    left = split(value, whole=True).value
    assert type(left) is type(value)
    again = merged(left, value, whole=True)
    assert type(again) is type(value)
    assert repr(again) == repr(value)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a", "b"), (0, False), (1, 2), (0.0j, -0.0j), (None, "None"), ([1], (1,)),
        (np.array([1]), np.array([2])), (np.array([1, 2]), np.array([[1, 2]])),
        (np.array([1]), np.array([1], np.int32)), (SimpleNamespace(a=1), SimpleNamespace(a=2)),
        ({"a": "x"}, {"a": "y"}), ({"a": "x"}, {"b": "x"}), (["a"], ["a", "b"]),
        (lambda t: t, lambda t: t), (np.sin, np.cos), ("a", 1.0),
    ],
)  # fmt: skip
def test_keys_tell_values_apart(one: Any, other: Any) -> None:
    """Different values have different keys; equal ones made anew have the same."""
    assert split(one, whole=True).key != split(other, whole=True).key
    assert split(one, whole=True).key == split(one, whole=True).key


def test_a_value_changed_in_place_has_another_key() -> None:
    """Arrays are known by their numbers, objects by their state, functions by what they hold."""
    indices, state = np.array([0, 1]), SimpleNamespace(scale=[1.0])
    hidden = SimpleNamespace(scale=1.0, function=lambda: None)  # pickle refuses it
    factor = 2.0

    def function(x: float) -> float:
        return factor * x

    values = (indices, state, hidden, function)
    before = [split(value, whole=True).key for value in values]
    indices[0], state.scale[0], hidden.scale, factor = 1, 2.0, 2.0, 3.0
    after = [split(value, whole=True).key for value in values]
    assert all(x != y for x, y in zip(before, after, strict=True))


def test_a_list_that_holds_itself_is_refused() -> None:
    """It is an error of ours, no endless loop."""
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(ArgumentError, match="nested"):
        split(loop, whole=True)
