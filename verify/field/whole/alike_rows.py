"""Which rows of arrays treat the rows of a table alike, and where they sum over them.

Each is asked with the axis that rows have in every operand, None where there is none, with the
operands' shapes and the parameters.  What is not listed may do anything.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from autodiff.table.arrays.array_row import ArrayRow, Shape
from autodiff.table.arrays.contraction import split_spec
from autodiff.table.arrays.row_params import RowParams

__all__ = ["ALIKE", "summed_operand"]

Axes: TypeAlias = Sequence[int | None]
Allowed: TypeAlias = Callable[[Axes, Sequence[Shape], RowParams], bool]


def summed_operand(
    row: ArrayRow, axes: Axes, sizes: Sequence[int], params: RowParams
) -> int | None:
    """The operand that is to be weighted, if rows are summed: of a product the smaller."""
    if row.name == "sum":
        return 0 if axes[0] in params["axes"] else None
    if row.name != "contract":
        return None
    spec = split_spec(params["spec"])
    letter = next(own[axis] for own, axis in zip(spec, axes, strict=False) if axis is not None)
    return None if letter in spec[2] else min((0, 1), key=lambda k: sizes[k])


def _any(axes: Axes, shapes: Sequence[Shape], params: RowParams) -> bool:
    return True


def _along_others(axes: Axes, shapes: Sequence[Shape], params: RowParams) -> bool:
    """Each row by itself: along axes that are not theirs."""
    along = params["axes"] if "axes" in params else (params["axis"] % len(shapes[0]),)
    return all(axis not in along for axis in axes)


def _of_one(axes: Axes, shapes: Sequence[Shape], params: RowParams) -> bool:
    """As ``_along_others``; an index map is the same for all rows."""
    return _along_others(axes[:1], shapes, params) and axes[0] is not None and axes[1:] == [None]


def _reshaped(axes: Axes, shapes: Sequence[Shape], params: RowParams) -> bool:
    """The rows stay one axis, with as much before it."""
    (axis,), (old,), new = axes, shapes, params["shape"]
    if axis is None:
        return False
    count = old[axis]
    return count in new and math.prod(old[:axis]) == math.prod(new[: new.index(count)])


def _contracted(axes: Axes, shapes: Sequence[Shape], params: RowParams) -> bool:
    """Rows go with the same rows."""
    spec = split_spec(params["spec"])
    both = list(zip(spec, axes, strict=False))
    letters = "".join({own[axis] for own, axis in both if axis is not None})
    alike = all((axis is None) == (letters not in own) for own, axis in both)
    return len(letters) == 1 and alike and sum(letters in part for part in spec) > 1


def _keyed(axes: Axes, shapes: Sequence[Shape], params: RowParams) -> bool:
    """All rows are taken."""
    axis, key = axes[0], params["key"]
    return axis is not None and key[axis] == (0, shapes[0][axis], 1)


def _placed(axes: Axes, shapes: Sequence[Shape], params: RowParams) -> bool:
    """All rows are put where they were."""
    if axes[0] is None:
        return False
    count, key, shape = shapes[0][axes[0]], params["key"], params["shape"]
    return count in shape and key[shape.index(count)] == (0, count, 1)


ALIKE: Mapping[str, Allowed] = {
    "broadcast_to": _any,
    "transpose": _any,
    "stack": _any,
    "sum": _any,
    "contract": _contracted,
    "reshape": _reshaped,
    "slice": _keyed,
    "place": _placed,
    "max": _along_others,
    "min": _along_others,
    "norm": _along_others,
    "cumsum": _along_others,
    "argmax": _along_others,
    "argsort": _along_others,
    "running_place": _along_others,
    "take_along": _along_others,
    "put_along": _along_others,
    "concatenate": _along_others,
    "gather": _of_one,
    "scatter_add": _of_one,
}
