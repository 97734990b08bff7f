"""Lists whose elements a recorded loop assigns, at an index that differs: arrays for that long.

The list itself holds what nobody can use meanwhile: whoever reads it in another way than element by
element has it unrolled.  Behind the loop it has the elements of the array.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from autodiff.trace.array_tracer import BUILDING, ArrayTracer
from autodiff.trace.capture.by_repetition import Known
from autodiff.trace.capture.lists.listed_rows import Row, stacked
from autodiff.trace.capture.uncapturable import UncapturableError, refused
from autodiff.trace.capture.variables import Copied, is_leaf, shape_of

__all__ = ["FilledLists", "TableRow", "may_be_filled"]


class _Gone(Copied):
    """An element of a list for which an array stands."""

    __bool__ = __eq__ = __ne__ = __iter__ = __repr__ = __hash__ = refused


_GONE = _Gone()
_FEW = 8  # traced numbers that are put into an array one by one


class TableRow(Copied):
    """A list in a list for which an array stands: its numbers are read and assigned one by one.

    Args:
        table: The array.
        place: Which row.
    """

    __bool__ = __eq__ = __ne__ = __iter__ = __repr__ = __hash__ = refused
    __getitem__ = __setitem__ = __getattr__ = __add__ = __radd__ = __mul__ = refused

    def __init__(self, table: ArrayTracer, place: object) -> None:
        self.table, self.place = table, place

    def __len__(self) -> int:
        return self.table.shape[1]


def _array(items: list[object]) -> ArrayTracer:
    """The numbers of a list, or of the lists in it, as an array that nothing else holds."""
    builder = BUILDING.get()
    assert builder is not None
    numbers = _numbers_of(items)
    traced = [(place, x) for place, x in enumerate(numbers) if isinstance(x, ArrayTracer)]
    if len(traced) > _FEW:
        made = stacked(numbers)
    else:
        known = [0.0 if isinstance(x, ArrayTracer) else x for x in numbers]
        array = np.array(known, np.float64)
        made = ArrayTracer(builder, ArrayTracer(builder, 0).node_of(array, "stack"))
        for place, x in traced:
            made[place] = x
    if isinstance(items[0], list):
        made = made.reshape((len(items), -1))
    return ArrayTracer(builder, made.index)


def _numbers_of(items: list[object]) -> list[object]:
    """The numbers of a list, and of the lists in it."""
    return [x for one in items for x in (one if isinstance(one, list) else [one])]


def may_be_filled(x: object) -> bool:
    """True for a list of numbers, and for one of lists of as many numbers each."""
    items: list[object] = x if type(x) is list else []
    if items and all(type(one) is list for one in items):
        rows = {id(one) for one in items}
        lengths = {len(one) for one in items if isinstance(one, list)}
        return len(rows) == len(items) and len(lengths) == 1 and all(map(_is_line, items))
    return _is_line(items)


def _is_line(x: object) -> bool:
    return isinstance(x, list) and len(x) > 0 and all(
        is_leaf(one) and not isinstance(one, Known) and not shape_of(one) for one in x
    )  # fmt: skip


class FilledLists:
    """The lists for which arrays stand in one loop.

    Args:
        assigned: That whose elements it assigns.
    """

    def __init__(self, assigned: Iterable[object]) -> None:
        found = {id(x): x for x in assigned if may_be_filled(x)}
        self._whole: list[list[object]] = [x for x in found.values() if isinstance(x, list)]
        self.arrays = {id(one): _array(one) for one in self._whole}
        rows = [x for one in self._whole for x in one if isinstance(x, list)]
        self._lists = [*self._whole, *rows]
        self._before = [[*one] for one in self._lists]
        for one in self._lists:
            one[:] = [_GONE] * len(one)

    def of(self, x: object) -> ArrayTracer | None:
        """The array that stands for a list."""
        return self.arrays.get(id(x))

    def leave(self) -> None:
        """The loop is recorded: the lists have what it left in the arrays."""
        for one, before in zip(self._lists, self._before, strict=True):
            if any(x is not _GONE for x in one) or len(one) != len(before):
                raise UncapturableError
        self.give_back()
        for whole, array in zip(self._whole, self.arrays.values(), strict=True):
            line = array if array.ndim == 1 else array.reshape(-1)
            numbers = iter([Row(line, place) for place in range(line.shape[0])])
            rows = [whole] if array.ndim == 1 else [row for row in whole if isinstance(row, list)]
            for row in rows:
                row[:] = [next(numbers) for _ in row]

    def give_back(self) -> None:
        """It is not recorded."""
        for one, before in zip(self._lists, self._before, strict=True):
            one[:] = before
