"""Stack: an array of residues that a loop fills, one repetition after the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from verify.field.whole.array_field import ArrayField, Residues

__all__ = ["Stack", "stack_of"]


class Stack(Residues):
    """Zeros, until something is stored: for the repetition, and those that it stands for.

    Args:
        field: The field of its elements.
        shape: Its shape; the first axis is the repetition.
    """

    __slots__ = ()

    def __init__(self, field: ArrayField, shape: tuple[int, ...]) -> None:
        super().__init__(field, np.zeros((field.ring.count, *shape), np.int64), 0, 0)

    def __setitem__(self, place: int, value: object) -> None:
        given = self.meaning.lift(value)
        if given.shape != self.shape[1:]:
            raise TypeError(f"an element of shape {given.shape} in a stack of {self.shape[1:]}")
        there = self.meaning.repetitions.stood_for(place, self.shape[0])
        self.v[:, there] = np.expand_dims(given.v, 1)
        self.n, self.d = max(self.n, given.n), max(self.d, given.d)


def stack_of(field: ArrayField, items: Sequence[object]) -> Stack:
    """A list of numbers that a loop filled as an array."""
    made = Stack(field, (len(items),))
    for place in field.repetitions.visited(len(items)):
        made[place] = items[place]
    return made
