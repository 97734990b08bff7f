"""Boxes: objects that a repetition changes in place, and what they hold."""

from __future__ import annotations

import types
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any

from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.branching.reachable import Contents, contents_of, put_into
from autodiff.trace.branching.restarts import UnmergeableError
from autodiff.trace.capture.uncapturable import UncapturableError

__all__ = ["fill", "held", "longest_ring", "restore"]

_LONGEST = 32  # elements of a deque that is filled before a loop is recorded


def held(box: object) -> list[object]:
    """The values that a box holds.

    Raises:
        UncapturableError: if they are not kept one by one.
    """
    if isinstance(box, ArrayTracer):
        if box.is_argument or box._parent is not None or box._doubtful:
            raise UncapturableError
        return [ArrayTracer(box.builder, box.index)]
    # What a closure holds is in a cell.
    plain = isinstance(box, (list, dict, deque, types.CellType))
    if not plain and not hasattr(box, "__dict__"):
        raise UncapturableError
    return [*contents_of(box).values]


def fill(box: object, values: Sequence[Any]) -> None:
    """Make a box hold other values, under the same keys."""
    if isinstance(box, ArrayTracer):
        box._index, box.version = values[0].index, box.version + 1
    else:
        put_into(box, Contents(contents_of(box).keys, tuple(values)))


def restore(box: object, contents: Contents) -> None:
    """Make a box hold again what it held.

    Raises:
        UncapturableError: if that is not possible.
    """
    try:
        put_into(box, contents)
    except UnmergeableError:
        raise UncapturableError from None


def longest_ring(objects: Iterable[object]) -> int:
    """How many repetitions may change what there is: as many as fill a deque; one, without any."""
    rings = [one.maxlen or 1 for one in objects if isinstance(one, deque)]
    return max((n for n in rings if n <= _LONGEST), default=1)
