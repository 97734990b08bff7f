"""Lists to which every repetition of a recorded loop appends.

While the one repetition is recorded, something that can be appended to, and whose last elements can
be read, stands for such a list, wherever it is held: its length and its other elements differ from
repetition to repetition.
Behind the loop the list has what all repetitions appended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, NoReturn

import numpy as np

from autodiff.table.arrays.indexing import stack
from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.branching.objects.unsure import Entries, Maybe, Unsure
from autodiff.trace.branching.objects.users_objects import is_record
from autodiff.trace.branching.reachable import Contents, Reachable, contents_of, put_into
from autodiff.trace.capture.by_repetition import Known
from autodiff.trace.capture.inner.known_tests import Holding
from autodiff.trace.capture.inner.places import along
from autodiff.trace.capture.lists.listed_rows import Row, RowArray
from autodiff.trace.capture.lists.read_back import ReadBack
from autodiff.trace.capture.own_records import OwnRecords
from autodiff.trace.capture.uncapturable import UncapturableError
from autodiff.trace.capture.variables import Copied, replaced, shape_of

__all__ = ["Growing", "Standing", "has_grown", "original"]


def has_grown(before: Contents, one: list[object]) -> bool:
    """True if a list holds more than it did, behind what it held."""
    first, now = before.values, contents_of(one).values
    return len(now) > len(first) and all(x is y for x, y in zip(first, now, strict=False))


def _refused(*_: object) -> NoReturn:
    raise UncapturableError


class Growing(Entries):
    """Stands for a list while a repetition is recorded.

    Args:
        original: The list.
        may_append: False where not every repetition would append; a list of which not every
            element need be there may be appended to then, too.
        own: True for objects that the repetition made.
        begun: Gives an element with placeholders for what it holds.
        holding: In which repetitions a condition holds; None if that depends on values.
    """

    def __init__(
        self,
        original: list[object],
        may_append: Callable[[bool], bool],
        own: Callable[[object], bool],
        begun: Callable[[object], object],
        holding: Callable[[int], Holding | None],
    ) -> None:
        self.original, self.appended = original, list[object]()
        self.read = ReadBack([*original], begun)
        self._may_append, self._own, self._holding = may_append, own, holding
        self._kept: list[tuple[object, Holding | None]] = []  # and in which repetitions

    def append(self, value: object) -> None:
        """Put a value behind the others."""
        if not self._may_append(isinstance(self.original, Unsure)):
            raise UncapturableError
        self.appended.append(value)

    def extend(self, values: Iterable[object]) -> None:
        """Put values behind the others."""
        for value in values:
            self.append(value)

    def __getitem__(self, key: object) -> object:
        if isinstance(self.original, Unsure) or any(type(x) is Maybe for x in self.appended):
            raise UncapturableError
        return self.read.item(key, self.appended)

    def __iadd__(self, values: Iterable[object]) -> Growing:  # type: ignore[misc]  # no addition
        self.extend(values)
        return self

    def __getattr__(self, name: str) -> NoReturn:
        raise UncapturableError

    __bool__ = __len__ = __iter__ = __setitem__ = __delitem__ = _refused
    __contains__ = __eq__ = __ne__ = __lt__ = __gt__ = __add__ = __radd__ = __mul__ = _refused
    __repr__ = __str__ = __reversed__ = __hash__ = _refused

    # --- behind the loop ---

    def leaves(self) -> Iterator[ArrayTracer]:
        """The traced values among what was appended.

        Raises:
            UncapturableError: if one of them is changed in place, or there twice.
        """
        if not self._kept:
            self._kept = [*map(self._known, self.appended)]
        met = set[int]()
        for value, _ in self._kept:
            for one in self._leaves_of(value):
                if isinstance(one, np.ndarray):
                    raise UncapturableError
                if isinstance(one, ArrayTracer):
                    shared = one.shape and (id(one) in met or one.version or one._parent)
                    if shared or one._stale:
                        raise UncapturableError
                    met.add(id(one))
                    yield one

    def _known(self, one: object) -> tuple[object, Holding | None]:
        """An element, and in which repetitions it is appended; None: in all of them."""
        if type(one) is Maybe and isinstance(one.holds, ArrayTracer):
            known = self._holding(one.holds.index)
            return (one, None) if known is None else (one.value, known)
        return one, None

    def grow(self, stacks: Iterator[ArrayTracer], count: int) -> None:
        """Append to the list what the repetitions did.

        Args:
            stacks: Gives the values of each of ``leaves`` in all repetitions.
            count: The number of repetitions.
        """
        plain = all(known is None for _, known in self._kept)
        singles = [x for x in self.appended if isinstance(x, ArrayTracer) and not x.shape]
        if plain and len(singles) == len(self.appended) > 1:  # one after the other, in one array
            columns = [next(stacks) for _ in singles]
            joined = stack(columns, 1).reshape(-1)
            self.original += [Row(joined, k) for k in range(count * len(columns))]
            return
        found = {id(x): next(stacks) for x in self.leaves()}
        own: list[dict[int, object]] = []
        for value, known in self._kept:
            there = [place for place in range(count) if known is None or known[place]]
            rows = found if known is None else _those(found, self._leaves_of(value), there)
            own.append({
                place: replaced(value, partial(_at, rows, number, place), self._own)
                for number, place in enumerate(there)
            })  # fmt: skip
        for place in range(count):
            self.original += [column[place] for column in own if place in column]

    def _leaves_of(self, value: object) -> list[object]:
        found: list[object] = []
        replaced(value, found.append, self._own)
        return found


def _those(
    found: dict[int, ArrayTracer], leaves: Iterable[object], places: list[int]
) -> dict[int, ArrayTracer]:
    """What some leaves are, in some of the repetitions."""
    return {
        id(x): along(found[id(x)], (0,), tuple(places)) for x in leaves if id(x) in found and places
    }


def _at(found: dict[int, ArrayTracer], number: int, place: int, leaf: object) -> object:
    """A number or array of what one repetition appended."""
    if isinstance(leaf, Known):
        return leaf.values[place]
    rows = found.get(id(leaf))
    if rows is None:
        return leaf
    return RowArray(rows, number) if shape_of(leaf) else Row(rows, number)


class Standing:
    """What stands for lists, where objects hold them.

    Args:
        lists: The lists.
        may_append: As for ``Growing``.
        records: Objects that repetitions make.
        leaf: Gives the placeholder of a number or array.
        holding: As for ``Growing``.
    """

    def __init__(
        self,
        lists: Sequence[list[object]],
        may_append: Callable[[bool], bool],
        records: OwnRecords,
        leaf: Callable[[object], object],
        holding: Callable[[int], Holding | None],
    ) -> None:
        begun = partial(replaced, leaf=leaf, own=is_record, made=records.copied)
        self.every = [Growing(one, may_append, records.is_own, begun, holding) for one in lists]
        self._records = records
        self._by_id = {id(one.original): one for one in self.every}
        self._held: list[tuple[object, Contents]] = []

    def of(self, value: object, leaf: Callable[[Any], Any]) -> Any:
        """A value with placeholders for what it holds; what stands for it if it is such a list."""
        standing = self._by_id.get(id(value))
        if standing is not None:
            return standing
        return replaced(value, leaf, self._records.is_original, self._records.copied)

    @property
    def originals(self) -> set[int]:
        """The identities of the lists."""
        return {*self._by_id}

    def read_back(self, left: Sequence[object]) -> Iterator[tuple[object, object]]:
        """``ReadBack.pairs`` of all lists."""
        for one in self.every:
            yield from one.read.pairs(one.appended, left)

    def reads(self, one: object) -> bool:
        """True for an element of a list that can be changed in place, as it was read."""
        return any(growing.read.is_record(one) for growing in self.every)

    @property
    def arrays_read(self) -> list[int]:
        """The identities of what stood for elements that are arrays."""
        return [id(x) for one in self.every for x in one.read.arrays]

    def put(self, roots: Sequence[object]) -> None:
        """Stand for the lists in what can be reached."""
        if not self.every:
            return
        reachable = Reachable(roots)
        for one, held in zip(reachable.objects, reachable.first, strict=True):
            if any(id(x) in self._by_id for x in held.values) and id(one) not in self._by_id:
                self._held.append((one, held))
                now = tuple([self._by_id.get(id(x), x) for x in held.values])
                put_into(one, Contents(held.keys, now))

    def leave(self) -> None:
        """Give the lists back to what held them."""
        for one, held in self._held:
            put_into(one, held)
        self._held = []


def original(value: object, leaf: Callable[[Any], Any], records: OwnRecords) -> Any:
    """A value behind the loop: a list for what stood for it."""
    if isinstance(value, Copied):
        return value.last
    return value.original if type(value) is Growing else replaced(value, leaf, records.is_left)
