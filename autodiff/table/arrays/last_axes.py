"""Matrices along two axes: products and turns of the last two, triangles, diagonals.

What comes before the last two axes counts matrices.  Rules of the rows in ``equations`` and
``spectra`` are written with these.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from autodiff.numbers.of_matrices import diagonal_of, on_diagonal
from autodiff.table.arrays.array_row import ArrayRow, Numbers, Same, Shape, Use, shape_of
from autodiff.table.arrays.contraction import contract
from autodiff.table.arrays.reshaping import broadcast_to, reshape, sum_over, transpose
from autodiff.table.primitive import Quantity

__all__ = [
    "column",
    "half_lower",
    "product",
    "reach_back",
    "reach_on",
    "require_square",
    "spread_diagonal",
    "take_diagonal",
    "triangle",
    "turned",
]

_BATCH = "abcdefgh"


def require_square(x: Shape) -> Shape:
    """The shape of square matrices.

    Raises:
        ValueError: if it is not.
    """
    if len(x) < 2 or x[-1] != x[-2]:
        raise ValueError(f"found shape {x}; expected square matrices along the last two axes")
    return x


def product(x: Same, y: Same) -> Same:
    """The products of matrices."""
    front = _BATCH[: len(shape_of(x)) - 2]
    made: Same = contract(f"{front}ik,{front}kj->{front}ij", x, y)
    return made


def turned(x: Same) -> Same:
    """The transposes of matrices."""
    ndim = len(shape_of(x))
    return transpose(x, (*range(ndim - 2), ndim - 1, ndim - 2))


def column(x: Same) -> Same:
    """Numbers, one for each matrix, as something that matrices are multiplied by."""
    shape = shape_of(x)
    return reshape(x, (*shape, 1, 1)) if shape else x


def reach_back(g: Quantity, use: Use) -> object:
    """Where open places of a result reach, each element of which depends on whole matrices."""
    return _everywhere(g, len(use.shapes[0]) - 2, use.own)


def reach_on(t: Quantity, use: Use) -> object:
    """Where open places of an operand reach in such a result."""
    return _everywhere(t, len(use.shapes[0]) - 2, use.shape)


def _everywhere(flags: Quantity, front: int, shape: Shape) -> object:
    """Flags for whole matrices: how many there are of each."""
    total = sum_over(flags, range(front, len(shape_of(flags))))
    total = reshape(total, (*shape[:front], *(1,) * (len(shape) - front))) if shape else total
    return broadcast_to(total, shape)


def _infer(x: Shape, *, lower: bool, offset: int) -> Shape:
    if len(x) < 2:
        raise ValueError(f"found shape {x}; expected matrices along the last two axes")
    return x


def _value(x: Numbers, lower: bool, offset: int) -> object:
    if x.dtype != object:
        return (np.tril if lower else np.triu)(x, offset)
    kept = (np.tri(x.shape[-2], x.shape[-1], offset if lower else offset - 1) != 0.0) == lower
    made = x.copy()
    made[..., ~kept] = 0.0
    return made


def _spell(params: Mapping[str, object], shapes: tuple[Shape, ...]) -> str:
    offset = f", {params['offset']}" if params["offset"] else ""
    return f"np.{'tril' if params['lower'] else 'triu'}({{0}}{offset})"


_triangle = ArrayRow(
    "triangle",
    _value,
    (lambda g, use: triangle(g, **use.params),),
    "", "", "",
    params=("lower", "offset"),
    infer=_infer,
    spell=_spell,
)  # fmt: skip


def triangle(x: Same, lower: bool, offset: int = 0) -> Same:
    """Matrices with zeros above, or below, a diagonal."""
    return _triangle(x, lower=lower, offset=offset)


def half_lower(x: Quantity) -> Quantity:
    """The part below the diagonal, and half of the diagonal."""
    return 0.5 * (triangle(x, True) + triangle(x, True, -1))


# --- an axis spread over a diagonal of two, with zeros beside it, and taken back from it ---


def _infer_spread_diagonal(x: Shape, *, first: int, second: int) -> Shape:
    if not 0 <= first < second <= len(x):
        raise ValueError(f"axes {first} and {second} are no two axes that shape {x} can have")
    return (*x[:first], x[second - 1], *x[first:])


def _infer_take_diagonal(x: Shape, *, first: int, second: int) -> Shape:
    if not 0 <= first < second < len(x) or x[first] != x[second]:
        raise ValueError(f"axes {first} and {second} of shape {x} have no diagonal")
    return (*x[:first], *x[first + 1 :])


def _spelled(function: str, name: str, ndim: int, params: Mapping[str, object]) -> str:
    """NumPy's function of matrices and vectors, else ours."""
    if ndim == (1 if name == "on_diagonal" else 2):
        return f"{function}({{0}})"
    return f"{name}({{0}}, {params['first']}, {params['second']})"


_spread_diagonal = ArrayRow(
    "spread_diagonal",
    on_diagonal,
    (lambda g, use: take_diagonal(g, **use.params),),
    "", "", "",
    params=("first", "second"),
    infer=_infer_spread_diagonal,
    spell=lambda params, shapes: _spelled("np.diag", "on_diagonal", len(shapes[0]), params),
)  # fmt: skip
_take_diagonal = ArrayRow(
    "take_diagonal",
    diagonal_of,
    (lambda g, use: spread_diagonal(g, **use.params),),
    "", "", "",
    params=("first", "second"),
    infer=_infer_take_diagonal,
    spell=lambda params, shapes: _spelled("np.diagonal", "diagonal_of", len(shapes[0]), params),
)  # fmt: skip


def spread_diagonal(x: Same, first: int, second: int) -> Same:
    """Zeros with an axis more, ``first``; ``x`` where its place is that in axis ``second``."""
    return _spread_diagonal(x, first=first, second=second)


def take_diagonal(x: Same, first: int, second: int) -> Same:
    """The elements whose places in two axes are the same; the first of the axes disappears."""
    return _take_diagonal(x, first=first, second=second)
