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
from autodiff.trace.capture.inner.carried_arrays import (
    add_there,
    is_computed,
    place_of,
    put_at,
    taken_at,
)
from autodiff.trace.capture.inner.places import others
from autodiff.trace.capture.inner.scattered import scattered
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
        scattering: Loops that put elements where nothing reads them.
        to_scatter: Loops that were found to.
    """

    def __init__(self, apart: Iterable[str] = ()) -> None:
        super().__init__(apart)
        self.active: list[RecordedLoop] = []
        self.to_fill: set[str] = set()
        self.carrying: set[str] = set()
        self.scattering: set[str] = set()
        self.to_scatter: set[str] = set()

    def _inside(self, x: object, key: object) -> object:
        """A key with places that exist where nothing is done, for those that do not."""
        parts = key if type(key) is tuple else (key,)
        shape: Sequence[int] = (
            (len(x),) if isinstance(x, (list, tuple, str)) else getattr(x, "shape", ())
        )
        if not any(map(self._leaves, parts, shape)):
            return key
        made = tuple([self._within(*one) if self._leaves(*one) else one[0]
                      for one in zip(parts, shape, strict=False)])  # fmt: skip
        return (*made, *parts[len(made) :]) if type(key) is tuple else made[0]

    @staticmethod
    def _leaves(part: object, size: int) -> bool:
        """True for places of which some do not exist."""
        return (
            type(part) is Known
            and part.is_whole
            and not all(-size <= x < size for x in part.values)
        )

    def _within(self, part: Known, size: int) -> object:
        """The same, with others where conditions do not hold."""
        loop = next((one for one in self.active if one.now is part.owner), None)
        within = (
            [] if self.decisions is None or loop is None else self.decisions.within[loop.around :]
        )
        known = [(part.owner.holding(condition), holds) for condition, holds in within]
        idle = [any(own is not None and own[k] is not holds for own, holds in known)
                for k in range(len(part.values))]  # fmt: skip
        return part.like([min(max(x, 0), size - 1) if no and not -size <= x < size else x
                          for x, no in zip(part.values, idle, strict=True)])  # fmt: skip

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
        key = self._inside(x, key)
        parts = list(key) if type(key) is tuple else [key]
        if isinstance(x, ArrayTracer) and len(parts) <= x.ndim:
            found = self._carried_or_put(x, parts)
            if found is not None:
                return found
        if not differs(key):
            there = is_computed(key) and isinstance(x, (list, tuple)) and self._may_do_nothing()
            return super().item(x, place_of(key, len(x)) if there else key)
        if type(x) is list and type(x[0]) is list:
            self._fill(x)
        keys = type(x) is dict
        owner = self._owner_of([p for p in parts if type(p) is Known], keys)
        if isinstance(x, ArrayTracer):
            return self._of_tracer(x, parts, owner)
        if isinstance(x, np.ndarray):
            return self._of_numbers(x, parts, owner)
        if (keys or isinstance(x, (list, tuple, str))) and len(parts) == 1:
            return one_of(x, parts[0])
        raise UncapturableError

    def _owner_of(self, known: Sequence[Known], keys: bool) -> Repetition:
        """The outermost of the loops in whose repetitions an index differs."""
        owners: list[Repetition] = [loop.now for loop in self.active]
        if any(p.owner not in owners or not (keys or p.is_whole) for p in known):
            raise UncapturableError
        return next(one for one in owners if any(p.owner is one for p in known))

    def _carried_or_put(self, x: ArrayTracer, parts: Sequence[object]) -> object:
        """An element of an array that is carried, or that this repetition put there; None: else."""
        if self.active and self.decisions is not None:
            now, within = self.active[-1].now, tuple(self.decisions.within)
            node: int | None = now.elements.scattered.found(x, parts, within)
            if node is not None:
                return ArrayTracer(now.segment.builder, node)
        return self._taken(x, parts) if self._is_computed(x, parts) else None

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
        made = taken_at(x, first)
        if isinstance(made, ArrayTracer):
            self.active[-1].now.elements.note_part(x, made)
        return self.item(made, tuple(rest))

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
        axes = tuple(k for k, p in enumerate(parts) if type(p) is Known and p.owner is owner)
        if axes[-1] >= x.ndim:
            raise UncapturableError
        rest = tuple(p for k, p in enumerate(parts) if k not in axes)
        columns = [parts[k].values for k in axes]
        if len(parts) == x.ndim and rest and all(isinstance(p, (int, np.integer)) for p in rest):
            free = others(x.shape, axes)
            places = tuple(int(p) % n for n, p in zip(free, rest, strict=True))
            return owner.elements.read(x, axes, columns, places)
        nested = axes == (0,) and any(type(p) is Known for p in rest)
        if nested:
            return self.item(owner.elements.row(x, columns[0]), rest)
        if len(axes) > 1 and rest:
            raise UncapturableError
        made = owner.elements.read(x, axes, columns)
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
        own = [loop for loop in self.active if type(place) is Known and place.owner is loop.now]
        return any(loop.place in self.carrying for loop in (*own, *self.active[-1:]))

    def _scatter(self, x: ArrayTracer, parts: Sequence[object], value: object) -> bool:
        """``x[parts] = value`` for places that are all known; False if they are not."""
        owners: list[Repetition] = [loop.now for loop in self.active]
        known = [p for p in parts if type(p) is Known]
        outermost = owners.index(self._owner_of(known, keys=False))
        if self.decisions is None:
            raise UncapturableError
        loops, within = self.active[outermost:], self.decisions.within
        one = value.tracer() if isinstance(value, Known) else value
        conditions = within[loops[0].around :]
        made = scattered(x, parts, one, owners[outermost:], conditions, tuple(within))
        if made is None:
            return False
        if not all(loop.place in self.scattering for loop in loops):
            self.to_scatter = {loop.place for loop in loops}
            raise UncapturableError
        owners[-1].elements.scattered.add(made)
        return True

    def _is_nested(self, known: Sequence[tuple[int, Known]]) -> bool:
        """True if the first indices are those of the loops under way, from outside to inside."""
        owners = [loop.now for loop in self.active]
        places = [(at, owners.index(p.owner)) for at, p in known if p.owner in owners]
        depth = len(owners) - len(known)
        return len(known) > 1 and places == [(at, depth + at) for at in range(len(known))]

    def _put_in_row(
        self, x: ArrayTracer, first: Known, rest: tuple[Known, ...], value: object
    ) -> None:
        """``x[i, j] = value`` in a loop over j inside one over i: row i is put back behind it."""
        owners = [loop.now for loop in self.active]
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
        key = self._inside(x, key)
        if not differs(key):
            super().put(x, key, value)
            if self.active and isinstance(x, ArrayTracer):
                add_there(x)
            return
        parts = key if type(key) is tuple else (key,)
        self._fill(x)
        if isinstance(x, ArrayTracer) and any(map(partial(self._carries, x), parts)):
            put_at(x, parts, value)
            return
        owners = [loop.now for loop in self.active]
        known = [(k, p) for k, p in enumerate(parts) if type(p) is Known]
        if not owners or not isinstance(x, ArrayTracer) or not all(p.is_whole for _, p in known):
            raise UncapturableError
        innermost: Repetition = owners[-1]
        if self._is_nested(known) and self.active[-1].place not in self.scattering:
            self._put_in_row(x, known[0][1], parts[1:], value)
            return
        axes = tuple(k for k, _ in known)
        rest = tuple(p for k, p in enumerate(parts) if k not in axes)
        plain = all(isinstance(p, (int, np.integer, slice)) for p in rest)
        own = plain and all(p.owner is innermost for _, p in known)
        if (not own or self.active[-1].place in self.scattering) and self._scatter(x, parts, value):
            return
        if not own:
            put_at(x, parts, value)  # the loop carries it from now on
            return
        value = value.tracer() if isinstance(value, Known) else value
        for condition, holds in self._sides(innermost):
            before = self.item(x, key)
            value = (
                ops.where(condition, value, before)
                if holds
                else ops.where(condition, before, value)
            )
        innermost.elements.write(x, axes, [p.values for _, p in known], rest, value)


def _holds(assigned: Iterable[object], x: object) -> bool:
    """True if a list is among others, or a row of one."""
    return any(x is y or (type(y) is list and any(x is row for row in y)) for y in assigned)
