"""Python's own functions, of numbers and of what can be gone through: ``sum``, ``max``."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterator, Sequence

from verify.program.language.arrays.by_determinants import Equations
from verify.program.language.python.dicts import of_table
from verify.program.language.read_values import (
    Array,
    List,
    Number,
    Place,
    Real,
    Table,
    Value,
    is_number,
)
from verify.program.language.refusal import RefusedError
from verify.program.language.scalars.arithmetic import Arithmetic

__all__ = ["PythonsOwn"]

_LARGEST = 2**62  # of the bounds of a range, whose length Python can tell
_ITEMS = 1_000_000  # of all lists and arrays, besides what the text is long


class PythonsOwn:
    """Calls Python's functions.

    Args:
        arithmetic: Of single numbers.
        clock: Tells when something is made.
    """

    def __init__(self, arithmetic: Arithmetic, clock: Callable[[], int]) -> None:
        self.numbers = arithmetic
        self.clock = clock
        self.arrays = Equations(arithmetic, self.make)
        self.most = self.left = _ITEMS
        self.batches = False  # a number of the text may stand for many: nothing reduces

    def make(self, count: int) -> int:
        """Note that so many items are made.

        Raises:
            RefusedError: if they are too many.
        """
        self.left -= count + 1  # an empty list takes room, too
        if self.left < 0:
            raise RefusedError(f"lists and arrays of more than {self.most} items in all")
        return self.clock()

    def new_list(self, items: Sequence[Value]) -> List:
        """A new list."""
        return List(items, self.make(len(items)))

    def iterate(self, value: Value) -> Iterator[object]:
        """What a loop over a value sees.

        Raises:
            RefusedError: if it is nothing to loop over.
        """
        if isinstance(value, range):
            self.make(len(value))
        if isinstance(value, Table):
            value = of_table(value, "keys", [])
        if isinstance(value, (list, tuple, range, Array, Iterator)):
            return iter(value)
        raise RefusedError("expected a sequence, found a number")

    def listed(self, value: Value) -> List:
        """``list(value)``."""
        if isinstance(value, (range, list, tuple)):
            born = self.make(len(value))  # before they are made
            return List([*value], born)
        items: list[Value] = []
        for item in self.iterate(value):
            self.make(1)
            items.append(item)
        return List(items, self.clock())

    def limit(self, length: int) -> None:
        """Allow as many items as a text of that length may need."""
        self.most = self.left = _ITEMS + length

    def tupled(self, value: Value) -> tuple[object, ...]:
        """``tuple(value)``."""
        return value if type(value) is tuple else tuple(self.listed(value))

    def length(self, value: Value) -> int:
        """``len(value)``."""
        if isinstance(value, (list, tuple, range, Array, Table)):
            return len(value)
        raise RefusedError("expected a sequence")

    def summed(self, value: Value, start: Value = 0) -> Value:
        """``sum(value)``: as many ``+``."""
        items = [start, *self.iterate(value)]
        if all(map(is_number, items)):
            return self.numbers.added(items)
        for item in items[1:]:
            start = self.add(start, item)
        return start

    def add(self, x: Value, y: Value) -> Value:
        """``x + y`` of numbers and arrays."""
        if isinstance(x, Array) or isinstance(y, Array):
            return self.arrays.binary(ast.Add, x, y)
        return self.numbers.binary(ast.Add, self.arrays.number(x), self.arrays.number(y))

    def product(self, value: Value) -> Number:
        """``math.prod``."""
        result: Number = 1
        for item in self.iterate(value):
            result = self.numbers.binary(ast.Mult, result, self.arrays.number(item))
        return result

    def exact_sum(self, value: Value) -> Number:
        """``math.fsum``."""
        floats = [self.numbers.as_float(self.arrays.number(x)) for x in self.iterate(value)]
        plain = [x for x in floats if not isinstance(x, Real)]
        if len(plain) == len(floats):
            try:
                return math.fsum(plain)  # which rounds once
            except (ArithmeticError, ValueError):
                raise RefusedError("raises an exception whenever it runs") from None
        result = self.numbers.added([0.0, *floats])
        self.numbers.demands.note(self.numbers.place(result))  # raises for inf beside -inf
        return result

    def extreme(self, kind: type[ast.cmpop], *values: Value) -> Number:
        """``max``, ``min``: the first, unless a later one is beyond it, as Python compares."""
        items = [*self.iterate(values[0])] if len(values) == 1 else [*values]
        if not items:
            raise RefusedError("of nothing")
        result = self._plain(items[0])
        for item in items[1:]:
            number = self._plain(item)
            beyond = self.numbers.compare(kind, number, result)
            if isinstance(beyond, Real):
                result = self.numbers.choose(beyond, number, result)
            else:
                result = number if beyond else result
        return result

    @staticmethod
    def _plain(value: Value) -> Number:
        if is_number(value):
            number: Number = value
            return number
        raise RefusedError("only numbers are compared")

    def float_of(self, value: Value) -> Number:
        """``float(value)``."""
        if isinstance(value, Place):
            return float(value)
        return self.numbers.as_float(self.arrays.number(value))

    def integer(self, value: Value) -> Number:
        """``int(value)`` of what does not depend on the inputs, or is an int or a truth anyway."""
        if isinstance(value, Place):
            return int(value)
        if isinstance(value, Real) and value.kind == "int":
            return value
        if isinstance(value, Real) and value.kind == "bool":
            return self.numbers.choose(value, 1, 0)
        if type(value) not in (int, bool, float) or value - value != 0:
            raise RefusedError("int() of what depends on the inputs; numpy.trunc gives a float")
        return int(value)

    def counted(self, *bounds: Value) -> range:
        """``range``."""
        bounds = tuple(int(b) if isinstance(b, Place) else b for b in bounds)
        if not all(type(b) is int for b in bounds) or (len(bounds) == 3 and bounds[2] == 0):
            raise RefusedError("expected plain integers")
        if any(abs(b) >= _LARGEST for b in bounds):
            raise RefusedError("a range that is too long")
        return range(*bounds)

    def part(self, *bounds: Value) -> slice:
        """``slice``."""
        plain = [int(b) if isinstance(b, Place) else b for b in bounds]
        if not all(b is None or type(b) is int for b in plain):
            raise RefusedError("expected plain integers")
        return slice(*plain)

    def in_order(self, value: Value) -> List:
        """``sorted`` of plain numbers, or of texts."""
        items = self.listed(value)
        kinds = {*map(type, items)}
        if not (kinds <= {int, float} or kinds == {str}) or any(x != x for x in items):
            raise RefusedError("only what hangs on no input is sorted")
        return List(sorted(items), items.born)

    def distance(self, p: Value, q: Value) -> Number:
        """``math.dist``."""
        away = self.arrays.difference(self.arrays.array(p), self.arrays.array(q))
        return self.numbers.as_float(self.arrays.norm(away))

    def paired(self, *values: Value) -> Iterator[object]:
        """``zip``."""
        return zip(*map(self.iterate, values), strict=False)

    def numbered(self, value: Value, start: Value = 0) -> Iterator[object]:
        """``enumerate``."""
        if type(start) is not int:
            raise RefusedError("expected a plain integer")
        return enumerate(self.iterate(value), start)

    def reverse(self, value: Value) -> Iterator[object]:
        """``reversed``."""
        if isinstance(value, (list, tuple, range)):
            self.make(len(value))
            return reversed(value)
        raise RefusedError("expected a list")

    def power(self, x: Value, y: Value) -> Value:
        """``pow(x, y)``: as ``x ** y``."""
        if isinstance(x, Array) or isinstance(y, Array):
            return self.arrays.binary(ast.Pow, x, y)
        return self.numbers.binary(ast.Pow, self.arrays.number(x), self.arrays.number(y))
