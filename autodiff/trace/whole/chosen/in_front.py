"""What a mask has chosen, in front: rows that can be counted from the first or from the last.

How many there are is a traced number, so a place from the end is one as well.  A row that is not
there, where NumPy would raise, is nan.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np

from autodiff.table import ops
from autodiff.table.arrays.choosing import argsort
from autodiff.table.arrays.indexing import gather
from autodiff.table.arrays.reshaping import sum_over
from autodiff.table.primitive import Quantity
from autodiff.trace.array_operand import ArrayOperand

__all__ = ["in_front", "in_order", "middle", "row_at", "rows_between", "share_of"]

_Rows: TypeAlias = tuple[ArrayOperand, Quantity]  # the first of which are there: so many


def in_front(whole: ArrayOperand, mask: ArrayOperand) -> ArrayOperand:
    """The rows at which a mask holds, in their order, before all others."""
    places = np.arange(float(mask.size))
    return gather(whole, argsort(ops.where(mask, places, places + mask.size), 0), 0)


def in_order(whole: ArrayOperand, mask: ArrayOperand) -> tuple[ArrayOperand, ArrayOperand]:
    """Numbers in ascending order, and which of them are chosen."""
    order = argsort(ops.where(mask, whole, math.inf), 0)
    return gather(whole, order, 0), gather(mask, order, 0)


def _at(rows: ArrayOperand, place: Quantity) -> Quantity:
    """The row at a place that is a traced number; zeros beyond the last."""
    own = np.arange(float(len(rows))).reshape(-1, *(1,) * (rows.ndim - 1))
    found: Quantity = sum_over(ops.where(ops.eq(own, place), rows, 0.0), (0,))
    return found


def row_at(rows: ArrayOperand, count: Quantity, place: int) -> Quantity:
    """One row, from the front or from the end.

    Raises:
        IndexError: if there are never so many.
    """
    if not -len(rows) <= place < len(rows):
        raise IndexError(f"index {place} is out of bounds for axis 0 with size {len(rows)}")
    found = rows[place] if place >= 0 else _at(rows, count + float(place))
    return ops.where(count >= float(place + 1 if place >= 0 else -place), found, math.nan)


def rows_between(rows: ArrayOperand, count: Quantity, key: slice) -> _Rows:
    """Rows from one place to another, in front again."""
    start, stop, n = key.start or 0, key.stop, len(rows)
    end = count
    if stop is not None:
        end = count - float(-stop) if stop < 0 else ops.minimum(count, float(stop))
    if start > 0:
        first = np.minimum(np.arange(n) + start, n - 1)
        return gather(rows, rows.known(first, True), 0), end - float(start)
    if start < 0:
        begin = ops.maximum(count + float(start), 0.0)
        places = np.arange(float(n))
        there = ops.logical_and(places >= begin, places < end)
        return in_front(rows, there), end - begin
    return rows, end


def _of_them(rows: ArrayOperand, count: Quantity, found: Quantity) -> Quantity:
    """A number that some rows in order give: nan if the last one is, or if there is none."""
    last = row_at(rows, count, -1)
    return ops.where(ops.eq(last, last), found, math.nan)


def middle(rows: ArrayOperand, count: Quantity) -> Quantity:
    """The median of numbers in order."""
    low, high = _at(rows, ops.floor((count - 1.0) * 0.5)), _at(rows, ops.floor(count * 0.5))
    return _of_them(rows, count, (low + high) * 0.5)


def share_of(rows: ArrayOperand, count: Quantity, share: float) -> Quantity:
    """What a share of numbers in order is below, on a straight line between two of them."""
    place = (count - 1.0) * share
    before = ops.floor(place)
    low, high = _at(rows, before), _at(rows, ops.minimum(before + 1.0, count - 1.0))
    return _of_them(rows, count, low + (high - low) * (place - before))
