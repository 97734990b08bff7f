"""``scipy.linalg`` on whole arrays.

SciPy is not needed: what is here is found by the identity of SciPy's own functions, if the program
has imported them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

import numpy as np

from autodiff.table.arrays import equations, spectra
from autodiff.table.arrays.indexing import gather
from autodiff.table.arrays.last_axes import triangle, turned
from autodiff.table.arrays.reshaping import reshape
from autodiff.trace.array_operand import ArrayOperand
from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.whole.linear_algebra import refuse, square, tracers
from autodiff.trace.whole.moving import as_tracer, tracer_in

__all__ = ["SCIPY_LINALG"]


def _solved(a: Any, b: Any) -> object:
    return np.linalg.solve(a, b)


def _read(a: object, lower: bool) -> Any:
    """Symmetric matrices, such that what is read is below the diagonal."""
    x = square(a, "eigh")
    return x if lower else turned(x)


def _upper(a: object, lower: bool = False, *args: object, **kwargs: object) -> object:
    x = square(a, "cholesky")
    return equations.cholesky(x) if lower else turned(equations.cholesky(turned(x)))


def _cho_factor(a: object, lower: bool = False, *args: object, **kwargs: object) -> object:
    return _upper(a, lower), lower


def _cho_solve(c_and_lower: tuple[Any, bool], b: object, *args: object, **kwargs: object) -> object:
    given, lower = c_and_lower
    factor = given if isinstance(given, ArrayOperand) else (np.tril if lower else np.triu)(given)
    one, two = (factor, factor.T) if lower else (factor.T, factor)
    return _solved(two, _solved(one, b))


def _solve_triangular(
    a: object, b: object, trans: Any = 0, lower: bool = False, unit_diagonal: bool = False,
    *args: object, **kwargs: object,
) -> Any:  # fmt: skip
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
    kept = dict(node.params)
    return lower == kept.get("lower", True) and (kept.get("offset", 0) == 0)


def _scipy_solve(
    a: Any, b: object, lower: bool = False, *args: object, assume_a: object = None,
    transposed: bool = False, **kwargs: object,
) -> object:  # fmt: skip
    x = square(a, "solve")
    if assume_a in ("sym", "her", "pos", "symmetric", "hermitian", "positive definite"):
        kept = triangle(x, lower)  # SciPy reads one triangle
        x = kept + turned(triangle(x, lower, -1 if lower else 1))
    return _solved(turned(x) if transposed else x, b)


def _scipy_eigh(
    a: object, b: object = None, lower: bool = True, eigvals_only: bool = False,
    *args: object, **kwargs: object,
) -> object:  # fmt: skip
    chosen = {k: v for k, v in kwargs.items() if k.startswith("subset") and v is not None}
    if chosen:
        refuse(f"scipy.linalg.eigh({next(iter(chosen))}=...) cannot be traced; slice the result")
    if b is not None:
        return _generalized(a, b, lower, eigvals_only)
    x = _read(a, lower)
    if eigvals_only:
        return spectra.eigvalsh(x)
    return spectra.eigvalsh(x), spectra.eigvectors(x)


def _generalized(a: object, b: object, lower: bool, eigvals_only: bool) -> object:
    """A v = w B v with B = L L': the eigenvalues of L^-1 A L^-T."""
    left, right = tracers(a, b)
    x, factor = _read(left, lower), equations.cholesky(_read(right, lower))
    below = triangle(x, True)
    whole = below + turned(triangle(x, True, -1))
    inside = _solved(factor, turned(_solved(factor, whole)))
    values = spectra.eigvalsh(inside)
    if eigvals_only:
        return values
    return values, _solved(turned(factor), spectra.eigvectors(inside))


class _Factors(NamedTuple):
    """What ``lu_factor`` gives: the matrix itself, for ``lu_solve``."""

    lu: object
    piv: object


def _lu_factor(a: object, *args: object, **kwargs: object) -> _Factors:
    return _Factors(square(a, "lu_factor"), None)


def _lu_solve(lu_and_piv: Any, b: object, trans: int = 0, *args: object, **kwargs: object) -> Any:
    x, pivots = lu_and_piv
    if pivots is not None:  # SciPy's, of a matrix that is known
        factors = x
        x = (np.tril(factors, -1) + np.eye(len(factors))) @ np.triu(factors)
        for i in range(len(pivots) - 1, -1, -1):
            x[[i, pivots[i]]] = x[[pivots[i], i]]
    return _solved(x.T if trans else x, b)


def _block_diag(*arrays: Any) -> Any:
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


def _scipy_norm(a: Any, *args: Any, **kwargs: Any) -> object:
    return np.linalg.norm(a, *args, **kwargs)


_OF_ARRAYS: dict[str, Callable[..., Any]] = {
    "solve": _scipy_solve,
    "solve_triangular": _solve_triangular,
    "inv": lambda a, *args, **kwargs: np.linalg.inv(a),
    "det": lambda a, *args, **kwargs: np.linalg.det(a),
    "cholesky": _upper,
    "cho_factor": _cho_factor,
    "cho_solve": _cho_solve,
    "lu_factor": _lu_factor,
    "lu_solve": _lu_solve,
    "pinv": lambda a, *args, **kwargs: np.linalg.pinv(a),
    "pinvh": lambda a, *args, **kwargs: np.linalg.pinv(a),
    "lstsq": lambda a, b, *args, **kwargs: np.linalg.lstsq(a, b, rcond=None),
    "eigh": _scipy_eigh,
    "eigvalsh": lambda a, b=None, lower=True, **kwargs: _scipy_eigh(a, b, lower, True, **kwargs),
    "svd": lambda a, full_matrices=True, compute_uv=True, *args, **kwargs: np.linalg.svd(
        a, full_matrices, compute_uv
    ),
    "svdvals": lambda a, *args, **kwargs: np.linalg.svd(a, compute_uv=False),
    "expm": lambda a: spectra.expm(square(a, "expm")),
    "norm": _scipy_norm,
    "block_diag": _block_diag,
    "toeplitz": _toeplitz,
}  # fmt: skip


def _where_traced(name: str, ours: Callable[..., object]) -> Callable[..., object]:
    """Ours for array tracers, SciPy's own for everything else."""

    @wraps(ours)
    def function(*args: object, **kwargs: object) -> Any:
        if tracer_in((args, kwargs)) is not None:
            return ours(*args, **kwargs)
        return getattr(sys.modules["scipy.linalg"], name)(*args, **kwargs)

    return function


SCIPY_LINALG: dict[str, Callable[..., Any]] = {
    name: _where_traced(name, ours) for name, ours in _OF_ARRAYS.items()
}
