"""What the check of machine code over arrays sees, and what it keeps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from codegen import compile_gradient
from codegen.native.run import native_arrays
from verify.answer.report import VerificationError
from verify.ladder.arrays.array_execution import execute_beside_text


def test_indices_that_are_moved_are_no_excuse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Noise leaves whole numbers alone: an index off by it would let every number pass."""
    places = np.array([1, 0, 2])

    def picked(x: Any, at: Any) -> Any:
        return np.sum(np.take_along_axis(x, (at + 1)[:, None] - 1, axis=1) ** 2)

    x = np.arange(9.0).reshape(3, 3) + 0.5
    df = compile_gradient(picked, x, places, wrt=0, target="native", expand=False, check=False)
    right = type(df._runner).executed
    monkeypatch.setattr(
        type(df._runner), "executed", lambda self, parts: [1.5 * y for y in right(self, parts)]
    )
    with pytest.raises(VerificationError, match="machine code gives"):
        execute_beside_text(df, [[x, places]])


def test_ties_keep_what_machine_code_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what an index or NumPy's row has ended is found again by the interpreter."""
    x = np.linspace(-1.0, 1.0, 201)

    def f(x: Any, place: int) -> Any:
        return np.sum(np.maximum(0.0, np.abs(x) - 0.5) ** 2 * x) + x[place]

    df = compile_gradient(f, x, 3, wrt=0, target="native")
    expected = df(x + 1e-300, 3)
    assert x[100] == 0.0
    monkeypatch.setattr(native_arrays, "run_whole", None)
    value, gradient = df(x, 3)
    assert value == expected[0]
    assert np.array_equal(gradient, expected[1])
    with pytest.raises(TypeError):  # by the interpreter, which says what is wrong
        df(x, 500)
