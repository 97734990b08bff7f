"""What a C file says about ties."""

from __future__ import annotations

import numpy as np

from codegen.c99 import to_c


def test_a_header_says_that_ties_are_not_settled() -> None:
    """Where switches can meet, the header says so; where they cannot, it does not."""
    both = to_c(lambda x: np.maximum(x, 0.0) + np.minimum(x, 0.0), 1.0)
    assert "switches" in both.header
    assert "switches" not in to_c(lambda x: np.maximum(x, 0.0), 1.0).header
