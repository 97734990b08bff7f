"""``scipy.linalg`` on whole arrays.

SciPy is not needed: what is here is found by the identity of SciPy's own functions, if the program
has imported them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from autodiff.forking import late_import
from autodiff.table.arrays import equations, spectra
from autodiff.table.arrays.indexing import gather
from autodiff.table.arrays.last_axes import triangle, turned
from autodiff.table.arrays.reshaping import reshape
from autodiff.trace.array_operand import ArrayOperand, WholeArray
from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.whole.linear_algebra import refuse, square, tracers
from autodiff.trace.whole.moving import as_tracer, tracer_in
from autodiff.trace.whole.pairs.complex_array import is_complex
from autodiff.trace.whole.pairs.matrices_of_pairs import COMPLEX_LINALG
from autodiff.trace.whole.scipy.riccati import RICCATI
from autodiff.trace.whole.scipy.where_traced import each_where_traced

__all__ = ["SCIPY_LINALG"]


def _solved(a: Any, b: Any) -> Any:
    return np.linalg.solve(a, b)


def _read(a: object, lower: bool) -> ArrayOperand:
    """Symmetric matrices, such that what is read is below the diagonal."""
    x = square(a, "eigh")
    return x if lower else turned(x)


def _upper(a: object, lower: bool = False) -> object:
    x = square(a, "cholesky")
    return equations.cholesky(x) if lower else turned(equations.cholesky(turned(x)))


def _cho_factor(a: object, lower: bool = False) -> object:
    return _upper(a, lower), lower


def _cho_solve(c_and_lower: tuple[Any, bool], b: object) -> object:
    given, lower = c_and_lower
    factor = given if isinstance(given, ArrayOperand) else (np.tril if lower else np.triu)(given)
    one, two = (factor, factor.T) if lower else (factor.T, factor)
    return _solved(two, _solved(one, b))


def _solve_triangular(
    a: object, b: object, trans: object = 0, lower: bool = False, unit_diagonal: bool = False,
) -> object:  # fmt: skip
    x = square(a, "solve_triangular")
    if unit_diagonal:
        x = triangle(x, lower, -1 if lower else 1) + np.eye(x.shape[-1])
    elif not _is_triangular(x, lower):
        x = triangle(x, lower)
    return _solved(turned(x) if trans in (1, 2, "T", "C") else x, b)


def _is_triangular(x: ArrayOperand, lower: bool) -> bool:
    """True if its zeros are known to be there."""
    if not isinstance(x, ArrayTracer):
        return False
    node = x.builder.nodes[x.index]
    while node.primitive is not None and node.primitive.name == "transpose":
        lower = not lower
        node = x.builder.nodes[node.operands[0]]
    if node.primitive is None or node.primitive.name not in ("cholesky", "triangle"):
        return False
    kept = node.named
    return lower == kept.get("lower", True) and (kept.get("offset", 0) == 0)


def _scipy_solve(
    a: object, b: object, lower: bool = False, *, assume_a: object = None,
    transposed: bool = False,
) -> object:  # fmt: skip
    x = square(a, "solve")
    if assume_a in ("sym", "her", "pos", "symmetric", "hermitian", "positive definite"):
        kept = triangle(x, lower)  # SciPy reads one triangle
        x = kept + turned(triangle(x, lower, -1 if lower else 1))
    return _solved(turned(x) if transposed else x, b)


def _scipy_eigh(
    a: object, b: object = None, lower: bool = True, eigvals_only: bool = False,
    *, type: int = 1,  # noqa: A002  # SciPy's name
) -> object:  # fmt: skip
    if b is not None and type != 1:
        refuse(f"scipy.linalg.eigh(type={type!r}) cannot be traced; type 1, A v = w B v, can be")
    if b is not None:
        return _generalized(a, b, lower, eigvals_only)
    x = _read(a, lower)
    if eigvals_only:
        return spectra.eigvalsh(x)
    return spectra.eigvalsh(x), spectra.eigvectors(x)


def _whole_of(a: object, lower: bool) -> ArrayOperand:
    """Symmetric matrices of which one triangle is read."""
    x = _read(a, lower)
    whole: ArrayOperand = triangle(x, True) + turned(triangle(x, True, -1))
    return whole


def _pinv(a: object) -> object:
    return equations.pinv(*tracers(a))


def _generalized(a: object, b: object, lower: bool, eigvals_only: bool) -> object:
    """A v = w B v with B = L L': the eigenvalues of L^-1 A L^-T."""
    left, right = tracers(a, b)
    factor, whole = equations.cholesky(_read(right, lower)), _whole_of(left, lower)
    inside = _solved(factor, turned(_solved(factor, whole)))
    values = spectra.eigvalsh(inside)
    if eigvals_only:
        return values
    return values, _solved(turned(factor), spectra.eigvectors(inside))


class _Factors(NamedTuple):
    """What ``lu_factor`` gives: the matrix itself, for ``lu_solve``."""

    lu: object
    piv: object


def _lu_factor(a: object) -> _Factors:
    return _Factors(square(a, "lu_factor"), None)


def _lu_solve(lu_and_piv: tuple[Any, Any], b: object, trans: int = 0) -> object:
    x, pivots = lu_and_piv
    if pivots is not None:  # SciPy's, of a matrix that is known
        factors = x
        x = (np.tril(factors, -1) + np.eye(len(factors))) @ np.triu(factors)
        for i in range(len(pivots) - 1, -1, -1):
            x[[i, pivots[i]]] = x[[pivots[i], i]]
    return _solved(x.T if trans else x, b)


def _block_diag(*arrays: object) -> object:
    like = tracer_in(arrays)
    assert like is not None
    blocks = [as_tracer(a, like) for a in arrays]
    blocks = [reshape(b, (1,) * (2 - b.ndim) + b.shape) for b in blocks]
    width, before, rows = sum(b.shape[1] for b in blocks), 0, []
    for block in blocks:
        rows.append(np.pad(block, ((0, 0), (before, width - before - block.shape[1]))))
        before += block.shape[1]
    return np.concatenate(rows, axis=0)


def _toeplitz(c: object, r: object = None) -> object:
    column, *rest = tracers(c, *([] if r is None else [r]))
    row = rest[0] if rest else column
    both = np.concatenate([column[::-1], row[1:]])
    places = (column.size - 1 - np.arange(column.size))[:, None] + np.arange(row.size)
    return gather(both, column.known(places, True))


def _solve_banded(l_and_u: Sequence[int], ab: object, b: object) -> object:
    lower, upper = (int(n) for n in l_and_u)
    bands, right = tracers(ab, b)
    return _solved(_of_bands(bands, lower, upper), right)


def _of_bands(bands: ArrayOperand, lower: int, upper: int) -> WholeArray:
    """The matrix whose diagonals are the rows of ``bands``, the highest first."""
    n = bands.shape[-1]
    row, column = np.arange(n)[:, None], np.arange(n)[None, :]
    place = upper + row - column
    inside = (place >= 0) & (place <= lower + upper)
    taken = bands[np.clip(place, 0, lower + upper), np.broadcast_to(column, (n, n))]
    return np.where(inside, taken, 0.0)


def _solveh_banded(ab: object, b: object, *, lower: bool = False) -> object:
    bands, right = tracers(ab, b)
    width = bands.shape[0] - 1
    half = _of_bands(bands, width, 0) if lower else _of_bands(bands, 0, width)
    return _solved(half + turned(triangle(half, lower, -1 if lower else 1)), right)


def _solve_toeplitz(c_or_cr: object, b: object) -> object:
    column, row = c_or_cr if isinstance(c_or_cr, tuple) else (c_or_cr, None)
    traced = tracer_in((column, row)) is not None
    matrix = _toeplitz(column, row) if traced else sys.modules["scipy.linalg"].toeplitz(column, row)
    return _solved(matrix, b)


def _row_by_row(system: WholeArray, right: ArrayOperand) -> object:
    """The matrix whose rows, one after another, solve one system; so do those of the right side."""
    return reshape(_solved(system, reshape(right, (right.size,))), right.shape)


def _solve_sylvester(a: object, b: object, q: object) -> object:
    """A X + X B = Q."""
    x, y, right = tracers(a, b, q)
    n, m = right.shape
    return _row_by_row(np.kron(x, np.eye(m)) + np.kron(np.eye(n), turned(y)), right)


def _solve_discrete_lyapunov(a: object, q: object) -> object:
    """A X A' - X + Q = 0."""
    x, right = tracers(a, q)
    n = right.shape[0]
    return _row_by_row(np.eye(n * n) - np.kron(x, x), right)


# --- functions of matrices ----------------------------------------------------------------------

_STEPS = 30  # of Denman and Beavers: each halves the digits that are missing, or the size
_ROOTS = 5  # square roots, behind which the logarithm's argument is near 1
_NEAR_ONE = np.polynomial.legendre.leggauss(16)


_Pair: TypeAlias = tuple[ArrayOperand, ArrayOperand]


def _sized(x: ArrayOperand) -> ArrayOperand:
    size: ArrayOperand = np.sqrt(np.sum(x * x, axis=(-2, -1), keepdims=True))
    return size


def _root_of_sized(x: ArrayOperand) -> ArrayOperand:
    """The principal root of a matrix that is not large, by Denman and Beavers."""

    def step(pair: _Pair, _: None) -> tuple[_Pair, None]:
        root, inverse = pair
        return (0.5 * (root + np.linalg.inv(inverse)), 0.5 * (inverse + np.linalg.inv(root))), None

    scan = late_import("autodiff.trace.regions.scan").scan  # which traces what it repeats
    start = x, np.broadcast_to(np.eye(x.shape[-1]), x.shape)
    root: ArrayOperand = scan(step, start, length=_STEPS)[0][0]
    return root


def _sqrtm(a: object) -> ArrayOperand:
    x = square(a, "sqrtm")
    size = _sized(x)
    return _root_of_sized(x / size) * np.sqrt(size)


def _polar(a: object, side: str = "right") -> tuple[object, object]:
    u, s, v = np.linalg.svd(tracers(a)[0], full_matrices=False)
    return u @ v, (v.T * s) @ v if side == "right" else (u * s) @ u.T


def _logm(a: object) -> WholeArray:
    """Roots bring a matrix near to 1, where Gauss's rule integrates (A - 1) / (1 + t (A - 1))."""
    x = square(a, "logm")
    size, one = _sized(x), np.eye(x.shape[-1])
    root = x / size
    for _ in range(_ROOTS):
        root = _root_of_sized(root)
    off, total = root - one, np.log(size) * one
    for place, weight in zip(*_NEAR_ONE, strict=True):
        share, half = 0.5 * (1.0 + float(place)), 0.5 * float(weight)
        total = total + half * 2.0**_ROOTS * np.linalg.solve(one + share * off, off)
    return total


_OF_ARRAYS: dict[str, Callable[..., object]] = {
    **RICCATI,
    "solve": _scipy_solve,
    "solve_triangular": _solve_triangular,
    "inv": np.linalg.inv,
    "det": np.linalg.det,
    "cholesky": _upper,
    "cho_factor": _cho_factor,
    "cho_solve": _cho_solve,
    "lu_factor": _lu_factor,
    "lu_solve": _lu_solve,
    "pinv": _pinv,
    "pinvh": lambda a, *, lower=True: np.linalg.pinv(_whole_of(a, lower)),
    "solve_banded": _solve_banded,
    "solveh_banded": _solveh_banded,
    "solve_toeplitz": _solve_toeplitz,
    "solve_sylvester": _solve_sylvester,
    "solve_continuous_lyapunov": lambda a, q: _solve_sylvester(a, turned(tracers(a, q)[0]), q),
    "solve_lyapunov": lambda a, q: _solve_sylvester(a, turned(tracers(a, q)[0]), q),
    "solve_discrete_lyapunov": _solve_discrete_lyapunov,
    "lstsq": lambda a, b: np.linalg.lstsq(a, b, rcond=None),
    "eigh": _scipy_eigh,
    "eigvalsh": lambda a, b=None, lower=True: _scipy_eigh(a, b, lower, True),
    "svd": lambda a, full_matrices=True, compute_uv=True: np.linalg.svd(
        a, full_matrices, compute_uv
    ),
    "svdvals": lambda a: np.linalg.svd(a, compute_uv=False),
    "logm": _logm,
    "polar": _polar,
    "sqrtm": _sqrtm,
    "expm": lambda a: spectra.expm(square(a, "expm")),
    "norm": np.linalg.norm,
    "block_diag": _block_diag,
    "toeplitz": _toeplitz,
}  # fmt: skip


def _of_either(name: str, ours: Callable[..., object]) -> Callable[..., object]:
    """A function of real arrays, or what it is of complex ones."""
    of_pairs = COMPLEX_LINALG.get(name)

    @wraps(ours)
    def function(*args: object, **kwargs: object) -> object:
        if not any(map(is_complex, args)):
            return ours(*args, **kwargs)
        if of_pairs is None:
            refuse(f"scipy.linalg.{name} of complex numbers cannot be traced")
        return of_pairs(*args, **kwargs)

    return function


SCIPY_LINALG = each_where_traced(
    "scipy.linalg", {name: _of_either(name, ours) for name, ours in _OF_ARRAYS.items()}
)
