"""Rows of matrices that are found step by step: eigenvalues, singular values, exponentials.

Each comes with the equation that its rules follow from:

- eigvalsh, eigvectors:  A V = V W, V' V = 1, A symmetric and read below its diagonal
- svdvals, svdleft, svdright:  A = U S V', U' U = V' V = 1
- expm:  exp of [[A, T], [0, A]] has the tangent of exp(A) along T in its corner

Where two eigenvalues, or two singular values, are equal, their vectors have no derivative: it is
infinite or no number there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from autodiff.numbers.of_matrices import exponential, gaps
from autodiff.table.arrays.array_row import ArrayRow, Pull, Same, Shape, Use, shape_of
from autodiff.table.arrays.indexing import concatenate, place, slice_
from autodiff.table.arrays.last_axes import (
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

__all__ = ["eigvalsh", "eigvectors", "expm", "svdleft", "svdright", "svdvals"]


def _row(
    name: str,
    value: Callable[..., object],
    pull: Pull,
    push: Pull,
    infer: Callable[..., Shape],
    text: str,
) -> ArrayRow:
    def spell(params: Mapping[str, object], shapes: tuple[Shape, ...]) -> str:
        return text

    return ArrayRow(
        name, value, (pull,), "", "", "",
        infer=infer, spell=spell, pushes=(push,), numeric=True,
        reaches=(reach_back,), reaches_on=reach_on,
        work=lambda a: 10 * a[-1] * math.prod(a),
    )  # fmt: skip


def _scaled(x: Quantity, numbers: Quantity) -> Quantity:
    """Matrices with their columns scaled."""
    shape = shape_of(numbers)
    return x * reshape(numbers, (*shape[:-1], 1, shape[-1]))


def _scaled_rows(numbers: Quantity, x: Quantity) -> Quantity:
    return reshape(numbers, (*shape_of(numbers), 1)) * x


def _between(x: Quantity, middle: Quantity, y: Quantity) -> Quantity:
    return product(product(x, middle), y)


# --- gaps --------------------------------------------------------------------------------------


def _gaps_pull(g: Quantity, use: Use) -> object:
    flow, ndim = g * use.out * use.out, len(use.shape)
    return sum_over(flow, (ndim - 1,)) - sum_over(flow, (ndim - 2,))


def _gaps_push(t: Quantity, use: Use) -> object:
    shape = use.own
    change = reshape(t, (*shape, 1)) - reshape(t, (*shape[:-1], 1, shape[-1]))
    return use.out * use.out * change


def _gaps_reach(g: Quantity, use: Use) -> object:
    ndim = len(use.shape)
    return sum_over(g, (ndim - 1,)) + sum_over(g, (ndim - 2,))


def _gaps_reach_on(t: Quantity, use: Use) -> object:
    return reshape(t, (*use.own, 1)) + reshape(t, (*use.own[:-1], 1, use.own[-1]))


_gaps = ArrayRow(
    "gaps",
    gaps,
    (_gaps_pull,),
    "", "", "",
    infer=lambda w: (*w, w[-1]),
    spell=lambda params, shapes: "gaps({0})",
    pushes=(_gaps_push,),
    reaches=(_gaps_reach,),
    reaches_on=_gaps_reach_on,
    numeric=True,
)  # fmt: skip


def _gaps_of(w: Same) -> Same:
    return _gaps(w)


# --- symmetric matrices ------------------------------------------------------------------------


def _read_below(change: Quantity) -> object:
    """The cotangent of what is read below the diagonal, from that of the symmetric matrix."""
    return half_lower(change + turned(change))


def _symmetric(t: Quantity) -> Quantity:
    return triangle(t, True) + turned(triangle(t, True, -1))


def _values_pull(g: Quantity, use: Use) -> object:
    v = eigvectors(use.operand)
    return _read_below(product(_scaled(v, g), turned(v)))


def _values_push(t: Quantity, use: Use) -> object:
    v = eigvectors(use.operand)
    return sum_over(v * product(_symmetric(t), v), (len(use.own) - 2,))


_eigvalsh = _row(
    "eigvalsh",
    np.linalg.eigvalsh,
    _values_pull,
    _values_push,
    lambda a: require_square(a)[:-1],
    "np.linalg.eigvalsh({0})",
)


def eigvalsh(a: Same) -> Same:
    """The eigenvalues of symmetric matrices, from the smallest on."""
    return _eigvalsh(a)


def _vectors_pull(g: Quantity, use: Use) -> object:
    v = use.out
    inside = _gaps_of(eigvalsh(use.operand)) * product(turned(v), g)
    return _read_below(_between(v, inside, turned(v)))


def _vectors_push(t: Quantity, use: Use) -> object:
    v = use.out
    inside = _between(turned(v), _symmetric(t), v)
    return product(v, _gaps_of(eigvalsh(use.operand)) * inside)


_eigvectors = _row(
    "eigvectors",
    lambda a: np.linalg.eigh(a)[1],
    _vectors_pull,
    _vectors_push,
    require_square,
    "np.linalg.eigh({0})[1]",
)


def eigvectors(a: Same) -> Same:
    """The eigenvectors of symmetric matrices, as columns in the order of ``eigvalsh``."""
    return _eigvectors(a)


# --- singular values ---------------------------------------------------------------------------


def _parts(a: Same) -> tuple[Same, Same, Same]:
    return svdleft(a), svdvals(a), svdright(a)


def _svdvals_pull(g: Quantity, use: Use) -> object:
    return product(_scaled(svdleft(use.operand), g), svdright(use.operand))


def _svdvals_push(t: Quantity, use: Use) -> object:
    u, v = svdleft(use.operand), turned(svdright(use.operand))
    return sum_over(u * product(t, v), (len(use.own) - 2,))


def _count(a: Shape) -> int:
    if len(a) < 2:
        raise ValueError(f"found shape {a}; expected matrices along the last two axes")
    return min(a[-2:])


_svdvals = _row(
    "svdvals",
    lambda a: np.linalg.svd(a, compute_uv=False),
    _svdvals_pull,
    _svdvals_push,
    lambda a: (*a[:-2], _count(a)),
    "np.linalg.svd({0}, compute_uv=False)",
)


def svdvals(a: Same) -> Same:
    """The singular values of matrices, from the largest on."""
    return _svdvals(a)


def _svdleft_pull(g: Quantity, use: Use) -> object:
    u, s, vh = _parts(use.operand)
    flow = product(turned(u), g)
    inside = _scaled(_gaps_of(s * s) * (flow - turned(flow)), s)
    outside = _scaled(g - product(u, flow), 1.0 / s)
    return product(product(u, inside) + outside, vh)


def _svdleft_push(t: Quantity, use: Use) -> object:
    u, s, vh = _parts(use.operand)
    seen = product(t, turned(vh))
    inside = _between(turned(u), t, turned(vh))
    both = _scaled(inside, s) + _scaled_rows(s, turned(inside))
    return product(u, _gaps_of(s * s) * both) + _scaled(
        seen - product(u, product(turned(u), seen)), 1.0 / s
    )


_svdleft = _row(
    "svdleft",
    lambda a: np.linalg.svd(a, full_matrices=False)[0],
    _svdleft_pull,
    _svdleft_push,
    lambda a: (*a[:-1], _count(a)),
    "np.linalg.svd({0}, False)[0]",
)


def svdleft(a: Same) -> Same:
    """The left singular vectors of matrices, as columns."""
    return _svdleft(a)


def _svdright_pull(g: Quantity, use: Use) -> object:
    """As that of the left ones, of the transpose."""
    u, s, vh = _parts(use.operand)
    flow = product(vh, turned(g))
    inside = _scaled_rows(s, turned(_gaps_of(s * s) * (flow - turned(flow))))
    outside = _scaled_rows(1.0 / s, g - product(turned(flow), vh))
    return product(u, product(inside, vh) + outside)


def _svdright_push(t: Quantity, use: Use) -> object:
    u, s, vh = _parts(use.operand)
    seen = product(turned(u), t)
    inside = turned(product(seen, turned(vh)))
    both = _scaled(inside, s) + _scaled_rows(s, turned(inside))
    change = turned(_gaps_of(s * s) * both)
    return product(change, vh) + _scaled_rows(
        1.0 / s, seen - product(product(seen, turned(vh)), vh)
    )


_svdright = _row(
    "svdright",
    lambda a: np.linalg.svd(a, full_matrices=False)[2],
    _svdright_pull,
    _svdright_push,
    lambda a: (*a[:-2], _count(a), a[-1]),
    "np.linalg.svd({0}, False)[2]",
)


def svdright(a: Same) -> Same:
    """The right singular vectors of matrices, as rows."""
    return _svdright(a)


# --- exponentials ------------------------------------------------------------------------------


def _corner(a: object, t: object) -> object:
    """The tangent of exp at ``a`` along ``t``."""
    n, ndim = shape_of(a)[-1], len(shape_of(a))
    front = tuple((0, m, 1) for m in shape_of(a)[:-2])
    above = concatenate([a, t], ndim - 1)
    below = place(a, (*front, (0, n, 1), (n, n, 1)), (*shape_of(a)[:-1], 2 * n))
    whole = expm(concatenate([above, below], ndim - 2))
    return slice_(whole, (*front, (0, n, 1), (n, n, 1)))


_expm = _row(
    "expm",
    exponential,
    lambda g, use: _corner(turned(use.operand), g),
    lambda t, use: _corner(use.operand, t),
    require_square,
    "exponential({0})",
)


def expm(a: Same) -> Same:
    """exp of matrices."""
    return _expm(a)
