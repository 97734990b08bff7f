"""Rows: one place of an axis, which a number says: what is put there, or added to what is there.

They touch that place alone: an array that goes from repetition to repetition of a loop is written
in place, whatever its size.  A place is an operand, one whole number.
"""

from __future__ import annotations

import math
from typing import cast

import numpy as np

from autodiff.table import ops
from autodiff.table.arrays.array_row import ArrayRow, Numbers, Same, Shape, Use, shape_of
from autodiff.table.arrays.indexing import gather, scatter_add, whole_numbers, without_axis
from autodiff.table.arrays.reshaping import broadcast_to

__all__ = ["add_at", "put_at", "put_where"]


def _infer(x: Shape, place: Shape, y: Shape, condition: Shape = (), *, axis: int) -> Shape:
    if place or condition or not 0 <= axis < len(x) or y != without_axis(x, axis):
        raise ValueError(
            f"shape {y} does not fit a place (of shape {place}) of axis {axis} of shape {x}"
        )
    return x


def _copied(
    x: Numbers, place: Numbers, y: Numbers, axis: int
) -> tuple[Numbers, tuple[slice | int, ...]]:
    """A copy, and the key of the place in it."""
    out = np.array(x, dtype=object if object in (x.dtype, y.dtype) else np.float64)
    return out, (*(slice(None),) * axis, int(whole_numbers(place)))


def _put_value(x: Numbers, place: Numbers, y: Numbers, axis: int) -> Numbers:
    out, key = _copied(x, place, y, axis)
    out[key] = y if y.shape else y[()]
    return out


def _put_where_value(
    x: Numbers, place: Numbers, y: Numbers, condition: Numbers, axis: int
) -> Numbers:
    out, key = _copied(x, place, y, axis)
    with np.errstate(all="ignore"):
        chosen = np.frompyfunc(ops.where, 3, 1)(condition, y, out[key])
    out[key] = chosen
    return out


def _added_value(x: Numbers, place: Numbers, y: Numbers, axis: int) -> Numbers:
    out, key = _copied(x, place, y, axis)
    out[key] += y if y.shape else y[()]
    return out


def _work(x: Shape, place: Shape, y: Shape, *conditions: Shape) -> int:
    return math.prod(y)


def _taken(g: Same, use: Use) -> Same:
    """What is at the place."""
    return gather(g, use.operands[1], use.params["axis"])


def _cleared(x: Same, use: Use) -> Same:
    """Zero at the place: of what was there nothing is left."""
    return put_at(x, use.operands[1], 0.0, use.params["axis"])


def _cleared_where(x: Same, use: Use) -> Same:
    """The same where the condition holds."""
    return put_where(x, use.operands[1], 0.0, use.operands[3], use.params["axis"])


def _alone(t: Same, use: Use) -> Same:
    """Zeros, with the tangent of what is put there at the place."""
    axis = use.params["axis"]
    return scatter_add(t, use.operands[1], axis, use.shape[axis])


_put_at = ArrayRow(
    "put_at",
    _put_value,
    (_cleared, None, _taken),
    "", "", "",
    params=("axis",),
    infer=_infer,
    work=_work,
    pushes=(_cleared, None, _alone),
    spell=lambda params, shapes: f"put_at({{0}}, {{1}}, {{2}}, {params['axis']})",
)  # fmt: skip
_put_where = ArrayRow(
    "put_where",
    _put_where_value,
    (
        _cleared_where,
        None,
        lambda g, use: ops.where(use.operands[3], _taken(g, use), 0.0),
        None,
    ),
    "", "", "",
    conditions=(3,),
    params=("axis",),
    infer=_infer,
    work=_work,
    pushes=(
        _cleared_where,
        None,
        lambda t, use: _alone(ops.where(use.operands[3], t, 0.0), use),
        None,
    ),
    spell=lambda params, shapes: f"put_where({{0}}, {{1}}, {{2}}, {{3}}, {params['axis']})",
)  # fmt: skip
_add_at = ArrayRow(
    "add_at",
    _added_value,
    (
        lambda g, use: g,
        None,
        _taken,
    ),
    "", "", "",
    params=("axis",),
    infer=_infer,
    work=_work,
    pushes=(lambda t, use: t, None, _alone),
    spell=lambda params, shapes: f"add_at({{0}}, {{1}}, {{2}}, {params['axis']})",
)  # fmt: skip


def put_at(x: Same, place: object, y: object, axis: int) -> Same:
    """``x`` with ``y``, broadcast, at one place of an axis."""
    y = broadcast_to(y, without_axis(shape_of(x), axis))
    return cast("Same", _put_at(x, place, y, axis=axis))


def put_where(x: Same, place: object, y: object, condition: object, axis: int) -> Same:
    """The same where a condition holds, a number; else ``x``."""
    y = broadcast_to(y, without_axis(shape_of(x), axis))
    return cast("Same", _put_where(x, place, y, condition, axis=axis))


def add_at(x: Same, place: object, y: object, axis: int) -> Same:
    """``x`` to which ``y`` is added at one place of an axis."""
    return cast("Same", _add_at(x, place, y, axis=axis))
