"""Products of random directions with blocks of a matrix of derivatives, over residues."""

from __future__ import annotations

from collections.abc import Sequence

from autodiff.table.arrays.contraction import contract
from autodiff.table.arrays.reshaping import sum_over
from verify.field.whole.array_field import Residues

__all__ = ["applied", "inner", "multiplied"]

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def inner(xs: Sequence[Residues], ys: Sequence[Residues]) -> float | Residues:
    """The sum of all products, part by part."""
    total: float | Residues = 0.0
    for x, y in zip(xs, ys, strict=True):
        total = total + sum_over(x * y, range(x.ndim))
    return total


def multiplied(seed: Residues, matrix: Residues) -> object:
    """The sum over the axes of the seed, which come first in the matrix."""
    letters = _LETTERS[: matrix.ndim]
    own, rest = letters[: seed.ndim], letters[seed.ndim :]
    return contract(f"{own},{letters}->{rest}", seed, matrix)


def applied(matrix: Residues, dot: Residues) -> object:
    """The sum over the axes of a direction, which come last in the matrix."""
    letters = _LETTERS[: matrix.ndim]
    rest, own = letters[: matrix.ndim - dot.ndim], letters[matrix.ndim - dot.ndim :]
    return contract(f"{letters},{own}->{rest}", matrix, dot)
