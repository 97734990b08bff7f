"""Constants of graphs of arrays: known by their digest as long as one of them is alive."""

from __future__ import annotations

import gc

import numpy as np

from autodiff.graph.array_constant import ArrayConstant, known_constant


def test_a_constant_is_found_while_any_equal_one_is_alive() -> None:
    """That the first of two goes does not lose the second; equal ones share their numbers."""
    numbers = np.arange(211.0)
    first, second = ArrayConstant(numbers), ArrayConstant(numbers)
    assert first == second
    assert first.array is second.array
    digest = first.digest
    del first
    gc.collect()
    assert known_constant(digest) == second
    del second
    gc.collect()
    assert known_constant(digest) is None
