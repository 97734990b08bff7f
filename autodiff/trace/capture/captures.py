"""Captures: what rewritten ``for`` statements call; loops that cannot be recorded run unrolled."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial

from autodiff.table import ops
from autodiff.trace.array_tracer import BUILDING
from autodiff.trace.branching.both_sides import Joins
from autodiff.trace.branching.choices import chosen
from autodiff.trace.branching.comparing_functions import Comparing
from autodiff.trace.branching.objects.unsure import Unsure, is_unsure
from autodiff.trace.branching.restarts import UnmergeableError
from autodiff.trace.branching.source.raising import REFUSE
from autodiff.trace.branching.source.rewriting import Rewriting
from autodiff.trace.branching.while_loops import Computed, Repetitions, Step
from autodiff.trace.capture.calls.kept_elements import KeptElements, total
from autodiff.trace.capture.calls.repeated_calls import RepeatedCalls
from autodiff.trace.capture.calls.with_elements import CALLING, FOLDING
from autodiff.trace.capture.for_statements import (
    FOR,
    HEADER,
    LISTED,
    UNSURE,
    loops_rewritten,
    repeats,
    repeats_or_lists,
    with_unsure_lists,
)
from autodiff.trace.capture.gone_over import Header, Kept, length_of, may_do_nothing
from autodiff.trace.capture.inner.doing_nothing import OrNothing
from autodiff.trace.capture.inner.elements_in_loops import ElementsInLoops
from autodiff.trace.capture.recorded_loop import LEAST, RecordedLoop, RecordedWhile, Unrolled
from autodiff.trace.capture.uncapturable import UncapturableError
from autodiff.trace.placeholder import Tracer

__all__ = ["LEAST", "MOST", "Captures"]

MOST = 1000  # repetitions of a ``while`` that is recorded


class Captures(ElementsInLoops):
    """What rewritten functions find under the names that they were given.

    Args:
        apart: Branches that are left to paths.
        unrolled: Loops that are not recorded.
        most: How often a ``while`` may repeat.
        filling: Loops in which arrays stand for the lists whose elements they assign.
        carrying: Loops that carry the arrays whose elements they assign.
        scattering: Loops that put elements where nothing reads them.
        unsure: True if branches append to lists.
        least: Repetitions of a loop, inside no other, that stays one.
    """

    def __init__(
        self,
        apart: Iterable[str] = (),
        unrolled: Iterable[str] = (),
        most: int = MOST,
        filling: Iterable[str] = (),
        carrying: Iterable[str] = (),
        scattering: Iterable[str] = (),
        unsure: bool = False,
        least: int = LEAST,
    ) -> None:
        super().__init__(apart)
        self.least = least
        self.unrolled, self.most, self._filling = {*unrolled}, most, {*filling}
        self.carrying, self.scattering, self._unsure = {*carrying}, {*scattering}, unsure
        self.recorded: list[str] = []  # loops
        self._calls = RepeatedCalls(self._over, self._or_zero)
        self.comparing = Comparing(self, lambda *given: [*self._calls.mapped(*given)])

    @property
    def scope(self) -> dict[str, object]:
        """Globals of rewritten functions."""
        return super().scope | {
            FOR: self.over, HEADER: Header.of, REFUSE: self.refuse,
            LISTED: KeptElements(self, self._calls).listed,
            UNSURE: lambda items: Unsure(self, items),
        }  # fmt: skip

    @property
    def rewriting(self) -> Rewriting:
        """Which code is rewritten, and how."""
        return (repeats_or_lists, with_unsure_lists) if self._unsure else (repeats, loops_rewritten)

    @property
    def builtins(self) -> dict[str, object]:
        """What stands for builtin functions."""
        return super().builtins | {
            "sum": total, "map": self._calls.mapped,
            "max": partial(self._calls.extreme, self.comparing.largest, ops.gt),
            "min": partial(self._calls.extreme, self.comparing.smallest, ops.lt),
        }  # fmt: skip

    def _again(self, **changes: Collection[str]) -> Captures:
        """The same, but for some of what it was made with."""
        given = {
            "apart": self.apart, "unrolled": self.unrolled, "filling": self._filling,
            "carrying": self.carrying, "scattering": self.scattering,
        }  # fmt: skip
        return Captures(
            **{**given, **changes}, most=self.most, unsure=self._unsure, least=self.least
        )

    def without(self, *places: str) -> Captures:
        """The same, with branches more that are left to paths."""
        return self._again(apart=[*self.apart, *places])

    def begun_again(self, error: UnmergeableError) -> Joins:
        """What the function runs with once more, after sides could not meet."""
        if error.by_list and not self._unsure:
            return Captures(self.apart, most=self.most, unsure=True, least=self.least)
        return super().begun_again(error)

    def unrolling(self) -> Captures | None:
        """The same without the innermost loop under way, or with other forms of what it assigns."""
        if not self.active:  # what nobody knows behind a loop was asked for
            last = self.recorded[-1:]
            return self._again(unrolled={*self.unrolled, *last}) if last else None
        innermost = self.active[-1]
        filling, scattering = self._filling | self.to_fill, self.scattering | self.to_scatter
        elements = None if innermost.now is None else innermost.now.elements
        if elements is not None and elements.overlap:
            scattering = scattering | {innermost.place}
        changes = {"filling": filling, "scattering": scattering}
        if filling == self._filling and scattering == self.scattering:
            may_carry = elements is not None and elements.may_be_carried
            carries = may_carry and innermost.place not in self.carrying
            name = "carrying" if carries else "unrolled"
            changes[name] = {*getattr(self, name), innermost.place}
        return self._again(**changes)

    def over(
        self,
        source: object,
        where: str,
        names: Sequence[str],
        steps: Sequence[Step] = (),
        filled: Sequence[str] = (),
        grown: Sequence[str] = (),
    ) -> RecordedLoop | Unrolled:
        """What a ``for`` statement goes over.

        Args:
            source: Written behind ``in``.
            where: Line and column.
            names: Variables that its body assigns.
            steps: How it changes some of them.
            filled: Variables whose elements it assigns.
            grown: Variables to which it appends, and whose elements it reads.
        """
        frame = sys._getframe(1)
        loop = self._over(source, f"{frame.f_code.co_filename}:{where}", names, steps)
        if isinstance(loop, RecordedLoop):
            loop.appends_to([frame.f_locals.get(name) for name in grown])
            loop.assigned = [frame.f_locals.get(name) for name in filled]
            if loop.place in self._filling:
                loop.fill()
        return loop

    def _over(
        self, source: object, place: str, names: Sequence[str], steps: Sequence[Step] = ()
    ) -> RecordedLoop | Unrolled:
        if isinstance(source, Unsure) and is_unsure(source):
            source = Kept(source)
        count = length_of(source)
        least = 1 if may_do_nothing(source) else LEAST if self.active else self.least
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

    def tells_repetitions_apart(self, conditions: Iterable[int]) -> bool:
        """True for conditions that depend on nothing but the repetition."""
        tests = {test for loop in self.active if loop.now is not None for test in loop.now.tests}
        return not tests.isdisjoint(conditions)

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
        return chosen(holds, self._on_side(holds, True, compute), 0.0)

    def half_bound(self, name: str) -> None:
        """Note that only one side gives a variable its first value."""
        if self.active:
            self.active[-1].half_bound.add(name)

    def run(self, function: Callable[..., object], arguments: list[object]) -> object:
        """Call the function that is traced; what goes wrong in a loop is tried unrolled."""
        calling, folding = CALLING.set(self._calls.each), FOLDING.set(self._calls.folded)
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
            FOLDING.reset(folding)
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
