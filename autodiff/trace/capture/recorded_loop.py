"""Loops that are recorded: what rewritten statements ask before, in and behind the body."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Protocol

import numpy as np

from autodiff.table import ops
from autodiff.trace.array_tracer import BUILDING, ArrayTracer
from autodiff.trace.branching.decisions import Decisions
from autodiff.trace.branching.restarts import UnmergeableError
from autodiff.trace.branching.while_loops import Computed, Repetitions, Step, exceeded
from autodiff.trace.capture.body.recorded_body import Repetition
from autodiff.trace.capture.foreseen import Foreseen
from autodiff.trace.capture.gone_over import (
    held_by,
    last_of,
    may_do_nothing,
    ranges_of,
    stands_for,
)
from autodiff.trace.capture.inner.doing_nothing import OrNothing
from autodiff.trace.capture.lists.filled_lists import FilledLists
from autodiff.trace.capture.uncapturable import UncapturableError
from autodiff.trace.capture.variables import (
    NOBODYS,
    count_with,
    no_longer_whole,
    replaced,
    shape_of,
)  # fmt: skip
from autodiff.trace.placeholder import Tracer

__all__ = ["LEAST", "RecordedLoop", "RecordedWhile", "Unrolled"]

_ATTEMPTS = 72  # at the body of one loop, also of one that fills a deque first
LEAST = 12  # repetitions of a loop that stays one


def _nothing(leaf: object) -> object:
    """What stands for a value that nobody reads."""
    return np.zeros(shape_of(leaf)) if shape_of(leaf) else 0.0


class _Recording(Protocol):
    """What loops are recorded for."""

    active: list[RecordedLoop]
    decisions: Decisions | None
    recorded: list[str]
    most: int
    standing: list[object]

    def tells_repetitions_apart(self, conditions: Iterable[int]) -> bool:
        """True for conditions that depend on nothing but the repetition."""
        ...

    def or_nothing(self, holds: object, place: str, names: Sequence[str]) -> OrNothing | None:
        """What repetitions meet in that may do nothing."""
        ...

    @property
    def item(self) -> Callable[[Any, object], object]:
        """Gives ``x[i]`` for an index that is known."""
        ...


class Unrolled:
    """A loop that runs repetition by repetition."""

    records = False

    def __init__(self, source: Any) -> None:
        self._source = source

    def __iter__(self) -> Iterator[object]:
        return iter(self._source)


class RecordedLoop:
    """A loop that is recorded."""

    def __init__(
        self,
        captures: _Recording,
        source: Any,
        count: int,
        place: str,
        names: Sequence[str],
        steps: Sequence[Step] = (),
    ) -> None:
        self._captures, self._source, self._count, self._steps = captures, source, count, steps
        self._foreseen = Foreseen((), {}, {})
        self.place, self._names = place, names
        self.records = True
        self.around = 0 if captures.decisions is None else len(captures.decisions.within)
        self._boxes: list[object] = []
        self._lists: list[list[object]] = []  # to which it appends
        self._records: list[object] = []  # which every repetition makes anew
        self._contents: dict[int, list[object]] = {}  # what boxes begin with, if with more
        self._filled: list[ArrayTracer] = []  # arrays of constants whose elements it assigns
        self._first = 0  # repetitions that ran before
        self.half_bound: set[str] = set()  # variables that a repetition may leave without a value
        self._begin: dict[str, object] = {}  # what stands for their values before the first
        self._done = False
        self._alike = True  # False: repetitions do not leave what they begin with
        self.now: Any = None  # a Repetition, once it runs
        self.assigned: Sequence[object] = ()  # whose elements it assigns
        self.filled = FilledLists(())
        self._given: Mapping[str, object] = {}  # the variables before it
        self._entered: Mapping[str, object] = {}  # what it began with
        self.holds: object = True  # whether the repetition does anything
        self._meeting: OrNothing | None = None  # of what it does and nothing

    def __iter__(self) -> Iterator[object]:
        active = self._captures.active
        active.append(self)
        for _ in range(_ATTEMPTS):
            places = range(self._first, self._count)
            self._begin_repetition(len(places))
            one = stands_for(self._source, self.now, places, self._captures.item)
            one, self.holds = held_by(self._source, one)
            yield one
            if self._done:
                return
            if not self._alike:  # the first repetition changes what the variables are
                if self._first >= self.now.start.may_precede:
                    break
                active.pop()
                self.records = False
                self.filled.give_back()
                self._gone()
                if may_do_nothing(self._source):
                    break
                yield next(islice(self._source, self._first, None))
                if self.filled.arrays:
                    self.fill()
                active.append(self)
                self._first += 1
        raise UncapturableError

    def _begin_repetition(self, count: int) -> None:
        builder, decisions = BUILDING.get(), self._captures.decisions
        assert builder is not None
        given = self._boxes, self._lists, self._may_append, self._records, self._contents
        self.now = Repetition(builder, count, *given, self._filled)
        self.records, self._alike = True, True
        self._refusals = 0 if decisions is None else decisions.refusals

    def appends_to(self, lists: Sequence[object]) -> None:
        """Note lists that are known to grow before the body runs."""
        self._lists = [x for x in lists if isinstance(x, list)]

    def fill(self) -> None:
        """Have arrays stand for the lists whose elements it assigns."""
        self.filled = FilledLists(self.assigned)
        self._captures.standing += self.filled.arrays.values()

    def _gone(self) -> None:
        """The arrays stand for nothing any more."""
        own = {id(x) for x in self.filled.arrays.values()}
        standing = self._captures.standing
        standing[:] = [x for x in standing if id(x) not in own]

    def give_back(self) -> None:
        """It is not recorded: what stood for lists goes."""
        if self.now is not None:
            self.now.give_back()
        self.filled.give_back()

    def enter(
        self, variables: Mapping[str, object], frame: types.FrameType | None = None
    ) -> tuple[object, ...]:
        """The variables with which the repetition begins, in a frame; None: that which calls."""
        frame = frame or sys._getframe(1)
        try:
            given = dict(variables) | self._begin
            for loop in self._captures.active:  # what stands for lists is reached like these
                given |= {f"__filled_{one}": x for one, x in loop.filled.arrays.items()}
            self._given = given
            self._foresee(given, frame)
            begun = self.now.start.begin(self._names, given, frame, self._foreseen.begun(self.now))
            count_with(given, begun)
            self._entered = begun
            self._meeting = self._captures.or_nothing(self.holds, self.place, self._names)
            if self._meeting is not None:
                self._meeting.enter(True, given | begun, frame)
        except UnmergeableError:
            raise UncapturableError from None
        return tuple(begun.values())

    def _foresee(self, variables: Mapping[str, object], frame: types.FrameType) -> None:
        """Find what variables are in every repetition."""
        self._foreseen = Foreseen(self._steps, variables, frame.f_globals)
        self._foreseen.repeat(self.now.count)

    def leave(self, variables: Mapping[str, object]) -> tuple[object, ...]:
        """The variables after the loop, or, if it has to run again, before."""
        left = self.now.start.known_behind(variables)
        left |= self._met(left)
        own = {id(one) for one in (*self._lists, *self._boxes)}
        stays = own.isdisjoint(map(id, self._foreseen.measured))
        if not stays or not self._foreseen.holds(self._entered, left):
            raise UncapturableError
        failing = self._failing()
        changed = self.now.start.changed(left)
        grown = self.now.start.grown(left, changed)
        if changed or grown:
            lists = {id(one) for one in grown}
            self._lists = [*self._lists, *grown]
            self._boxes = [*self._boxes, *(x for x in changed if id(x) not in lists)]
            return self._again(changed)
        anew = self.now.start.given_anew(left)
        if anew:
            self._records = [*self._records, *anew]
            return self._again(())
        if constants := self.now.elements.constants():
            self._filled += constants
            return self._again(())
        gone = [n for n, x in self._entered.items() if left[n] is NOBODYS and x is not NOBODYS]
        if gone:
            self._begin |= dict.fromkeys(gone, NOBODYS)
            return self._again(())
        names, contents = self.now.start.widened(left, lambda x: replaced(x, _nothing))
        if names or contents:
            self._begin |= names
            self._contents |= contents
            return self._again(())
        floats = no_longer_whole(self._given, self._entered, left)
        if floats:
            self._begin |= floats
            return self._again(())
        late = self.now.start.unbound & self.half_bound
        if late:
            self._begin |= {name: replaced(left[name], _nothing) for name in late}
            return self._again(())
        try:
            tests = [test for test, _ in failing]
            results, failed = self.now.finish(left, self._outer, tests, self._foreseen.last)
        except UncapturableError:
            if self._first >= self.now.start.may_precede or self.now.segment.is_cut:
                raise
            self._alike = False
            return self._again(())
        self._left()
        decisions = self._captures.decisions
        for test, (_, error) in zip(failed, failing, strict=True):
            assert decisions is not None
            decisions.refuse(ops.ne(test, 0.0).index, error)
        return tuple(results.values())

    def _met(self, left: Mapping[str, object]) -> dict[str, object]:
        """The variables behind a repetition that may do nothing.

        Where numbers alone are carried, sums and recurrences are found in the unrolled trace, with
        no term too many.
        """
        if self._meeting is None:
            return {}
        entered = [(n, x) for n, x in self._entered.items() if isinstance(x, ArrayTracer)]
        around = self._captures.active[:-1]
        read = self.now.elements.read_through([loop.now.elements for loop in around])
        changes = any(x.shape and left[name] is not x for name, x in entered)
        changes = changes or any(loop.writes(read) for loop in around)
        if ranges_of(self._source) is not None and not changes and not self.writes():
            raise UncapturableError
        try:
            return self._meeting.left(left)
        except UnmergeableError:
            raise UncapturableError from None

    def writes(self, among: Collection[int] | None = None) -> bool:
        """True if the body changes elements of arrays or lists, which are among these if given."""
        changed = self.assigned, self._lists, self._boxes, self._filled
        every = [id(x) for one in (*changed, self.filled.arrays.values()) for x in one]
        return bool(every) if among is None else not set(every).isdisjoint(among)

    @property
    def _outer(self) -> list[Repetition]:
        """The repetitions of the loops around this one."""
        return [loop.now for loop in self._captures.active[:-1]]

    def _again(self, changed: Sequence[object]) -> tuple[object, ...]:
        """The variables as they were, for the body to be recorded once more."""
        return tuple(self.now.take_back(changed, self._outer).values())

    def _may_append(self, unsure: bool) -> bool:
        """True where every repetition would append to a list, if this one does.

        Args:
            unsure: True for a list of which not every element need be there.
        """
        active, decisions = self._captures.active, self._captures.decisions
        sides = [] if decisions is None else decisions.within[self.around :]
        if not active or active[-1] is not self:
            return False
        known = all(self.now.holding(condition) is not None for condition, _ in sides)
        return known or (unsure and not self._captures.tells_repetitions_apart(c for c, _ in sides))

    def _left(self) -> None:
        """The loop is recorded."""
        self._done = True
        self._captures.recorded.append(self.place)
        self.filled.leave()
        self._gone()
        self._captures.active.remove(self)
        for put_back in self.now.behind.values():
            put_back()

    def _failing(self) -> list[tuple[list[tuple[ArrayTracer, bool]], Exception]]:
        """Where the repetition has no result: conditions that hold, or do not, and the error."""
        decisions = self._captures.decisions
        if decisions is None:
            return []
        builder = self.now.segment.builder
        around = sum(condition >= 0 for condition, _ in decisions.within[: self.around])
        return [
            ([(ArrayTracer(builder, i), holds) for i, holds in way[around:]], error)
            for way, error in decisions.taken_back(self._refusals)
        ]

    def last(self) -> object:
        """The last element of what the loop goes over."""
        return last_of(self._source)


class RecordedWhile(RecordedLoop, Repetitions):
    """A ``while`` that is recorded once its test is traced.

    Each of a number of repetitions keeps what there is once the test does not hold any more; where
    it holds behind the last of them, a call raises.
    """

    def __init__(
        self,
        captures: _Recording,
        place: str,
        joinable: Callable[[object], Tracer | None],
        names: Sequence[str],
        steps: Sequence[Step],
        test: Computed | None,
    ) -> None:
        Repetitions.__init__(self, captures.decisions, place, joinable)
        RecordedLoop.__init__(self, captures, (), captures.most, place, names, steps)
        self.records = False
        self._attempts = 0
        self._test: Computed | None = test  # while the repetitions may be counted

    def _may_append(self, unsure: bool) -> bool:
        """False where how often it repeats depends on values."""
        return (unsure or not self.asks) and super()._may_append(unsure)

    def _foresee(self, variables: Mapping[str, object], frame: types.FrameType) -> None:
        """Nothing more than the number of repetitions told."""

    def _counted(self, frame: types.FrameType) -> int:
        """How often it repeats if its condition does not depend on values; 0 if that is unknown."""
        self._foreseen = Foreseen(self._steps, frame.f_locals, frame.f_globals)
        return self._foreseen.count(self._test, self._names) or 0

    def goes(self, test: object) -> bool:
        """Whether there is one repetition more, plain or recorded."""
        condition = self._joinable(test)
        if self._done:
            if condition is None:
                if test:  # it holds whatever the values are
                    raise UncapturableError
            elif self._captures.decisions is not None:
                error = exceeded(self._line, self._count)
                self._captures.decisions.refuse(condition.index, error)
            return False
        count, self.asks = self._captures.most, condition is not None
        if condition is None:
            self.records, self.test = False, bool(test)
            count = self._counted(sys._getframe(1)) if self.test else 0
            if count + self._first < LEAST:
                self._test = None
                return self.test
        else:
            self._foreseen = Foreseen((), {}, {})
        if self._attempts and not self._alike and not self._first:
            # The first repetition changes what the variables are: it runs before the loop.
            self._captures.active.remove(self)
            self._first, self.records = 1, False
            self.test = True if condition is None else condition
            return True
        self._attempts += 1
        if self._attempts > _ATTEMPTS or not self._alike:
            self._captures.active.append(self)
            raise UncapturableError
        if self not in self._captures.active:
            self._captures.active.append(self)
        self.test = True
        self._begin_repetition(count)
        return True
