"""NumPy's functions that skip nan, where there is nothing else."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autodiff as ad


@pytest.mark.parametrize("expand", [True, False])
def test_extremes_of_nothing_but_nan_are_nan(expand: bool) -> None:
    """As NumPy's, row by row."""

    def extremes(x: Any) -> Any:
        return np.nanmax(x, axis=1) - 2.0 * np.nanmin(x, axis=1, keepdims=True)[:, 0]

    x = np.array([[1.0, math.nan, 4.0], [math.nan] * 3])
    found = ad.evaluate(ad.trace(extremes, x, expand=expand), x)
    assert np.array_equal(found, [2.0, math.nan], equal_nan=True)
