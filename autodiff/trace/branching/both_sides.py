"""Joins: both sides of a branch run, and what they leave behind meets in ``where``.

This is what rewritten code (``rewriting.py``) calls.  Where values cannot meet (another number of
elements, text, a container that one side fills), the branch is left to paths, from the start.
"""

from __future__ import annotations

import builtins
import sys
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import Any

import numpy as np

from autodiff.errors import TraceError, user_location
from autodiff.origins.recorder import Recorder
from autodiff.table import ops
from autodiff.table.failing import divide_by_zero, fails, risked
from autodiff.table.primitive import Operand
from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.branching.choices import (
    UNBOUND,
    chosen,
    is_number,
    is_truth,
    negated,
    tested,
    truth,
)
from autodiff.trace.branching.comparing_functions import Comparing
from autodiff.trace.branching.decisions import Decisions
from autodiff.trace.branching.endless import ending
from autodiff.trace.branching.list_places import is_place, item_at, put_at
from autodiff.trace.branching.objects.alternatives import has_alternatives, looked_up
from autodiff.trace.branching.objects.asking import as_condition, is_in, is_same, require_known
from autodiff.trace.branching.objects.joined import meet_contents, met, met_within
from autodiff.trace.branching.objects.watched import Before, Watched
from autodiff.trace.branching.reachable import Contents, Reachable, Scope
from autodiff.trace.branching.restarts import At, BranchedError, UnmergeableError, may_join
from autodiff.trace.branching.source.rewriting import (
    BOTH,
    EITHER,
    ENDING,
    LOCALS,
    LOOP,
    METHOD,
    NOT,
    SAME,
    SIDES,
    TESTED,
    WITHIN,
    Rewriting,
    chooses,
    looks_anything_up,
    rewritten,
    with_lookups,
)
from autodiff.trace.branching.source.subscripts import ITEM, PUT, VARIES
from autodiff.trace.branching.source.tried import FAILS, RISKED
from autodiff.trace.branching.while_loops import Computed, Repetitions, Step
from autodiff.trace.placeholder import CountError, Tracer
from autodiff.trace.traced_call import run_for_trace

__all__ = ["Join", "Joins", "rejoined"]

_PAIR = 8  # values that one side gives together, at most: longer ones are data
_PLAIN = {True: (True,), False: (False,)}


class Joins:
    """What rewritten functions of one trace find under the names that they were given.

    Args:
        apart: Branches that are left to paths.

    Attributes:
        whole: Branches that chose between whole numbers: on a path each is an int, which may be an
            index.
        examples: The arguments' examples.
    """

    def __init__(self, apart: Iterable[str] = ()) -> None:
        self.apart = {*apart}
        self._by_key = False  # True: elements at keys are asked for by a function
        self.whole: set[str] = set()
        self.decisions: Decisions | None = None
        self.examples: Sequence[object] = ()
        self.watched = Watched(self)
        self.comparing = Comparing(self, lambda function, items: [*map(function, items)])
        self.standing: list[object] = []  # arrays that stand for lists of the user's

    @property
    def scope(self) -> dict[str, object]:
        """Globals of rewritten functions."""
        of_numpy = cache(partial(divide_by_zero, self.examples))
        return {
            SIDES: self.sides, EITHER: self.either, BOTH: self.both, NOT: self.negated,
            LOCALS: builtins.locals, TESTED: tested, LOOP: self.loop,
            ITEM: self.item, PUT: self.put, VARIES: self.varies, WITHIN: is_in,
            FAILS: partial(fails, of_numpy), RISKED: partial(risked, of_numpy),
            SAME: lambda x, y: is_same(self.watched, x, y), METHOD: self.comparing.method,
            ENDING: ending,
        }  # fmt: skip

    @property
    def rewriting(self) -> Rewriting:
        """Which code is rewritten, and how."""
        return (looks_anything_up, with_lookups) if self._by_key else (chooses, rewritten)

    def begun_again(self, error: UnmergeableError) -> Joins:
        """What the function runs with once more, after sides could not meet."""
        made = self.without(*([] if error.by_key and not self._by_key else [error.place]))
        made._by_key = self._by_key or error.by_key
        return made

    def without(self, *places: str) -> Joins:
        """The same, with branches more that are left to paths."""
        return Joins([*self.apart, *places])

    def unrolling(self) -> Joins | None:
        """The same, with one loop more that is not recorded; None if none is under way."""
        return None

    def half_bound(self, name: str) -> None:
        """Note that only one side gives a variable its first value."""

    def run(self, function: Callable[..., object], arguments: list[object]) -> object:
        """Call the function that is traced."""
        self.watched = Watched(self)
        result = run_for_trace(function, arguments)
        require_known(result)
        self.watched.require_unchanged()
        return result

    def deciding(self, decide: Callable[[int], bool | None]) -> Callable[[int], bool | None]:
        """What answers whether a condition holds."""
        return decide

    def refuse(self, test: object, error: Callable[[], Exception]) -> None:
        """``if test: raise error()``."""
        if test:
            raise error()

    @property
    def builtins(self) -> dict[str, object]:
        """What stands for builtin functions that compare."""
        return self.comparing.functions

    def _joinable(self, test: object, place: str) -> Tracer | None:
        """The condition, if both its sides are to be run; else None."""
        if not isinstance(test, Tracer) or place in self.apart:
            return None
        if isinstance(test, ArrayTracer) and test.shape:
            return None
        condition = truth(test)
        if not isinstance(condition, Tracer) or self.decisions is None:
            return None
        found = condition.builder, condition.index
        if self.decisions.known(*found) is not None or self.decisions.must_not_decide(*found):
            return None
        return condition

    def sides(
        self, test: object, where: str, names: Sequence[str], changed: Sequence[str], pure: bool
    ) -> Iterable[object]:
        """The sides of an ``if`` that are to be run."""
        frame, test = sys._getframe(1), as_condition(test)
        place = f"{frame.f_code.co_filename}:{where}"
        condition = self._joinable(test, place)
        if condition is None:
            return _PLAIN[bool(test)]
        return Join(self, condition, place, names, changed, pure)

    def within(self, condition: Any, holds: bool) -> None:
        """Note that a side begins, or ends (None)."""
        if self.decisions is None:
            return
        if condition is not None:
            own = self.decisions.is_of(condition.builder)
            self.decisions.within.append((condition.index if own else -1, holds))
        elif self.decisions.within:
            self.decisions.within.pop()

    def _on_side(self, condition: object, holds: bool, compute: Callable[[], object]) -> object:
        """What is computed where a condition holds, or does not."""
        self.within(condition, holds)
        found = compute()
        self.within(None, holds)
        return found

    def loop(
        self,
        where: str,
        names: Sequence[str],
        steps: Sequence[Step] = (),
        test: Computed | None = None,
    ) -> Repetitions:
        """The repetitions of a ``while`` that assigns some variables.

        Args:
            where: Line and column.
            names: The variables.
            steps: How it changes some of them (``own_steps.py``).
            test: Its condition, where it is plain.
        """
        frame = sys._getframe(1)
        place = f"{frame.f_code.co_filename}:{where}"

        def joinable(test: object) -> Tracer | None:
            condition, decisions = self._joinable(test, place), self.decisions
            if condition is None or decisions is None or not decisions.is_of(condition.builder):
                return None
            return condition

        return self._repetitions(place, joinable, names, steps, test)

    def _repetitions(
        self, place: str, joinable: Callable[[object], Tracer | None], names: Sequence[str],
        steps: Sequence[Step], test: Computed | None,
    ) -> Repetitions:  # fmt: skip
        """The repetitions of the ``while`` at a place."""
        return Repetitions(self.decisions, place, joinable)

    def either(
        self, test: object, where: str, then: Callable[[], object], other: Callable[[], object]
    ) -> object:
        """``then() if test else other()``."""
        test = as_condition(test)
        place = f"{sys._getframe(1).f_code.co_filename}:{where}"
        condition = self._joinable(test, place)
        if condition is None:
            return then() if test else other()
        with At(place, self):
            x, y = self._on_side(condition, True, then), self._on_side(condition, False, other)
            if _is_whole(x) or _is_whole(y):
                self.whole.add(place)
            there = Scope(sys._getframe(1), sys._getframe(1).f_locals, self.standing)
            return met(condition, x, y, Before(there.ids, self.watched, place))

    def item(self, x: Any, key: Any) -> Any:
        """``x[key]``."""
        if has_alternatives(key):
            return looked_up(lambda one: x[one], key, met_within)
        if not is_place(key) or not isinstance(x, (list, tuple)):
            return x[key]
        made = item_at(x, key)
        if not is_number(made):
            place = f"{user_location()}:item"
            if place in self.apart:
                return x[key]  # which says what is wrong
            self.watched.keep(made, x, place)
        return made

    def negated(self, x: object) -> object:
        """``not x``."""
        return negated(as_condition(x))

    def put(self, x: Any, key: Any, value: Any) -> None:
        """``x[key] = value``, for an index that varies."""
        put_at(x, key, value)

    def varies(self, x: object, key: object) -> bool:
        """True for an element that is not known while the function is traced."""
        return is_place(key)

    def both(self, conjunction: bool, first: object, later: Callable[[], object]) -> object:
        """``first and later()``, or ``first or later()``."""
        first = as_condition(first)
        if not isinstance(first, Tracer) or (isinstance(first, ArrayTracer) and first.shape):
            return (first and later()) if conjunction else (first or later())
        if is_truth(first):  # what follows is asked where this holds, or does not
            second = as_condition(self._on_side(first, conjunction, later))
        else:
            second = as_condition(later())
        if isinstance(second, (bool, np.bool_)):  # the other decides, or does not matter
            return first if bool(second) is conjunction else bool(second)
        if is_truth(first) and is_truth(second):
            return (ops.logical_and if conjunction else ops.logical_or)(first, second)
        if isinstance(second, (Tracer, float, int)):
            taken = truth(first)
            return chosen(taken, second, first) if conjunction else chosen(taken, first, second)
        return (second if first else first) if conjunction else (first if first else second)


def rejoined(error: BranchedError | TraceError, decisions: Decisions, joins: Joins | None) -> Joins:
    """What a function runs with once more, after its run ended with an error; or raise that."""
    if joins is not None and isinstance(error, CountError) and joins.whole:
        return joins.without(*joins.whole)
    if may_join(error, decisions, joins):
        return Joins()
    raise error


class Join:
    """An ``if`` both of whose sides run."""

    idle = False  # True if nothing at all is done on its other side

    def __init__(
        self,
        owner: Joins,
        condition: object,
        place: str,
        names: Sequence[str],
        changed: Sequence[str],
        pure: bool,
    ) -> None:
        self._owner, self._condition, self._place = owner, condition, place
        self._names, self._changed, self._pure = names, changed, pure
        self._before: tuple[object, ...] = ()
        self._reachable: Reachable | None = None
        self._left: list[tuple[tuple[object, ...], list[Contents]]] = []

    def __iter__(self) -> Iterator[_Side]:
        yield _Side(self, True)
        yield _Side(self, False)

    def enter(self, first: bool, variables: Mapping[str, object], frame: types.FrameType) -> object:
        """Values of the variables where a side begins."""
        self._owner.within(self._condition, first)
        with At(self._place, self._owner):
            if first:
                self._before = tuple(variables.get(name, UNBOUND) for name in self._names)
                self._scope = Scope(frame, variables, self._owner.standing)
                if not self._pure or not all(map(_is_fixed, map(variables.get, self._changed))):
                    self._reachable = self._scope.reachable
            elif self._reachable is not None:
                self._reachable.put(self._reachable.first, self._reachable.now())
        return self._before

    def leave(self, first: bool, variables: Mapping[str, object]) -> object:
        """Values of the variables where a side ends; what both left, after the second."""
        self._owner.within(None, first)
        values = tuple(variables.get(name, UNBOUND) for name in self._names)
        reachable = self._reachable
        self._left.append((values, [] if reachable is None else reachable.now()))
        if first:
            return values
        (then, changed), (other, changed_else) = self._left
        old = Before(self._scope.ids, self._owner.watched, self._place, self.idle)
        for name, x, y in zip(self._names, then, other, strict=True):
            if (x is UNBOUND) is not (y is UNBOUND):
                self._owner.half_bound(name)
            if x is not y and (_is_whole(x) or _is_whole(y)):
                self._owner.whole.add(self._place)
        with At(self._place, self._owner):
            if reachable is not None:
                meet_contents(self._condition, reachable.objects, changed, changed_else, old)
            return tuple(
                _named(met(self._condition, x, y, old), x, y, name)
                for name, x, y in zip(self._names, then, other, strict=True)
            )


class _Side:
    """One side of an ``if``."""

    def __init__(self, join: Join, first: bool) -> None:
        self._join, self._first = join, first

    def __bool__(self) -> bool:
        return self._first

    def enter(self, variables: Mapping[str, object]) -> object:
        """See ``Join.enter``."""
        return self._join.enter(self._first, variables, sys._getframe(1))

    def leave(self, variables: Mapping[str, object]) -> object:
        """See ``Join.leave``."""
        return self._join.leave(self._first, variables)


def _named(merged: object, x: object, y: object, name: str) -> object:
    """``merged``, which the user calls ``name`` if it is neither of the two."""
    if type(merged) is Tracer and merged is not x and merged is not y:
        recorder: Recorder | None = merged.builder.recorder
        if recorder is not None and not name.startswith("__"):
            recorder.recording.parameters.append((0, name, [merged.index], ()))
    return merged


def _is_whole(x: Any) -> bool:
    """True for a number that may be an index, and for a pair in which one is."""
    if type(x) in (tuple, list):
        return len(x) <= _PAIR and any(map(_is_whole, x))
    if isinstance(x, Operand):  # a number for each repetition, perhaps
        return getattr(x, "is_whole", False) is True
    return isinstance(x, (int, np.integer)) and not isinstance(x, bool)


def _is_fixed(value: object) -> bool:
    if isinstance(value, ArrayTracer):
        return not value.shape
    return value is None or isinstance(value, (Operand, int, float, str, tuple, np.generic))
