"""How many turns of small loops are written out: fewer where a function has many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from codegen import compile_gradient
from codegen.native.write.whole.array_kernel import ArrayKernel

pytest.importorskip("llvmlite", reason="machine code needs llvmlite")


def _layers(count: int) -> Callable[[Any, Any], Any]:
    def loss(weights: Any, x: Any) -> Any:
        for k in range(count):
            x = np.tanh(x @ weights[k, :6]) @ weights[k, 6:].T + x
        return np.sum(x * x)

    return loss


def test_long_functions_keep_their_loops() -> None:
    """Four layers take less than five times the text of one: machine code is made in time."""
    x, lengths = np.ones((40, 6)), []
    for count in (1, 4):
        weights = np.full((count, 12, 16), 0.1)
        df = compile_gradient(
            _layers(count), weights, x, target="native", expand=False, wrt=0, check=False
        )
        lengths.append(len(ArrayKernel(df.machine_graph).main().splitlines()))
    assert lengths[1] < 5 * lengths[0]
