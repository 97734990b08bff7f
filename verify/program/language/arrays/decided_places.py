"""Places that numbers decide: of the largest, of all in order, of those under a mask.

Which it is hangs on the inputs, so the text is read once for each, as it is for the sides of an
``if`` that returns (``ways.py``): on each way a place is a plain index.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise, product

from verify.program.language.arrays.multiplied import Arrays
from verify.program.language.read_values import Array, Number, Place, Real, Value
from verify.program.language.refusal import RefusedError

__all__ = ["OUTSIDE", "Chosen"]

_PLACES = 32  # among which a number has its own
OUTSIDE = "decides by the inputs outside of a function"

_ORDER = "equal numbers have another order on another machine; write kind='stable'"


def _is_real(number: Number) -> bool:
    return isinstance(number, Real)


def _nowhere(condition: Number) -> bool:
    raise RefusedError(OUTSIDE)


class Chosen(Arrays):
    """Finds places.

    Attributes:
        decide: Whether a condition holds on the way that is read.
    """

    decide: Callable[[Number], bool] = staticmethod(_nowhere)

    def _asks(self, kind: type[ast.cmpop], x: Number, y: Number) -> bool:
        return self.decide(self._numbers.compare(kind, x, y))

    def _decided(self, numbers: Sequence[Value], kind: str) -> list[Value]:
        return [self.decide(x) if kind == "bool" else x for x in numbers]

    def _vector(self, value: Value) -> Sequence[Number]:
        array = self.floats(value)
        if not array.items:
            raise RefusedError("of an empty array")
        return array.items

    def place_of(self, kind: type[ast.cmpop], value: Value) -> Place:
        """``numpy.argmax``, ``numpy.argmin``: the first of those that none is beyond."""
        numbers, found = self._vector(value), 0
        for i in range(1, len(numbers)):
            if self._asks(kind, numbers[i], numbers[found]):
                found = i
        return Place(found)

    def place_among(self, sorted_: Value, value: Value, side: Value) -> Number:
        """``numpy.searchsorted`` of one number: how many of a row of numbers are below it."""
        row, x = self._plain_row(sorted_), self.number(value)
        if side not in ("left", "right"):
            raise RefusedError("expected left or right")
        if any(not one <= other for one, other in pairwise((-math.inf, *row))):
            raise RefusedError("expected numbers in order, each no less than the last")
        found: Number = 0
        for i, one in enumerate(row):
            within = self._numbers.compare(ast.LtE if side == "left" else ast.Lt, x, one)
            if isinstance(within, Real):
                found = self._numbers.choose(within, found, i + 1)  # nan is beyond all
            elif not within:
                found = i + 1
        return found if isinstance(found, Real) else Place(found)

    def interpolated(self, x: Value, xp: Value, fp: Value) -> Value:
        """``numpy.interp`` between plain numbers in order, of one number or of each in an array."""
        at, values = self._plain_row(xp), self.floats(fp)
        if any(not k < m for k, m in pairwise(at)):
            raise RefusedError("expected numbers in order, none twice")
        if values.shape != (len(at),) or len(at) < 2:
            raise RefusedError("expected two places or more, and as many values")
        for k in (*at, *values.items):
            if not isinstance(k, Real) and not math.isfinite(k):
                raise RefusedError("NumPy has cases of its own where a line is infinite")
        return self.elementwise(lambda number: self._between(number, at, values.items), x)

    def _plain_row(self, value: Value) -> list[float]:
        """Plain numbers of which an input is compared with each."""
        row = self.floats(value)
        if len(row.shape) != 1 or len(row.items) > _PLACES or any(map(_is_real, row.items)):
            raise RefusedError(f"expected a vector of at most {_PLACES} plain numbers")
        return row.items

    def _between(self, x: Number, at: Sequence[float], values: Sequence[Number]) -> Number:
        numbers, found = self._numbers, values[0]
        for i, (start, end) in enumerate(pairwise(at)):
            rise = numbers.binary(ast.Sub, values[i + 1], values[i])
            slope = numbers.binary(ast.Div, rise, end - start)
            more = numbers.binary(ast.Mult, slope, numbers.binary(ast.Sub, x, start))
            line = numbers.binary(ast.Add, values[i], more)
            line = self._if(numbers.compare(ast.Eq, x, start), values[i], line)  # -0.0 stays
            found = self._if(numbers.compare(ast.Gt, start, x), found, line)
        return self._if(numbers.compare(ast.GtE, x, at[-1]), values[-1], found)

    def _if(self, condition: Number, x: Number, y: Number) -> Number:
        if isinstance(condition, Real):
            return self._numbers.choose(condition, x, y)
        return x if condition else y

    def _order(self, numbers: Sequence[Number]) -> list[int]:
        """Places from the smallest to the largest; equal numbers stay in their order."""
        order: list[int] = []
        for i, number in enumerate(numbers):
            at = len(order)
            while at and self._asks(ast.Lt, number, numbers[order[at - 1]]):
                at -= 1
            order.insert(at, i)
        return order

    def order_of(self, value: Value, kind: Value = None) -> Array:
        """``numpy.argsort`` of a vector, stable."""
        numbers = self._vector(value)
        plain = not any(map(_is_real, numbers)) and len({*numbers}) == len(numbers)
        if (kind != "stable" and not plain) or len(self.floats(value).shape) != 1:
            raise RefusedError(_ORDER)
        return self._new([*map(Place, self._order(numbers))], (len(numbers),), "int")

    def in_order(self, value: Value) -> Array:
        """``numpy.sort`` of a vector."""
        numbers = self._vector(value)
        if len(self.floats(value).shape) != 1:
            raise RefusedError("only vectors are sorted")
        return self._new([numbers[i] for i in self._order(numbers)], (len(numbers),))

    def every(self, kind: type[ast.boolop], value: Value) -> Number:
        """``numpy.all`` and ``numpy.any`` of conditions."""
        array = self.as_array(value)
        if array.kind != "bool":
            raise RefusedError("expected conditions")
        found: Number = kind is ast.And
        for condition in self._written_items(array):
            if isinstance(found, Real):
                found = self._numbers.joined(kind is ast.Or, found, condition, as_value=False)
            elif bool(found) is (kind is ast.And):
                found = condition
        return found

    def with_indices(self, value: Value) -> Iterator[Value]:
        """``numpy.ndenumerate``."""
        array = self.as_array(value)
        indices = product(*map(range, array.shape))
        self._make(len(array.items))
        return iter([(index, array.number(i)) for i, index in enumerate(indices)])

    def median(self, value: Value) -> Number:
        """``numpy.median`` of all numbers."""
        numbers = self._vector(value)
        order, half = self._order(numbers), len(numbers) // 2
        if len(numbers) % 2:
            return numbers[order[half]]
        return self._mean([numbers[order[half - 1]], numbers[order[half]]])

    def under_mask(self, array: Array, mask: Array) -> Array:
        """``x[mask]``: as many as there are conditions that hold."""
        places, shape = self._under(array, mask)
        return self._new([array.items[i] for i in places], shape, array.kind)

    def stored_under(self, mask: Array, value: Value, array: Array) -> list[tuple[int, Value]]:
        """Which numbers ``x[mask] = value`` writes, and where."""
        places, shape = self._under(array, mask)
        return [*zip(places, self.fitting(value, shape), strict=True)]

    def _under(self, array: Array, mask: Array) -> tuple[list[int], tuple[int, ...]]:
        """Where conditions hold, and the shape of what is there."""
        rest = array.shape[len(mask.shape) :]
        if mask.shape != array.shape[: len(mask.shape)]:
            raise RefusedError("conditions of another shape than the array")
        size = math.prod(rest)
        chosen = [i for i, c in enumerate(self._written_items(mask)) if self.decide(c)]
        return [i * size + k for i in chosen for k in range(size)], (len(chosen), *rest)
