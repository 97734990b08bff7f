"""Values of forms are those of the interpreter, bit for bit, whoever computes them."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from autodiff.table.primitive import REGISTRY
from codegen.stable.many_forms import _UFUNCS, Expressions

SPECIAL = (0.0, -0.0, 1.0, -1.5, math.nan, math.inf, -math.inf, 5e-324, 1e200, -3e-200)


@pytest.mark.parametrize("name", sorted(_UFUNCS))
def test_numpy_gives_the_rows_own_values(name: str) -> None:
    """Signed zeros, nan, infinities and subnormals in every place."""
    row = REGISTRY[name]
    points = list(itertools.product(SPECIAL, repeat=row.arity))
    e = Expressions([np.array(column) for column in zip(*points, strict=True)])
    found = e.values(e.placed(row, tuple(range(row.arity))))
    expected = np.array([row.impl(*point) for point in points])
    assert found.dtype == np.float64
    assert np.array_equal(found, expected, equal_nan=True)
    assert np.array_equal(np.signbit(found[found == 0.0]), np.signbit(expected[expected == 0.0]))
