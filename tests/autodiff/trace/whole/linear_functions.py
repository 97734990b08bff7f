"""Linear algebra as people write it, for the tests of NumPy's functions on whole arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import linalg

__all__ = ["LINEAR_FUNCTIONS", "WITHOUT_SCALARS"]

_DRAW = np.random.default_rng(5)
_M, _B, _V = _DRAW.normal(size=(3, 3)), _DRAW.normal(size=(3, 2)), _DRAW.normal(size=3)
_STACK = _DRAW.normal(size=(2, 3, 3))


def _definite(x: Any) -> Any:
    return x @ x.T + np.diag([0.5, 1.0, 2.0])


def _gaussian(x: Any) -> Any:
    """The log density of a process with a kernel."""
    d = x[:, None, :] - x[None, :, :]
    kernel = np.exp(-0.5 * np.sum(d**2, axis=-1)) + 0.1 * np.eye(3)
    factor = np.linalg.cholesky(kernel)
    z = linalg.solve_triangular(factor, _V, lower=True)
    return -0.5 * z @ z - np.sum(np.log(np.diag(factor)))


def _factored(x: Any) -> Any:
    c = linalg.cho_factor(_definite(x))
    low = linalg.cho_factor(_definite(x), lower=True)
    known = linalg.cho_factor(_definite(_M))
    return linalg.cho_solve(c, _B) + linalg.cho_solve(low, x[:, :2]) + linalg.cho_solve(known, _B)


def _least(x: Any) -> Any:
    found, rest, rank, _ = np.linalg.lstsq(x.T, np.ones(4), rcond=None)
    return found * rank + rest[0]


def _orthogonal(x: Any) -> Any:
    q, r = np.linalg.qr(x.T[:, :2])  # more rows than columns
    return q[:2] * r


def _orthogonal_of_wide(x: Any) -> Any:
    wide = np.linalg.qr(x)
    return np.sum(wide.Q @ wide.R[:, :3])


def _spectrum(x: Any) -> Any:
    w, v = np.linalg.eigh(_definite(x))
    return (v * np.log(w)) @ v.T


def _singular(x: Any) -> Any:
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    return (u * s**2) @ vh + linalg.svdvals(x)[0]


def _upper(x: Any) -> Any:
    u = linalg.cholesky(_definite(x))
    return u + linalg.solve_triangular(u, _B, trans="T")[:, :1] + linalg.inv(u)


def _decomposed(x: Any) -> Any:
    factors, known = linalg.lu_factor(_M + x[:, :3]), linalg.lu_factor(_M)
    return linalg.lu_solve(factors, _B) + linalg.lu_solve(known, x[:, :2], trans=1)


def _generalized(x: Any) -> Any:
    w, v = linalg.eigh(_definite(x), _definite(_M))
    return w + np.sum(v * v, axis=1) + linalg.eigvalsh(_definite(x))


LINEAR_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "solve": lambda x: np.linalg.solve(_definite(x), x) + np.linalg.solve(_M, x[:, 0])[:, None],
    "solve of a stack": lambda x: np.linalg.solve(_STACK * x[0, 0], x[:, :2]) @ _B.T,
    "inverse": lambda x: np.linalg.inv(_definite(x)) @ linalg.inv(_M + x[:, :3]),
    "determinant": lambda x: np.linalg.det(x[:, 1:]) + linalg.det(_STACK[0] + x[:, :3]),
    "slogdet": lambda x: np.linalg.slogdet(_definite(x))[1] * np.linalg.slogdet(-_definite(x)).sign,
    "cholesky": lambda x: np.linalg.cholesky(_definite(x)),
    "upper": _upper,
    "gaussian process": _gaussian,
    "factored": _factored,
    "decomposed": _decomposed,
    "powers": lambda x: (
        np.linalg.matrix_power(x[:, :3], 3)
        + np.linalg.matrix_power(_definite(x), -1)
        + np.linalg.multi_dot([x, x.T, _M])
    ),
    "unit diagonal": lambda x: linalg.solve_triangular(x[:, :3], _B, True, unit_diagonal=True),
    "symmetric": lambda x: linalg.solve(_definite(x), _B, assume_a="pos"),
    "blocks": lambda x: linalg.block_diag(x[:2, :2], _M) + linalg.toeplitz(x[0], x[1])[0, 0],
    "toeplitz": lambda x: linalg.toeplitz(x[0]) @ linalg.toeplitz(x[1], x[2]),
    "least squares": _least,
    "pseudo-inverse": lambda x: np.linalg.pinv(x) @ _M + linalg.pinv(x.T).T,
    "orthogonal": _orthogonal,
    "orthogonal of wide": _orthogonal_of_wide,
    "orthogonal of a stack": lambda x: np.linalg.qr(_STACK * x[0, 0], "r")[1],
    "spectrum": _spectrum,
    "generalized": _generalized,
    "singular values": _singular,
    "condition": lambda x: np.linalg.cond(x) + np.linalg.norm(x, 2) + np.linalg.norm(x, "nuc"),
    "exponential": lambda x: linalg.expm(0.3 * (x[:, :3] - _M)) @ linalg.expm(_STACK * x[0, 0]),
}  # fmt: skip
WITHOUT_SCALARS = {
    "least squares", "pseudo-inverse", "spectrum", "generalized", "singular values", "condition",
    "exponential", "put along largest",
}  # fmt: skip
