"""Rows that NumPy has, where there is none: running sums as loops in order, diagonals as views.

Places of index arrays and Euclidean norms are elementwise rows and folds.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from autodiff.table.arrays.array_row import Shape
from autodiff.table.arrays.row_params import RowParams
from autodiff.table.primitive import REGISTRY
from codegen.nests.lower.builder import Value
from codegen.nests.lower.loop_statement import Access, Fold, Statement
from codegen.nests.lower.row_lowering import Row
from codegen.nests.lower.views import View, strides_of

__all__ = ["RUNNING"]

_ADD = REGISTRY["add"]


def _cumsum(row: Row) -> Value:
    """The first element, then each with the sum before it."""
    x, target = row.view(), row.to.fresh(row.shape)
    axis, backwards = row.params["axis"], row.params["reverse"]
    n = row.shape[axis]
    if 0 in row.shape:
        return target
    first, step = (n - 1, -1) if backwards else (0, 1)
    key = [(0, size, 1) for size in row.shape]
    key[axis] = (first, 1, 1)
    row.to.copy(x.at(tuple(key)), target.at(tuple(key)))
    extents = tuple(n - 1 if i == axis else size for i, size in enumerate(row.shape))

    def along(view: View, start: int) -> Access:
        strides = tuple(step * s if i == axis else s for i, s in enumerate(view.strides))
        return Access(view.tensor, view.offset + start * view.strides[axis], strides)

    operands = (along(target, first), along(x, first + step))
    serial = frozenset({axis})
    row.to.add(Statement(extents, along(target, first + step), _ADD, operands, serial=serial))
    return target


def _diagonal(view: View, params: RowParams) -> View:
    """The elements whose places in two axes are the same; the first of these disappears."""
    first, second = params["first"], params["second"]
    strides, shape = list(view.strides), list(view.shape)
    step, _ = strides.pop(first), shape.pop(first)
    strides[second - 1] += step
    return View(view.tensor, view.offset, tuple(strides), tuple(shape))


def _take_diagonal(row: Row) -> Value:
    return _diagonal(row.view(), row.params)


def _spread_diagonal(row: Row) -> Value:
    target = row.to.fresh(row.shape)
    row.to.copy(0.0, target)
    row.to.copy(row.operands[0], _diagonal(target, row.params))
    return target


def _places(row: Row) -> Value:
    """Flat places; nan, which fits nowhere, where an index is out of bounds."""
    to, shape = row.to, row.shape
    total: Value = 0.0
    sizes = row.params["shape"]
    for value, n, step in zip(row.operands, sizes, strides_of(sizes), strict=True):

        def is_(name: str, *operands: Value) -> Value:
            return to.map(REGISTRY[name], operands, shape)

        fits = is_("logical_and", is_("ge", value, -float(n)), is_("lt", value, float(n)))
        place = is_("where", is_("lt", value, 0.0), is_("add", value, float(n)), value)
        known = is_("mul", is_("where", fits, place, math.nan), float(step))
        total = is_("add", total, known)
    return total


def _norm(row: Row) -> Value:
    """Scaled by the largest, so that squares neither overflow nor vanish."""
    to, axes, own = row.to, row.params["axes"], row.shapes[0]
    kept = tuple(1 if i in axes else n for i, n in enumerate(own))

    def made(name: str, shape: Shape, *operands: Value) -> Value:
        return to.map(REGISTRY[name], operands, shape)

    largest = to.fold(Fold.MAX, row.operands[0], own, axes, REGISTRY["abs"])
    finite = made("lt", row.shape, largest, math.inf)
    usable = made("logical_and", row.shape, made("gt", row.shape, largest, 0.0), finite)
    scale = made("where", row.shape, usable, largest, 1.0)
    assert isinstance(scale, View)
    spread = scale.reshaped(kept)
    assert spread is not None  # a new array is contiguous
    part = made("div", own, row.operands[0], spread)
    root = made("sqrt", row.shape, to.fold(Fold.ADD, part, own, axes, REGISTRY["square"]))
    return made("mul", row.shape, root, scale)


RUNNING: dict[str, Callable[[Row], Value]] = {
    "cumsum": _cumsum,
    "norm": _norm,
    "places": _places,
    "spread_diagonal": _spread_diagonal,
    "take_diagonal": _take_diagonal,
}
