"""What a repetition reads and writes of arrays, at places that differ from one to the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.capture.inner.places import Place

__all__ = ["Read", "Write", "lags"]


class Read(NamedTuple):
    """A stream, and where it is taken from."""

    element: int  # its placeholder
    array: Callable[[], ArrayTracer]  # gives the stream, once the loop is there
    source: ArrayTracer | None
    axes: tuple[int, ...]
    places: tuple[Place, ...]
    rest: tuple[int, ...]  # where on the other axes; () for all that is there
    written: int  # how many writes there were before


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
