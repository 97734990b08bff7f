"""Elements of what recorded loops go over and fill, at places that differ each time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autodiff.table import ops
from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.branching.both_sides import Joins
from autodiff.trace.branching.list_places import is_place
from autodiff.trace.branching.objects.unsure import Unsure, is_unsure
from autodiff.trace.capture.body.recorded_body import Repetition
from autodiff.trace.capture.by_repetition import Known, differs
from autodiff.trace.capture.inner.carried_arrays import is_computed, place_of, put_at, taken_at
from autodiff.trace.capture.lists.filled_lists import TableRow, may_be_filled
from autodiff.trace.capture.lists.growing import Growing
from autodiff.trace.capture.lists.read_records import Line, one_of
from autodiff.trace.capture.recorded_loop import RecordedLoop
from autodiff.trace.capture.uncapturable import UncapturableError

__all__ = ["ElementsInLoops"]


class ElementsInLoops(Joins):
    """What rewritten functions find for elements of arrays, lists and dicts.

    Args:
        apart: Branches that are left to paths.

    Attributes:
        active: The loops that are recorded now, the innermost last.
        to_fill: Loops that were found to assign elements of lists.
        carrying: Loops that carry the arrays whose elements they assign.
    """

    def __init__(self, apart: Iterable[str] = ()) -> None:
        super().__init__(apart)
        self.active: list[RecordedLoop] = []
        self.to_fill: set[str] = set()
        self.carrying: set[str] = set()

    def item(self, x: Any, key: Any) -> object:
        """``x[key]``."""
        if isinstance(x, Unsure) and (type(key) is int or is_place(key)) and is_unsure(x):
            return x.at(key, self.refuse)
        if isinstance(x, Growing):
            return x[key]
        if isinstance(x, TableRow):
            return self.item(x.table, (x.place, key))
        if isinstance(x, Line):
            return x.at(key) if x.differs_with(key) else self.item(x.numbers, key)
        array = self._array_for(x)
        if array is not x and isinstance(array, ArrayTracer) and array.ndim > 1:
            return TableRow(array, key)
        x = array
        parts = list(key) if type(key) is tuple else [key]
        if isinstance(x, ArrayTracer) and len(parts) <= x.ndim and self._is_computed(x, parts):
            return self._taken(x, parts)
        if not differs(key):
            there = is_computed(key) and isinstance(x, (list, tuple)) and self._may_do_nothing()
            return super().item(x, place_of(key, len(x)) if there else key)
        if type(x) is list and type(x[0]) is list:
            self._fill(x)
        owners = [loop.now for loop in self.active]
        found = [p for p in parts if type(p) is Known]
        keys = type(x) is dict
        if any(p.owner not in owners or not (keys or p.is_whole) for p in found):
            raise UncapturableError
        owner: Repetition = next(o for o in owners if any(p.owner is o for p in found))
        if isinstance(x, ArrayTracer):
            return self._of_tracer(x, parts, owner)
        if isinstance(x, np.ndarray):
            return self._of_numbers(x, parts, owner)
        if (keys or isinstance(x, (list, tuple))) and len(parts) == 1:
            return one_of(x, parts[0])
        raise UncapturableError

    def _is_computed(self, x: ArrayTracer, parts: Sequence[object]) -> bool:
        """True for elements at places that repetitions compute, of arrays that they carry."""
        own = any(type(one) is Known for one in parts) or self._may_do_nothing()
        return any(self._is_carried(x, one) or (own and is_computed(one)) for one in parts)

    def _may_do_nothing(self) -> bool:
        """True in a repetition that may do nothing, wherever the places are that it computes."""
        return any(loop.holds is not True for loop in self.active)

    def _is_carried(self, x: object, place: object) -> bool:
        """True if the loop in whose repetitions a place differs changes an array in place."""
        boxes = {id(loop.now): loop.now.boxes for loop in self.active}
        return type(place) is Known and any(x is one for one in boxes.get(id(place.owner), ()))

    def _taken(self, x: ArrayTracer, parts: Sequence[object]) -> object:
        """Such an element: the places that are computed first."""
        carried = [self._is_carried(x, one) or is_computed(one) for one in parts]
        others = [type(p) is Known and not c for p, c in zip(parts, carried, strict=True)]
        if not any(others):
            return taken_at(x, parts)
        first = [slice(None) if other else p for p, other in zip(parts, others, strict=True)]
        rest = [p for p, c in zip(parts, carried, strict=True) if not c and type(p) is Known]
        if any(isinstance(p, slice) for p in parts):
            raise UncapturableError
        return self.item(taken_at(x, first), tuple(rest))

    def _array_for(self, x: object) -> object:
        """What stands for a list while its elements are assigned; else the thing itself."""
        for loop in self.active if type(x) is list else ():
            found = loop.filled.of(x)
            if found is not None:
                return found
        return x

    def _fill(self, x: object) -> None:
        """Have an array stand for a list whose elements, or rows, a loop under way assigns."""
        if may_be_filled(x):
            found = [loop.place for loop in self.active if _holds(loop.assigned, x)]
            self.to_fill.update(found[:1])
            if found:
                raise UncapturableError

    def _of_tracer(self, x: ArrayTracer, parts: list[Any], owner: Repetition) -> object:
        if any(not isinstance(p, (int, np.integer, slice, Known)) for p in parts):
            raise UncapturableError
        at = next(k for k, p in enumerate(parts) if type(p) is Known and p.owner is owner)
        if at >= x.ndim:
            raise UncapturableError
        rest = (*parts[:at], *parts[at + 1 :])
        if len(parts) == x.ndim and rest and all(isinstance(p, (int, np.integer)) for p in rest):
            others = [*x.shape[:at], *x.shape[at + 1 :]]
            places = tuple(p % n for n, p in zip(others, rest, strict=True))
            return owner.elements.read(x, at, parts[at].values, places)
        nested = at == 0 and any(type(p) is Known for p in rest)
        places = parts[at].values
        made = owner.elements.row(x, places) if nested else owner.elements.read(x, at, places)
        return self.item(made, rest) if rest else made

    def _of_numbers(self, x: NDArray[np.generic], parts: list[Any], owner: Repetition) -> object:
        if any(type(p) is Known and p.owner is not owner for p in parts):
            like = ArrayTracer(owner.segment.builder, 0)
            index = like.node_of(np.asarray(x), "slice")
            return self._of_tracer(ArrayTracer(like.builder, index), parts, owner)
        columns = [p.values if type(p) is Known else [p] * owner.count for p in parts]
        rows = [np.asarray(x)[key] for key in zip(*columns, strict=True)]
        if not np.shape(rows[0]):
            return Known(owner, []).like([row.item() for row in rows])
        return owner.elements.rows(np.stack(rows))

    def _carries(self, x: object, place: object) -> bool:
        """True for a place in an array that the loop carries, or is to carry."""
        if is_computed(place) or self._is_carried(x, place):
            return True
        own = (loop for loop in self.active if type(place) is Known and place.owner is loop.now)
        return any(loop.place in self.carrying for loop in own)

    def _put_in_row(
        self, x: ArrayTracer, first: Known, rest: tuple[Known, ...], value: object
    ) -> None:
        """``x[i, j] = value`` in a loop over j inside one over i: row i is put back behind it."""
        owners = [loop.now for loop in self.active]
        if first.owner not in owners:
            raise UncapturableError
        outside = owners.index(first.owner)
        row = owners[outside].elements.row(x, first.values)
        inside: Repetition = owners[outside + 1]
        inside.behind[id(row)] = lambda: self.put(x, first, row)
        self.put(row, rest if len(rest) > 1 else rest[0], value)

    def _sides(self, repetition: Repetition) -> list[tuple[object, bool]]:
        """The sides of branches that run now, of those that began in a repetition."""
        within = [] if self.decisions is None else self.decisions.within
        own = within[self.active[-1].around :]
        if any(condition < 0 for condition, _ in own):
            raise UncapturableError
        builder = repetition.segment.builder
        return [(ArrayTracer(builder, condition), holds) for condition, holds in own]

    def varies(self, x: object, key: object) -> bool:
        """True for an element that is not known, or differs from repetition to repetition."""
        stands = type(x) in (Line, TableRow) or self._array_for(x) is not x
        return stands or differs(key) or super().varies(x, key)

    def put(self, x: object, key: object, value: object) -> None:
        """``x[key] = value``, for an index that varies."""
        if type(x) is TableRow:
            self.put(x.table, (x.place, key), value)
            return
        x = self._array_for(x)
        if not differs(key):
            super().put(x, key, value)
            return
        parts = key if type(key) is tuple else (key,)
        first, rest = parts[0], parts[1:]
        self._fill(x)
        if isinstance(x, ArrayTracer) and any(map(partial(self._carries, x), parts)):
            put_at(x, parts, value)
            return
        innermost: Repetition | None = self.active[-1].now if self.active else None
        if type(first) is not Known or not isinstance(x, ArrayTracer) or not first.is_whole:
            raise UncapturableError
        if innermost is not None and rest and first.owner is not innermost:
            self._put_in_row(x, first, rest, value)
            return
        plain = all(isinstance(p, (int, np.integer, slice)) for p in rest)
        if innermost is None or first.owner is not innermost or not plain:
            raise UncapturableError
        value = value.tracer() if isinstance(value, Known) else value
        for condition, holds in self._sides(innermost):
            before = self.item(x, key)
            value = (
                ops.where(condition, value, before)
                if holds
                else ops.where(condition, before, value)
            )
        innermost.elements.write(x, first.values, rest, value)


def _holds(assigned: Iterable[object], x: object) -> bool:
    """True if a list is among others, or a row of one."""
    return any(x is y or (type(y) is list and any(x is row for row in y)) for y in assigned)
