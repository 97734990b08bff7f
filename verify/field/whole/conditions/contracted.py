"""A contraction by products, then their sums: what holds of both factors is there once."""

from __future__ import annotations

import math

from autodiff.table.arrays.contraction import split_spec
from autodiff.table.arrays.reshaping import reshape, sum_over, transpose
from verify.field.whole.array_field import Residues

__all__ = ["contracted"]


def contracted(x: Residues, y: Residues, spec: str, most: int) -> Residues | None:
    """Einsum of two arrays; None if there are more products than ``most``."""
    one, two, result = split_spec(spec)
    letters = result + "".join(c for c in dict.fromkeys(one + two) if c not in result)
    lengths = dict(zip(one + two, (*x.shape, *y.shape), strict=True))
    if math.prod(lengths.values()) > most:
        return None
    left, right = (
        reshape(
            transpose(z, tuple(sorted(range(z.ndim), key=lambda k: letters.index(own[k])))),
            tuple([lengths[c] if c in own else 1 for c in letters]),
        )
        for z, own in ((x, one), (y, two))
    )
    made: Residues = sum_over(left * right, range(len(result), len(letters)))
    return made
