"""Ranges whose bounds differ from repetition to repetition of a loop around them.

``for j in range(i)`` inside ``for i in range(n)`` goes over all that any of these ranges holds; a
repetition does nothing where the range of its own does not hold ``j``.
"""

from __future__ import annotations

from typing import NoReturn, cast

from autodiff.table import ops
from autodiff.trace.capture.by_repetition import Known
from autodiff.trace.capture.uncapturable import UncapturableError, refused

__all__ = ["Ranges", "range_of"]


class Ranges:
    """A range for each repetition of a loop around.

    Args:
        start: Their first numbers.
        stop: Where they end.
        step: The distance of neighbours.

    Attributes:
        are_terms: True where what is not in the range of a repetition adds nothing to a sum.
    """

    are_terms = False

    def __init__(self, start: int | Known, stop: int | Known, step: int) -> None:
        if step == 0 or len({value % step for value in _values(start)}) > 1:
            raise UncapturableError  # they have no numbers in common
        self._start, self._stop, self._step = start, stop, step
        first, last = (min, max) if step > 0 else (max, min)
        self.every = range(first(_values(start)), last(_values(stop)), step)

    def __len__(self) -> int:
        return len(self.every)

    def __iter__(self) -> NoReturn:
        refused()

    def holds(self, number: object) -> object:
        """Whether a number of ``every`` is in the range of this repetition."""
        start, stop, up = self._start, self._stop, self._step > 0
        now = cast(Known, number)
        begun = (now >= start) if up else (now <= start)
        left = (now < stop) if up else (now > stop)
        if isinstance(begun, bool):
            return begun and left
        return ops.logical_and(begun, left) if not isinstance(left, bool) else left and begun


def range_of(*arguments: object) -> object:
    """``range`` of whole numbers, some of which differ from repetition to repetition."""
    given = cast("tuple[int | Known, ...]", arguments)
    if not any(isinstance(one, Known) for one in given):
        return range(*given)
    start, stop, step = [0, given[0], 1] if len(given) == 1 else [*given, 1][:3]
    whole = all(type(one) is int or (isinstance(one, Known) and one.is_whole) for one in given)
    if not whole or isinstance(step, Known):
        raise UncapturableError
    length = stop - start
    if type(length) is int:  # the same number of repetitions each time
        return [start + step * place for place in range(len(range(0, length, step)))]
    return Ranges(start, stop, step)


def _values(bound: int | Known) -> list[int]:
    return bound.values if isinstance(bound, Known) else [bound]
