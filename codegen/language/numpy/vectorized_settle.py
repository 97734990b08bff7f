"""Where switches tie, over arrays of points: only the points that tie are asked again.

The scalar meaning is in ``autodiff.numbers.settle``.  An item of ``point`` or ``table`` is an array
of points, or one number for all of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.numbers.settle import directions

__all__ = ["noise_at", "settled_far", "settled_row", "settled_rows"]


def settled_rows(
    sides: Any, piece: object, point: Any, moving: object, table: Any, tied: Any
) -> object:
    """The table, at the points that tie settled by the derivatives of the pieces."""
    shape = np.broadcast_shapes(*map(np.shape, (tied, *point)))  # a tie may be everywhere
    tied = np.atleast_1d(np.broadcast_to(tied, shape)) != 0.0
    with np.errstate(all="ignore"):
        at = [np.broadcast_to(x, tied.shape)[tied] for x in point]
        count = int(np.count_nonzero(tied))
        given = [np.broadcast_to(bar, tied.shape)[tied] for bar in table]
        *rows, lost = [np.broadcast_to(x, (count,)) for x in sides(at, given)]
        far = lost != 0.0
        if far.any() and piece is None:
            rows = [np.where(far, known, row) for known, row in zip(given, rows, strict=True)]
        elif far.any():
            rows = settled_far(piece, [x[far] for x in at], moving, given, rows, far)
        bars = []
        for bar, row in zip(table, rows, strict=True):
            whole = np.array(np.broadcast_to(bar, tied.shape), dtype=np.float64)
            whole[tied] = row
            bars.append(whole.reshape(shape)[()])
        return bars


def settled_far(piece: Any, at: Any, moving: Any, table: Any, rows: Any, far: Any) -> Any:
    """The rows, where they are ``far`` from known settled by the pieces a step away."""
    count = int(np.count_nonzero(far))
    # NumPy's scalars do not raise where floats do.
    steps = [list(map(np.float64, step)) for step in directions(len(at), moving)]
    pieces = [[np.broadcast_to(d, (count,)) for d in piece(at, step)] for step in steps]
    found = np.array(pieces).reshape(len(steps), len(table), count)
    noise = noise_at(found)
    settled = []
    for k, row in enumerate(rows):
        whole = np.array(row)
        whole[far] = settled_row(table[k][far], found[:, k], noise)
        settled.append(whole)
    return settled


def noise_at(found: Any) -> object:
    """What rounding may make of numbers that are large beside one another, at each point."""
    sizes = np.abs(found)
    grows = (sizes[:2] > 2.0 * sizes[2:4]).any(axis=0)
    known = np.where((sizes < 1e300) & ~grows, sizes, 0.0)
    return 1e-13 * known.max(axis=(0, 1), initial=0.0)


def settled_row(table: Any, pieces: Any, noise: object) -> Any:
    """One derivative at many points: the table's where it lies between the pieces'."""
    seen = pieces == pieces
    low = np.where(seen, pieces, np.inf).min(axis=0)
    high = np.where(seen, pieces, -np.inf).max(axis=0)
    largest = np.maximum(np.abs(low), np.abs(high))
    slack = noise + 1e-10 * largest
    same = high - low <= slack
    stands = (low - slack <= table) & (table <= high + slack)
    stands |= (seen.sum(axis=0) < 2) | ~(largest < np.inf)
    vanishes = largest <= 2.0**-64
    scaled = np.abs(pieces[:2] - pieces[2:4]) <= slack
    middle = same | ((np.abs(table) < np.inf) & scaled.all(axis=0))
    chosen = np.where(middle, 0.5 * (low + high), table)
    chosen = np.where(vanishes & ~same, 0.0, chosen)
    return np.where(stands, table, chosen)
