"""Stack: an array of residues that a loop fills, one repetition after the other.

Where a repetition may do nothing, what it stores is zero under a condition.  A loop that does
nothing under the same condition finds what was stored: under a condition, c * x is x.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy

import numpy as np

from verify.field.both_blocks import KEPT, UNDER
from verify.field.whole.array_field import ArrayField, Residues

__all__ = ["Stack", "of_repetitions", "stack_of"]


class Stack(Residues):
    """Zeros, until something is stored: for the repetition, and those that it stands for.

    Args:
        field: The field of its elements.
        shape: Its shape; the first axis is the repetition.
    """

    __slots__ = ("_stored",)

    def __init__(self, field: ArrayField, shape: tuple[int, ...]) -> None:
        super().__init__(field, np.zeros((field.ring.count, *shape), np.int64), 0, 0)
        field.require_stacks(self)
        self._stored: dict[int, Residues] = {}  # of which more is known than residues

    def __getitem__(self, key: object) -> Residues:
        kept = self._stored.get(key) if type(key) is int else None
        return super().__getitem__(key) if kept is None else kept

    def __setitem__(self, place: int, value: object) -> None:
        given = self.meaning.lift(value)
        self._stored.pop(place, None)
        if given.in_parts or given.beneath is not None or given.known is not None:
            self._stored[place] = given
        if given.shape != self.shape[1:]:
            raise TypeError(f"an element of shape {given.shape} in a stack of {self.shape[1:]}")
        there = self.meaning.repetitions.stood_for(place, self.shape[0])
        self.v[:, there] = np.expand_dims(given.v, 1)
        self.n, self.d = max(self.n, given.n), max(self.d, int(given.d))


def stack_of(field: ArrayField, items: Sequence[object]) -> Stack:
    """A list of numbers that a loop filled as an array."""
    made = Stack(field, (len(items),))
    for place in field.repetitions.visited(len(items)):
        made[place] = items[place]
    return made


def of_repetitions(field: ArrayField) -> dict[str, object]:
    """What repetitions that may do nothing call, by names that no text has."""

    def kept(test: object, value: object) -> Residues:
        holds, given = field.truth(test), field.lift(value)
        known = holds.known is not None and bool(holds.known.all())
        whole = copy(given if known else field.where(holds, given, field.lift(0.0)))
        whole.beneath = holds, given
        return whole

    def under(test: object, value: object) -> object:
        if isinstance(value, Residues) and value.beneath is not None:
            holds, given = value.beneath
            if np.array_equal(field.truth(test).v, holds.v):
                return given
        return value

    return {KEPT: kept, UNDER: under}
