"""The stretches of a trace that repeat, with what every operand of every step is."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from autodiff.run.roll.columns import Carried, Column, Locate, Same, Within, column_of
from autodiff.run.roll.in_numbers import Operations

__all__ = ["Finder", "Repetition"]

_LEAST = 4  # repetitions
_SMALLEST = 12  # operations of a loop, all repetitions together
_BETTER = 1.5  # times as many operations that a longer period has to cover
_COMMON = 8  # periods that are tried everywhere
_CANDIDATES = 24  # periods that are tried at one operation


class Repetition(NamedTuple):
    """A stretch that repeats."""

    start: int  # its first operation
    period: int  # operations in one repetition
    times: int  # repetitions
    columns: tuple[tuple[Column, ...], ...]  # per step, what its operands are

    @property
    def end(self) -> int:
        """The first operation behind it."""
        return self.start + self.period * self.times


class Finder:
    """Finds repetitions, from the first operation on.

    Args:
        operations: The trace.
    """

    def __init__(self, operations: Operations) -> None:
        self._operations = operations
        signs = operations.signs
        self._bytes = signs.tobytes()
        order = np.argsort(signs, kind="stable")
        rank = np.empty_like(order)
        rank[order] = np.arange(len(order))
        self._order, self._rank = order, rank
        self._common = self._common_distances()
        self._refused: dict[int, int] = {}  # a period -> where it may be tried again
        self._waits = 0  # the operation that a repetition is better begun with

    def at(self, start: int, locate: Locate) -> Repetition | None:
        """The repetition with the most operations that begins with an operation.

        One that hands on less if it begins some operations later is found there.
        """
        if start < self._waits:
            return None
        found = self._longest(start, locate)
        if found is None or start == self._waits:
            return found
        later = _fewest_carried(found)
        self._waits = start + later
        return None if later else found

    def _longest(self, start: int, locate: Locate) -> Repetition | None:
        best: Repetition | None = None
        for period in self._periods(start):
            count = self._matching(start, period)
            if best is not None and count * period <= _BETTER * best.period * best.times:
                continue
            found = self._related(start, period, count, locate)
            if found is None:
                self._refused[period] = start + period
            elif best is None or found.period * found.times > _BETTER * best.period * best.times:
                best = found
            if best is not None and 2 * best.period * best.times > len(self._operations) - start:
                break
        return best

    def _periods(self, start: int) -> list[int]:
        signs, place = self._operations.signs, int(self._rank[start])
        tried = list(self._common)
        for later in self._order[place + 1 : place + 1 + _CANDIDATES]:
            if signs[later] != signs[start]:
                break
            tried.append(int(later) - start)
        return [
            period
            for period in sorted(set(tried))
            if start + _LEAST * period <= len(signs)
            and signs[start + period] == signs[start]
            and self._refused.get(period, 0) <= start
            and self._repeats_once(start, period)
        ]

    def _common_distances(self) -> list[int]:
        """How far apart equal signs stand, the commonest: loops of many equal steps as well."""
        signs, order = self._operations.signs, self._order
        same = signs[order[1:]] == signs[order[:-1]]
        distances, counts = np.unique(np.diff(order)[same], return_counts=True)
        often = np.argsort(-distances * counts, kind="stable")[:_COMMON]
        return [int(distances[i]) for i in often if counts[i] >= _LEAST]

    def _repeats_once(self, start: int, period: int) -> bool:
        here, width = 8 * start, 8 * period
        return self._bytes[here : here + width] == self._bytes[here + width : here + 2 * width]

    def _matching(self, start: int, period: int) -> int:
        """How many repetitions have the same signs."""
        signs = self._operations.signs
        reach, limit = 4 * period, len(signs) - start - period
        while True:
            reach = min(reach, limit)
            differs = signs[start : start + reach] != signs[start + period : start + period + reach]
            if differs.any():
                return int(np.argmax(differs)) // period + 1
            if reach == limit:
                return reach // period + 1
            reach *= 4

    def _related(self, start: int, period: int, count: int, locate: Locate) -> Repetition | None:
        """The repetition as far as its operands are related."""
        operations = self._operations
        while count >= _LEAST and count * period >= _SMALLEST:
            taken = operations.operands[start : start + period * count]
            grid: NDArray[np.int64] = taken.reshape(count, period, -1)
            columns, least = [], count
            for slot in range(period):
                node = operations.node(start + slot)
                row = []
                for position in range(len(node.operands)):
                    found, good = column_of(
                        operations, grid[:, slot, position], start, period, locate
                    )
                    literal = node.primitive is not None and position in node.primitive.literal
                    if found is None or (literal and not isinstance(found, Same)):
                        good = min(good, count - 1) if found is None else 1
                    least = min(least, good)
                    row.append(found)
                    if least < _LEAST:
                        return None
                columns.append(tuple(row))
            if least == count:
                return Repetition(start, period, count, tuple(columns))  # type: ignore[arg-type]
            count = least
        return None


def _fewest_carried(found: Repetition) -> int:
    """How many operations later a repetition hands the fewest values to the next.

    A value is handed on if a repetition ends between the step that computes it and its last user.
    """
    period = found.period
    last: dict[int, int] = {}
    for user, row in enumerate(found.columns):
        for column in row:
            if isinstance(column, Within):
                last[column.slot] = max(last.get(column.slot, 0), user)
            elif isinstance(column, Carried):
                last[column.slot] = max(last.get(column.slot, 0), user + period * column.lag)
    begins = np.arange(period)
    handed = np.zeros(period, dtype=np.int64)
    for slot, user in last.items():
        handed += (user - begins) // period - (slot - begins) // period
    if found.times <= _LEAST:
        return 0
    return int(np.argmin(handed))
