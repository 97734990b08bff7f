"""Sums, products and extremes of arrays, of everything or along axes."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Sequence

from verify.program.language.arrays.moved_numbers import Forms
from verify.program.language.read_values import Array, Number, Value
from verify.program.language.refusal import RefusedError

__all__ = ["Sums"]

_Reduce = Callable[[list[Number]], Number]


class Sums(Forms):
    """Makes one number of many."""

    def difference(self, x: Value, y: Value) -> Value:
        """``x - y`` of arrays."""
        return self.binary(ast.Sub, x, y)

    def total(self, numbers: Sequence[Number]) -> Number:
        """NumPy's sum; one of -0.0 is 0.0."""
        return self._numbers.added([0.0, *numbers], numpy=True)

    def inner(self, x: Sequence[Number], y: Sequence[Number]) -> Number:
        """The sum of products, which begins with 0.0 as well."""
        return self.total([self._numbers.multiplied(p) for p in zip(x, y, strict=True)])

    def _along(self, value: Value, axis: Value, keep: Value, reduce: _Reduce) -> Value:
        """What a function makes of the numbers along axes, of all for None."""
        array = self.floats(value)
        axes = tuple(range(len(array.shape))) if axis is None else axis
        axes = axes if type(axes) is tuple else (axes,)
        chosen = {self.axis(array, k) for k in axes}
        if type(keep) is not bool or len(chosen) != len(axes):
            raise RefusedError("expected axes, and a truth for keepdims")
        there = [k for k in range(len(array.shape)) if k not in chosen]
        for k in reversed(there):  # the others come first, in their order
            array = self.moved(array, k + sum(1 for other in there if other > k), 0)
        shape = array.shape[: len(there)]
        size = math.prod(array.shape[len(there) :])
        rows = [array.items[i * size : (i + 1) * size] for i in range(math.prod(shape))]
        items = [reduce(row) for row in rows]
        if not keep:
            return self._result([*items], shape)
        kept = iter(shape)
        full = range(len(shape) + len(chosen))
        return self._new([*items], tuple(1 if k in chosen else next(kept) for k in full))

    def summed(self, value: Value, axis: Value = None, keepdims: Value = False) -> Value:
        """``numpy.sum``."""
        return self._along(value, axis, keepdims, self.total)

    def multiplied(self, value: Value, axis: Value = None, keepdims: Value = False) -> Value:
        """``numpy.prod``."""
        return self._along(value, axis, keepdims, self._product)

    def _product(self, numbers: list[Number]) -> Number:
        return self._numbers.multiplied(numbers)

    def mean(self, value: Value, axis: Value = None, keepdims: Value = False) -> Value:
        """``numpy.mean``."""
        return self._along(value, axis, keepdims, self._mean)

    def _mean(self, numbers: list[Number]) -> Number:
        return self._numbers.binary(ast.Div, self.total(numbers), float(len(numbers)))

    def average(self, value: Value, axis: Value = None, weights: Value = None) -> Value:
        """``numpy.average``, which raises where the weights add up to zero."""
        if weights is None:
            return self.mean(value, axis)
        array, heavy = self.floats(value), self.floats(weights)
        if heavy.shape != array.shape:
            if type(axis) is not int or heavy.shape != (array.shape[self.axis(array, axis)],):
                raise RefusedError("weights of another shape than the array, or than its axis")
            after = len(array.shape) - 1 - self.axis(array, axis)
            heavy = self.shaped(heavy, (-1, *(1,) * after))
            heavy = self._new([*self.spread(heavy, array.shape)], array.shape)
        above = self.summed(self.binary(ast.Mult, array, heavy), axis)
        found = self.elementwise(
            lambda x, y: self._numbers.binary(ast.Div, x, y), above, self.summed(heavy, axis)
        )
        for x in found.items if isinstance(found, Array) else [found]:
            self._numbers.demands.note(self._numbers.place(x))
        return found

    def exponentials(self, value: Value) -> Value:
        """``exp`` of each number of an array of floats."""
        array = self.floats(value)
        if not array.items:
            raise RefusedError("of an empty array")
        return self.elementwise(lambda x: self._numbers.called("exp", "scipy", [x]), array)

    def log_of_sum(
        self, value: Value, axis: Value = None, b: Value = None, keepdims: Value = False
    ) -> Value:
        """``scipy.special.logsumexp``, as the real number that it is."""
        terms = self.exponentials(value)
        if b is not None:
            terms = self.binary(ast.Mult, terms, self.floats(b))
        total = self.summed(terms, axis, keepdims)
        return self.elementwise(lambda x: self._numbers.called("log", "scipy", [x]), total)

    def softmax(self, value: Value, axis: Value = None) -> Value:
        """``scipy.special.softmax``."""
        terms = self.exponentials(value)
        return self.elementwise(
            lambda x, y: self._numbers.binary(ast.Div, x, y), terms, self.summed(terms, axis, True)
        )

    def log_softmax(self, value: Value, axis: Value = None) -> Value:
        """``scipy.special.log_softmax``."""
        return self.binary(ast.Sub, self.floats(value), self.log_of_sum(value, axis, None, True))

    def variance(
        self, value: Value, axis: Value = None, ddof: Value = 0, keepdims: Value = False
    ) -> Value:
        """``numpy.var``."""

        def reduce(numbers: list[Number]) -> Number:
            if type(ddof) is not int or not len(numbers) > ddof:
                raise RefusedError("a variance of too few numbers; ddof is a plain integer")
            mean = self._mean(numbers)
            away = [self._numbers.binary(ast.Sub, x, mean) for x in numbers]
            return self._numbers.binary(ast.Div, self.inner(away, away), float(len(away) - ddof))

        return self._along(value, axis, keepdims, reduce)

    def deviation(
        self, value: Value, axis: Value = None, ddof: Value = 0, keepdims: Value = False
    ) -> Value:
        """``numpy.std``."""
        squared = self.variance(value, axis, ddof, keepdims)
        return self.elementwise(lambda x: self._numbers.called("sqrt", "numpy", [x]), squared)

    def extreme(self, row: str, value: Value, axis: Value = None, keepdims: Value = False) -> Value:
        """``numpy.max`` or ``numpy.min``."""

        def reduce(numbers: list[Number]) -> Number:
            if not numbers:
                raise RefusedError("of an empty array")
            result = numbers[0]
            for number in numbers[1:]:
                result = self._numbers.called(row, "numpy", [number, result])  # the last of equals
            return result

        return self._along(value, axis, keepdims, reduce)

    def running(self, kind: type[ast.operator], value: Value, axis: Value = None) -> Array:
        """``numpy.cumsum`` and ``numpy.cumprod``, which go from one number to the next."""
        array = self.floats(value)
        if axis is None:
            array, axis = self.shaped(array, (-1,)), 0
        at = self.axis(array, axis)
        last = self.moved(array, at, len(array.shape) - 1)
        items: list[Value] = []
        for i, x in enumerate(last.items):
            first = i % last.shape[-1] == 0
            items.append(x if first else self._numbers.binary(kind, items[-1], x))
        return self.moved(self._new(items, last.shape), len(last.shape) - 1, at)
