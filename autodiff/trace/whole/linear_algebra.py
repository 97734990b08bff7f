"""``numpy.linalg`` on whole arrays: each function is a row of matrices, or made of some."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any, NamedTuple, NoReturn

import numpy as np

from autodiff.errors import TraceError, user_location
from autodiff.table import ops
from autodiff.table.arrays import equations, spectra
from autodiff.table.arrays.choosing import max_over, min_over
from autodiff.table.arrays.euclidean import norm_over
from autodiff.table.arrays.last_axes import turned
from autodiff.table.arrays.reshaping import broadcast_to, reshape, sum_over
from autodiff.trace.array_operand import ArrayOperand, WholeArray
from autodiff.trace.whole.fitting import Axes, axes
from autodiff.trace.whole.indices import get_item
from autodiff.trace.whole.matrix_products import matmul
from autodiff.trace.whole.moving import as_tracer, tracer_in

__all__ = ["FUNCTIONS", "Eigen", "refuse", "square", "tracers"]

_LARGEST = float(np.finfo(float).max)


def refuse(message: str) -> NoReturn:
    """Raise an error at the user's line."""
    raise TraceError(f"{user_location()}: {message}")


def tracers(*given: object) -> list[ArrayOperand]:
    """Everything as tracers, of which there is one at least."""
    like = tracer_in(given)
    assert like is not None
    return [as_tracer(x, like) for x in given]


def square(a: object, name: str) -> ArrayOperand:
    """Square matrices as a tracer."""
    (x,) = tracers(a)
    if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
        refuse(f"{name}: found shape {x.shape}; expected square matrices")
    return x


# --- systems -----------------------------------------------------------------------------------


def _solve(a: object, b: object) -> ArrayOperand:
    x, y = tracers(a, b)
    square(x, "solve")
    vector = y.ndim == 1
    if y.ndim == 0 or y.shape[0 if vector else -2] != x.shape[-1]:
        refuse(
            f"solve: a right-hand side of shape {y.shape} does not fit a matrix of shape {x.shape}"
        )
    if vector and x.ndim > 2:
        made: ArrayOperand = _solve(x, reshape(y, (y.size, 1)))[..., 0]
        return made
    if not vector:
        front = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
        x = broadcast_to(x, front + x.shape[-2:])
        y = broadcast_to(y, front + y.shape[-2:])
    return equations.solve(x, y)


def _inv(a: object) -> ArrayOperand:
    return equations.inv(square(a, "inv"))


def _det(a: object) -> ArrayOperand:
    return equations.det(square(a, "det"))


class _SignAndLog(NamedTuple):
    sign: object
    logabsdet: object


def _slogdet(a: object) -> _SignAndLog:
    x = square(a, "slogdet")
    return _SignAndLog(equations.detsign(x), equations.logabsdet(x))


def _cholesky(a: object, /, *, upper: bool = False) -> object:
    x = square(a, "cholesky")
    return turned(equations.cholesky(turned(x))) if upper else equations.cholesky(x)


def _pinv(a: object) -> object:
    (x,) = tracers(a)
    return equations.pinv(x)


def _lstsq(a: object, b: object) -> tuple[object, object, int, object]:
    x, y = tracers(a, b)
    if x.ndim != 2 or y.ndim not in (1, 2) or x.shape[0] != y.shape[0]:
        refuse(f"lstsq: shapes {x.shape} and {y.shape} do not fit")
    found = equations.lstsq(x, y)
    rest = y - matmul(x, found)
    squares = sum_over(rest * rest, (0,))
    overdetermined = x.shape[0] > x.shape[1]
    left = (reshape(squares, (1,)) if y.ndim == 1 else squares) if overdetermined else np.zeros(0)
    return found, left, min(x.shape), spectra.svdvals(x)


# --- spectra -----------------------------------------------------------------------------------


class Eigen(NamedTuple):
    """What ``np.linalg.eigh`` gives."""

    eigenvalues: object
    eigenvectors: object


class _Svd(NamedTuple):
    U: object
    S: object
    Vh: object


def _read(a: object, upper: bool, name: str) -> ArrayOperand:
    x = square(a, name)
    return turned(x) if upper else x


def _eigh(a: object, UPLO: str = "L") -> Eigen:  # noqa: N803  # NumPy's name
    x = _read(a, UPLO.upper() == "U", "eigh")
    return Eigen(spectra.eigvalsh(x), spectra.eigvectors(x))


def _eigvalsh(a: object, UPLO: str = "L") -> object:  # noqa: N803  # NumPy's name
    return spectra.eigvalsh(_read(a, UPLO.upper() == "U", "eigvalsh"))


def _svd(a: object, full_matrices: bool = True, compute_uv: bool = True) -> object:
    (x,) = tracers(a)
    if not compute_uv:
        return spectra.svdvals(x)
    if full_matrices and x.shape[-1] != x.shape[-2]:
        refuse(
            f"svd of shape {x.shape}: the vectors beyond the singular values are not determined; "
            "use full_matrices=False"
        )
    return _Svd(spectra.svdleft(x), spectra.svdvals(x), spectra.svdright(x))


def _svdvals(a: object) -> object:
    return spectra.svdvals(tracers(a)[0])


def _cond(x: object, p: object = None) -> object:
    if p not in (None, 2, -2):
        refuse(f"np.linalg.cond(p={p!r}) cannot be traced; p=None can be")
    s = spectra.svdvals(tracers(x)[0])
    return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]


# --- norms -------------------------------------------------------------------------------------


def _norm(x: object, ord: object = None, axis: Axes = None, keepdims: bool = False) -> object:
    a = tracers(x)[0]
    one = a.ndim == 1 if axis is None else np.ndim(axis) == 0
    along = axes(axis, a.ndim)
    size = abs(a)
    made: object
    if ord in (None, "fro") or (ord == 2 and one):
        made = norm_over(a, along)
    elif isinstance(ord, (int, float)) and one:
        if math.isinf(ord):
            made = (max_over if ord > 0 else min_over)(size, along)
        elif ord == 0:
            made = sum_over(ops.where(ops.ne(a, 0.0), 1, 0), along)
        elif ord == 1:
            made = sum_over(size, along)
        else:
            made = sum_over(size**ord, along) ** (1.0 / ord)
    elif not one and a.ndim == 2:
        made = _matrix_norm(a, size, ord)
    else:
        refuse(
            f"np.linalg.norm(ord={ord!r}) along these axes cannot be traced; the Frobenius norm "
            "(ord=None) and the norms of vectors can be"
        )
    kept = tuple(1 if i in along else n for i, n in enumerate(a.shape))
    return reshape(made, kept) if keepdims else made


def _vector_norm(
    x: object, *, axis: Axes = None, keepdims: bool = False, ord: object = 2
) -> object:
    a = tracers(x)[0]
    if axis is None:
        made = _norm(reshape(a, (a.size,)), ord)
        return reshape(made, (1,) * a.ndim) if keepdims else made
    if np.ndim(axis):
        refuse("np.linalg.vector_norm along several axes; reshape them into one")
    return _norm(a, ord, axis, keepdims)


def _matrix_norm(a: ArrayOperand, size: ArrayOperand, ord: object) -> object:
    """A norm of a matrix that its singular values, or its sums along an axis, give."""
    values = spectra.svdvals(a) if ord in (2, -2, "nuc") else None
    if ord == "nuc":
        return sum_over(values, (0,))
    if values is not None:
        return get_item(values, 0 if ord == 2 else -1)
    if not isinstance(ord, (int, float)) or abs(ord) not in (1, math.inf):
        refuse(f"np.linalg.norm: found ord={ord!r}; NumPy has no such norm of a matrix")
    sums = sum_over(size, (0,) if abs(ord) == 1 else (1,))
    return (max_over if ord > 0 else min_over)(sums, (0,))


# --- orthogonal factors ------------------------------------------------------------------------


class _Factors(NamedTuple):
    Q: object
    R: object


def _qr(a: object, mode: str = "reduced") -> object:
    """As LAPACK: each reflection makes a column zero below its diagonal.

    Where a column is zero there already, LAPACK does nothing and the sign of the diagonal stays;
    here it is reflected as all others, and the signs of its row and vector are turned back.
    """
    x: WholeArray = tracers(a)[0]
    if x.ndim < 2:
        refuse(f"qr: found shape {x.shape}; expected matrices")
    rows, columns = x.shape[-2:]
    if mode not in ("reduced", "r") and not (mode == "complete" and rows <= columns):
        refuse(
            f"np.linalg.qr of shape {x.shape} with mode={mode!r} cannot be traced: vectors beyond "
            "the columns are not determined; use mode='reduced'"
        )
    count = min(rows, columns)
    vectors: list[WholeArray] = []
    signs: list[WholeArray] = []
    for k in range(min(count, rows - 1)):
        vector, sign = _reflection(x[..., k:, k])
        if k:
            vector = np.concatenate([np.zeros((*x.shape[:-2], k)), vector], axis=-1)
        x = _reflected(x, vector)
        vectors.append(vector)
        signs.append(sign)
    signs += [np.ones(x.shape[:-2])] * (count - len(signs))
    turned = np.stack(signs, axis=-1)
    upper = np.triu(x[..., :count, :]) * turned[..., :, None]
    if mode == "r":
        return upper
    left: WholeArray = np.broadcast_to(np.eye(rows, count), (*x.shape[:-2], rows, count))
    for vector in reversed(vectors):
        left = _reflected(left, vector)
    return _Factors(left * turned[..., None, :], upper)


def _reflection(column: WholeArray) -> tuple[WholeArray, WholeArray]:
    """The vector v of 1 - 2 v v' / v' v that makes a column zero but for its first, and a sign."""
    first, rest = column[..., :1], column[..., 1:]
    size = np.sqrt(np.sum(column * column, axis=-1, keepdims=True))
    vector = np.concatenate([first + np.copysign(size, first), rest], axis=-1)
    length = np.sqrt(np.sum(vector * vector, axis=-1, keepdims=True))
    vector = vector / np.where(length == 0.0, 1.0, length)
    # Asked of the reciprocal: ``== 0.0`` would tie there, and ties take the slope of what is near,
    # where the sign is the other one.
    return vector, np.where(1.0 / np.sum(rest * rest, axis=-1) > _LARGEST, -1.0, 1.0)


def _reflected(block: WholeArray, vector: WholeArray) -> WholeArray:
    inside = np.sum(vector[..., :, None] * block, axis=-2, keepdims=True)
    reflected: WholeArray = block - 2.0 * vector[..., :, None] * inside
    return reflected


# --- powers ------------------------------------------------------------------------------------


def _matrix_power(a: object, n: int) -> ArrayOperand:
    x = square(a, "matrix_power")
    if not isinstance(n, (int, np.integer)):
        refuse(f"np.linalg.matrix_power: found the exponent {n!r}; expected an int")
    if n < 0:
        x, n = equations.inv(x), -int(n)
    made = None
    while n:
        if n & 1:
            made = x if made is None else matmul(made, x)
        n >>= 1
        x = matmul(x, x) if n else x
    if made is None:
        return broadcast_to(x.known(np.eye(x.shape[-1])), x.shape)
    return made


def _multi_dot(arrays: Iterable[Any], *, out: object = None) -> object:
    return reduce(np.dot, arrays)


FUNCTIONS: dict[object, Callable[..., object]] = {
    np.linalg.solve: _solve,
    np.linalg.inv: _inv,
    np.linalg.det: _det,
    np.linalg.slogdet: _slogdet,
    np.linalg.cholesky: _cholesky,
    np.linalg.pinv: _pinv,
    np.linalg.qr: _qr,
    np.linalg.lstsq: _lstsq,
    np.linalg.eigh: _eigh,
    np.linalg.eigvalsh: _eigvalsh,
    np.linalg.svd: _svd,
    np.linalg.cond: _cond,
    np.linalg.norm: _norm,
    **({np.linalg.vector_norm: _vector_norm} if hasattr(np.linalg, "vector_norm") else {}),
    np.linalg.matrix_power: _matrix_power,
    np.linalg.multi_dot: _multi_dot,
    **({np.linalg.svdvals: _svdvals} if hasattr(np.linalg, "svdvals") else {}),
}
