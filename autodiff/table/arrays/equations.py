"""Rows that an equation defines: systems, inverses, determinants, Cholesky, least squares.

A row's value is NumPy's.  Its tangent is what the equation says of two neighbouring solutions
(the implicit function theorem), its transpose the same read backwards:

- solve:     A X = B               A dX = dB - dA X
- inv:       A X = 1               dX = -X dA X
- det:       d = |A|               dd = d tr(A^-1 dA); the logarithm of its size: tr(A^-1 dA)
- cholesky:  L L' = A, L lower     dL = L half_lower(L^-1 dA L^-T); A is read below its diagonal
- pinv:      A P A = A and so on   dP = -P dA P + P P' dA' (1 - A P) + (1 - P A) dA' P' P
- lstsq:     X = pinv(A) B

Tests hold each tangent to its equation, exactly, and each transpose to its tangent.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autodiff.table import ops
from autodiff.table.arrays.array_row import ArrayRow, Pull, Same, Shape, Use, shape_of
from autodiff.table.arrays.contraction import contract
from autodiff.table.arrays.elimination import (
    cholesky_factor,
    determinant,
    for_each,
    inverse,
    solved,
)
from autodiff.table.arrays.last_axes import (
    column,
    half_lower,
    product,
    reach_back,
    reach_on,
    require_square,
    triangle,
    turned,
)
from autodiff.table.arrays.reshaping import reshape, sum_over
from autodiff.table.primitive import Quantity

__all__ = ["cholesky", "det", "detsign", "inv", "logabsdet", "lstsq", "pinv", "solve"]


def _work(*shapes: Shape) -> int:
    """How many products the value takes, about."""
    return shapes[0][-1] * max(map(math.prod, shapes))


def _row(
    name: str,
    value: Callable[..., object],
    pulls: tuple[Pull | None, ...],
    pushes: tuple[Pull | None, ...],
    infer: Callable[..., Shape],
    text: str,
    elements: Callable[..., object] | None = None,
) -> ArrayRow:
    def spell(params: Mapping[str, object], shapes: tuple[Shape, ...]) -> str:
        return text

    return ArrayRow(
        name, value, pulls, "", "", "",
        infer=infer, spell=spell, pushes=pushes,
        reaches=(reach_back,) * len(pulls), reaches_on=reach_on,
        elements=elements, numeric=elements is None, work=_work,
    )  # fmt: skip


def _times(x: Quantity, y: Quantity) -> Quantity:
    """Matrices times matrices or one vector."""
    return contract("ij,j->i", x, y) if len(shape_of(y)) == 1 else product(x, y)


def _spread(x: Quantity, y: Quantity) -> Any:
    """x y' of matrices, or of two vectors."""
    if len(shape_of(x)) == 1:
        return contract("i,j->ij", x, y)
    return product(x, turned(y))


# --- systems -----------------------------------------------------------------------------------


def _infer_solve(a: Shape, b: Shape) -> Shape:
    require_square(a)
    fits = b == a[-1:] if len(b) == 1 and len(a) == 2 else b[:-1] == a[:-1]
    if not fits:
        raise ValueError(f"a right-hand side of shape {b} does not fit matrices of shape {a}")
    return b


_solve = _row(
    "solve",
    np.linalg.solve,
    (
        lambda g, use: -_spread(solve(turned(use.operands[0]), g), use.out),
        lambda g, use: solve(turned(use.operands[0]), g),
    ),
    (
        lambda t, use: -solve(use.operands[0], _times(t, use.out)),
        lambda t, use: solve(use.operands[0], t),
    ),
    _infer_solve,
    "np.linalg.solve({0}, {1})",
    for_each(solved),
)


def solve(a: Same, b: Same) -> Same:
    """``X`` of ``a @ X == b``, for one vector or for matrices."""
    return _solve(a, b)


_inv = _row(
    "inv",
    np.linalg.inv,
    (lambda g, use: -product(product(turned(use.out), g), turned(use.out)),),
    (lambda t, use: -product(product(use.out, t), use.out),),
    require_square,
    "np.linalg.inv({0})",
    for_each(inverse),
)


def inv(a: Same) -> Same:
    """The inverses of matrices."""
    return _inv(a)


# --- determinants ------------------------------------------------------------------------------


def _inner(a: Quantity, t: Quantity) -> Quantity:
    """tr(a^-1 t)."""
    ndim = len(shape_of(a))
    return sum_over(turned(inv(a)) * t, (ndim - 2, ndim - 1))


def _of_matrices(x: Shape) -> Shape:
    return require_square(x)[:-2]


_det = _row(
    "det",
    np.linalg.det,
    (lambda g, use: column(g * use.out) * turned(inv(use.operand)),),
    (lambda t, use: use.out * _inner(use.operand, t),),
    _of_matrices,
    "np.linalg.det({0})",
    for_each(determinant),
)
_logabsdet = _row(
    "logabsdet",
    lambda a: np.linalg.slogdet(a)[1],
    (lambda g, use: column(g) * turned(inv(use.operand)),),
    (lambda t, use: _inner(use.operand, t),),
    _of_matrices,
    "np.linalg.slogdet({0})[1]",
    for_each(lambda a: ops.log(abs(determinant(a)))),
)
_detsign = _row(
    "detsign",
    lambda a: np.linalg.slogdet(a)[0],
    (None,),
    (None,),
    _of_matrices,
    "np.linalg.slogdet({0})[0]",
    for_each(lambda a: ops.sign(determinant(a))),
)


def det(a: Same) -> Same:
    """The determinants of matrices."""
    return _det(a)


def logabsdet(a: Same) -> Same:
    """The logarithms of the sizes of determinants."""
    return _logabsdet(a)


def detsign(a: Same) -> Same:
    """The signs of determinants."""
    return _detsign(a)


# --- Cholesky ----------------------------------------------------------------------------------


def _cholesky_pull(g: Quantity, use: Use) -> object:
    """With S = L^-T half_lower(L' g) L^-1; what stands above the diagonal is not read."""
    above = turned(use.out)
    inside = half_lower(product(above, g))
    found = solve(above, turned(solve(above, turned(inside))))
    return half_lower(found + turned(found))


def _cholesky_push(t: Quantity, use: Use) -> object:
    below = triangle(t, True)
    change = below + turned(triangle(t, True, -1))
    inside = solve(use.out, turned(solve(use.out, change)))
    return product(use.out, half_lower(inside))


_cholesky = _row(
    "cholesky",
    np.linalg.cholesky,
    (_cholesky_pull,),
    (_cholesky_push,),
    require_square,
    "np.linalg.cholesky({0})",
    for_each(cholesky_factor),
)


def cholesky(a: Same) -> Same:
    """The lower triangles L of ``L @ L.T == a``, found from what is not above a's diagonal."""
    return _cholesky(a)


# --- least squares -----------------------------------------------------------------------------


def _pinv_pull(g: Quantity, use: Use) -> object:
    a, p = use.operand, use.out
    across = turned(p)
    one = product(product(across, g), across)
    # <g, P P' dA' (1 - A P)> = <(1 - A P) g' P P', dA>, for 1 - A P is its own transpose
    left = product(product(turned(g), p), across)
    left = left - product(a, product(p, left))
    # <g, (1 - P A) dA' P' P> = <P' P g' (1 - P A), dA>
    right = product(across, product(p, turned(g)))
    right = right - product(product(right, p), a)
    return left + right - one


def _pinv_push(t: Quantity, use: Use) -> object:
    a, p = use.operand, use.out
    across, other = turned(p), turned(t)
    one = product(product(p, t), p)
    left = product(product(p, across), other)
    right = product(product(other, across), p)
    return left - product(product(left, a), p) + right - product(p, product(a, right)) - one


_pinv = _row(
    "pinv",
    np.linalg.pinv,
    (_pinv_pull,),
    (_pinv_push,),
    lambda a: (*a[:-2], a[-1], a[-2]),
    "np.linalg.pinv({0})",
)


def pinv(a: Same) -> Same:
    """The pseudo-inverses of matrices, near which the rank stays what it is."""
    return _pinv(a)


def _as_columns(x: Same) -> Same:
    return reshape(x, (*shape_of(x), 1)) if len(shape_of(x)) == 1 else x


def _lstsq_pull(g: Quantity, use: Use) -> object:
    a, b, x = use.operands[0], _as_columns(use.operands[1]), _as_columns(use.out)
    p, g = pinv(a), _as_columns(g)
    across = turned(p)
    back = product(across, g)
    rest = b - product(a, x)
    outside = g - product(p, product(a, g))
    return (
        product(rest, turned(product(p, back)))
        + product(product(across, x), turned(outside))
        - product(back, turned(x))
    )


def _lstsq_push(t: Quantity, use: Use) -> object:
    a, b, x = use.operands[0], _as_columns(use.operands[1]), _as_columns(use.out)
    p = pinv(a)
    across, other = turned(p), turned(t)
    rest = b - product(a, x)
    inside = product(other, product(across, x))
    made = (
        product(p, product(across, product(other, rest)))
        + inside
        - product(p, product(a, inside))
        - product(p, product(t, x))
    )
    return reshape(made, use.shape)


def _infer_lstsq(a: Shape, b: Shape) -> Shape:
    if len(a) != 2 or len(b) not in (1, 2) or b[0] != a[0]:
        raise ValueError(f"a right-hand side of shape {b} does not fit a matrix of shape {a}")
    return (a[1], *b[1:])


def _closest(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.floating]:
    """NumPy's, but for what is not finite, of which LAPACK would say on stderr what it is."""
    if np.isfinite(a).all() and np.isfinite(b).all():
        return np.linalg.lstsq(a, b, rcond=None)[0]
    return np.full((a.shape[1], *b.shape[1:]), np.nan)


_lstsq = _row(
    "lstsq",
    _closest,
    (_lstsq_pull, lambda g, use: _times(turned(pinv(use.operands[0])), g)),
    (_lstsq_push, lambda t, use: _times(pinv(use.operands[0]), t)),
    _infer_lstsq,
    "np.linalg.lstsq({0}, {1}, None)[0]",
)


def lstsq(a: Same, b: Same) -> Same:
    """The shortest of the ``x`` that bring ``a @ x`` closest to ``b``."""
    return _lstsq(a, b)
