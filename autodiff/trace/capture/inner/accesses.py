"""What a repetition reads and writes of arrays, at places that differ from one to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.capture.inner.places import Place
from autodiff.trace.capture.lists.listed_rows import is_row

__all__ = ["Read", "Write", "lags", "through"]


class Read(NamedTuple):
    """A stream, and where it is taken from."""

    element: int  # its placeholder
    array: Callable[[], ArrayTracer]  # gives the stream, once the loop is there
    source: ArrayTracer | None
    axes: tuple[int, ...]
    places: tuple[Place, ...]
    rest: tuple[int, ...]  # where on the other axes; () for all that is there
    written: int  # how many writes there were before
    items: Sequence[object] = ()  # the list, if it is taken from one


def through(
    reads: Iterable[Read], items: Sequence[object], places: Sequence[int]
) -> tuple[list[object], list[int]] | None:
    """Where elements of elements of lists are in these; None if they are anything else.

    Args:
        reads: What is taken from lists.
        items: The elements, in one of which every repetition looks.
        places: In which one.
    """
    taken = {read.element: read for read in reads if read.items}
    sources = [
        taken.get(one.index) if isinstance(one, ArrayTracer) and not is_row(one) else None
        for one in items
    ]
    every, first, inside = list[object](), list[int](), list[Sequence[int]]()
    for source in sources:
        if source is None:
            return None
        first.append(len(every))
        inside.append([p for p in source.places if isinstance(p, int)])
        every += source.items
    return every, [first[p] + inside[p][k] for k, p in enumerate(places)]


class Write(NamedTuple):
    """What every repetition puts into an array, along some of its axes."""

    target: ArrayTracer
    axes: tuple[int, ...]
    places: tuple[Place, ...]
    rest: tuple[object, ...]
    node: int
    number: int  # how many writes there were before


def lags(read: Sequence[Place], written: Sequence[Place]) -> list[int]:
    """How many repetitions before each place that is read was written last, where it was."""
    last: dict[Place, int] = {}
    found = []
    for repetition, (one, other) in enumerate(zip(read, written, strict=True)):
        if one in last:
            found.append(repetition - last[one])
        last[other] = repetition
    return found
