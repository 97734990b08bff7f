"""Which traced values are whole numbers: what is made of indices by arithmetic is an index."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from autodiff.table import ops
from autodiff.table.arrays.array_row import ArrayRow
from autodiff.trace.array_operand import ArrayOperand

__all__ = [
    "ROUNDING",
    "as_truth",
    "holds_indices",
    "is_rounded",
    "is_whole",
    "kinds_of_row",
    "whole_number",
]

# Rows whose result is a whole number where their operands are.
_ROWS = frozenset(
    {
        "abs", "add", "at_least", "at_most", "clip", "fmod", "maximum", "minimum", "mod", "mul",
        "neg", "sign", "square", "sub", "where",
    }
)  # fmt: skip
_MOVES = frozenset(
    {"broadcast_to", "gather", "max", "min", "reshape", "slice", "take_along", "transpose"}
)
_ADDS = frozenset({"cumsum", "sum"})  # and counts, where they add up truth values
_AGAINST_LITERALS = frozenset({"at_least", "at_most", "clip"})
ROUNDING = frozenset({"ceil", "floor", "rint", "trunc"})


def is_whole(row: str, operands: tuple[object, ...]) -> bool:
    """True if a row's result holds integers, as NumPy's would of these operands."""
    if row not in _ROWS:
        return False
    if row in _AGAINST_LITERALS:  # which are floats by now, whatever they were written as
        return _is_integer(operands[0]) and all(map(_is_whole_number, operands[1:]))
    return all(map(_is_integer, operands[1:] if row == "where" else operands))


def kinds_of_row(row: ArrayRow, first: object) -> tuple[bool, bool]:
    """Whether the result of a row of arrays holds whole numbers, and whether truth values."""
    if isinstance(first, ArrayOperand):
        if row.name in _MOVES:
            return first.integer or row.integer, first.truth
        if row.name in _ADDS:
            return first.integer or first.truth, False
    return row.integer, False


def as_truth(x: Any) -> Any:
    """True where a number is not zero; what is a truth value stays as it is."""
    builder = getattr(x, "builder", None)
    row = None if builder is None else builder.nodes[x.index].primitive
    known = getattr(x, "truth", isinstance(x, (bool, np.bool_)))
    return x if known or (row is not None and row.predicate) else ops.ne(x, 0.0)


def whole_number(x: object) -> Any:
    """What ``int(x)`` and ``x.astype(int)`` are of traced values: whole numbers, to index with.

    They are constant on pieces: nothing flows through them.
    """
    if getattr(x, "truth", False):
        x = ops.where(x, 1, 0)
    elif not is_rounded(x):
        x = ops.trunc(x)
    return x.again().as_indices() if isinstance(x, ArrayOperand) else x


def is_rounded(x: Any) -> bool:
    """True for what is whole as it stands."""
    if getattr(x, "integer", False):
        return True
    builder = getattr(x, "builder", None)
    primitive = None if builder is None else builder.nodes[x.index].primitive
    return primitive is not None and primitive.name in ROUNDING


def _is_whole_number(x: object) -> bool:
    return x.is_integer() if isinstance(x, float) else _is_integer(x)


def _is_integer(x: object) -> bool:
    if isinstance(x, (np.ndarray, np.generic)):
        return x.dtype.kind in "iub"
    return isinstance(x, int) or getattr(x, "integer", False) or getattr(x, "truth", False)


def holds_indices(dtype: DTypeLike) -> bool:
    """True for signed integers that hold every index."""
    kind = np.dtype(dtype)
    return bool(kind.kind == "i" and kind.itemsize >= 4)
