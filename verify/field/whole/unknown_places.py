"""Elements at places that depend on the inputs: sums over all places, each with an unknown weight.

``x[i]`` is the sum of ``x[j] * is(i, j)`` over all places j, where ``is(i, j)`` is 1 at one of them
and 0 elsewhere.  Here it is an unknown of i for each j; together they are 1.  What is equal for
every such weight is equal for those, whatever place i is, and in which order text and rule add up.
"""

from __future__ import annotations

import math

import numpy as np

from autodiff.table.arrays.contraction import contract
from autodiff.table.arrays.indexing import assign
from autodiff.table.arrays.reshaping import reshape, sum_over, transpose
from verify.field.whole.array_field import ArrayField, Residues

__all__ = ["added_at", "drawn_places", "flat_place", "put_along", "taken_along", "taken_at"]

_MOST = 2_000_000  # weights


def drawn_places(field: ArrayField, index: Residues, n: int) -> Residues | None:
    """Places drawn for the numbers of an index, equal ones for equal numbers; None if few.

    They are among all, or else among two, so that places that differ meet, too.
    """
    if index.size * n <= _MOST:
        return None
    field.choice = 1.0
    places = field.oracle.words(f"place of {n}", (index.v,))[0]
    one = np.zeros((field.ring.count, 1), dtype=np.int64)
    draw = int(field.oracle.words(f"two of {n}", (one,))[0][0])
    if draw & 1:
        return field.lift((places % np.uint64(n)).astype(float))
    first, further = (draw >> 1) % n, 1 + (draw >> 32) % max(n - 1, 1)
    two = np.array([first, (first + further) % n])
    return field.lift(two[places % np.uint64(2)].astype(float))


def taken_at(field: ArrayField, x: Residues, index: Residues, axis: int) -> Residues:
    """The elements along an axis at unknown places: ``gather``."""
    n, rest = x.shape[axis], (*x.shape[:axis], *x.shape[axis + 1 :])
    first = transpose(x, (axis, *(i for i in range(x.ndim) if i != axis)))
    rows = reshape(first, (n, math.prod(rest)))
    made = contract("ij,jk->ik", _weights(field, index, n), rows)
    made = reshape(made, (*index.shape, *rest))
    order = [*range(index.ndim, index.ndim + axis), *range(index.ndim)]
    order += range(index.ndim + axis, index.ndim + len(rest))
    return field.lift(transpose(made, tuple(order)))


def added_at(field: ArrayField, g: Residues, index: Residues, axis: int, size: int) -> Residues:
    """Zeros to which elements are added at unknown places: ``scatter_add``."""
    inside = range(axis, axis + index.ndim)
    outside = [i for i in range(g.ndim) if i not in inside]
    rest = tuple(g.shape[i] for i in outside)
    rows = reshape(transpose(g, (*inside, *outside)), (index.size, math.prod(rest)))
    made = contract("ij,ik->jk", _weights(field, index, size), rows)
    made = reshape(made, (size, *rest))
    order = (*range(1, axis + 1), 0, *range(axis + 1, len(rest) + 1))
    return field.lift(transpose(made, order))


def taken_along(field: ArrayField, x: Residues, index: Residues, axis: int) -> Residues:
    """The element of each row at unknown places: ``take_along``."""
    rows, weights = _in_rows(x, axis), _weights_along(field, index, axis, x.shape[axis])
    return _along_again(contract("rkj,rj->rk", weights, rows), index.shape, axis)


def put_along(field: ArrayField, g: Residues, index: Residues, axis: int, size: int) -> Residues:
    """Zeros to each row of which elements are added at unknown places: ``put_along``."""
    rows, weights = _in_rows(g, axis), _weights_along(field, index, axis, size)
    shape = (*g.shape[:axis], size, *g.shape[axis + 1 :])
    return _along_again(contract("rkj,rk->rj", weights, rows), shape, axis)


def _in_rows(x: Residues, axis: int) -> Residues:
    """The rows along an axis, one below the other."""
    moved = transpose(x, (*(i for i in range(x.ndim) if i != axis), axis))
    made: Residues = reshape(moved, (x.size // x.shape[axis], x.shape[axis]))
    return made


def _weights_along(field: ArrayField, index: Residues, axis: int, n: int) -> Residues:
    rows = _in_rows(index, axis)
    made: Residues = reshape(_weights(field, rows, n), (*rows.shape, n))
    return made


def _along_again(rows: Residues, shape: tuple[int, ...], axis: int) -> Residues:
    """An array of a shape, from its rows along an axis."""
    rest = [n for i, n in enumerate(shape) if i != axis]
    made = reshape(rows, (*rest, shape[axis]))
    order = [*range(axis), len(rest), *range(axis, len(rest))]
    found: Residues = transpose(made, tuple(order))
    return found


def flat_place(field: ArrayField, indices: list[Residues], shape: tuple[int, ...]) -> Residues:
    """The flat place that several indices name."""
    return field.function(f"place in {shape}", *indices)


def _weights(field: ArrayField, index: Residues, n: int) -> Residues:
    """For each place asked for, and each there is, how much of it."""
    asked = reshape(index, (index.size, 1))
    made = field.function(f"place of {n}", asked, np.arange(float(n)))
    others = sum_over(made[:, 1:], (1,))
    return assign(made, 1.0 - others, ((0, index.size, 1), (0,)))
