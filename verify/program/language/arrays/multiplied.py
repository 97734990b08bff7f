"""Products of vectors and matrices."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Sequence
from itertools import product

from verify.program.language.arrays.along_axes import Sums
from verify.program.language.arrays.indexed_parts import flat_places
from verify.program.language.read_values import Array, Number, Value, is_number
from verify.program.language.refusal import RefusedError

__all__ = ["Arrays"]


_LETTERS = "expected subscripts as 'ij,j->i', a letter for each axis"
_EINSUM = re.compile(r"([a-zA-Z]*(?:,[a-zA-Z]*)*)(?:->([a-zA-Z]*))?")


class Arrays(Sums):
    """Arrays with all that is read of NumPy."""

    def binary(self, kind: type[ast.operator], x: Value, y: Value) -> Value:
        """``x + y`` or ``x @ y`` where one of them is an array."""
        return self.matmul(x, y) if kind is ast.MatMult else super().binary(kind, x, y)

    def matmul(self, left: Value, right: Value) -> Value:
        """``x @ y`` of vectors and matrices."""
        x, y = self.floats(left), self.floats(right)
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
        items: list[Value] = [self.inner(r, c) for r in rows for c in columns]
        return self._result(items, (*x.shape[:-1], *y.shape[1:]))

    def dot(self, x: Value, y: Value) -> Value:
        """``numpy.dot``."""
        if is_number(x) or is_number(y):
            raise RefusedError("a number; write *")
        return self.matmul(x, y)

    def dot_of_vectors(self, x: Value, y: Value) -> Number:
        """``numpy.inner`` and ``numpy.vdot`` of vectors."""
        some = self.floats(x), self.floats(y)
        if len(some[0].shape) != 1 or self.same_shape(*some) == ():
            raise RefusedError("only vectors of the same length; write @")
        return self.inner(some[0].items, some[1].items)

    def summed_over(self, subscripts: Value, operands: Sequence[Value]) -> Value:
        """``numpy.einsum`` of letters, a comma between operands, and ``->``."""
        form = _EINSUM.fullmatch(subscripts if isinstance(subscripts, str) else "")
        if form is None:
            raise RefusedError(_LETTERS)
        names, kept = form[1].split(","), form[2]
        if kept is None:  # letters that stand once, in order
            kept = "".join(sorted(c for c in {*form[1]} - {","} if form[1].count(c) == 1))
        arrays = [self.floats(x) for x in operands]
        sizes = _sizes(names, [array.shape for array in arrays])
        if len({*kept}) < len(kept) or not {*kept} <= sizes.keys():
            raise RefusedError("a letter behind -> stands once there, and before it")
        letters = [*kept, *(letter for letter in sizes if letter not in kept)]
        self._make(math.prod(sizes.values()) * len(arrays))
        rows: dict[tuple[int, ...], list[Number]] = {
            index: [] for index in product(*(range(sizes[letter]) for letter in kept))
        }
        for index in product(*(range(sizes[letter]) for letter in letters)):
            at = dict(zip(letters, index, strict=True))
            factors = [
                array.items[flat_places(array.shape, [[at[letter]] for letter in name])[0]]
                for name, array in zip(names, arrays, strict=True)
            ]
            rows[index[: len(kept)]].append(self._numbers.multiplied(factors))
        items: list[Value] = [self.total(row) for row in rows.values()]
        shape = tuple(sizes[letter] for letter in kept)
        if shape and len(arrays) == 1:  # perhaps a view
            return arrays[0].view([*map(self.kept, items)], shape)
        return self._result(items, shape)

    def polynomial(self, coefficients: Value, x: Value) -> Value:
        """``numpy.polyval``: Horner's rule."""
        every = self.floats(coefficients)
        if len(every.shape) != 1:
            raise RefusedError("expected a vector of floats, the highest power first")

        def horner(number: Number) -> Number:
            result: Number = 0.0
            for coefficient in every.items:
                result = self._numbers.binary(ast.Mult, result, number)
                result = self._numbers.binary(ast.Add, result, coefficient)
            return result

        return self.elementwise(horner, x)

    def outer(self, left: Value, right: Value) -> Array:
        """``numpy.outer``."""
        x, y = self.floats(left), self.floats(right)
        self._make(len(x.items) * len(y.items))
        items = [self._numbers.binary(ast.Mult, a, b) for a in x.items for b in y.items]
        return self._new(items, (len(x.items), len(y.items)))

    def cross(self, left: Value, right: Value) -> Array:
        """``numpy.cross`` of vectors of three, or of rows of these."""
        x, y = self.floats(left), self.floats(right)
        shape = self.same_shape(x, y)
        if not shape or shape[-1] != 3:
            raise RefusedError("only vectors of three numbers; write a[0]*b[1] - a[1]*b[0]")
        items: list[Value] = []
        for i in range(0, len(x.items), 3):
            a, b = x.items[i : i + 3], y.items[i : i + 3]
            items += [self._minor(a, b, j, k) for j, k in ((1, 2), (2, 0), (0, 1))]
        return self._new(items, shape)

    def _minor(self, a: list[Number], b: list[Number], j: int, k: int) -> Number:
        left, right = (self._numbers.binary(ast.Mult, *p) for p in ((a[j], b[k]), (a[k], b[j])))
        return self._numbers.binary(ast.Sub, left, right)

    def convolved(self, left: Value, right: Value, mode: Value = "full") -> Array:
        """``numpy.convolve``."""
        x, y = self.floats(left), self.floats(right)
        if len(x.shape) != 1 or len(y.shape) != 1 or not x.items or not y.items:
            raise RefusedError("only vectors are convolved")
        short, long = sorted((len(x.items), len(y.items)))
        counts = {"full": short + long - 1, "same": long, "valid": long - short + 1}
        if mode not in counts:
            raise RefusedError(f"expected one of {', '.join(counts)}")
        self._make(short * counts[mode])
        first = (short + long - 1 - counts[mode]) // 2
        items: list[Value] = []
        for k in range(first, first + counts[mode]):
            there = range(max(0, k - len(y.items) + 1), min(k + 1, len(x.items)))
            items.append(self.inner([x.items[i] for i in there], [y.items[k - i] for i in there]))
        return self._new(items, (len(items),))

    def trace(self, value: Value) -> Number:
        """``numpy.trace`` of a matrix."""
        array = self.floats(value)
        if len(array.shape) != 2:
            raise RefusedError("only matrices have a trace")
        return self.total(self.moved_by_numpy("numpy.diagonal", [array], {}).items)

    def norm(
        self, value: Value, order: Value = None, axis: Value = None, keepdims: Value = False
    ) -> Value:
        """``numpy.linalg.norm`` of a vector, Frobenius's of a matrix; of vectors along an axis."""
        if order is not None and (type(order) is not int or order not in (1, 2)):
            raise RefusedError("only the norms of order 1 and 2")
        if order is not None and axis is None and len(self.as_array(value).shape) != 1:
            raise RefusedError("a matrix has another norm of this order; write it out")
        if order == 1:
            sizes = self.elementwise(lambda x: self._numbers.called("abs", "numpy", [x]), value)
            return self.summed(sizes, axis, keepdims)
        if axis is not None and type(axis) is not int:
            raise RefusedError("a norm along more than one axis; write numpy.sqrt of numpy.sum")
        squares = self._along(value, axis, keepdims, lambda row: self.inner(row, row))
        return self.elementwise(lambda x: self._numbers.called("sqrt", "numpy", [x]), squares)


def _sizes(names: Sequence[str], shapes: Sequence[tuple[int, ...]]) -> dict[str, int]:
    """The length that each letter stands for, of the axes of arrays.

    Raises:
        RefusedError: if they do not fit.
    """
    if [*map(len, names)] != [*map(len, shapes)]:
        raise RefusedError(_LETTERS)
    sizes: dict[str, int] = {}
    for name, shape in zip(names, shapes, strict=True):
        for letter, size in zip(name, shape, strict=True):
            if sizes.setdefault(letter, size) != size:
                raise RefusedError(f"axes of different lengths have the letter {letter}")
    return sizes
