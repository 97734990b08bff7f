"""What rows of arrays need beside NumPy's own functions; emitted files copy the sources."""

from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.numbers.of_matrices import (
    diagonal_of,
    exponential,
    gaps,
    hermitian_vectors_of,
    on_diagonal,
    places_in,
)

__all__ = ["PLACING"]


def placed(x: "Any", key: "Any", shape: "Any") -> "Any":
    """Zeros of a shape, with x at (start,) or (start, count, step) of each axis."""
    out = np.zeros(shape)
    parts = []
    for p in key:
        if len(p) == 1:
            parts.append(p[0])
        else:
            end = p[0] + p[1] * p[2]
            parts.append(slice(p[0], end if end >= 0 else None, p[2]))
    out[tuple(parts)] = x
    return out


def padded(x: "Any", *widths: "Any") -> "Any":
    """x with so many zeros before and after it along each axis."""
    lengths = [(before, n, after) for (before, after), n in zip(widths, x.shape, strict=True)]
    out = np.zeros([before + n + after for before, n, after in lengths])
    out[tuple([slice(before, before + n) for before, n, _ in lengths])] = x
    return out


def assigned(x: "Any", y: "Any", key: "Any") -> "Any":
    """A copy of x with y at (start,) or (start, count, step) of each axis."""
    out = np.array(x, dtype=np.float64)
    parts = []
    for p in key:
        if len(p) == 1:
            parts.append(p[0])
        else:
            end = p[0] + p[1] * p[2]
            parts.append(slice(p[0], end if end >= 0 else None, p[2]))
    out[tuple(parts)] = y
    return out


def scatter_add(g: "Any", index: "Any", axis: int, size: int) -> "Any":
    """Zeros along an axis, to which g is added at the places that index names."""
    g, index = np.asarray(g), np.asarray(index)
    index = np.where(index < 0, index + size, index)  # from the end, as NumPy reads it
    before, after = g.shape[:axis], g.shape[axis + index.ndim :]
    flat = np.moveaxis(g.reshape(*before, index.size, *after), axis, 0)
    width = int(np.prod(before + after))
    places = index.reshape(-1, 1) * width + np.arange(width)
    out = np.bincount(places.ravel(), flat.ravel(), size * width)
    return np.moveaxis(out.reshape(size, *before, *after), 0, axis)


def put_along(g: "Any", index: "Any", axis: int, size: int) -> "Any":
    """Zeros, to which g is added at the places along an axis that index names."""
    out = np.zeros((*g.shape[:axis], size, *g.shape[axis + 1 :]))
    places = list(np.indices(g.shape, sparse=True))
    places[axis] = index
    np.add.at(out, tuple(places), g)
    return out


def put_at(x: "Any", place: int, y: "Any", axis: int) -> "Any":
    """A copy of x with y at a place of an axis."""
    out = np.array(x, dtype=np.float64)
    out[(slice(None),) * axis + (place,)] = y
    return out


def put_where(x: "Any", place: int, y: "Any", condition: "Any", axis: int) -> "Any":
    """The same where a condition holds, else x."""
    return put_at(x, place, y, axis) if condition else x


def add_at(x: "Any", place: int, y: "Any", axis: int) -> "Any":
    """A copy of x, to which y is added at a place of an axis."""
    out = np.array(x, dtype=np.float64)
    out[(slice(None),) * axis + (place,)] += y
    return out


def running_place(x: "Any", axis: int) -> "Any":
    """The place of the largest element so far along an axis, the first of equals."""
    x = np.moveaxis(x, axis, 0)
    largest = np.maximum.accumulate(x, axis=0)
    index = np.arange(len(x)).reshape(-1, *[1] * (x.ndim - 1))
    before, after = largest[:-1], largest[1:]
    more = ~(after <= before) & (before == before)  # a nan is the largest from then on
    new = np.concatenate((np.ones_like(x[:1], dtype=bool), more))
    found = np.maximum.accumulate(np.where(new, index, 0), axis=0)
    return np.moveaxis(found, 0, axis)


def floats(x: "Any") -> "Any":
    """The numbers of an array as Python's own, with which loops are quicker."""
    return x.tolist()


PLACING: dict[str, Callable[..., object]] = {
    f.__name__: f
    for f in (
        placed, padded, assigned, scatter_add, put_along, put_at, put_where, add_at,
        running_place, exponential, gaps, hermitian_vectors_of, places_in, floats, on_diagonal,
        diagonal_of,
    )
}  # fmt: skip
