"""Forms of arrays: joined, turned, shifted and repeated, number by number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product

from verify.program.language.arrays.by_numpy import ByNumpy
from verify.program.language.read_values import Array, Value
from verify.program.language.refusal import RefusedError

__all__ = ["Forms"]

_NO_LIST = "expected a list of arrays"
_COUNT = "expected a plain integer"


class Forms(ByNumpy):
    """Puts the numbers of arrays elsewhere."""

    def axis(self, array: Array, axis: Value) -> int:
        """An axis, counted from the first."""
        if type(axis) is not int or not -len(array.shape) <= axis < len(array.shape):
            raise RefusedError(f"an axis that an array of shape {array.shape} does not have")
        return axis % len(array.shape)

    def _joinable(self, value: Value) -> list[Array]:
        if isinstance(value, Array):
            value = [*value]
        if not isinstance(value, (list, tuple)) or not value:
            raise RefusedError(_NO_LIST)
        return [self.floats(part) for part in value]

    def joined(self, value: Value, axis: Value = 0) -> Array:
        """``numpy.concatenate``."""
        parts = self._joinable(value)
        if axis is None:
            parts, axis = [self.shaped(part, (-1,)) for part in parts], 0
        at = self.axis(parts[0], axis)
        rests = {(*p.shape[:at], *p.shape[at + 1 :]) for p in parts}
        if len(rests) > 1 or len({len(p.shape) for p in parts}) > 1:
            raise RefusedError("arrays that do not fit together")
        before = math.prod(parts[0].shape[:at])
        items: list[Value] = []
        for i in range(before):
            for part in parts:
                size = len(part.items) // max(before, 1)
                items += part.items[i * size : (i + 1) * size]
        length = sum(part.shape[at] for part in parts)
        return self._new(items, (*parts[0].shape[:at], length, *parts[0].shape[at + 1 :]))

    def moved(self, array: Array, axis: int, to: int) -> Array:
        """A copy with an axis elsewhere."""
        order = [k for k in range(len(array.shape)) if k != axis]
        order.insert(to, axis)
        steps = [math.prod(array.shape[k + 1 :]) for k in order]
        shape = tuple(array.shape[k] for k in order)
        places = (
            sum(i * step for i, step in zip(index, steps, strict=True))
            for index in product(*map(range, shape))
        )
        return Array([array.items[i] for i in places], shape, self._make(len(array.items)),
                     array.kind)  # fmt: skip

    def shaped(self, array: Array, shape: tuple[int, ...]) -> Array:
        """A copy of another shape."""
        return Array([*array.items], self._sizes(array, shape), self._make(len(array.items)),
                     array.kind)  # fmt: skip

    def reshaped(self, array: Array, shape: Value) -> Array:
        """``x.reshape(shape)``."""
        return array.view(array.items, self._sizes(array, shape))

    @staticmethod
    def _sizes(array: Array, shape: Value) -> tuple[int, ...]:
        """A shape for all numbers of an array, of which -1 may be one size."""
        sizes = (shape,) if type(shape) is int else shape
        if not isinstance(sizes, tuple) or not all(type(n) is int for n in sizes):
            raise RefusedError("expected a shape of plain integers")
        if sizes.count(-1) == 1:
            rest = -math.prod(sizes)
            if rest > 0 and len(array.items) % rest == 0:
                sizes = tuple(len(array.items) // rest if n == -1 else n for n in sizes)
        if min(sizes, default=0) < 0 or math.prod(sizes) != len(array.items):
            raise RefusedError(f"shape {sizes} of {len(array.items)} numbers")
        return sizes

    def flat(self, value: Value) -> Array:
        """``numpy.ravel``."""
        array = self.as_array(value)
        return array.view(array.items, (len(array.items),))

    def repeated(self, value: Value, count: Value, axis: Value = None) -> Array:
        """``numpy.repeat``: each number so many times."""
        array = self.floats(value)
        if type(count) is not int or count < 0:
            raise RefusedError(_COUNT)
        if axis is None:
            array, axis = self.shaped(array, (-1,)), 0
        at = self.axis(array, axis)
        self._make(len(array.items) * count)
        size = math.prod(array.shape[at + 1 :])
        rows = [array.items[i : i + size] for i in range(0, len(array.items), max(size, 1))]
        items = [x for row in rows for _ in range(count) for x in row]
        shape = (*array.shape[:at], array.shape[at] * count, *array.shape[at + 1 :])
        return self._new(items, shape)

    def tiled(self, value: Value, count: Value) -> Array:
        """``numpy.tile`` of a vector."""
        array = self.floats(value)
        if type(count) is not int or count < 0 or len(array.shape) != 1:
            raise RefusedError("only vectors are tiled, a plain number of times")
        self._make(len(array.items) * count)
        return self._new(array.items * count, (len(array.items) * count,))

    def shifted_difference(self, value: Value, axis: Value = -1) -> Value:
        """``numpy.diff``."""
        array = self.floats(value)
        at = self.axis(array, axis)
        before = (slice(None),) * at
        later, sooner = (
            self.part(array, (*before, part)) for part in (slice(1, None), slice(None, -1))
        )
        return self.difference(later, sooner)

    def difference(self, x: Value, y: Value) -> Value:
        """``x - y``."""
        raise NotImplementedError

    def same_shape(self, *arrays: Array) -> tuple[int, ...]:
        """The shape that arrays share."""
        shapes: Sequence[tuple[int, ...]] = list(dict.fromkeys(a.shape for a in arrays))
        if len(shapes) > 1:
            raise RefusedError(f"arrays of shapes {shapes[0]} and {shapes[1]}")
        return shapes[0]
