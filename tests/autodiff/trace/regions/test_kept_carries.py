"""Loops in blocks keep less, and mean the same."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.trace.regions.kept_carries import block_of
from codegen import compile_gradient

POINT = np.array([0.3, 0.2, 0.5])


def simulation(every: Any, reverse: bool) -> Callable[[Any], Any]:
    """Two carries, a stream, something that stays the same, and something that is stacked."""
    xs = np.sin(np.arange(103.0))

    def f(p: Any) -> Any:
        def step(carry: Any, x: Any) -> Any:
            a, b = carry
            after = a * np.cos(b) + p[0] * x
            return (after, 0.9 * b + p[1] * a), after * b

        (a, b), ys = ad.scan(step, (p[2], 0.1), xs, reverse=reverse, every=every)
        return a * b + np.sum(ys * ys)

    return f


@pytest.mark.parametrize(
    ("every", "reverse"), [(5, True), (10, False), ("sqrt", True), ("sqrt", False), (103, True)]
)
def test_the_value_keeps_every_bit(every: Any, reverse: bool) -> None:
    """Blocks are run one after the other; sums of cotangents are taken block by block."""
    plain = compile_gradient(simulation(None, reverse), POINT, target="numpy", expand=False)
    blocks = compile_gradient(simulation(every, reverse), POINT, target="numpy", expand=False)
    value, slope = blocks(POINT)
    expected, slopes = plain(POINT)
    assert value == expected
    assert np.allclose(slope, slopes, rtol=1e-14)
    assert blocks.check


def most(every: Any) -> float:
    """Memory of a call of the gradient, at most, in numbers of a carry."""

    def f(p: Any) -> Any:
        return np.sum(ad.scan(lambda c, _: (np.sin(c * p), None), p, length=400, every=every)[0])

    point = np.linspace(0.5, 1.0, 2000)
    gradient = compile_gradient(f, point, target="numpy", expand=False)
    gradient(point)
    tracemalloc.start()
    gradient(point)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / point.nbytes


def test_memory_falls_with_the_root() -> None:
    """Of four hundred carries about forty are kept."""
    assert most(None) > 400
    assert most("sqrt") < 80


def test_blocks_of_lengths() -> None:
    """One repetition, or all of them, is no block."""
    assert [block_of(x, 100) for x in (None, "sqrt", 7, 1, 100, 200)] == [0, 10, 7, 0, 0, 0]


@pytest.mark.parametrize("every", [0, -3, 2.5, "half", True])
def test_errors_say_what_was_found(every: Any) -> None:
    """Blocks have a whole number of repetitions."""
    with pytest.raises(ad.ArgumentError, match="scan: every: found"):
        ad.scan(lambda c, x: (c + x, None), 0.0, np.ones(9), every=every)
