"""The ways through a text: sides of conditions that decide which statements run, and exceptions.

A text is read once for each way, from the start.  Two sides of a condition come together in one
result, number by number; what runs after an exception is another result, which is proven as well.
Each ``try`` that is reached may go either way, whatever the others do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from autodiff.table.primitive import REGISTRY
from verify.program.language.refusal import UnreadableError
from verify.program.program import ProgramBuilder

__all__ = ["AFTER_EXCEPTION", "Placed", "Ways"]

Placed = Any  # a place, or a list or dict of these
AFTER_EXCEPTION = " after an exception"  # of what a text returns: which result it is
_WAYS = 128


class _Fork(NamedTuple):
    condition: int | None  # None for a try
    first: bool
    certain: bool = False  # the other way is never taken


class Ways:
    """Reads along one way at a time.

    Attributes:
        settles: True to leave out ways that are never taken.
    """

    def __init__(self) -> None:
        self._wanted: list[bool] = []
        self._taken: list[_Fork] = []
        self._count = 0
        self.active = False
        self.settles = True

    def side(self, condition: int) -> bool:
        """True to read what runs where a condition holds."""
        known = next((fork.first for fork in self._taken if fork.condition == condition), None)
        return self._fork(condition) if known is None else known

    def knows(self, condition: int) -> bool:
        """True if it has been said which side of a condition is read."""
        return any(fork.condition == condition for fork in self._taken)

    def undisturbed(self) -> bool:
        """True to read what runs if no exception is raised."""
        return self._fork(None)

    def forks(self) -> int:
        """How often this way has parted from another one."""
        return len(self._taken)

    def settle(self, number: int) -> None:
        """What parted last, when there were so many forks, always goes as it did here."""
        self._taken[number - 1] = self._taken[number - 1]._replace(certain=self.settles)

    def _fork(self, condition: int | None) -> bool:
        at = len(self._taken)
        first = self._wanted[at] if at < len(self._wanted) else True
        self._taken.append(_Fork(condition, first))
        return first

    def results(self, builder: ProgramBuilder, read: Callable[[], Placed]) -> list[Placed]:
        """What is computed: first without an exception, then what differs after one.

        Raises:
            UnreadableError: if there are too many ways, or their results have different forms.
        """
        self._count, self.active = 0, True
        try:
            return _different(self._explore(builder, read, []))
        finally:
            self.active = False

    def _explore(
        self, builder: ProgramBuilder, read: Callable[[], Placed], wanted: list[bool]
    ) -> list[Placed]:
        self._count += 1
        if self._count > _WAYS:
            raise UnreadableError(
                f"more than {_WAYS} ways through the text; write conditional expressions "
                "(a if condition else b) instead of if statements that return"
            )
        self._wanted, self._taken = wanted, []
        found = [read()]
        taken = self._taken
        for at in range(len(taken) - 1, len(wanted) - 1, -1):
            if taken[at].certain:
                continue
            before = [fork.first for fork in taken[:at]]
            others = self._explore(builder, read, [*before, False])
            condition = taken[at].condition
            if condition is None:
                found += others
            else:
                found = _merged(builder, condition, found, others)
        return found


def _merged(
    builder: ProgramBuilder, condition: int, found: list[Placed], others: list[Placed]
) -> list[Placed]:
    """Each result where the condition holds with one where it does not."""
    count = max(len(found), len(others))
    pairs = [(found[min(i, len(found) - 1)], others[min(i, len(others) - 1)]) for i in range(count)]
    return [_chosen(builder, condition, x, y) for x, y in pairs]


def _chosen(builder: ProgramBuilder, condition: int, x: Placed, y: Placed) -> Placed:
    if type(x) is int and type(y) is int:
        return x if x == y else builder.apply(REGISTRY["where"].sympy, condition, x, y)
    if isinstance(x, list) and isinstance(y, list) and len(x) == len(y):
        return [_chosen(builder, condition, a, b) for a, b in zip(x, y, strict=True)]
    if isinstance(x, dict) and isinstance(y, dict) and x.keys() == y.keys():
        return {key: _chosen(builder, condition, x[key], y[key]) for key in x}
    raise UnreadableError("the sides of an if statement return results of different forms")


def _different(results: list[Placed]) -> list[Placed]:
    """Each result once, the first one first."""
    return [x for i, x in enumerate(results) if x not in results[:i]]
