"""What a ``for`` statement goes over: ranges, arrays, lists, and several of these at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

import numpy as np

from autodiff.table import ops
from autodiff.table.primitive import Quantity
from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.branching.objects.unsure import Unsure
from autodiff.trace.capture.by_repetition import Known, Owner
from autodiff.trace.capture.inner.known_ranges import Ranges, range_of
from autodiff.trace.capture.lists.read_records import Line, form_of
from autodiff.trace.capture.variables import NOBODYS

__all__ = [
    "Header", "Kept", "held_by", "last_of", "length_of", "may_do_nothing", "ranges_of",
    "stands_for",
]  # fmt: skip

_TOGETHER = {zip, enumerate, reversed}


class Header:
    """``zip(...)``, ``enumerate(...)`` or ``reversed(...)``, not called yet.

    Args:
        function: Which of them.
        given: Its arguments.
        strict: True if all are to have one length.
    """

    def __init__(
        self,
        function: Callable[..., Iterable[object]],
        given: tuple[Any, ...],
        strict: bool = False,
    ) -> None:
        self.function, self.given, self.strict = function, given, strict

    @staticmethod
    def of(function: Any, *given: object, **named: object) -> object:
        """What stands for a call in the header of a loop."""
        if function is range and not named:
            return range_of(*given)
        strict = named.keys() == {"strict"} and function is zip and bool(named["strict"])
        try:
            known = (strict or not named) and function in _TOGETHER and len(given) > 0
        except TypeError:  # it has no hash
            known = False
        made = Header(function, given, strict) if known else None
        return function(*given, **named) if made is None else made

    def __iter__(self) -> Iterator[object]:
        named = {"strict": True} if self.strict else {}
        return iter(self.function(*[iter_of(x) for x in self.given], **named))


class Kept:
    """The elements of a list of which not every one need be there.

    Args:
        given: The list.
    """

    def __init__(self, given: Unsure) -> None:
        self.given = given
        self.pairs = [(x, 1.0 if holds is True else holds) for x, holds in given.pairs]

    def __iter__(self) -> Iterator[object]:
        return iter(self.given)


def iter_of(source: object) -> object:
    """What Python goes over; ``reversed`` asks for a sequence."""
    return [*source] if isinstance(source, Header) else source


def length_of(source: object) -> int | None:
    """The number of repetitions; None for what cannot be gone over at once."""
    if isinstance(source, Header):
        if source.function is not reversed and any(isinstance(x, Ranges) for x in source.given):
            return None
        sources = source.given[:1] if source.function is not zip else source.given
        lengths = [length_of(x) for x in sources]
        if None in lengths or (source.strict and len({*lengths}) > 1):
            return None
        return min(n for n in lengths if n is not None)
    if isinstance(source, (range, Ranges, Line)):
        return len(source)
    if isinstance(source, (np.ndarray, ArrayTracer)):
        return source.shape[0] if source.shape else None
    if isinstance(source, Kept):
        return length_of(source.pairs)
    if isinstance(source, (list, tuple, str)):
        forms = set(map(form_of, source))
        return len(source) if len(forms) == 1 and None not in forms else None
    return None


def ranges_of(source: object) -> Ranges | None:
    """The ranges that a loop goes over, if each repetition around it has another."""
    if isinstance(source, Header) and source.function is reversed:
        source = source.given[0]
    return source if isinstance(source, Ranges) else None


def may_do_nothing(source: object) -> bool:
    """True for what only some repetitions do something of."""
    return isinstance(source, Kept) or ranges_of(source) is not None


def held_by(source: object, one: object) -> tuple[object, object]:
    """What the variables of a loop hold, and whether the repetition does anything.

    Args:
        source: What the loop goes over.
        one: What stands for an element of it.
    """
    if isinstance(source, Kept):
        value, holds = cast("tuple[object, Quantity]", one)
        return value, ops.ne(holds, 0.0)
    ranges = ranges_of(source)
    return one, ranges is None or ranges.are_terms or ranges.holds(one)


def _nobodys(one: object) -> object:
    """What nobody may use, of the form of an element."""
    return tuple(map(_nobodys, one)) if type(one) is tuple else NOBODYS


def last_of(source: object) -> object:
    """The last element of a source that is gone over; what nobody may use if that differs."""
    if isinstance(source, Kept):
        return _nobodys(source.pairs[-1][0])
    if ranges_of(source) is not None:
        return NOBODYS
    return _at(source, (length_of(source) or 0) - 1)


def _at(source: Any, place: int) -> object:
    """An element of a source."""
    if not isinstance(source, Header):
        return source[place]
    first = source.given[0]
    if source.function is enumerate:
        begin = source.given[1] if len(source.given) > 1 else 0
        return begin + place, _at(first, place)
    if source.function is reversed:
        return _at(first, (length_of(first) or 0) - 1 - place)
    return tuple(_at(x, place) for x in source.given)


def stands_for(
    source: object, owner: Owner, places: range, item: Callable[[object, object], object]
) -> object:
    """What the variables of the loop hold in the repetition that is recorded.

    Args:
        source: What the loop goes over.
        owner: The loop.
        places: Which elements.
        item: Gives ``x[i]`` for an index that is known.
    """
    if isinstance(source, Header):
        first = source.given[0]
        if source.function is enumerate:
            begin = source.given[1] if len(source.given) > 1 else 0
            counted = Known(owner, [begin + i for i in places])
            return counted, stands_for(first, owner, places, item)
        if source.function is reversed:
            count = length_of(first) or 0
            back = range(count - 1 - places.start, count - 1 - places.stop, -1)
            return stands_for(first, owner, back, item)
        return tuple(stands_for(x, owner, places, item) for x in source.given)
    if isinstance(source, (range, Ranges)):
        numbers = source if isinstance(source, range) else source.every
        return Known(owner, [numbers[i] for i in places])
    return item(source.pairs if isinstance(source, Kept) else source, Known(owner, places))
