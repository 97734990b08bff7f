"""What is part of a key, and what has none."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient
from codegen.call.cached import CachedGradient
from codegen.load.fingerprint import UnknownError, fingerprint

ORDERED = np.array([[1.0, 2.0], [3.0, 4.0]])


def of_memory(x: Any) -> Any:
    """Goes by the order in which an array lies in memory."""
    return x * float(ORDERED.ravel("K")[1])


def test_arrays_in_another_order_are_other_arrays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers that are the same, stored by columns, make another function."""
    assert compile_gradient(of_memory, 1.0, cache=tmp_path)(1.0) == (2.0, 2.0)
    monkeypatch.setitem(globals(), "ORDERED", np.asfortranarray(ORDERED))
    assert compile_gradient(of_memory, 1.0, cache=tmp_path)(1.0) == (3.0, 3.0)


def test_the_clock_has_no_fingerprint() -> None:
    """``np.datetime64("now")`` is another number tomorrow."""
    with pytest.raises(UnknownError):
        fingerprint(lambda x: x * float(np.datetime64("now").astype(float)))


def test_a_hit_is_called_at_its_own_example(tmp_path: Path) -> None:
    """An exception that the function handles at one example shows at no other."""

    def logarithm(x: Any) -> Any:
        return math.log(x)

    def handled(x: Any) -> Any:
        try:
            return logarithm(x - 2.0)
        except ValueError:
            return 9.0 * x

    assert compile_gradient(handled, 5.0, cache=tmp_path)(5.0)[1] == 1.0 / 3.0
    assert isinstance(compile_gradient(handled, 5.0, cache=tmp_path), CachedGradient)
    with pytest.raises(ad.TraceError, match=r"raises ValueError, which it handles"):
        compile_gradient(handled, 1.0, cache=tmp_path)
