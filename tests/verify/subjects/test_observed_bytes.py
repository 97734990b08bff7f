"""Memory that a callable reads as bytes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from verify.subjects.observed import observed

_MEMORY = np.array([0.5]).tobytes()


_HELD = {"memory": [np.bytes_(_MEMORY), np.array([_MEMORY]), np.array([0.5]).view("V8")]}


@pytest.mark.parametrize(
    "gradient",
    [
        lambda x: 2 * x + (np.array([x]) in _MEMORY),
        lambda x: 2 * x + (np.array([x]) in _HELD["memory"][0]),
        lambda x: 2 * x + (b"%a" % x in (b"0.5", b"1.5")),
        lambda x: 2 * x + (b"".join([np.array([x])]) == b"01234567"),
    ],
)
def test_bytes_are_in_doubt(gradient: Any) -> None:
    """They are equal to the memory of numbers, of which a trace has none."""
    assert "bytes" in observed(gradient).why
