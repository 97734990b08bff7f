"""Arithmetic on arrays, element by element.

``+`` and ``*`` of arrays are elementwise and broadcast; an array of ints or truths only takes part
where a float does, for NumPy's ints overflow and truncate.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Sequence
from itertools import product

from verify.program.language.arrays.new_arrays import Made, kind_in, kind_within
from verify.program.language.read_values import (
    Array,
    Number,
    Place,
    Real,
    Value,
    is_number,
    widest,
)
from verify.program.language.refusal import RefusedError
from verify.program.language.scalars.numpy_ints import are_plain_ints, of_ints

__all__ = ["Elementwise"]

_LOGICAL = (ast.BitAnd, ast.BitOr, ast.Mult)  # on which NumPy's truths and Python's agree


class Elementwise(Made):
    """Computes with arrays."""

    def elementwise(
        self, function: Callable[..., Number], *operands: Value, kind: str = ""
    ) -> Value:
        """A function of numbers on arrays, which are broadcast to one shape."""
        arrays = [self.as_array(x) for x in operands]
        if all(not array.shape for array in arrays):  # NumPy gives a number for these
            return function(*[self.number(array) for array in arrays])
        shape = broadcast([array.shape for array in arrays])
        self._make(math.prod(shape))
        columns = [self.spread(array, shape) for array in arrays]
        items = [function(*row) for row in zip(*columns, strict=True)]
        return self._new(items, shape, kind or widest({*map(kind_in, items)}))

    def spread(self, array: Array, shape: tuple[int, ...]) -> Sequence[Value]:
        """The numbers of an array that is broadcast to a shape."""
        items = self._written_items(array)
        if array.shape == shape:
            return items
        steps, step = [0] * len(shape), 1
        for axis in range(1, len(array.shape) + 1):
            if array.shape[-axis] != 1:
                steps[-axis] = step
            step *= array.shape[-axis]
        return [
            items[sum(i * s for i, s in zip(index, steps, strict=True))]
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
        if is_number(value) or isinstance(value, Place):
            plain: Number = value
            return plain
        raise RefusedError("expected a number, found a sequence")

    def binary(self, kind: type[ast.operator], x: Value, y: Value) -> Value:
        """``x + y`` where one of them is an array."""
        kinds = [kind_within(v) for v in (x, y)]
        if kinds == ["int", "int"]:
            return self.elementwise(lambda a, b: self._of_ints(kind, a, b), x, y)
        if "float" not in kinds:
            if not (kinds == ["bool", "bool"] and kind in _LOGICAL):
                raise RefusedError("NumPy computes this with integers that overflow; write floats")
            kind = ast.BitAnd if kind is ast.Mult else kind
            return self.elementwise(lambda a, b: self._logical(kind, a, b), x, y, kind="bool")
        return self.elementwise(
            lambda a, b: self._numbers.in_array(kind, self._float(a), self._float(b)), x, y
        )

    @staticmethod
    def _of_ints(kind: type[ast.operator], x: Number, y: Number) -> Number:
        if not are_plain_ints([x, y]):
            raise RefusedError("NumPy computes this with integers that overflow; write floats")
        found: Number = of_ints(kind, x, y)  # type: ignore[arg-type]  # both are ints
        return found

    def _float(self, x: Number) -> Number:
        return self._numbers.as_float(x) if not isinstance(x, Real) else x

    def _logical(self, kind: type[ast.operator], x: Number, y: Number) -> Number:
        if isinstance(x, Real) or isinstance(y, Real):
            return self._numbers.binary(kind, x, y)
        return bool(x and y) if kind is ast.BitAnd else bool(x or y)

    def compare(self, kind: type[ast.cmpop], x: Value, y: Value) -> Value:
        """``x < y`` where one of them is an array."""
        return self.elementwise(lambda a, b: self._numbers.compare(kind, a, b), x, y, kind="bool")

    def unary(self, kind: type[ast.unaryop], x: Array) -> Value:
        """``-x``, and ``~x`` of truths."""
        if x.kind == "bool" and kind is ast.Invert:
            return self.elementwise(
                lambda a: self._numbers.unary(ast.Not, a), x, kind="bool"
            )  # fmt: skip
        if x.kind != "float" or kind not in (ast.USub, ast.UAdd):
            raise RefusedError(
                "an operator without a derivative on an array that is not one of floats"
            )
        return self.elementwise(lambda a: self._numbers.unary(kind, a), x)


def broadcast(shapes: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """The shape that arrays of these shapes have together."""
    result: list[int] = []
    for axis in range(1, max(map(len, shapes)) + 1):
        sizes = {shape[-axis] for shape in shapes if len(shape) >= axis} - {1}
        if len(sizes) > 1:
            raise RefusedError(
                f"arrays of shapes {', '.join(map(str, shapes))} do not fit together"
            )
        result.append(sizes.pop() if sizes else 1)
    return tuple(reversed(result))
