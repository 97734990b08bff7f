"""Elimination over residues: determinants, and solutions of systems of equations, exactly."""

from __future__ import annotations

import numpy as np

from verify.field.meaning import PoleError
from verify.field.whole.ring import Integers, Ring

__all__ = ["determinant", "solution"]


def _pivoted(rows: Integers, k: int) -> tuple[Integers, Integers]:
    """Rows from ``k`` on with one in front that has no zero in column ``k``.

    Returns:
        The rows, and per matrix 1 if two changed places, -1 if there is no such row.
    """
    place = np.argmax(rows[..., k:, k] != 0, axis=-1)[..., None, None] + k
    chosen = np.take_along_axis(rows, place, axis=-2)
    first = rows[..., k : k + 1, :].copy()
    np.put_along_axis(rows, place, first, axis=-2)
    rows[..., k : k + 1, :] = chosen
    swapped = np.where(chosen[..., 0, k] == 0, -1, place[..., 0, 0] != k)
    return rows, swapped


def _cleared(ring: Ring, rows: Integers, k: int, start: int) -> Integers:
    """Rows from ``start`` on, but for row ``k``, with zeros in column ``k``; that one has 1."""
    below = rows[..., start:, :]
    factors = below[..., k : k + 1].copy()
    if start <= k:
        factors[..., k - start, :] = 0
    rows[..., start:, :] = ring.sub(below, ring.mul(factors, rows[..., k : k + 1, :]))
    return rows


def _scaled(ring: Ring, rows: Integers, k: int) -> Integers:
    pivot = rows[..., k, k]
    rows[..., k, :] = ring.mul(rows[..., k, :], ring.inverse(pivot)[..., None])
    return rows


def determinant(ring: Ring, a: Integers) -> Integers:
    """The determinants of matrices along the last two axes."""
    rows = np.array(a)
    made = np.ones(rows.shape[:-2], dtype=np.int64)
    for k in range(rows.shape[-1]):
        rows, swapped = _pivoted(rows, k)
        pivot = rows[..., k, k].copy()
        made = ring.mul(made, np.where(swapped == 1, ring.neg(pivot), pivot))
        rows[..., k, k] = np.where(pivot == 0, 1, pivot)  # the product is zero already
        rows = _cleared(ring, _scaled(ring, rows, k), k, k + 1)
    return made


def solution(ring: Ring, a: Integers, b: Integers) -> Integers:
    """``X`` of ``A X = B``.

    Raises:
        PoleError: if a determinant is zero modulo one of the primes.
    """
    rows = np.concatenate([a, b], axis=-1)
    for k in range(a.shape[-1]):
        rows, swapped = _pivoted(rows, k)
        if np.any(swapped < 0):
            raise PoleError("a determinant is zero")
        rows = _cleared(ring, _scaled(ring, rows, k), k, 0)
    return rows[..., a.shape[-1] :]
