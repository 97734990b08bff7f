"""Elimination over residues: determinants, and solutions of systems of equations, exactly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from verify.field.whole.ring import Integers, Ring

__all__ = ["determinant", "solution"]


def _pivoted(rows: Integers, k: int) -> NDArray[np.bool_]:
    """Bring to row ``k`` one that has no zero in column ``k``, where there is one; where it was
    another."""
    place = np.argmax(rows[..., k:, k] != 0, axis=-1)[..., None, None] + k
    chosen = np.take_along_axis(rows, place, axis=-2)
    np.put_along_axis(rows, place, rows[..., k : k + 1, :].copy(), axis=-2)
    rows[..., k : k + 1, :] = chosen
    return np.asarray(place[..., 0, 0] != k)


def _upper(ring: Ring, rows: Integers) -> NDArray[np.bool_]:
    """Make a matrix, and what stands to its right, upper triangular, in place; where the sign of
    its determinant has changed.  What is below the diagonal is no longer looked at."""
    odd = np.zeros(rows.shape[:-2], dtype=np.bool_)
    for k in range(rows.shape[-2]):
        if not rows[..., k, k].all():
            odd ^= _pivoted(rows, k)
        pivot = rows[..., k, k]
        inverse = ring.inverse(np.where(pivot == 0, 1, pivot))  # below a zero here are zeros
        factors = ring.mul(rows[..., k + 1 :, k], inverse[..., None])[..., None]
        below, row = rows[..., k + 1 :, k + 1 :], rows[..., k : k + 1, k + 1 :]
        rows[..., k + 1 :, k + 1 :] = ring.sub(below, ring.mul(factors, row))
    return odd


def _substituted(ring: Ring, upper: Integers, b: Integers) -> Integers:
    """The solution of a triangular system.

    Raises:
        PoleError: if there is a zero on its diagonal.
    """
    inverses, made = ring.inverse(np.diagonal(upper, axis1=-2, axis2=-1)), np.array(b)
    for k in range(upper.shape[-1] - 1, -1, -1):
        made[..., k, :] = row = ring.mul(made[..., k, :], inverses[..., k, None])
        above = ring.mul(upper[..., :k, k, None], row[..., None, :])
        made[..., :k, :] = ring.sub(made[..., :k, :], above)
    return made


def determinant(ring: Ring, a: Integers) -> Integers:
    """The determinants of matrices along the last two axes."""
    rows = np.array(a)
    odd = _upper(ring, rows)
    made = np.ones(rows.shape[:-2], dtype=np.int64)
    for k in range(rows.shape[-1]):
        made = ring.mul(made, rows[..., k, k])
    return np.where(odd, ring.neg(made), made)


def solution(ring: Ring, a: Integers, b: Integers) -> Integers:
    """``X`` of ``A X = B``.

    Raises:
        PoleError: if a determinant is zero modulo one of the primes.
    """
    n = a.shape[-1]
    if not np.triu(a, 1).any():  # lower triangular: upper, from its end
        return _substituted(ring, a[..., ::-1, ::-1], b[..., ::-1, :])[..., ::-1, :]
    if not np.tril(a, -1).any():
        return _substituted(ring, a, b)
    rows = np.concatenate([a, b], axis=-1)
    _upper(ring, rows)
    return _substituted(ring, rows[..., :n], rows[..., n:])
