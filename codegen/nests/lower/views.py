"""Views: parts of tensors in other shapes, which cost nothing."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autodiff.table.arrays.array_row import Shape
from autodiff.table.arrays.row_params import Key
from codegen.nests.lower.loop_statement import Access

__all__ = ["View", "contiguous", "linear_map", "strides_of"]


def strides_of(shape: Shape) -> tuple[int, ...]:
    """Strides, in numbers, of an array that lies row by row."""
    strides, step = [], 1
    for n in reversed(shape):
        strides.append(step)
        step *= n
    return tuple(reversed(strides))


@dataclass(frozen=True)
class View:
    """An array inside a tensor.

    Args:
        tensor: The tensor.
        offset: Where its first number stands.
        strides: Numbers from one place of an axis to the next.
        shape: Its shape.
    """

    tensor: int
    offset: int
    strides: tuple[int, ...]
    shape: Shape

    @property
    def size(self) -> int:
        """How many numbers it has."""
        return math.prod(self.shape)

    @property
    def is_contiguous(self) -> bool:
        """True if its numbers lie row by row without gaps."""
        return all(
            n == 1 or own == step
            for n, own, step in zip(self.shape, self.strides, strides_of(self.shape), strict=True)
        )

    def over(self, shape: Shape) -> Access:
        """Its place in loops over a shape that it broadcasts to."""
        missing = len(shape) - len(self.shape)
        strides = [0 if n == 1 else s for n, s in zip(self.shape, self.strides, strict=True)]
        return Access(self.tensor, self.offset, (*[0] * missing, *strides))

    def broadcast(self, shape: Shape) -> View:
        """The same numbers, repeated."""
        return View(self.tensor, self.offset, self.over(shape).strides, shape)

    def transposed(self, axes: Sequence[int]) -> View:
        """Axes in another order."""
        strides, shape = (tuple(x[i] for i in axes) for x in (self.strides, self.shape))
        return View(self.tensor, self.offset, strides, shape)

    def at(self, key: Key) -> View:
        """The part at a key."""
        offset, strides, shape = self.offset, [], []
        for part, stride in zip(key, self.strides, strict=True):
            offset += part[0] * stride
            if len(part) == 3:
                strides.append(part[2] * stride)
                shape.append(part[1])
        return View(self.tensor, offset, tuple(strides), tuple(shape))

    def reshaped(self, shape: Shape) -> View | None:
        """The same numbers in another shape; None if that takes a copy."""
        if self.size == 0 or self.is_contiguous:
            return View(self.tensor, self.offset, strides_of(shape), shape)
        strides = _regrouped(self.shape, self.strides, shape)
        return None if strides is None else View(self.tensor, self.offset, strides, shape)


def contiguous(tensor: int, shape: Shape, offset: int = 0) -> View:
    """An array that lies row by row."""
    return View(tensor, offset, strides_of(shape), shape)


def _regrouped(given: Shape, strides: tuple[int, ...], shape: Shape) -> tuple[int, ...] | None:
    """Strides of the same numbers in another shape; None where no strides are."""
    old = [(n, s) for n, s in zip(given, strides, strict=True) if n != 1]
    found, place = [0] * len(shape), 0
    new = [i for i, n in enumerate(shape) if n != 1]
    at = 0
    while at < len(old):
        # The shortest groups of old and of new axes that hold as many numbers.
        first, first_new = at, place
        have, want = old[at][0], shape[new[place]]
        at, place = at + 1, place + 1
        while have != want:
            if have < want:
                have, at = have * old[at][0], at + 1
            else:
                want, place = want * shape[new[place]], place + 1
        group = old[first:at]
        if any(s != after[0] * after[1] for (_, s), after in itertools.pairwise(group)):
            return None
        step = group[-1][1]
        for axis in reversed(new[first_new:place]):
            found[axis] = step
            step *= shape[axis]
    return tuple(found)


def linear_map(index: NDArray[np.intp]) -> tuple[int, tuple[int, ...]] | None:
    """``(start, steps)`` if the index map is linear in its places, else None."""
    if index.size == 0:
        return None
    start = int(index.flat[0])
    steps = tuple(
        int(np.take(index, 1, axis).flat[0]) - start if n > 1 else 0
        for axis, n in enumerate(index.shape)
    )
    expected = np.full(index.shape, start)
    for axis, step in enumerate(steps):
        shape = [-1 if i == axis else 1 for i in range(index.ndim)]
        expected = expected + step * np.arange(index.shape[axis]).reshape(shape)
    return (start, steps) if np.array_equal(expected, index) else None
