"""Rows of matrices that are found step by step: eigenvalues, singular values, exponentials.

Each comes with the equation that its rules follow from:

- eigvalsh, eigvectors:  A V = V W, V' V = 1, A symmetric and read below its diagonal
- hermitian_vectors: the same of A + i B as [[A, -B], [B, A]], where each eigenvalue stands twice
- svdvals, svdleft, svdright:  A = U S V', U' U = V' V = 1
- expm:  exp of [[A, T], [0, A]] has the tangent of exp(A) along T in its corner

Where two eigenvalues, or two singular values, are equal up to rounding, their vectors have no
derivative: it is infinite or no number there, unless nothing depends on how they are turned.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from autodiff.numbers.of_matrices import exponential, gaps, hermitian_vectors_of
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

__all__ = [
    "eigvalsh", "eigvectors", "expm", "hermitian", "hermitian_vectors", "svdleft", "svdright",
    "svdvals",
]  # fmt: skip


def _row(
    name: str,
    value: Callable[..., object],
    pull: Pull,
    push: Pull,
    infer: Callable[..., Shape],
    text: str,
    count: int = 1,
) -> ArrayRow:
    def spell(params: Mapping[str, object], shapes: tuple[Shape, ...]) -> str:
        return text

    return ArrayRow(
        name, value, (pull,) * count, "", "", "",
        infer=infer, spell=spell, pushes=(push,) * count, numeric=True,
        reaches=(reach_back,) * count, reaches_on=reach_on,
        work=lambda a, *_: 10 * a[-1] * math.prod(a),
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
    (_gaps_pull, None),  # what flows only says where two equal ones matter
    "", "", "",
    params=("kind",),
    infer=lambda w, flow, *, kind: flow,
    spell=lambda params, shapes: f"gaps({{0}}, {{1}}, '{params['kind']}')",
    pushes=(_gaps_push, None),
    reaches=(_gaps_reach, None),
    reaches_on=_gaps_reach_on,
    numeric=True,
)  # fmt: skip


def _over_gaps(flow: Quantity, w: Quantity, kind: object) -> Quantity:
    """What flows between two vectors, over how far apart their values are."""
    return flow * _gaps(w, flow, kind=kind)


def _of_squares(flow: Quantity, s: Quantity) -> Quantity:
    return _over_gaps(flow, s * s, "squares")


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
    inside = _over_gaps(product(turned(v), g), eigvalsh(use.operand), "values")
    return _read_below(_between(v, inside, turned(v)))


def _vectors_push(t: Quantity, use: Use) -> object:
    v = use.out
    inside = _between(turned(v), _symmetric(t), v)
    return product(v, _over_gaps(inside, eigvalsh(use.operand), "values"))


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


# --- Hermitian matrices ------------------------------------------------------------------------


def hermitian(re: Quantity, im: Quantity) -> Quantity:
    """The real matrix [[A, -B], [B, A]] of the Hermitian A + i B, read below the diagonal."""
    below = triangle(im, True, -1)
    return _blocks(_symmetric(re), below - turned(below))


def _blocks(a: Quantity, b: Quantity) -> Quantity:
    last = len(shape_of(a)) - 1
    rows = [concatenate([a, -b], last), concatenate([b, a], last)]
    return concatenate(rows, last - 1)


def _quarter(x: Quantity, below: int, right: int) -> Quantity:
    shape = shape_of(x)
    n = shape[-1] // 2
    front = tuple((0, m, 1) for m in shape[:-2])
    return slice_(x, (*front, (below * n, n, 1), (right * n, n, 1)))


def _twice(use: Use) -> Quantity:
    """The eigenvalues, then again."""
    values = eigvalsh(hermitian(*use.operands))
    shape = shape_of(values)
    front = tuple((0, m, 1) for m in shape[:-1])
    once = slice_(values, (*front, (0, shape[-1] // 2, 2)))
    return concatenate([once, once], len(shape) - 1)


def _hermitian_pull(g: Quantity, use: Use) -> object:
    v = use.out
    inside = _over_gaps(product(turned(v), g), _twice(use), "pairs")
    flow = _between(v, inside, turned(v))
    if use.position == 0:
        return _read_below(_quarter(flow, 0, 0) + _quarter(flow, 1, 1))
    flow = _quarter(flow, 1, 0) - _quarter(flow, 0, 1)
    return triangle(flow - turned(flow), True, -1)


def _hermitian_push(t: Quantity, use: Use) -> object:
    v, zero = use.out, 0.0 * t
    change = hermitian(t, zero) if use.position == 0 else hermitian(zero, t)
    inside = _between(turned(v), change, v)
    return product(v, _over_gaps(inside, _twice(use), "pairs"))


def _double(re: Shape, im: Shape) -> Shape:
    n = require_square(re)[-1]
    if re != im:
        raise ValueError(f"found shapes {re} and {im}; expected two alike")
    return (*re[:-2], 2 * n, 2 * n)


_hermitian_vectors = _row(
    "hermitian_vectors",
    hermitian_vectors_of,
    _hermitian_pull,
    _hermitian_push,
    _double,
    "hermitian_vectors_of({0}, {1})",
    2,
)


def hermitian_vectors(re: Same, im: Same) -> Same:
    """The eigenvectors of Hermitian matrices A + i B, as ``hermitian`` of their two parts."""
    return _hermitian_vectors(re, im)


# --- singular values ---------------------------------------------------------------------------


def _parts(a: Same) -> tuple[Same, Same, Same]:
    return svdleft(a), svdvals(a), svdright(a)


def _spans(vectors: Shape) -> bool:
    """True if so many vectors, as rows, leave nothing of the space outside."""
    return vectors[-2] == vectors[-1]


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
    inside = product(u, _scaled(_of_squares(flow - turned(flow), s), s))
    if not _spans(use.shape):
        inside = inside + _scaled(g - product(u, flow), 1.0 / s)
    return product(inside, vh)


def _svdleft_push(t: Quantity, use: Use) -> object:
    u, s, vh = _parts(use.operand)
    seen = product(t, turned(vh))
    inside = _between(turned(u), t, turned(vh))
    change = product(u, _of_squares(_scaled(inside, s) + _scaled_rows(s, turned(inside)), s))
    if _spans(use.shape):
        return change
    return change + _scaled(seen - product(u, product(turned(u), seen)), 1.0 / s)


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
    inside = product(_scaled_rows(s, turned(_of_squares(flow - turned(flow), s))), vh)
    if not _spans(use.shape):
        inside = inside + _scaled_rows(1.0 / s, g - product(turned(flow), vh))
    return product(u, inside)


def _svdright_push(t: Quantity, use: Use) -> object:
    u, s, vh = _parts(use.operand)
    seen = product(turned(u), t)
    inside = turned(product(seen, turned(vh)))
    both = _scaled(inside, s) + _scaled_rows(s, turned(inside))
    change = product(turned(_of_squares(both, s)), vh)
    if _spans(use.shape):
        return change
    return change + _scaled_rows(1.0 / s, seen - product(product(seen, turned(vh)), vh))


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
