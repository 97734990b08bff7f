"""Captures: what rewritten ``for`` statements call; loops that cannot be recorded run unrolled."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autodiff.table import ops
from autodiff.trace.array_tracer import BUILDING, ArrayTracer
from autodiff.trace.branching.both_sides import Joins
from autodiff.trace.branching.choices import chosen
from autodiff.trace.branching.comparing_functions import Comparing
from autodiff.trace.branching.source.raising import REFUSE
from autodiff.trace.branching.source.rewriting import Rewriting
from autodiff.trace.branching.while_loops import Computed, Repetitions, Step
from autodiff.trace.capture.by_repetition import Known, differs
from autodiff.trace.capture.calls.repeated_calls import RepeatedCalls
from autodiff.trace.capture.calls.with_elements import CALLING
from autodiff.trace.capture.for_statements import (
    FOR,
    HEADER,
    LISTED,
    loops_rewritten,
    repeats,
)
from autodiff.trace.capture.gone_over import Header, length_of, ranges_of
from autodiff.trace.capture.inner.carried_arrays import is_computed, place_of, put_at, taken_at
from autodiff.trace.capture.inner.doing_nothing import OrNothing
from autodiff.trace.capture.lists.filled_lists import TableRow, may_be_filled
from autodiff.trace.capture.lists.listed_rows import summed
from autodiff.trace.capture.lists.read_records import Line, one_of
from autodiff.trace.capture.recorded_body import Repetition
from autodiff.trace.capture.recorded_loop import LEAST, RecordedLoop, RecordedWhile, Unrolled
from autodiff.trace.capture.uncapturable import UncapturableError
from autodiff.trace.placeholder import Tracer

__all__ = ["MOST", "Captures"]

MOST = 1000  # repetitions of a ``while`` that is recorded


class Captures(Joins):
    """What rewritten functions find under the names that they were given.

    Args:
        apart: Branches that are left to paths.
        unrolled: Loops that are not recorded.
        most: How often a ``while`` may repeat.
        filling: Loops in which arrays stand for the lists whose elements they assign.
        carrying: Loops that carry the arrays whose elements they assign.
    """

    def __init__(
        self,
        apart: Iterable[str] = (),
        unrolled: Iterable[str] = (),
        most: int = MOST,
        filling: Iterable[str] = (),
        carrying: Iterable[str] = (),
    ) -> None:
        super().__init__(apart)
        self.unrolled, self.most, self._filling = {*unrolled}, most, {*filling}
        self._carrying = {*carrying}
        self._to_fill: set[str] = set()  # loops that were found to assign elements of lists
        self.active: list[RecordedLoop] = []
        self.count = 0  # loops that were recorded
        self._calls = RepeatedCalls(self._over, self._or_zero)
        self.comparing = Comparing(self, lambda *given: [*self._calls.mapped(*given)])

    @property
    def scope(self) -> dict[str, object]:
        """Globals of rewritten functions."""
        return super().scope | {
            FOR: self.over, HEADER: Header.of, REFUSE: self.refuse, LISTED: self._calls.listed,
        }  # fmt: skip

    @property
    def rewriting(self) -> Rewriting:
        """Which code is rewritten, and how."""
        return repeats, loops_rewritten

    @property
    def builtins(self) -> dict[str, object]:
        """What stands for builtin functions."""
        return super().builtins | {
            "sum": summed, "map": self._calls.mapped,
            "max": partial(self._calls.extreme, self.comparing.largest, ops.gt),
            "min": partial(self._calls.extreme, self.comparing.smallest, ops.lt),
        }  # fmt: skip

    def without(self, *places: str) -> Captures:
        """The same, with branches more that are left to paths."""
        given = self.unrolled, self.most, self._filling, self._carrying
        return Captures([*self.apart, *places], *given)

    def unrolling(self) -> Captures | None:
        """The same without the innermost loop under way, or with other forms of what it assigns."""
        if not self.active:
            return None
        innermost = self.active[-1]
        unrolled, carrying = {*self.unrolled}, {*self._carrying}
        filling = self._filling | self._to_fill
        if filling == self._filling:
            may_carry = innermost.now is not None and innermost.now.elements.may_be_carried
            other = carrying if may_carry and innermost.place not in carrying else unrolled
            other.add(innermost.place)
        return Captures(self.apart, unrolled, self.most, filling, carrying)

    def over(
        self,
        source: object,
        where: str,
        names: Sequence[str],
        steps: Sequence[Step] = (),
        filled: Sequence[str] = (),
    ) -> RecordedLoop | Unrolled:
        """What a ``for`` statement goes over.

        Args:
            source: Written behind ``in``.
            where: Line and column.
            names: Variables that its body assigns.
            steps: How it changes some of them.
            filled: Variables whose elements it assigns.
        """
        frame = sys._getframe(1)
        loop = self._over(source, f"{frame.f_code.co_filename}:{where}", names, steps)
        if filled and isinstance(loop, RecordedLoop):
            loop.assigned = [frame.f_locals.get(name) for name in filled]
            if loop.place in self._filling:
                loop.fill()
        return loop

    def _over(
        self, source: object, place: str, names: Sequence[str], steps: Sequence[Step] = ()
    ) -> RecordedLoop | Unrolled:
        count = length_of(source)
        least = LEAST if ranges_of(source) is None else 1
        if count is None or count < least or place in self.unrolled or BUILDING.get() is None:
            return Unrolled(source)
        return RecordedLoop(self, source, count, place, names, steps)

    def _repetitions(
        self,
        place: str,
        joinable: Callable[[object], Tracer | None],
        names: Sequence[str],
        steps: Sequence[Step],
        test: Computed | None,
    ) -> Repetitions:
        if place in self.unrolled or BUILDING.get() is None:
            return super()._repetitions(place, joinable, names, steps, test)
        return RecordedWhile(self, place, joinable, names, steps, test)

    def refuse(self, test: object, error: Callable[[], Exception | type[Exception]]) -> None:
        """``if test: raise error()``; inside a loop or a side there is no result where it holds."""
        condition, decisions = self._joinable(test, ""), self.decisions
        if condition is None or decisions is None or not (self.active or decisions.within):
            if test:
                raise error()
            return
        made = error()
        decisions.refuse(condition.index, made() if isinstance(made, type) else made)

    def or_nothing(self, holds: object, place: str, names: Sequence[str]) -> OrNothing | None:
        """What the repetitions of a loop meet in; None if all of them do something.

        Args:
            holds: Whether this one does.
            place: That of the loop.
            names: Variables that it assigns.
        """
        if holds is True:
            return None
        condition = self._joinable(holds, place)
        if condition is None:
            raise UncapturableError
        return OrNothing(self, condition, place, names, (), False)

    def _or_zero(self, holds: object, compute: Callable[[], object]) -> object:
        """What is computed where a condition holds, and zero elsewhere."""
        self.within(holds, True)
        found = compute()
        self.within(None, True)
        return chosen(holds, found, 0.0)

    def half_bound(self, name: str) -> None:
        """Note that only one side gives a variable its first value."""
        if self.active:
            self.active[-1].half_bound.add(name)

    def run(self, function: Callable[..., object], arguments: list[object]) -> object:
        """Call the function that is traced; what goes wrong in a loop is tried unrolled."""
        calling = CALLING.set(self._calls.each)
        try:
            result = super().run(function, arguments)
        except BaseException as error:
            for loop in reversed(self.active):
                loop.give_back()
            if self.active and isinstance(error, Exception):
                raise UncapturableError from error
            raise
        finally:
            CALLING.reset(calling)
        if self.active:  # the user's code swallowed an error
            raise UncapturableError
        return result

    def deciding(self, decide: Callable[[int], bool | None]) -> Callable[[int], bool | None]:
        """What answers whether a condition holds: in all repetitions alike, which nobody knows."""

        def answer(condition: int) -> bool | None:
            if self.active:
                raise UncapturableError
            return decide(condition)

        return answer

    # --- elements ---

    def item(self, x: Any, key: Any) -> object:
        """``x[key]``."""
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
            self._to_fill.update(found[:1])
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
        return any(loop.place in self._carrying for loop in own)

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
