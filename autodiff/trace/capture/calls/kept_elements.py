"""Comprehensions with tests, and those over lists some of whose elements may not be there."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, cast

from autodiff.table import ops
from autodiff.trace.branching.choices import truth
from autodiff.trace.branching.objects.asking import as_condition
from autodiff.trace.branching.objects.unsure import Maybe, Unsure, is_unsure
from autodiff.trace.capture.calls.repeated_calls import RepeatedCalls
from autodiff.trace.capture.lists.listed_rows import summed
from autodiff.trace.capture.uncapturable import UncapturableError
from autodiff.trace.placeholder import Tracer

__all__ = ["KeptElements", "total"]

_NOTHING = ()


def total(items: Iterable[object], /, start: object = 0) -> object:
    """``sum``."""
    if isinstance(items, Unsure) and is_unsure(items):
        return items.total() + start  # type: ignore[operator]
    return summed(items, start)


class _Owner(Protocol):
    """What records loops."""

    apart: set[str]

    def tells_repetitions_apart(self, conditions: Iterable[int]) -> bool:
        """True for conditions that depend on nothing but the repetition."""
        ...


class KeptElements:
    """What rewritten functions find for comprehensions.

    Args:
        owner: What records loops.
        calls: What repeats a call, by a loop.
    """

    def __init__(self, owner: _Owner, calls: RepeatedCalls) -> None:
        self._owner, self._calls = owner, calls

    def listed(
        self,
        function: Callable[..., object],
        source: Iterable[object],
        where: str,
        several: bool,
        adds: bool,
        test: Callable[..., object] | None = None,
    ) -> Sequence[object]:
        """``[function(x) for x in source if test(x)]``.

        Args:
            function: What gives each element.
            source: What is gone over.
            where: Line and column.
            several: True if the functions take the parts of what is gone over.
            adds: True if the elements are added up.
            test: Whether an element is kept.
        """
        place = f"{sys._getframe(1).f_code.co_filename}:{where}"
        if test is None and not is_unsure(source):
            return self._calls.listed(function, source, place, several, adds)
        if place in self._owner.apart:
            items = (tuple(cast("Iterable[object]", x)) if several else (x,) for x in source)
            return [function(*x) for x in items if test is None or test(*x)]

        def kept(x: object, given: object) -> tuple[object, ...]:
            parts = tuple(cast("Iterable[object]", x)) if several else (x,)
            holds = True if test is None else as_condition(test(*parts))
            if not isinstance(holds, Tracer):
                return (function(*parts), given) if holds else _NOTHING
            holds = truth(holds)
            if self._owner.tells_repetitions_apart([holds.index]):
                raise UncapturableError
            found = function(*parts)
            return found, holds if given is True else ops.logical_and(holds, given)

        def of_pair(x: object, holds: object) -> tuple[object, ...]:
            return kept(x, ops.ne(holds, 0.0) if isinstance(holds, Tracer) else holds)

        if isinstance(source, Unsure) and is_unsure(source):
            pairs = [(x, 1.0 if holds is True else holds) for x, holds in source.pairs]
            rows = self._calls.repeated(of_pair, pairs, place, several=True)
        else:
            rows = self._calls.repeated(lambda x: kept(x, True), source, place, several=False)
        found = [row for row in rows if isinstance(row, tuple) and row != _NOTHING]
        if all(holds is True for _, holds in found):
            return [x for x, _ in found]
        return Unsure(self._owner, [x if h is True else Maybe(x, h) for x, h in found], place)
