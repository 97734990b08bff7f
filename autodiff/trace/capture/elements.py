"""Elements of arrays that a repetition reads and writes at an index that differs.

What is read is a stream; what is written is stacked, and put into the array behind the loop.  An
element that was written some repetitions before is carried from there.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.capture.by_repetition import Known
from autodiff.trace.capture.inner.accesses import Read, Write, lags, through
from autodiff.trace.capture.inner.places import (
    Place,
    along,
    apart,
    from_front,
    front,
    others,
    parts_of,
    put_along,
)
from autodiff.trace.capture.inner.scattered import Scattered
from autodiff.trace.capture.lists.listed_rows import is_row, stacked
from autodiff.trace.capture.segment import Carry, Segment, Stream
from autodiff.trace.capture.uncapturable import UncapturableError

__all__ = ["Elements"]

_FARTHEST = 16  # repetitions that an element may have been written before


class Elements:
    """What one loop reads and writes element by element.

    Args:
        segment: The repetition that is recorded.
    """

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self._reads: dict[object, Read] = {}
        self._writes: list[Write] = []
        self._written = 0  # how many writes there were
        self._rows: dict[tuple[int, int], ArrayTracer] = {}
        self._parts: dict[tuple[int, tuple[object, ...]], int] = {}  # elements of rows written
        self._constants: dict[int, NDArray[np.generic]] = {}  # by their placeholders
        self.scattered = Scattered()
        self.overlap = False  # True once writes are found to have places in common
        self.may_be_carried = False  # True once what repetitions write is read in no simple way

    # --- while the repetition is recorded ---

    @property
    def sources(self) -> list[ArrayTracer]:
        """The arrays whose elements are read."""
        return [one.source for one in self._reads.values() if one.source is not None]

    def read_through(self, around: Sequence[Elements]) -> set[int]:
        """The identities of the arrays that it reads, also parts of which loops around it take."""
        found = {id(one) for one in self.sources}
        for one in (self, *reversed(around)):
            found |= one.arrays_of(found)
        return found

    def arrays_of(self, rows: Collection[int]) -> set[int]:
        """The identities of the arrays parts of which are read."""
        return {whole for (whole, _), row in self._rows.items() if id(row) in rows}

    def note_part(self, x: ArrayTracer, part: ArrayTracer) -> None:
        """Note that something is a part of an array."""
        self._rows[id(x), part.index] = part

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

        made = self._element(key, rows.shape[1:], array)
        self._constants[made.index] = rows
        return made

    def constants_at(self, node: int) -> NDArray[np.generic] | None:
        """The numbers, one for each repetition, for which a placeholder stands."""
        rows = self._constants.get(node)
        return rows if rows is not None and rows.ndim == 1 else None

    def read(
        self,
        x: ArrayTracer,
        axes: tuple[int, ...],
        columns: Sequence[Sequence[int]],
        rest: tuple[int, ...] = (),
    ) -> ArrayTracer:
        """The placeholder of ``x`` at places of some axes, one in each repetition.

        Args:
            x: An array.
            axes: Some of its axes.
            columns: Places on each of these.
            rest: Where on all other axes; () for all that is there.
        """
        node, where = x.index, from_front(x.shape, axes, columns)
        if not rest:
            self._join(x, axes, where, columns)
        for write in reversed(self._writes):
            if write.target is x and write[1:3] == (axes, where) and write.rest in (rest, ()):
                made = ArrayTracer(self._segment.builder, write.node)
                return made if write.rest == rest else made[rest]
        key = "read", id(x), node, axes, where, rest, self._written
        builder, constant = self._segment.builder, self._segment.builder.nodes[node].array

        def array() -> Any:
            index = self._outside(node) if constant is None else builder.literal(constant)
            return along(ArrayTracer(builder, index), axes, where, rest)

        shape = () if rest else others(x.shape, axes)
        return self._element(key, shape, array, x, axes, where, rest)

    def row(self, x: ArrayTracer, places: Sequence[int]) -> ArrayTracer:
        """``read`` of whole rows, as one array that a loop inside reads and writes."""
        found = self.read(x, (0,), (places,))
        return self._rows.setdefault((id(x), found.index), found)

    def listed(self, items: Sequence[Any], places: Sequence[int], width: int = 0) -> ArrayTracer:
        """The placeholder of elements of a list of traced values.

        Args:
            items: The elements, all of one shape.
            places: Which of them, in each repetition.
            width: How many numbers are one element, if they are listed one by one.
        """
        builder = self._segment.builder
        if (found := None if width else through(self._reads.values(), items, places)) is not None:
            items, places = found
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
            return along(made.reshape((-1, width)) if width else made, (0,), tuple(places))

        for node in {x[0] for x in given if isinstance(x, tuple)}:
            self._outside(node)
        key = "listed", tuple(given), tuple(places), width
        shape = (width,) if width else shapes.pop()
        kept = () if width else items
        made = self._element(key, shape, array, places=tuple(places), items=kept)
        return made.as_indices() if all(getattr(one, "integer", False) for one in items) else made

    def _element(
        self, key: object, shape: tuple[int, ...], array: Callable[[], ArrayTracer],
        source: ArrayTracer | None = None, axes: tuple[int, ...] = (0,),
        places: tuple[Place, ...] = (), rest: tuple[int, ...] = (), items: Sequence[object] = (),
    ) -> ArrayTracer:  # fmt: skip
        found = self._reads.get(key)
        if found is None:
            index = self._segment.placeholder(shape)
            found = Read(index, array, source, axes, places, rest, self._written, items)
            self._reads[key] = found
        return ArrayTracer(self._segment.builder, found.element)

    def write(
        self, x: ArrayTracer, axes: tuple[int, ...], columns: Sequence[Sequence[int]],
        rest: tuple[Any, ...], y: Any,
    ) -> None:  # fmt: skip
        """Note that each repetition puts ``y`` at a place of some axes of ``x``.

        Args:
            x: An array.
            axes: Some of its axes.
            columns: Places on each of these.
            rest: Where on the other axes.
            y: What is put there.
        """
        if x.is_argument or x._parent is not None or x._doubtful:
            raise UncapturableError
        where, free = from_front(x.shape, axes, columns), others(x.shape, axes)
        if isinstance(y, (list, tuple)) and any(isinstance(one, ArrayTracer) for one in y):
            y = stacked(y)
        shape: tuple[int, ...] = np.empty(free, np.int8)[rest].shape
        value = y if shape == () else np.broadcast_to(y, shape)
        node = ArrayTracer(self._segment.builder, 0).node_of(value, "assign")
        if self._segment.builder.nodes[node].shape != shape:
            raise UncapturableError
        if all(isinstance(p, slice) and p == slice(None) for p in rest):
            rest = ()
        if all(isinstance(p, (int, np.integer)) for p in rest):
            rest = tuple(int(p) % n for n, p in zip(free, rest, strict=False))
        made = Write(x, axes, where, rest, node, self._written)
        self._written += 1
        if rest and any(one.target is x and one[1:4] == (axes, where, ()) for one in self._writes):
            row = self.read(x, axes, columns).again()
            row[rest if len(rest) > 1 else rest[0]] = y
            self.write(x, axes, columns, (), row)
            return
        for read in [] if rest else self._reads.values():
            if read.source is x and read.rest and read.axes == axes:
                one = ArrayTracer(self._segment.builder, node)[read.rest]
                self._parts[node, read.rest] = one.index
        for number, write in enumerate(self._writes):
            if write.target is x and write[1:4] == made[1:4]:
                self._writes[number] = made._replace(number=write.number)
                return
        self._writes.append(made)

    def _join(
        self,
        x: ArrayTracer,
        axes: tuple[int, ...],
        where: tuple[Place, ...],
        columns: Sequence[Sequence[int]],
    ) -> None:
        """Have one write of all that is at the places, where only parts of it were written."""
        parts = [one for one in self._writes if one.target is x and one[1:3] == (axes, where)]
        if not all(one.rest for one in parts):
            return
        self._writes = [one for one in self._writes if not any(one is part for part in parts)]
        if not parts:
            return
        row = self.read(x, axes, columns).again()
        for one in parts:
            row[one.rest] = ArrayTracer(self._segment.builder, one.node)
        self.write(x, axes, columns, (), row)
        whole = self._writes.pop()
        self._writes.append(whole._replace(number=min(one.number for one in parts)))

    def relocated(self, start: int, moved: Callable[[int], int]) -> None:
        """Placeholders from ``start`` on stand elsewhere now: a loop inside was taken out."""
        for key, read in self._reads.items():
            if read.element >= start:
                element = moved(read.element)
                self._reads[key] = read._replace(element=element)
                if (rows := self._constants.pop(read.element, None)) is not None:
                    self._constants[element] = rows

    def forget(self, start: int) -> None:
        """Placeholders from ``start`` on are gone: a loop inside is recorded again."""
        self._reads = {key: read for key, read in self._reads.items() if read.element < start}
        self._rows = {key: row for key, row in self._rows.items() if key[1] < start}
        self._constants = {node: x for node, x in self._constants.items() if node < start}

    # --- when it was recorded ---

    def _outside(self, node: int) -> int:
        """A node that does not depend on the repetition.

        Raises:
            UncapturableError: if it does.
        """
        there = self._segment.hoisted(node)
        if there is None:
            raise UncapturableError
        return there

    @property
    def stacked(self) -> list[int]:
        """The nodes that are kept."""
        return [*(write.node for write in self._writes), *self.scattered.nodes]

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
        self.may_be_carried = len(self.stacked) > 0
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
        for target in [*self.filled, *self.scattered.require_unread([*self.sources, *self.filled])]:
            if self._outside(target.index) is None or self._segment.reads(target.index):
                raise UncapturableError
        for k, one in enumerate(self._writes):
            for other in self._writes[:k]:
                same = one.target is other.target
                if same and not apart(one[1:4], other[1:4], one.target.ndim):
                    self.overlap = True
                    raise UncapturableError

    def _lag(self, read: Read) -> tuple[int, Write | None]:
        """How many repetitions before an element was written, and by what; None if it was not."""
        found: tuple[int, Write | None] = (0, None)
        for whole in self._writes:
            write = self._of_one_place(read, whole)
            if write is None:
                continue
            if write.number < read.written and any(map(operator.eq, read.places, write.places)):
                raise UncapturableError
            before = lags(read.places, write.places)
            if not before:
                continue
            lag = before[0]
            same = len(before) == len(read.places) - lag and set(before) == {lag}
            if not same or lag > _FARTHEST or found[1] is not None:
                raise UncapturableError
            found = lag, write
        return found

    def _of_one_place(self, read: Read, write: Write) -> Write | None:
        """The write, or its part, of what is read; None if it is of other places."""
        if write.target is not read.source:
            return None
        alike = read.axes == write.axes
        if alike and write.rest == read.rest:
            return write
        part = self._parts.get((write.node, read.rest)) if alike else None
        if part is not None:
            return write._replace(node=part)
        if apart((read.axes, read.places, read.rest), write[1:4], write.target.ndim):
            return None
        raise UncapturableError

    def _carried(self, read: Read, write: Write, lag: int) -> list[Carry]:
        """Carries that hand what was written on, from repetition to repetition."""
        assert read.source is not None
        made, after = [], write.node
        for number, place in enumerate(reversed(read.places[:lag]), 1):
            index = read.element if number == lag else self._segment.unread()
            first = front(read.source, read.axes)[(*parts_of(place), *read.rest)]
            made.append(Carry("before", index, first.index, after))
            after = index
        return made

    def put(self, stacks: Sequence[ArrayTracer], outer: Elements | None) -> None:
        """Put what was stacked into the arrays.

        Args:
            stacks: What ``stacked`` is in all repetitions.
            outer: What the loop outside reads and writes.
        """
        more = stacks[len(self._writes) :]
        self.scattered.put(more, None if outer is None else outer.scattered)
        for write, values in zip(self._writes, stacks, strict=False):
            last = {place: repetition for repetition, place in enumerate(write.places)}
            places, kept = write.places, values
            if len(last) < len(places):  # what was written over does not last
                places, kept = tuple(last), values[np.array([*last.values()])]
            put_along(write.target, write.axes, places, write.rest, kept)
