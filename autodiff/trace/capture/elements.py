"""Elements of arrays that a repetition reads and writes at an index that differs.

What is read is a stream; what is written is stacked, and put into the array behind the loop.  An
element that was written some repetitions before is carried from there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.capture.by_repetition import Known
from autodiff.trace.capture.lists.listed_rows import is_row, stacked
from autodiff.trace.capture.segment import Carry, Segment, Stream
from autodiff.trace.capture.uncapturable import UncapturableError

__all__ = ["Elements"]

_FARTHEST = 16  # repetitions that an element may have been written before


class _Read(NamedTuple):
    """A stream, and where it is taken from."""

    element: int  # its placeholder
    array: Callable[[], ArrayTracer]  # gives the stream, once the loop is there
    source: ArrayTracer | None
    axis: int
    places: tuple[int, ...]
    rest: tuple[int, ...]  # where on the other axes; () for a whole row
    written: int  # how many writes there were before


class _Write(NamedTuple):
    """What every repetition puts into an array, along its first axis."""

    target: ArrayTracer
    places: tuple[int, ...]
    rest: tuple[object, ...]
    node: int


class Elements:
    """What one loop reads and writes element by element.

    Args:
        segment: The repetition that is recorded.
    """

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self._reads: dict[object, _Read] = {}
        self._writes: list[_Write] = []
        self._rows: dict[tuple[int, int], ArrayTracer] = {}
        self._parts: dict[tuple[int, tuple[object, ...]], int] = {}  # elements of rows written
        self.may_be_carried = False  # True once what repetitions write is read in no simple way

    # --- while the repetition is recorded ---

    @property
    def sources(self) -> list[ArrayTracer]:
        """The arrays whose elements are read."""
        return [one.source for one in self._reads.values() if one.source is not None]

    def known(self, known: Known) -> ArrayTracer:
        """The placeholder of numbers that are known."""
        numbers = np.array(known.values, dtype=np.float64)
        return self.rows(numbers)

    def places(self, known: Known) -> ArrayTracer:
        """The placeholder of whole numbers that are known, to index with."""
        return self.rows(np.array(known.values, dtype=np.int64)).again().as_indices()

    def rows(self, rows: NDArray[np.float64] | NDArray[np.int64]) -> ArrayTracer:
        """The placeholder of the rows of an array of constants."""
        key = "rows", rows.shape, rows.dtype.kind, rows.tobytes()
        builder = self._segment.builder

        def array() -> ArrayTracer:
            return ArrayTracer(builder, ArrayTracer(builder, 0).node_of(rows, "stack"))

        return self._element(key, rows.shape[1:], array, None, 0, ())

    def read(
        self, x: ArrayTracer, axis: int, places: Sequence[int], rest: tuple[int, ...] = ()
    ) -> ArrayTracer:
        """The placeholder of ``x`` at places of an axis, one in each repetition.

        Args:
            x: An array.
            axis: One of its axes.
            places: Places of this axis.
            rest: Where on all other axes; () for whole rows.
        """
        node, size = x.index, x.shape[axis]
        if not all(-size <= place < size for place in places):
            raise UncapturableError
        where = tuple(int(place) % size for place in places)
        for write in reversed(self._writes):
            if write.target is x and axis == 0 and (write.places, write.rest) == (where, rest):
                return ArrayTracer(self._segment.builder, write.node)
        key = "read", id(x), node, axis, where, rest, len(self._writes)
        builder, constant = self._segment.builder, self._segment.builder.nodes[node].array

        def array() -> Any:
            index = self._outside(node) if constant is None else builder.literal(constant)
            rows = _along(ArrayTracer(builder, index), axis, where)
            return rows[(slice(None), *rest)] if rest else rows

        shape = () if rest else (*x.shape[:axis], *x.shape[axis + 1 :])
        return self._element(key, shape, array, x, axis, where, rest)

    def row(self, x: ArrayTracer, places: Sequence[int]) -> ArrayTracer:
        """``read`` of whole rows, as one array that a loop inside reads and writes."""
        found = self.read(x, 0, places)
        return self._rows.setdefault((id(x), found.index), found)

    def listed(self, items: Sequence[Any], places: Sequence[int], width: int = 0) -> ArrayTracer:
        """The placeholder of elements of a list of traced values.

        Args:
            items: The elements, all of one shape.
            places: Which of them, in each repetition.
            width: How many numbers are one element, if they are listed one by one.
        """
        builder = self._segment.builder
        shapes = {one.shape if isinstance(one, ArrayTracer) else () for one in items}
        if len(shapes) > 1:
            raise UncapturableError
        # Rows of an array stay rows of it; everything else has a node, or is a number.
        given = [
            (one.source.index, one.place) if is_row(one)
            else one.index if isinstance(one, ArrayTracer) else float(one)
            for one in items
        ]  # fmt: skip

        def one_by_one(item: object, node: Any) -> object:
            if is_row(item):
                return item
            return ArrayTracer(
                builder, self._outside(node) if type(node) is int else builder.literal(node)
            )

        def array() -> Any:
            parts = [*map(one_by_one, items, given)]
            made = stacked(parts)
            return _along(made.reshape((-1, width)) if width else made, 0, tuple(places))

        for node in {x[0] for x in given if isinstance(x, tuple)}:
            self._outside(node)
        key = "listed", tuple(given), tuple(places), width
        shape = (width,) if width else shapes.pop()
        made = self._element(key, shape, array, None, 0, ())
        return made.as_indices() if all(getattr(one, "integer", False) for one in items) else made

    def _element(
        self, key: object, shape: tuple[int, ...], array: Callable[[], ArrayTracer],
        source: ArrayTracer | None, axis: int, places: tuple[int, ...], rest: tuple[int, ...] = (),
    ) -> ArrayTracer:  # fmt: skip
        found = self._reads.get(key)
        if found is None:
            index = self._segment.placeholder(shape)
            found = _Read(index, array, source, axis, places, rest, len(self._writes))
            self._reads[key] = found
        return ArrayTracer(self._segment.builder, found.element)

    def write(self, x: ArrayTracer, places: Sequence[int], rest: tuple[Any, ...], y: Any) -> None:
        """Note that each repetition puts ``y`` at a place of the first axis of ``x``."""
        if x.is_argument or x._parent is not None or x._doubtful:
            raise UncapturableError
        size = x.shape[0]
        if not all(-size <= place < size for place in places):
            raise UncapturableError
        if isinstance(y, (list, tuple)) and any(isinstance(one, ArrayTracer) for one in y):
            y = stacked(y)
        row = np.empty(x.shape[1:], np.int8)
        shape: tuple[int, ...] = row[rest].shape
        value = y if shape == () else np.broadcast_to(y, shape)
        node = ArrayTracer(self._segment.builder, 0).node_of(value, "assign")
        if self._segment.builder.nodes[node].shape != shape:
            raise UncapturableError
        where = tuple(int(place) % size for place in places)
        if all(isinstance(p, slice) and p == slice(None) for p in rest):
            rest = ()
        if all(isinstance(p, (int, np.integer)) for p in rest):
            rest = tuple(p % n for n, p in zip(x.shape[1:], rest, strict=False))
        made = _Write(x, where, rest, node)
        for read in [] if rest else self._reads.values():
            if read.source is x and read.rest and not read.axis:
                one = ArrayTracer(self._segment.builder, node)[read.rest]
                self._parts[node, read.rest] = one.index
        for number, write in enumerate(self._writes):
            if write.target is x and (write.places, write.rest) == (where, rest):
                self._writes[number] = made
                return
        self._writes.append(made)

    def relocated(self, start: int, moved: Callable[[int], int]) -> None:
        """Placeholders from ``start`` on stand elsewhere now: a loop inside was taken out."""
        for key, read in self._reads.items():
            if read.element >= start:
                self._reads[key] = read._replace(element=moved(read.element))

    def forget(self, start: int) -> None:
        """Placeholders from ``start`` on are gone: a loop inside is recorded again."""
        self._reads = {key: read for key, read in self._reads.items() if read.element < start}

    # --- when it was recorded ---

    def _outside(self, node: int) -> int:
        """A node that does not depend on the repetition.

        Raises:
            UncapturableError: if it does.
        """
        there = self._segment.outside(node)
        if there is None:
            raise UncapturableError
        return there

    @property
    def stacked(self) -> list[int]:
        """The nodes that are kept."""
        return [write.node for write in self._writes]

    @property
    def filled(self) -> list[ArrayTracer]:
        """The arrays that are written."""
        return [*{id(write.target): write.target for write in self._writes}.values()]

    def constants(self) -> list[ArrayTracer]:
        """Those of them whose numbers are known, so that what is read of them may be, too."""
        nodes = self._segment.builder.nodes
        return [x for x in self.filled if nodes[x.index].array is not None]

    def resolve(self) -> tuple[list[Stream], list[Carry]]:
        """Streams, and what is carried from a repetition that wrote it.

        Raises:
            UncapturableError: if a repetition reads what another one writes in no simple way.
        """
        self.may_be_carried = len(self._writes) > 0
        self._require_apart()
        for target in self.filled:  # a row of a loop outside
            target._index = self._outside(target.index)
        streams, carries = [], []
        for read in self._reads.values():
            lag, write = self._lag(read)
            if write is None:
                streams.append(Stream("x", read.element, read.array().index))
            else:
                carries += self._carried(read, write, lag)
        self.may_be_carried = False
        return streams, carries

    def _require_apart(self) -> None:
        """No two writes have a place in common, and what is written is read by its places only."""
        for target in self.filled:
            if self._outside(target.index) is None or self._segment.reads(target.index):
                raise UncapturableError
        for k, one in enumerate(self._writes):
            for other in self._writes[:k]:
                if one.target is other.target and not set(one.places).isdisjoint(other.places):
                    plain = all(type(x) is int for x in (*one.rest, *other.rest))
                    if not plain or len(one.rest) != len(other.rest) or one.rest == other.rest:
                        raise UncapturableError

    def _lag(self, read: _Read) -> tuple[int, _Write | None]:
        """How many repetitions before an element was written, and by what; None if it was not."""
        found: tuple[int, _Write | None] = (0, None)
        for number, whole in enumerate(self._writes):
            write = self._of_one_place(read, whole)
            if write is None:
                continue
            if number < read.written and any(map(int.__eq__, read.places, write.places)):
                raise UncapturableError
            before = _lags(read.places, write.places)
            if not before:
                continue
            lag = before[0]
            same = len(before) == len(read.places) - lag and set(before) == {lag}
            if not same or lag > _FARTHEST or found[1] is not None:
                raise UncapturableError
            found = lag, write
        return found

    def _of_one_place(self, read: _Read, write: _Write) -> _Write | None:
        """The write, or its part, of what is read; None if it is of other places."""
        if write.target is not read.source:
            return None
        if not read.axis and write.rest == read.rest:
            return write
        part = None if read.axis else self._parts.get((write.node, read.rest))
        if part is not None:
            return write._replace(node=part)
        if not _is_apart(read, write):
            raise UncapturableError
        return None

    def _carried(self, read: _Read, write: _Write, lag: int) -> list[Carry]:
        """Carries that hand what was written on, from repetition to repetition."""
        assert read.source is not None
        made, after = [], write.node
        for number, place in enumerate(reversed(read.places[:lag]), 1):
            index = read.element if number == lag else self._segment.unread()
            first = read.source[(place, *read.rest)]
            made.append(Carry("before", index, first.index, after))
            after = index
        return made

    def put(self, stacks: Sequence[ArrayTracer]) -> None:
        """Put what was stacked into the arrays."""
        for write, values in zip(self._writes, stacks, strict=True):
            last = {place: repetition for repetition, place in enumerate(write.places)}
            places, kept = write.places, values
            if len(last) < len(places):  # what was written over does not last
                places, kept = tuple(last), values[np.array([*last.values()])]
            write.target[(_key(places), *write.rest)] = kept


def _lags(read: Sequence[int], written: Sequence[int]) -> list[int]:
    """How many repetitions before each place that is read was written last, where it was."""
    last: dict[int, int] = {}
    found = []
    for repetition, (one, other) in enumerate(zip(read, written, strict=True)):
        if one in last:
            found.append(repetition - last[one])
        last[other] = repetition
    return found


def _is_apart(read: _Read, write: _Write) -> bool:
    """True if no repetition reads what another writes, on different axes or rows."""
    if read.axis:
        return False
    if set(read.places).isdisjoint(write.places):
        return True
    full = len(read.rest) == len(write.rest) == write.target.ndim - 1
    return full and all(type(x) is int for x in write.rest)


def _key(places: tuple[int, ...]) -> object:
    """Places as a slice, if they are one."""
    step = places[1] - places[0] if len(places) > 1 else 1
    if step > 0 and places == tuple(range(places[0], places[0] + step * len(places), step)):
        return slice(places[0], places[-1] + 1, step)
    return np.array(places)


def _along(x: Any, axis: int, places: tuple[int, ...]) -> Any:
    """Places of an axis, along a first axis."""
    if axis:
        x = np.moveaxis(x, axis, 0)
    if places == tuple(range(x.shape[0])):
        return x
    step = places[1] - places[0] if len(places) > 1 else 1
    if step < 0 and places == tuple(range(places[0], places[0] + step * len(places), step)):
        return x[places[0] : places[-1] - 1 if places[-1] else None : step]
    return x[_key(places)]
