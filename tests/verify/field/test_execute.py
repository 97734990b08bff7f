"""Text is run over a field as it stands, conditions in statements of several lines included."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from codegen import compile_gradient
from verify import Verdict

_X, _M = np.array([0.71, 1.33, 0.42, 2.13]), np.eye(3)


@pytest.mark.parametrize(
    "weight",
    [
        lambda x: np.any(x > 1.0) * x[0],
        lambda x: (x > 1.0).astype(float) @ x,
        lambda x: np.logical_xor(x > 1.0, x < 2.0) @ x,
    ],
)
def test_a_condition_inside_a_result_of_several_lines(weight: Callable[[Any], Any]) -> None:
    """The value beside two gradients, one a row of zeros that fills lines, is certified."""
    df = compile_gradient(lambda x, m: weight(x) * 1.0, _X, _M, target="python")
    assert df.check.verdict is Verdict.CERTIFIED
    value, (by_x, by_m) = df(_X, _M)
    assert value == pytest.approx(float(weight(_X)))
    assert np.count_nonzero(by_x)
    assert not np.any(by_m)
