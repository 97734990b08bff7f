"""Numbers of one array that stand one by one in a list, and lists of them as that array again.

A loop that appends a number in each repetition makes an array; the list that it filled holds a
number for each, and no node is made before one of them is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from autodiff.table.arrays.indexing import concatenate, stack
from autodiff.table.arrays.reshaping import sum_over
from autodiff.trace.array_tracer import ArrayTracer

__all__ = ["Row", "RowArray", "is_row", "laid_out", "stacked", "summed"]


_BEFORE = 16  # numbers that a list begins with, before the rows of an array


class Row(ArrayTracer):
    """A number of an array, taken from it where it is used.

    Args:
        source: The array, of one axis.
        place: Where it is.
    """

    __slots__ = ("place", "source")
    taken_late = True

    def __init__(self, source: ArrayTracer, place: int) -> None:
        super().__init__(source.builder, source._index, source.integer)
        self._shape, self.source, self.place = (), source, place

    @property
    def index(self) -> int:  # type: ignore[override]
        """The node that holds it."""
        node: int = self.source[self.place].index
        return node


class RowArray(ArrayTracer):
    """An array among the rows of another: a view, taken from it where it is used first.

    Args:
        source: The array.
        place: Which row.
    """

    __slots__ = ("place", "source")
    taken_late = True

    def __init__(self, source: ArrayTracer, place: int) -> None:
        super().__init__(source.builder, source._index)
        self._shape, self.source, self.place = source.shape[1:], source, place
        self.follow(source, self._taken, self._put)
        self._seen = -1  # nothing yet

    def _taken(self) -> int:
        node: int = self.source[self.place].index
        return node

    def _put(self, value: object) -> None:
        self.source[self.place] = value

    @property
    def index(self) -> int:  # type: ignore[override]
        """The node that holds it."""
        if self._seen < 0:
            self._index, self._seen = self._taken(), self.source.version
        return super().index


def is_row(x: object) -> bool:
    """True for what is taken from an array of which a list has every row."""
    return type(x) is Row or type(x) is RowArray


def stacked(items: Sequence[Any], axis: int = 0) -> ArrayTracer:
    """Items of one shape as one array; what is the part of an array is not taken apart."""
    made: ArrayTracer
    if axis:
        made = stack(items, axis)
        return made
    parts: list[Any] = []
    singles: list[Any] = []
    start = 0
    while start < len(items):
        end = _end_of_rows(items, start)
        if end - start < 2:
            singles.append(items[start])
        else:
            if singles:
                parts.append(stack(singles))
                singles = []
            first = items[start]
            whole = end - start == first.source.shape[0]
            parts.append(first.source if whole else first.source[first.place :][: end - start])
        start = end
    if singles:
        parts.append(stack(singles))
    made = concatenate(parts, 0)
    return ArrayTracer(made.builder, made.index, made.integer)  # no view: rows stay what they are


def laid_out(items: Sequence[Any]) -> tuple[Sequence[Any], int]:
    """What is to be stacked for a list, and the axis: lists with rows in them column by column.

    Rows one below the other are an array.
    """
    first = items[0]
    if not isinstance(first, (list, tuple)) or not any(type(x) is Row for x in items[-1]):
        return items, 0
    if any(not isinstance(one, (list, tuple)) or len(one) != len(first) for one in items):
        return items, 0
    return [list(column) for column in zip(*items, strict=True)], 1


def summed(items: Iterable[Any], /, start: Any = 0) -> Any:
    """``sum``: of the numbers of an array, that of the array."""
    items = items if isinstance(items, (list, tuple)) else [*items]
    first = 0  # of the rows of one array that come last
    while first < min(_BEFORE, len(items)) and _end_of_rows(items, first) == first + 1:
        first += 1
    if first < len(items) and _end_of_rows(items, first) == len(items):
        items = [*items[:first], sum_over(stacked(items[first:]), (0,))]
    return sum(items, start)


def _end_of_rows(items: Sequence[Any], start: int) -> int:
    """Behind the last of the items that follow each other in one array; one item at least."""
    first, end = items[start], start + 1
    if is_row(first):
        while (
            end < len(items)
            and is_row(items[end])
            and items[end].source is first.source
            and items[end].place == first.place + end - start
        ):
            end += 1
    return end
