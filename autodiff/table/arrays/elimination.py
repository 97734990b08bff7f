"""Matrices of scalars, element by element: elimination, determinants, Cholesky's factor.

What rows of matrices are where a graph is written out in scalars.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autodiff.table import ops
from autodiff.table.arrays.array_row import Objects
from autodiff.table.never_tying import is_above_zero
from autodiff.table.primitive import Quantity

__all__ = ["cholesky_factor", "determinant", "for_each", "inverse", "solved"]

_MINORS = 4  # rows up to which a determinant is the sum of its products


def _eliminated(rows: list[list[Quantity]]) -> Quantity:
    """Zeros below the diagonal, in place; -1.0 if an odd number of rows changed places.

    The largest number of a column divides: its row comes first.  What is known to be zero is no
    work, so that bands and triangles stay what they are.
    """
    n, sign = len(rows), 1.0
    for k in range(n):
        for i in range(k + 1, n):
            if _is_zero(rows[i][k]):
                continue
            swap = is_above_zero(abs(rows[i][k]) - abs(rows[k][k]))  # at a tie either divides
            if isinstance(swap, float):
                if swap:
                    rows[k], rows[i], sign = rows[i], rows[k], -sign
                continue
            sign = ops.where(swap, -sign, sign)
            pairs = [(_chosen(swap, y, x), _chosen(swap, x, y))
                     for x, y in zip(rows[k], rows[i], strict=True)]  # fmt: skip
            rows[k], rows[i] = [x for x, _ in pairs], [y for _, y in pairs]
        for i in range(k + 1, n):
            if not _is_zero(rows[i][k]):
                factor, rows[i][k] = rows[i][k] / rows[k][k], 0.0
                rows[i][k + 1 :] = _less(rows[i][k + 1 :], factor, rows[k][k + 1 :])
    return sign


def _chosen(swap: Quantity, x: Quantity, y: Quantity) -> Quantity:
    """``x`` where rows change places, else ``y``."""
    return x if _is_zero(x) and _is_zero(y) else ops.where(swap, x, y)


def _less(row: Sequence[Quantity], factor: Quantity, other: Sequence[Quantity]) -> list[Quantity]:
    """``row - factor * other``."""
    return [y if _is_zero(x) else y - factor * x for x, y in zip(other, row, strict=True)]


def _is_zero(x: Quantity) -> bool:
    """True for the number 0.0, whatever the inputs are."""
    return isinstance(x, float) and x == 0.0


def solved(a: Objects, b: Objects) -> object:
    """``X`` of ``a X = b``."""
    rows = [[*one, *(two if b.ndim == 2 else [two])] for one, two in zip(a, b, strict=True)]
    n = len(rows)
    _eliminated(rows)
    for k in range(n - 1, -1, -1):
        for j in range(k + 1, n):
            if not _is_zero(rows[k][j]):
                rows[k][n:] = _less(rows[k][n:], rows[k][j], rows[j][n:])
        rows[k][n:] = [x / rows[k][k] for x in rows[k][n:]]
    made = np.empty((n, len(rows[0]) - n) if n else (0, 0), dtype=object)
    for i, row in enumerate(rows):
        made[i, :] = row[n:]
    return made.reshape(b.shape)


def for_each(function: Callable[..., object]) -> Callable[..., object]:
    """A function of matrices of scalars, for stacks of them."""

    def of_stack(a: Objects, *others: Objects) -> Any:
        if a.ndim == 2:
            return function(a, *others)
        parts = [of_stack(*one) for one in zip(a, *others, strict=True)]
        made = np.empty((len(parts), *np.shape(parts[0])), dtype=object)
        for i, part in enumerate(parts):
            made[i] = part
        return made

    return of_stack


def inverse(a: Objects) -> object:
    """The inverse."""
    return solved(a, np.eye(len(a)).astype(object))


def determinant(a: Objects) -> Any:
    """The determinant."""
    n = len(a)
    if n <= _MINORS:
        return _expanded(a, n)
    rows = [list(row) for row in a]
    made = _eliminated(rows)
    for k in range(n):
        made = made * rows[k][k]
    return made


def _expanded(a: Objects, n: int) -> object:
    """By the minors of ever more rows: no division, so that zeros are no trouble."""
    minors: dict[tuple[int, ...], object] = {(): 1.0}
    for row in range(n):
        larger: dict[tuple[int, ...], object] = {}
        for columns, minor in minors.items():
            for j in range(n):
                if j in columns:
                    continue
                key = tuple(sorted((*columns, j)))
                term = a[row, j] if not columns else minor * a[row, j]
                odd = sum(c > j for c in columns) % 2
                if key in larger:
                    larger[key] = larger[key] - term if odd else larger[key] + term
                else:
                    larger[key] = -term if odd else term
        minors = larger
    return minors[tuple(range(n))]


def cholesky_factor(a: Objects) -> object:
    """The lower triangle L of L L' = a."""
    n = len(a)
    made = np.full((n, n), 0.0, dtype=object)
    for j in range(n):
        for i in range(j, n):
            rest = a[i, j]
            for k in range(j):
                rest = rest - made[i, k] * made[j, k]
            made[i, j] = ops.sqrt(rest) if i == j else rest / made[j, j]
    return made
