"""What rows of arrays need beside NumPy's own functions; emitted files copy the sources."""

from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.numbers.of_matrices import diagonal_of, exponential, gaps, on_diagonal, places_in

__all__ = ["PLACING"]


def placed(x: "Any", key: "Any", shape: "Any") -> "Any":
    """Zeros of a shape, with x at (start,) or (start, count, step) of each axis."""
    out = np.zeros(shape)
    places = [np.arange(part[1]) * part[2] + part[0] for part in key if len(part) == 3]
    grid = iter(np.ix_(*places))
    out[tuple(next(grid) if len(part) == 3 else part[0] for part in key)] = x
    return out


def assigned(x: "Any", y: "Any", key: "Any") -> "Any":
    """A copy of x with y at (start,) or (start, count, step) of each axis."""
    out = np.array(x, dtype=np.float64)
    places = [np.arange(part[1]) * part[2] + part[0] for part in key if len(part) == 3]
    grid = iter(np.ix_(*places))
    out[tuple(next(grid) if len(part) == 3 else part[0] for part in key)] = y
    return out


def scatter_add(g: "Any", index: "Any", axis: int, size: int) -> "Any":
    """Zeros along an axis, to which g is added at the places that index names."""
    g, index = np.asarray(g), np.asarray(index)
    before, after = g.shape[:axis], g.shape[axis + index.ndim :]
    out = np.zeros((size, *before, *after))
    flat = np.moveaxis(g.reshape(*before, index.size, *after), axis, 0)
    np.add.at(out, index.ravel(), flat)
    return np.moveaxis(out, 0, axis)


def put_along(g: "Any", index: "Any", axis: int, size: int) -> "Any":
    """Zeros, to which g is added at the places along an axis that index names."""
    out = np.zeros((*g.shape[:axis], size, *g.shape[axis + 1 :]))
    places = list(np.indices(g.shape, sparse=True))
    places[axis] = index
    np.add.at(out, tuple(places), g)
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
        placed, assigned, scatter_add, put_along, running_place, exponential, gaps, places_in,
        floats, on_diagonal, diagonal_of,
    )
}  # fmt: skip
