"""Making arrays of numbers, lists and tuples."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from verify.program.language.read_values import (
    COMPLEX,
    NUMPY,
    Array,
    Number,
    Real,
    Value,
    is_index,
    is_number,
    widest,
)
from verify.program.language.refusal import RefusedError
from verify.program.language.scalars.arithmetic import Arithmetic

__all__ = ["Made", "kind_in", "kind_within"]

_UNWRITTEN = "an array of which an item was not written"
_LONGEST = 100_000  # of what is counted


class Made:
    """Makes arrays.

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
        return self._new(items, shape, dtype or widest({*map(kind_in, items)}))

    def as_array(self, value: Value) -> Array:
        """The array itself, or a new one."""
        return value if isinstance(value, Array) else self.array(value)

    def _gather(self, value: Value, items: list[object]) -> tuple[int, ...]:
        if is_number(value) or is_index(value):
            items.append(value)
            return ()
        if isinstance(value, Array):
            items += self._written_items(value)
            return value.shape
        if not isinstance(value, (list, tuple)):
            raise RefusedError("only numbers, lists, tuples and arrays make an array")
        shapes = {self._gather(part, items) for part in value}
        if len(shapes) > 1:
            raise RefusedError("rows of different length make no array")
        return (len(value), *next(iter(shapes), ()))

    def _new(self, items: list[Value], shape: tuple[int, ...], kind: str = "float") -> Array:
        born = self._make(len(items))
        if kind == "float":
            items = [None if x is None else self.kept(x) for x in items]
        return Array(items, shape, born, kind)

    def _result(self, items: list[Value], shape: tuple[int, ...]) -> Value:
        """An array of floats; a number of these where it has no dimension, as NumPy gives it."""
        return self._new(items, shape) if shape else items[0]

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

    @staticmethod
    def _written_items(array: Array) -> list[Value]:
        if None in array.items:
            raise RefusedError(_UNWRITTEN)
        return array.items

    def floats(self, value: Value) -> Array:
        """An array of floats, all of which are there."""
        array = self.as_array(value)
        if array.kind != "float":
            raise RefusedError("only arrays of floats are moved, multiplied and summed")
        self._written_items(array)
        return array

    def in_floats(self, value: Value) -> Array:
        """``x.astype(float)``: a copy."""
        array = self.as_array(value)
        return self._new([self._numbers.as_float(x) for x in self._written_items(array)],
                         array.shape)  # fmt: skip

    def filled(self, value: Number | None, shape: Value, dtype: str = "") -> Array:
        """``numpy.full``; with None as value ``numpy.empty``."""
        lengths = (shape,) if type(shape) is int else tuple(shape) if _sizes(shape) else None
        if lengths is None or min(lengths, default=0) < 0:
            raise RefusedError("expected a shape of plain integers")
        size = math.prod(lengths)
        self._make(size)
        return self._new([value] * size, lengths, dtype or kind_in(value))

    def like(self, value: Number | None, other: Value) -> Array:
        """``numpy.zeros_like`` and its like."""
        array = self.as_array(other)
        if array.kind != "float":
            raise RefusedError("NumPy makes no array of floats of this; write numpy.zeros")
        return self.filled(value, array.shape, array.kind)

    def unit(self, size: Value) -> Array:
        """``numpy.eye``."""
        if type(size) is not int or size < 0:
            raise RefusedError("expected a plain integer")
        self._make(size * size)
        result = self.filled(0.0, (size, size))
        for i in range(size):
            result.items[i * size + i] = 1.0
        return result

    def counted(self, name: str, *bounds: Value) -> Array:
        """``numpy.arange`` and ``numpy.linspace`` of plain numbers, which NumPy itself counts."""
        if not all(type(x) in (int, float) and abs(x) < _LONGEST for x in bounds):
            raise RefusedError("expected plain numbers")
        if name == "arange" and len(bounds) == 3 and not abs(bounds[2]) * _LONGEST > 1.0:
            raise RefusedError("a step that is too small")
        if name == "linspace" and (type(bounds[2]) is not int or bounds[2] < 0):
            raise RefusedError("expected a count")
        found = getattr(np, name)(*bounds)
        kind = "float" if found.dtype.kind == "f" else "int"  # also where it has no items
        return self._new(found.tolist(), found.shape, kind)


def _sizes(shape: Value) -> bool:
    return isinstance(shape, (tuple, list)) and all(type(n) is int for n in shape)


def kind_in(x: object) -> str:
    """As which kind NumPy keeps a number."""
    if x is None or type(x) is float:
        return "float"
    return x.kind if isinstance(x, Real) else "int" if is_index(x) else type(x).__name__


def kind_within(value: Value) -> str:
    """The kind of a number, or of the array that a list becomes."""
    if is_number(value) or is_index(value):
        return kind_in(value)
    if isinstance(value, (list, tuple)) and not hasattr(value, "shape"):
        return widest({*map(kind_within, value)})
    return "float" if not isinstance(value, Array) else value.kind
