"""Parts of arrays: what an index chooses, and what is written there.

A view shares memory with its array, so neither is written to from then on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from verify.program.language.arrays.elementwise import Elementwise
from verify.program.language.read_values import Array, Number, Real, Value, is_index, is_number
from verify.program.language.refusal import RefusedError

__all__ = ["Parts", "flat_places", "has_list", "is_mask"]

_NONE_SUCH = (
    "an index that the value does not have; only integers, slices, None and lists of integers side "
    "by side index"
)


class Parts(Elementwise):
    """Takes and writes parts of arrays."""

    def item(self, array: Array, key: Value) -> Value:
        """``x[key]``."""
        if type(key) is tuple and len(key) == len(array.shape) and all(map(is_index, key)):
            return array.number(self.places(array, key)[0])
        if is_index(key) and array.shape:
            return array.row(key)
        places, shape = self._chosen(array, key)
        self._make(math.prod(shape))
        items = [array.items[i] for i in places]
        if has_list(key):  # a copy
            return self._new(items, shape, array.kind)
        return array.view(items, shape)

    def places(self, array: Array, key: Value) -> list[int]:
        """Which numbers ``x[key]`` is."""
        return self._chosen(array, key)[0]

    def part(self, array: Array, key: Value) -> Value:
        """A copy of ``x[key]``."""
        shared = array.shared
        part = self.item(array, key)
        array.shared = shared
        return part

    def _chosen(self, array: Array, key: Value) -> tuple[list[int], tuple[int, ...]]:
        """Which numbers a key chooses, and the shape of what is chosen."""
        keys = key if isinstance(key, tuple) else (key,)
        axes = len(array.shape) - sum(k is not None for k in keys if k is not Ellipsis)
        if axes < 0 or sum(k is Ellipsis for k in keys) > 1:
            raise RefusedError(_NONE_SUCH)
        at = next((i for i, k in enumerate(keys) if k is Ellipsis), len(keys))
        full = [*keys[:at], *[slice(None)] * axes, *keys[at + 1 :]]
        lengths, chosen = list[int](), list[Sequence[int]]()
        shape, axis = list[int](), 0
        for group in _groups(full, has_list(key)):
            if group == [None]:
                shape.append(1)
                continue
            sizes = array.shape[axis : axis + len(group)]
            axis += len(group)
            indices = _together(sizes, [_indices(n, k) for n, k in zip(sizes, group, strict=True)])
            chosen.append(indices)
            lengths.append(math.prod(sizes))
            if not is_index(group[0]) or len(group) > 1:
                shape.append(len(indices))
        return flat_places(lengths, chosen), tuple(shape)

    def stored(self, value: Value, array: Array, key: Value) -> list[Value]:
        """The numbers that ``x[key] = value`` writes."""
        return self.fitting(value, self._chosen(array, key)[1])

    def under(self, mask: Array, new: Array, array: Array) -> list[Value]:
        """All numbers of an array: new ones where conditions hold."""
        if mask.shape != array.shape or array.kind != "float":
            raise RefusedError("conditions of another shape than the array of floats")
        columns = self._written_items(mask), new.items, self._written_items(array)
        return [self._either(c, self._written(x), y) for c, x, y in zip(*columns, strict=True)]

    def _either(self, condition: Number, new: Value, old: Value) -> Value:
        if isinstance(condition, Real):
            return self.kept(self._numbers.choose(condition, new, old))
        return new if condition else old

    def fitting(self, value: Value, shape: tuple[int, ...]) -> list[Value]:
        """The numbers that are written to a part of this shape."""
        if is_number(value) or is_index(value) or (isinstance(value, Array) and not value.shape):
            return [self._written(self.number(value))] * math.prod(shape)
        array = self.as_array(value)
        if None in array.items or array.shape != shape:
            raise RefusedError("written to a part of an array of another shape")
        return [self._written(x) for x in array.items]


def is_mask(key: Value) -> bool:
    """True for an array of conditions."""
    return isinstance(key, Array) and key.kind == "bool" and bool(key.shape)


def _is_list(key: Value) -> bool:
    return isinstance(key, list) or (isinstance(key, Array) and len(key.shape) == 1)


def has_list(key: Value) -> bool:
    """True for a key that chooses a copy, not a view."""
    return any(map(_is_list, key)) if isinstance(key, tuple) else _is_list(key)


def _groups(keys: list[Value], together: bool) -> list[list[Value]]:
    """Keys, each alone; those that choose places together, which stand side by side, as one."""
    if not together:
        return [[k] for k in keys]
    among = [i for i, k in enumerate(keys) if _is_list(k) or is_index(k)]
    first, stop = among[0], among[-1] + 1
    if len(among) < stop - first:
        raise RefusedError(_NONE_SUCH)
    return [*([k] for k in keys[:first]), keys[first:stop], *([k] for k in keys[stop:])]


def _together(sizes: Sequence[int], indices: Sequence[Sequence[int]]) -> Sequence[int]:
    """Places in axes of these sizes of the first index of each axis, of the second ..."""
    if len(indices) == 1:
        return indices[0]
    count = max(map(len, indices))
    if not {*map(len, indices)} <= {1, count}:
        raise RefusedError("lists of indices of different lengths")
    steps = [math.prod(sizes[k + 1 :]) for k in range(len(sizes))]
    return [
        sum(step * each[i % len(each)] for step, each in zip(steps, indices, strict=True))
        for i in range(count)
    ]


def _indices(length: int, key: Value) -> Sequence[int]:
    """The indices that a key chooses on an axis."""
    if type(key) is slice:
        try:
            return range(length)[key]
        except (TypeError, ValueError):
            raise RefusedError("a slice that is none") from None
    if _is_list(key):
        keys = key.items if isinstance(key, Array) else [*key]
        if keys and all(map(is_index, keys)):
            return [i for k in keys for i in _indices(length, k)]
    if not is_index(key):
        raise RefusedError(_NONE_SUCH)
    if not -length <= key < length:
        raise RefusedError(f"index {key} of an array of length {length}")
    return [key % length]


def flat_places(shape: Sequence[int], chosen: Sequence[Sequence[int]]) -> list[int]:
    """Where the numbers at these indices stand."""
    places = [0]
    for length, indices in zip(shape, chosen, strict=True):
        places = [p * length + i for p in places for i in indices]
    return places
