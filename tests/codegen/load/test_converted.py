"""Numbers of other types are converted quickly, and nothing that is no number gets through."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from codegen.load.converted import floats_of, quick_floats

ONE = [
    1.5, 2, True, np.float64(1.5), np.float32(1.5), np.int8(3), np.array(1.5), np.array(3),
    np.array(True), np.array(1.5, np.float32),
]  # fmt: skip


@pytest.mark.parametrize("one", ONE, ids=lambda x: f"{type(x).__name__} {getattr(x, 'dtype', '')}")
def test_rows_of_one_kind_become_floats(one: Any) -> None:
    """Every number becomes the float that Python makes of it."""
    found = floats_of((one,) * 3) if type(one) is not bool else [float(one)] * 3
    assert [*found] == [float(one)] * 3
    assert {*map(type, found)} == {float}


def test_floats_are_not_copied() -> None:
    """A row of floats is handed on itself: that says there was nothing to convert."""
    row = (1.0, 2.0)
    assert floats_of(row) is row


@pytest.mark.parametrize(
    "wrong",
    [
        np.array([1.0]), np.array([[1.0]]), np.array(1j), np.array("1.0"), np.array(None),
        np.ma.masked_array(1.0, True), "1.0", None, 1j,
    ],
    ids=lambda x: f"{type(x).__name__} {getattr(x, 'dtype', '')}{getattr(x, 'shape', '')}",
)  # fmt: skip
def test_what_is_no_number_is_left_to_the_slow_way(wrong: Any) -> None:
    """Arrays with dimensions, text, what is complex or masked: alone, and among numbers."""
    for row in ((wrong, wrong), (np.array(1.0), wrong), (1.0, wrong)):
        assert quick_floats(row) is None
