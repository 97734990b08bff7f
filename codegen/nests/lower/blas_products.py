"""Which contractions are products of matrices large enough for BLAS."""

from __future__ import annotations

from collections.abc import Sequence

from autodiff.table.arrays.contraction import split_spec
from codegen.nests.lower.loop_statement import Product
from codegen.nests.lower.views import View

__all__ = ["matrix_product"]

_LEAST = 8  # of rows, columns and inner length
_WORTH = 16_000  # multiplications from which a call pays


def matrix_product(x: View, y: View, spec: str) -> tuple[View, View, Product] | None:
    """The left and the right matrix, and how they lie; None if loops do as well."""
    one, two, result = split_spec(spec)
    inner = [c for c in one if c in two and c not in result]
    if not inner or not result or set(one) & set(two) - set(inner):
        return None
    if result[0] in two:
        x, y, one, two = y, x, two, one
    rows, columns = ([c for c in result if c in own] for own in (one, two))
    if result != "".join((*rows, *columns)) or not rows or not columns:
        return None
    left = [_as_axis(x, one, group) for group in (rows, inner)]
    right = [_as_axis(y, two, group) for group in (inner, columns)]
    if None in left or None in right:
        return None
    (m, along_m), (k, left_k) = left  # type: ignore[misc]
    (_, right_k), (n, along_n) = right  # type: ignore[misc]
    if min(m, n, k) < _LEAST or m * n * k < _WORTH:
        return None
    first, second = _lies(along_m, left_k, m, k), _lies(right_k, along_n, k, n)
    if first is None or second is None:
        return None
    return x, y, Product(m, n, k, first, second)


def _as_axis(view: View, letters: str, group: Sequence[str]) -> tuple[int, int] | None:
    """Length and stride of several axes as one; None if they do not lie so."""
    axes = [letters.index(c) for c in group]
    length, stride = 1, view.strides[axes[-1]]
    for axis in reversed(axes):
        if view.strides[axis] != length * stride:
            return None
        length *= view.shape[axis]
    return length, stride


def _lies(down: int, across: int, rows: int, columns: int) -> tuple[int, bool] | None:
    """Numbers from row to row of a matrix as it lies, and whether it is turned."""
    if across == 1 and down >= columns:
        return down, False
    if down == 1 and across >= rows:
        return across, True
    return None
