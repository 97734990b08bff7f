"""Rows: an axis spread over a diagonal of two, with zeros beside it, and taken back from it."""

from __future__ import annotations

from collections.abc import Mapping

from autodiff.numbers.of_matrices import diagonal_of, on_diagonal
from autodiff.table.arrays.array_row import ArrayRow, Same, Shape

__all__ = ["spread_diagonal", "take_diagonal"]


def _infer_spread(x: Shape, *, first: int, second: int) -> Shape:
    if not 0 <= first < second <= len(x):
        raise ValueError(f"axes {first} and {second} are no two axes that shape {x} can have")
    return (*x[:first], x[second - 1], *x[first:])


def _infer_take(x: Shape, *, first: int, second: int) -> Shape:
    if not 0 <= first < second < len(x) or x[first] != x[second]:
        raise ValueError(f"axes {first} and {second} of shape {x} have no diagonal")
    return (*x[:first], *x[first + 1 :])


def _spell(function: str, name: str, ndim: int, params: Mapping[str, object]) -> str:
    """NumPy's function of matrices and vectors, else ours."""
    if ndim == (1 if name == "on_diagonal" else 2):
        return f"{function}({{0}})"
    return f"{name}({{0}}, {params['first']}, {params['second']})"


_spread = ArrayRow(
    "spread_diagonal",
    on_diagonal,
    (lambda g, use: take_diagonal(g, **use.params),),
    "", "", "",
    params=("first", "second"),
    infer=_infer_spread,
    spell=lambda params, shapes: _spell("np.diag", "on_diagonal", len(shapes[0]), params),
)  # fmt: skip
_take = ArrayRow(
    "take_diagonal",
    diagonal_of,
    (lambda g, use: spread_diagonal(g, **use.params),),
    "", "", "",
    params=("first", "second"),
    infer=_infer_take,
    spell=lambda params, shapes: _spell("np.diagonal", "diagonal_of", len(shapes[0]), params),
)  # fmt: skip


def spread_diagonal(x: Same, first: int, second: int) -> Same:
    """Zeros with an axis more, ``first``; ``x`` where its place is that in axis ``second``."""
    return _spread(x, first=first, second=second)


def take_diagonal(x: Same, first: int, second: int) -> Same:
    """The elements whose places in two axes are the same; the first of the axes disappears."""
    return _take(x, first=first, second=second)
