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

__all__ = ["FilledLists", "may_be_filled"]


class _Gone(Copied):
    """An element of a list for which an array stands."""

    __bool__ = __eq__ = __ne__ = __iter__ = __repr__ = __hash__ = refused


_GONE = _Gone()
_FEW = 8  # traced numbers that are put into an array one by one


def _array(items: list[object]) -> ArrayTracer:
    """The numbers of a list as an array that nothing else holds."""
    builder = BUILDING.get()
    assert builder is not None
    traced = [(place, x) for place, x in enumerate(items) if isinstance(x, ArrayTracer)]
    if len(traced) > _FEW:
        return stacked(items)
    numbers = np.array([0.0 if isinstance(x, ArrayTracer) else x for x in items], np.float64)
    made = ArrayTracer(builder, ArrayTracer(builder, 0).node_of(numbers, "stack"))
    for place, x in traced:
        made[place] = x
    return ArrayTracer(builder, made.index)


def may_be_filled(x: object) -> bool:
    """True for a list of numbers."""
    items: list[object] = x if type(x) is list else []
    return bool(items) and all(
        is_leaf(one) and not isinstance(one, Known) and not shape_of(one) for one in items
    )


class FilledLists:
    """The lists for which arrays stand in one loop.

    Args:
        assigned: That whose elements it assigns.
    """

    def __init__(self, assigned: Iterable[object]) -> None:
        found = {id(x): x for x in assigned if may_be_filled(x)}
        self._lists: list[list[object]] = [*found.values()]  # type: ignore[list-item]
        self._before = [[*one] for one in self._lists]
        self.arrays = {id(one): _array(one) for one in self._lists}
        for one in self._lists:
            one[:] = [_GONE] * len(one)

    def of(self, x: object) -> ArrayTracer | None:
        """The array that stands for a list."""
        return self.arrays.get(id(x))

    def leave(self) -> None:
        """The loop is recorded: the lists have what it left in the arrays."""
        for one, array in zip(self._lists, self.arrays.values(), strict=True):
            if any(x is not _GONE for x in one) or len(one) != array.shape[0]:
                raise UncapturableError
            one[:] = [Row(array, place) for place in range(len(one))]

    def give_back(self) -> None:
        """It is not recorded."""
        for one, before in zip(self._lists, self._before, strict=True):
            one[:] = before
