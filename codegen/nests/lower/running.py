"""Rows that NumPy has, where there is none: running sums as loops in order, diagonals as views."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autodiff.table.primitive import REGISTRY
from codegen.nests.lower.builder import Value
from codegen.nests.lower.loop_statement import Access, Statement
from codegen.nests.lower.row_lowering import Row
from codegen.nests.lower.views import View

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


def _diagonal(view: View, params: dict[str, Any]) -> View:
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


RUNNING: dict[str, Callable[[Row], Value]] = {
    "cumsum": _cumsum,
    "spread_diagonal": _spread_diagonal,
    "take_diagonal": _take_diagonal,
}
