"""Loops that are no statements: comprehensions, ``map``, calls with each element, extremes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar, cast

from autodiff.errors import user_location
from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.branching.choices import chosen
from autodiff.trace.branching.objects.unsure import is_unsure
from autodiff.trace.capture.gone_over import Header, ranges_of
from autodiff.trace.capture.lists.listed_rows import is_row
from autodiff.trace.capture.recorded_loop import LEAST, RecordedLoop, Unrolled

__all__ = ["RepeatedCalls"]

# How such a loop calls what it keeps, what it calls, and what it goes over.
_KEPT, _CALLED, _OVER = "__kept__", "__called__", "__over__"
_Kept = TypeVar("_Kept")


class RepeatedCalls:
    """What rewritten functions find for calls that repeat something.

    Args:
        loop: Makes the loop over something, at a place, that assigns variables.
        where: What is computed where a condition holds, and zero elsewhere.
    """

    def __init__(
        self,
        loop: Callable[[object, str, Sequence[str]], RecordedLoop | Unrolled],
        where: Callable[[object, Callable[[], object]], object],
    ) -> None:
        self._loop, self._where = loop, where

    def listed(
        self,
        function: Callable[..., object],
        source: object,
        place: str,
        several: bool,
        adds: bool,
    ) -> list[object]:
        """``[function(x) for x in source]``, by a loop.

        Args:
            function: What gives each element.
            source: What is gone over.
            place: File, line and column.
            several: True if the function takes the parts of what is gone over.
            adds: True if the elements are added up.
        """
        ranges = ranges_of(source)
        if not adds or ranges is None:
            return self.repeated(function, source, place, several)
        ranges.are_terms, inside = True, ranges.holds

        def term(number: object) -> object:
            return self._where(inside(number), lambda: function(number))

        return self.repeated(term, source, place, False)

    def mapped(
        self, function: Callable[..., object], *sources: Iterable[object]
    ) -> Iterator[object]:
        """``map``, by a loop once it is gone over."""
        several = len(sources) > 1
        source = Header.of(zip, *sources) if several else sources[0]
        yield from self.repeated(function, source, f"{user_location()}:map", several)

    def extreme(
        self,
        plain: Callable[..., object],
        better: Callable[[object, object], object],
        *args: object,
        **kwargs: object,
    ) -> object:
        """``max`` or ``min``, of the numbers of an array by a loop that keeps the best.

        Args:
            plain: The function of a few.
            better: Whether one number is to be kept instead of another.
            *args: Its arguments.
            **kwargs: The same.
        """
        if len(args) != 1 or kwargs or is_unsure(args[0]):
            return plain(*args, **kwargs)
        (over,) = args
        assert isinstance(over, Iterable)
        items = over if isinstance(over, (ArrayTracer, list, tuple)) else [*over]
        numbers = items.ndim == 1 if isinstance(items, ArrayTracer) else all(map(is_row, items))
        if not numbers or len(items) < LEAST:
            return plain(items)

        def best(kept: object, x: object) -> object:
            return chosen(better(x, kept), x, kept)

        return self._repeated(best, items[0], items[1:], f"{user_location()}:extreme")

    def each(self, function: Callable[..., object], columns: Sequence[object]) -> list[object]:
        """What a function gives for the elements of arrays along their first axis."""
        return self.repeated(function, Header.of(zip, *columns), f"{user_location()}:each", True)

    def folded(self, step: Callable[..., object], first: object, items: Sequence[object]) -> object:
        """What ``kept = step(kept, x)`` leaves at last, for each of some items."""
        return self._repeated(step, first, items, f"{user_location()}:folded", step)

    def repeated(
        self, function: Callable[..., object], source: object, place: str, several: bool
    ) -> list[object]:
        """What a function gives for each element of what is gone over."""

        def with_another(made: list[object], x: Any) -> list[object]:
            made.append(function(*x) if several else function(x))
            return made

        return self._repeated(with_another, [], source, place, function)

    def _repeated(
        self,
        step: Callable[[_Kept, object], _Kept],
        first: _Kept,
        source: object,
        place: str,
        function: object = None,
    ) -> _Kept:
        """What ``kept = step(kept, x)`` leaves at last.

        Args:
            step: One step.
            first: What is kept before it.
            source: What is gone over.
            place: Where it is.
            function: What the steps call; they change what it leads to, and ``x``, at most.
        """
        kept, held = first, {_CALLED: function, _OVER: source}
        loop = self._loop(source, place, (_KEPT,))
        for x in loop:
            if isinstance(loop, RecordedLoop) and loop.records:
                (kept,) = cast("list[_Kept]", loop.enter({**held, _KEPT: kept}, sys._getframe()))
            kept = step(kept, x)
            if isinstance(loop, RecordedLoop) and loop.records:
                (kept,) = cast("list[_Kept]", loop.leave({_KEPT: kept}))
        return kept
