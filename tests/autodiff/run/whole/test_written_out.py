"""Loops over whole arrays, written out: every repetition, with what it takes and what it stacks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.run.whole.written_out import written_out
from codegen import compile_gradient
from codegen.call.whole.settled_at_ties import AtTies

_X = np.array([0.0, 0.0, 0.0, 0.4, -0.3, 0.8])


def _scanned(x: Any, weights: Any) -> Any:
    """A state, rows that it takes, what it stacks, and a loop inside."""

    def step(state: Any, row: Any) -> Any:
        inner, _ = ad.scan(lambda s, k: (s * 0.5 + k, None), state, np.arange(2.0))
        return np.sin(inner) + row * x[0], inner[0]

    last, firsts = ad.scan(step, x, weights)
    back, _ = ad.scan(lambda s, row: (s + row * s, None), last, weights, reverse=True)
    return np.sum(back) + np.sum(firsts**2)


def test_a_graph_without_loops_computes_the_same() -> None:
    """Value and gradient to the bit; one that has no loops, or too long ones, is left alone."""
    weights = np.linspace(-1.0, 1.0, 24).reshape(4, 6)
    graph = ad.gradient(ad.trace(_scanned, _X, weights, expand=False))
    assert loops_of(graph)
    straight = written_out(graph, 1000)
    assert straight is not None
    ad.check(straight)
    assert not loops_of(straight)
    for one, other in zip(*(ad.evaluate(g, _X, weights) for g in (graph, straight)), strict=True):
        np.testing.assert_array_equal(one, other)
    assert written_out(straight, 10) is straight
    assert written_out(graph, 20) is None


def _clipped(x: Any) -> Any:
    u = np.zeros(6)
    for _ in range(12):
        u = u + 0.1 * np.abs(u - x) * np.maximum(u, 0.0) + 0.1 * np.minimum(x, u)
    return np.sum(u * u) + np.mean(np.abs(u))


@pytest.mark.parametrize("target", ["numpy", "native"])
def test_ties_in_loops_are_settled_as_arrays(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the interpreter settles them, which takes each number's pieces one by one."""
    if target == "native":
        pytest.importorskip("llvmlite", reason="machine code needs llvmlite")
    expected = ad.backpropagate(ad.trace(_clipped, _X), _X)
    monkeypatch.setattr(AtTies, "_scalars", None)
    df = compile_gradient(_clipped, _X, target=target, expand=False)
    assert loops_of(df.graph)
    value, slope = df(_X)
    assert value == pytest.approx(expected[0], rel=1e-12)
    np.testing.assert_allclose(slope, expected[1], rtol=1e-10, atol=1e-13)
