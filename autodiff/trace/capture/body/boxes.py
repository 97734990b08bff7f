"""Boxes: objects that a repetition changes in place, and what they hold."""

from __future__ import annotations

import types
from collections.abc import Sequence
from typing import Any

from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.branching.reachable import Contents, contents_of, put_into
from autodiff.trace.branching.restarts import UnmergeableError
from autodiff.trace.capture.uncapturable import UncapturableError

__all__ = ["fill", "held", "restore"]


def held(box: object) -> list[object]:
    """The values that a box holds.

    Raises:
        UncapturableError: if they are not kept one by one.
    """
    if isinstance(box, ArrayTracer):
        if box.is_argument or box._parent is not None or box._doubtful:
            raise UncapturableError
        return [ArrayTracer(box.builder, box.index)]
    plain = isinstance(box, (list, dict, types.CellType))  # what a closure holds is in a cell
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
