"""What is kept beside residues: bounds on degrees, and which doubles are as good as residues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from autodiff.table.arrays.over_elements import is_exact

__all__ = ["added", "added_pair", "are_rounded"]


class _Bounded(Protocol):
    n: int
    d: int


def added(n: int, d: int, terms: int) -> tuple[int, int]:
    """Degrees of a sum of so many elements."""
    return (n + d * max(terms - 1, 0), d * max(terms, 1)) if d else (n, 0)


def added_pair(x: _Bounded, y: _Bounded) -> tuple[int, int]:
    """Degrees of the sum of two."""
    return max(x.n + y.d, y.n + x.d), x.d + y.d


def are_rounded(doubles: Sequence[npt.NDArray[np.float64]]) -> bool:
    """True if arithmetic with these doubles may have rounded: its residues are exact then."""
    return not all(map(is_exact, doubles)) and all(np.isfinite(x).all() for x in doubles)
