"""Ties of long functions: the first are settled without machine code, and nobody can tell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.graph.graph import same_bits
from codegen import compile_gradient

pytest.importorskip("llvmlite")

from codegen.native.run import native


def meeting(x: Any) -> Any:
    """Smooth at 0, where its parts are not; and a kink that stays one."""
    smooth = ad.maximum(x[0], 0.0) - ad.maximum(-x[0], 0.0) + ad.relu(x[1]) - 0.5 * ad.abs(x[1])
    return smooth * ad.sin(x[2]) + ad.abs(x[2] - 1.0) * x[0] + ad.sqrt(x[3]) * x[3]


@pytest.mark.parametrize(
    "point", [[0.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.5, 2.0], [1.0, 0.0, 1.0, 0.0]]
)
def test_all_ties_have_the_same_bits(point: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    """Before and after it is compiled, settling gives the interpreter's derivatives."""
    monkeypatch.setattr(native, "_LONG", 10)
    monkeypatch.setattr(native, "_SOME", 2)
    x = np.array(point)
    df = compile_gradient(meeting, np.ones(4), target="native")
    expected = ad.backpropagate(df.graph, x)
    for _ in range(5):
        value, gradient = df(x)
        assert same_bits(value, expected[0])
        assert all(map(same_bits, gradient, expected[1]))


def test_machine_code_is_made_when_it_is_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the ties after the first few find code of their own."""
    monkeypatch.setattr(native, "_LONG", 10)
    monkeypatch.setattr(native, "_SOME", 2)
    asked: list[object] = []
    settle = native.settle
    monkeypatch.setattr(native, "settle", lambda *xs: asked.append(xs) or settle(*xs))
    df = compile_gradient(meeting, np.ones(4), target="native")
    for _ in range(5):
        df(np.zeros(4))
    assert len(asked) == 2
