"""Arrays: NumPy's meaning, element by element.

``+`` and ``*`` of arrays are elementwise and broadcast; an array of ints or truths only takes part
where a float does, for NumPy's ints overflow and truncate; a view shares memory with its array, so
neither is written to.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

from verify.program.language.arithmetic import Arithmetic
from verify.program.language.read_values import (
    COMPLEX,
    NUMPY,
    Array,
    Number,
    Real,
    Value,
    is_number,
    widest,
)
from verify.program.language.refusal import RefusedError

__all__ = ["Arrays"]

_LOGICAL = (ast.BitAnd, ast.BitOr, ast.Mult)  # on which NumPy's truths and Python's agree


class Arrays:
    """Makes arrays and computes with them.

    Args:
        arithmetic: Of their numbers.
        make: Notes that so many items are made, and tells when.
    """

    def __init__(self, arithmetic: Arithmetic, make: Callable[[int], int]) -> None:
        self._numbers = arithmetic
        self._make = make

    def array(self, value: Value, dtype: str = "") -> Array:
        """A new array of numbers, lists of numbers, and so on."""
        items: list[object] = []
        shape = self._gather(value, items)
        return self._new(items, shape, dtype or widest({*map(_kind, items)}))

    def _gather(self, value: Value, items: list[object]) -> tuple[int, ...]:
        if is_number(value):
            items.append(value)
            return ()
        if isinstance(value, Array):
            if None in value.items:
                raise RefusedError("an array of which an item was not written")
            items += value.items
            return value.shape
        if not isinstance(value, (list, tuple)):
            raise RefusedError("only numbers, lists, tuples and arrays make an array")
        shapes = {self._gather(part, items) for part in value}
        if len(shapes) > 1:
            raise RefusedError("rows of different length make no array")
        return (len(value), *next(iter(shapes), ()))

    def _new(self, items: list[Any], shape: tuple[int, ...], kind: str) -> Array:
        born = self._make(len(items))
        if kind == "float":
            items = [None if x is None else self.kept(x) for x in items]
        return Array(items, shape, born, kind)

    def kept(self, x: Number) -> Number:
        """A number as an array of floats keeps it."""
        if isinstance(x, Real):
            return Real(x.place, "float", 1, NUMPY | (x.flags & ~NUMPY))
        return self._numbers.as_float(x)

    def _written(self, x: Number | None) -> Number | None:
        """A number that is written to an array of floats."""
        if isinstance(x, Real) and x.flags & COMPLEX:
            raise RefusedError("may be complex, which an array of floats cannot keep")
        return None if x is None else self.kept(x)

    def filled(self, value: Number | None, shape: Value, dtype: str = "") -> Array:
        """``numpy.full``; with None as value ``numpy.empty``."""
        lengths = (shape,) if type(shape) is int else tuple(shape) if _sizes(shape) else None
        if lengths is None or min(lengths, default=0) < 0:
            raise RefusedError("expected a shape of plain integers")
        size = math.prod(lengths)
        self._make(size)
        return self._new([value] * size, lengths, dtype or _kind(value))

    def like(self, value: Number | None, other: Value) -> Array:
        """``numpy.zeros_like`` and its like."""
        array = other if isinstance(other, Array) else self.array(other)
        if array.kind != "float":
            raise RefusedError("NumPy makes no array of floats of this; write numpy.zeros")
        return self.filled(value, array.shape)

    # --- elementwise ---

    def elementwise(
        self, function: Callable[..., Number], *operands: Value, kind: str = ""
    ) -> Value:
        """A function of numbers on arrays, which are broadcast to one shape."""
        arrays = [x if isinstance(x, Array) else self.array(x) for x in operands]
        if all(not array.shape for array in arrays):  # NumPy gives a number for these
            return function(*[self.number(array) for array in arrays])
        shape = _broadcast([array.shape for array in arrays])
        self._make(math.prod(shape))
        columns = [self._spread(array, shape) for array in arrays]
        items = [function(*row) for row in zip(*columns, strict=True)]
        return self._new(items, shape, kind or widest({*map(_kind, items)}))

    def _spread(self, array: Array, shape: tuple[int, ...]) -> Sequence[object]:
        if None in array.items:
            raise RefusedError("an array of which an item was not written")
        if array.shape == shape:
            return array.items
        steps, step = [0] * len(shape), 1
        for axis in range(1, len(array.shape) + 1):
            if array.shape[-axis] != 1:
                steps[-axis] = step
            step *= array.shape[-axis]
        return [
            array.items[sum(i * s for i, s in zip(index, steps, strict=True))]
            for index in product(*map(range, shape))
        ]

    def number(self, value: Value) -> Number:
        """The number that an array without dimensions holds."""
        if isinstance(value, Array) and not value.shape:
            item = value.items[0]
            if item is None:
                raise RefusedError("an item of numpy.empty that was not written")
            number: Number = item
            return number
        if is_number(value):
            plain: Number = value
            return plain
        raise RefusedError("expected a number, found a sequence")

    def binary(self, kind: type[ast.operator], x: Value, y: Value) -> Value:
        """``x + y`` where one of them is an array."""
        if kind is ast.MatMult:
            return self.matmul(x, y)
        kinds = [v.kind if isinstance(v, Array) else _kind_of(v) for v in (x, y)]
        if "float" not in kinds:
            if not (kinds == ["bool", "bool"] and kind in _LOGICAL):
                raise RefusedError("NumPy computes this with integers that overflow; write floats")
            kind = ast.BitAnd if kind is ast.Mult else kind
            return self.elementwise(lambda a, b: self._logical(kind, a, b), x, y, kind="bool")
        return self.elementwise(
            lambda a, b: self._numbers.binary(kind, self._float(a), self._float(b)), x, y
        )

    def _float(self, x: Number) -> Number:
        return self._numbers.as_float(x) if not isinstance(x, Real) else x

    def _logical(self, kind: type[ast.operator], x: Number, y: Number) -> Number:
        if isinstance(x, Real) or isinstance(y, Real):
            return self._numbers.binary(kind, x, y)
        return bool(x and y) if kind is ast.BitAnd else bool(x or y)

    def compare(self, kind: type[ast.cmpop], x: Value, y: Value) -> Value:
        """``x < y`` where one of them is an array."""
        return self.elementwise(lambda a, b: self._numbers.compare(kind, a, b), x, y, kind="bool")

    def negative(self, kind: type[ast.unaryop], x: Array) -> Value:
        """``-x``."""
        if x.kind != "float" or kind not in (ast.USub, ast.UAdd):
            raise RefusedError(
                "an operator without a derivative on an array that is not one of floats"
            )
        return self.elementwise(lambda a: self._numbers.unary(kind, a), x)

    # --- products and sums ---

    def _vectors(self, *values: Value) -> list[Array]:
        arrays = [v if isinstance(v, Array) else self.array(v) for v in values]
        if any(array.kind != "float" or None in array.items for array in arrays):
            raise RefusedError("only arrays of floats are multiplied and summed")
        return arrays

    def total(self, numbers: Sequence[Number], start: Number = 0.0) -> Number:
        """A sum, from left to right."""
        if not numbers:
            return start
        result = numbers[0]
        for number in numbers[1:]:
            result = self._numbers.binary(ast.Add, result, number)
        return result

    def inner(self, x: Sequence[Number], y: Sequence[Number]) -> Number:
        """The sum of products."""
        return self.total([self._numbers.binary(ast.Mult, a, b) for a, b in zip(x, y, strict=True)])

    def matmul(self, left: Value, right: Value) -> Value:
        """``x @ y`` of vectors and matrices."""
        x, y = self._vectors(left, right)
        if not (0 < len(x.shape) <= 2 and 0 < len(y.shape) <= 2):
            raise RefusedError("only vectors and matrices are multiplied")
        length = x.shape[-1]
        if length != y.shape[0]:
            raise RefusedError(f"a product of shapes {x.shape} and {y.shape}")
        width = y.shape[1] if len(y.shape) == 2 else 1
        self._make(len(x.items) * width)
        height = x.shape[0] if len(x.shape) == 2 else 1
        rows = [x.items[i * length : (i + 1) * length] for i in range(height)]
        columns = [y.items[j::width] for j in range(width)]
        items: list[object] = [self.inner(r, c) for r in rows for c in columns]
        shape = (*x.shape[:-1], *y.shape[1:])
        return self._new(items, shape, "float") if shape else items[0]

    def outer(self, left: Value, right: Value) -> Value:
        """``numpy.outer``."""
        x, y = self._vectors(left, right)
        self._make(len(x.items) * len(y.items))
        items = [self._numbers.binary(ast.Mult, a, b) for a in x.items for b in y.items]
        return self._new(items, (len(x.items), len(y.items)), "float")

    def summed(self, value: Value) -> Number:
        """``numpy.sum`` of everything."""
        (array,) = self._vectors(value)
        return self.total([0.0, *array.items])  # so that a sum of -0.0 is 0.0, as NumPy's

    def multiplied(self, value: Value) -> Number:
        """``numpy.prod`` of everything."""
        (array,) = self._vectors(value)
        result: Number = 1.0
        for i, number in enumerate(array.items):
            result = number if i == 0 else self._numbers.binary(ast.Mult, result, number)
        return result

    def mean(self, value: Value) -> Number:
        """``numpy.mean`` of everything."""
        (array,) = self._vectors(value)
        return self._numbers.binary(ast.Div, self.summed(array), float(len(array.items)))

    def extreme(self, row: str, value: Value) -> Number:
        """``numpy.max`` or ``numpy.min`` of everything."""
        (array,) = self._vectors(value)
        if not array.items:
            raise RefusedError("of an empty array")
        result: Number = array.items[0]
        for number in array.items[1:]:
            result = self._numbers.called(row, "numpy", [result, number])
        return result

    # --- form ---

    def joined(self, value: Value) -> Array:
        """``numpy.concatenate`` along the first axis."""
        if not isinstance(value, (list, tuple)) or not value:
            raise RefusedError("expected a list of arrays")
        parts = self._vectors(*value)
        tails = {part.shape[1:] for part in parts}
        if len(tails) > 1 or any(not part.shape for part in parts):
            raise RefusedError("arrays that do not fit together")
        length = sum(part.shape[0] for part in parts)
        return self._new([x for p in parts for x in p.items], (length, *tails.pop()), "float")

    def transposed(self, value: Value) -> Array:
        """``x.T``."""
        array = value if isinstance(value, Array) else self.array(value)
        if len(array.shape) < 2:
            return array.view(array.items, array.shape)
        if len(array.shape) > 2:
            raise RefusedError("only matrices are transposed")
        width = array.shape[1]
        items = [x for j in range(width) for x in array.items[j::width]]
        self._make(len(items))
        return array.view(items, (width, array.shape[0]))

    def reshaped(self, array: Array, shape: tuple[int, ...]) -> Array:
        """``x.reshape(shape)``."""
        if shape.count(-1) == 1:
            rest = -math.prod(shape)
            if rest > 0 and len(array.items) % rest == 0:
                shape = tuple(len(array.items) // rest if n == -1 else n for n in shape)
        if min(shape, default=0) < 0 or math.prod(shape) != len(array.items):
            raise RefusedError(f"shape {shape} of {len(array.items)} numbers")
        return array.view(array.items, shape)

    def item(self, array: Array, key: Value) -> Value:
        """``x[key]`` for integers and slices."""
        keys = self._keys(array, key)
        places = _places(array.shape, keys)
        if len(keys) == len(array.shape) and not any(type(k) is slice for k in keys):
            return array.number(_flat_places(array.shape, places)[0])
        shape = self._shape_of(array, key)
        self._make(math.prod(shape))
        return array.view([array.items[i] for i in _flat_places(array.shape, places)], shape)

    def places(self, array: Array, key: Value) -> list[int]:
        """Which numbers ``x[key]`` is."""
        return _flat_places(array.shape, _places(array.shape, self._keys(array, key)))

    def part(self, array: Array, key: Value) -> Value:
        """A copy of ``x[key]``."""
        shared = array.shared
        part = self.item(array, key)
        array.shared = shared
        return part

    def _shape_of(self, array: Array, key: Value) -> tuple[int, ...]:
        keys = self._keys(array, key)
        places = _places(array.shape, keys)
        chosen = tuple(len(p) for p, k in zip(places, keys, strict=False) if type(k) is slice)
        return chosen + array.shape[len(keys) :]

    @staticmethod
    def _keys(array: Array, key: Value) -> tuple[object, ...]:
        keys = key if isinstance(key, tuple) else (key,)
        if len(keys) > len(array.shape) or not all(type(k) in (int, slice) for k in keys):
            raise RefusedError(
                "an index that the value does not have; only integers and slices index"
            )
        return keys

    def stored(self, value: Value, array: Array, key: Value) -> list[object]:
        """The numbers that ``x[key] = value`` writes."""
        return self.fitting(value, self._shape_of(array, key))

    def fitting(self, value: Value, shape: tuple[int, ...]) -> list[object]:
        """The numbers that are written to a part of this shape."""
        if is_number(value) or (isinstance(value, Array) and not value.shape):
            return [self._written(self.number(value))] * math.prod(shape)
        array = value if isinstance(value, Array) else self.array(value)
        if None in array.items or array.shape != shape:
            raise RefusedError("written to a part of an array of another shape")
        return [self._written(x) for x in array.items]


def _sizes(shape: Value) -> bool:
    return isinstance(shape, (tuple, list)) and all(type(n) is int for n in shape)


def _kind(x: object) -> str:
    """As which kind NumPy keeps a number."""
    if x is None or type(x) is float:
        return "float"
    return x.kind if isinstance(x, Real) else type(x).__name__


def _kind_of(value: Value) -> str:
    """The kind of a number, or of the array that a list becomes."""
    if is_number(value):
        return _kind(value)
    if isinstance(value, (list, tuple)) and not hasattr(value, "shape"):
        return widest({*map(_kind_of, value)})
    return "float" if not isinstance(value, Array) else value.kind


def _broadcast(shapes: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    result: list[int] = []
    for axis in range(1, max(map(len, shapes)) + 1):
        sizes = {shape[-axis] for shape in shapes if len(shape) >= axis} - {1}
        if len(sizes) > 1:
            raise RefusedError(
                f"arrays of shapes {', '.join(map(str, shapes))} do not fit together"
            )
        result.append(sizes.pop() if sizes else 1)
    return tuple(reversed(result))


def _places(shape: tuple[int, ...], keys: tuple[Any, ...]) -> list[Sequence[int]]:
    """By axis, the indices that the keys choose."""
    chosen: list[Sequence[int]] = []
    for axis, length in enumerate(shape):
        key = keys[axis] if axis < len(keys) else slice(None)
        if type(key) is slice:
            try:
                chosen.append(range(length)[key])
            except (TypeError, ValueError):
                raise RefusedError("a slice that is none") from None
        elif not -length <= key < length:
            raise RefusedError(f"index {key} of an array of length {length}")
        else:
            chosen.append([key % length])
    return chosen


def _flat_places(shape: tuple[int, ...], chosen: Sequence[Sequence[int]]) -> list[int]:
    places = [0]
    for length, indices in zip(shape, chosen, strict=True):
        places = [p * length + i for p in places for i in indices]
    return places
