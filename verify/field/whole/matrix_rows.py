"""What the rows of matrices mean to residues.

A system is solved by elimination and a determinant is a product of pivots: exact, as all of
arithmetic.  What roots or limits make (Cholesky's factor, eigenvectors) is an unknown of its
matrix: a value for each, drawn once, as functions of numbers are.  So are systems so large that
elimination would take longer than all the rest.

The exponential is a polynomial whose coefficients are drawn once.  Some polynomial of a degree
below the rows of all the matrices that it is taken of is their exponential (Hermite interpolation);
so what holds for every polynomial of that degree holds for it, and in its blocks are derivatives.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from autodiff.table import ops
from autodiff.table.arrays.array_row import ArrayRow
from autodiff.table.arrays.equations import det, inv, pinv
from autodiff.table.arrays.last_axes import product, turned
from autodiff.table.arrays.reshaping import reshape
from autodiff.table.arrays.row_params import RowParams
from verify.field.whole.array_field import ArrayField, Integers, Residues
from verify.field.whole.systems import determinant, solution

__all__ = ["ELIMINATED", "MATRIX_ROWS"]

_LARGEST = 96  # rows of a matrix up to which elimination is run
_TERMS, _SMALL = 256, 32  # of the polynomial of a matrix, and rows up to which it is computed
_Given: TypeAlias = Sequence[Residues]
_Row: TypeAlias = Callable[[ArrayField, ArrayRow, _Given, RowParams], Residues]


def _is_large(x: Residues) -> bool:
    return x.shape[-1] > _LARGEST


# --- unknowns ----------------------------------------------------------------------------------


def _digests(x: Residues, lower: bool) -> Integers:
    """Numbers that tell matrices apart: (primes, matrices, 1)."""
    v = np.tril(x.v) if lower else x.v
    count = v.shape[0]
    found = [
        np.frombuffer(hashlib.sha256(one.tobytes()).digest()[: 8 * count], dtype=np.int64) >> 2
        for one in np.moveaxis(v, 0, -3).reshape(-1, count, *v.shape[-2:])
    ]
    return np.stack(found, axis=-1)[..., None]


def _unknown(
    field: ArrayField, row: ArrayRow, operands: Sequence[Residues], lower: bool = False
) -> Residues:
    """An unknown of matrices, one for each element of the result."""
    shape = row.infer(*(x.shape for x in operands))
    field.looked(*operands)
    digests = [_digests(_matrices(x), lower) for x in operands]
    inside = math.prod(shape) // max(digests[0].shape[1], 1)
    places = np.broadcast_to(np.arange(inside), (field.ring.count, 1, inside))
    made = field.oracle.values(row.name, *digests, places)
    return Residues(field, made.reshape(field.ring.count, *shape), 1, 0)


def _matrices(x: Residues) -> Residues:
    return x if x.ndim > 1 else x.reshape(1, x.size)


def _of_matrix(lower: bool) -> _Row:
    """An unknown of a matrix, of what it reads of it."""
    return lambda field, row, operands, params: _unknown(field, row, operands, lower)


def _exponential(field: ArrayField, row: ArrayRow, operands: _Given, params: RowParams) -> Residues:
    """A polynomial of matrices; unknowns where these have more rows together than it has terms.

    It takes some time, and tells nothing of texts that take it of what the chain rule does.
    """
    (x,) = operands
    if not field.relations:
        return _unknown(field, row, operands)
    size, met = x.shape[-1], field.oracle.exponentials
    digests = [one.tobytes() for one in np.moveaxis(_digests(x, False), 1, 0)]
    for digest in digests:
        met.setdefault(digest, sum(met.values()) + size <= _TERMS and size)
    if size > _SMALL or not all(met[digest] for digest in digests):
        return _unknown(field, row, operands)
    unit = field.lift(np.eye(size))
    made: Residues = field.function("expm 0") * x
    for k in range(1, _TERMS - 1):
        made = product(made + field.function(f"expm {k}") * unit, x)
    return made + field.function(f"expm {_TERMS - 1}") * unit


def _factor(field: ArrayField, row: ArrayRow, operands: _Given, params: RowParams) -> Residues:
    made = _unknown(field, row, operands, lower=True)
    return Residues(field, np.tril(made.v), made.n, made.d)


# --- systems -----------------------------------------------------------------------------------


def _det_degrees(size: int, n: int, d: int) -> tuple[int, int]:
    """Degrees of the determinant of elements of degrees n and d."""
    return size * n + (size * size - size) * d, size * size * d


def _det(field: ArrayField, row: ArrayRow, operands: _Given, params: RowParams) -> Residues:
    (x,) = operands
    if _is_large(x):
        return _unknown(field, row, operands)
    made = determinant(field.ring, x.v)
    return field.made(made, *_det_degrees(x.shape[-1], x.n, x.d))


def _solve(field: ArrayField, row: ArrayRow, operands: _Given, params: RowParams) -> Residues:
    a, b = operands
    if _is_large(a):
        return _unknown(field, row, operands)
    columns = b.v[..., None] if b.ndim == 1 else b.v
    made = solution(field.ring, a.v, columns).reshape(b.v.shape)
    size = a.shape[-1]  # Cramer's rule: a quotient of two determinants
    above = _det_degrees(size, max(a.n, b.n), max(a.d, b.d))
    below = _det_degrees(size, a.n, a.d)
    return field.made(made, above[0] + below[1], above[1] + below[0])


def _inv(field: ArrayField, row: ArrayRow, operands: _Given, params: RowParams) -> Residues:
    (x,) = operands
    if _is_large(x):
        return _unknown(field, row, operands)
    size = x.shape[-1]
    unit = np.broadcast_to(np.eye(size, dtype=np.int64), x.v.shape)
    made = solution(field.ring, x.v, unit)
    above, below = _det_degrees(size - 1, x.n, x.d), _det_degrees(size, x.n, x.d)
    return field.made(made, above[0] + below[1], above[1] + below[0])


def _pinv(field: ArrayField, row: ArrayRow, operands: _Given, params: RowParams) -> Residues:
    """That of a matrix whose rank is as large as can be."""
    (x,) = operands
    ahead = turned(x)
    tall = x.shape[-2] >= x.shape[-1]
    made: Residues = (
        product(inv(product(ahead, x)), ahead) if tall else product(ahead, inv(product(x, ahead)))
    )
    return made


def _lstsq(field: ArrayField, row: ArrayRow, operands: _Given, params: RowParams) -> Residues:
    a, b = operands
    columns = b.reshape(b.size, 1) if b.ndim == 1 else b
    made: Residues = reshape(product(pinv(a), columns), row.infer(a.shape, b.shape))
    return made


def _logarithm(field: ArrayField, row: ArrayRow, operands: _Given, params: RowParams) -> Residues:
    made: Residues = ops.log(abs(det(operands[0])))
    return made


def _sign(field: ArrayField, row: ArrayRow, operands: _Given, params: RowParams) -> Residues:
    made: Residues = ops.sign(det(operands[0]))
    return made


def _gaps(field: ArrayField, row: ArrayRow, operands: _Given, params: RowParams) -> Residues:
    """1 / (w_j - w_i), and 0 on the diagonal, that of pairs as well."""
    w, _ = operands
    change = w.reshape(*w.shape[:-1], 1, w.shape[-1]) - w.reshape(*w.shape, 1)
    n = w.shape[-1]
    own = np.arange(n) % (n // 2 if params["kind"] == "pairs" else n)
    unit = own[:, None] == own
    inside = field.ring.inverse(np.where(unit, 1, change.v))
    return Residues(field, np.where(unit, 0, inside), change.d, change.n)


ELIMINATED = ("solve", "inv", "det")  # rows that arithmetic finds
MATRIX_ROWS: dict[str, _Row] = {
    "solve": _solve,
    "inv": _inv,
    "det": _det,
    "logabsdet": _logarithm,
    "detsign": _sign,
    "cholesky": _factor,
    "pinv": _pinv,
    "lstsq": _lstsq,
    "eigvalsh": _of_matrix(True),
    "eigvectors": _of_matrix(True),
    "hermitian_vectors": _of_matrix(True),
    "svdvals": _of_matrix(False),
    "svdleft": _of_matrix(False),
    "svdright": _of_matrix(False),
    "expm": _exponential,
    "gaps": _gaps,
}
