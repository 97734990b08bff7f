"""Functions that a text may call: Python's, ``math``'s, NumPy's and ``autodiff``'s.

A function with a derivative is a primitive's; the others build sequences, or are sums and products
spelled out.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from autodiff.table.primitive import Primitive
from verify.program.language.arithmetic import Arithmetic
from verify.program.language.elementwise import Arrays
from verify.program.language.known_rows import gives_floats, known_rows
from verify.program.language.read_values import (
    COMPLEX,
    Array,
    Given,
    List,
    Number,
    Real,
    Value,
    is_number,
    kind_of,
)
from verify.program.language.refusal import RefusedError

__all__ = ["Library"]

# Of 0.0 and -0.0 NumPy takes the last, the primitive the first.
_LAST_OF_EQUALS = frozenset({"numpy.maximum", "numpy.minimum"})
_LARGEST = 2**62  # of the bounds of a range, whose length Python can tell
_ITEMS = 1_000_000  # of all lists and arrays, besides what the text is long


def _check_integers(name: str, arity: int, operands: Sequence[Number]) -> None:
    bools = all(kind_of(x) == "bool" for x in operands)  # np.exp(True) has half precision
    if bools or not gives_floats(name, arity):
        raise RefusedError("NumPy computes this with integers, which overflow; write floats")


class Library:
    """Calls by full name.

    Args:
        arithmetic: Of single numbers.
        clock: Tells when something is made.
    """

    def __init__(self, arithmetic: Arithmetic, clock: Callable[[], int]) -> None:
        self.numbers = arithmetic
        self.clock = clock
        self.arrays = Arrays(arithmetic, self.make)
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

    @staticmethod
    def knows(name: str) -> bool:
        """True for a function that is read."""
        return name in known_rows() or name in _SPECIAL

    def call(self, name: str, arguments: list[Value], dtype: str = "") -> Value:
        """The result of a function.

        Raises:
            RefusedError: if it is not known, or does not take these arguments.
        """
        if name.startswith("numpy."):
            self.numbers.numpy_met = True
        elif self.numbers.many and name != "abs":
            raise RefusedError("emitted code has no such call of what may be many numbers")
        row = known_rows().get(name)
        if row is not None and not dtype:
            return self.primitive(row, name, arguments)
        if name not in _SPECIAL:
            raise RefusedError("a call with keywords")
        if self.batches and name.partition(".")[0] == "numpy" and name != "numpy.float64":
            raise RefusedError("emitted code has no such call")
        function, counts, typed = _SPECIAL[name]
        if len(arguments) not in counts or (dtype and not typed):
            raise RefusedError(
                f"{name} with {len(arguments)} arguments{' and a dtype' * bool(dtype)}"
            )
        return function(self, *arguments, dtype) if typed else function(self, *arguments)

    def primitive(self, row: Primitive, name: str, arguments: list[Value]) -> Value:
        """A function with a derivative."""
        if len(arguments) != row.arity:
            if name == "math.log" and len(arguments) == 2:
                return self._logarithm(*arguments)
            raise RefusedError(f"{name} takes {row.arity} arguments")
        module = name.partition(".")[0]
        numpy = module == "numpy"
        if any(not is_number(x) for x in arguments) and (numpy or name == "abs"):
            if not numpy and not isinstance(arguments[0], Array):
                raise RefusedError("abs of a list")
            return self._on_arrays(row, "numpy", arguments)
        operands = [self.arrays.number(x) for x in arguments]
        if name in _LAST_OF_EQUALS:
            operands.reverse()
        if name == "abs" and not isinstance(operands[0], Real):
            return abs(operands[0])
        if (
            row.name == "abs"
            and isinstance(x := operands[0], Real)
            and (x.kind in ("int", "bool") or (name == "abs" and x.kind == "mixed"))
        ):
            return self.numbers.size(x)
        if name == "numpy.where":
            chosen = self._where(*operands)
            return chosen if self.batches else self.arrays.array(chosen)
        if numpy and not row.predicate and all(kind_of(x) != "float" for x in operands):
            _check_integers(name, row.arity, operands)
        if module == "math" and not any(isinstance(x, Real) for x in operands):
            self._as_python_does(name, operands)
        return self.numbers.called(row.name, module, operands)

    def _as_python_does(self, name: str, operands: Sequence[object]) -> None:
        """Call a function of plain numbers, to see whether it raises."""
        if name == "math.atan2" and any(str(x) == "-0.0" for x in operands):
            raise RefusedError("the sign of a zero decides; write the angle")
        try:
            getattr(math, name.partition(".")[2])(*operands)
        except (ArithmeticError, ValueError):
            self.numbers.raises()

    def copied(self, row: Primitive, arguments: list[Value]) -> Real:
        """A function of the text that is an exact copy of ours."""
        self.numbers.numpy_met = True
        if len(arguments) != row.arity:
            raise RefusedError(f"takes {row.arity} arguments")
        operands = [self.arrays.number(x) for x in arguments]
        if any(isinstance(x, Real) and x.flags & COMPLEX for x in operands):
            raise RefusedError("an argument may be complex")
        return self.numbers.called(row.name, "", operands)

    def _on_arrays(self, row: Primitive, module: str, arguments: list[Value]) -> Value:
        if self.batches and not all(isinstance(x, Array) for x in arguments):
            raise RefusedError("a function of a list")
        arrays = [x if isinstance(x, Array) else self.arrays.array(x) for x in arguments]
        if row.name in ("maximum", "minimum"):
            arrays.reverse()
        if row.name == "where":
            return self.arrays.elementwise(self._where, *arrays)
        if row.predicate:
            return self.arrays.elementwise(
                lambda *x: self.numbers.called(row.name, module, [*x]), *arrays, kind="bool"
            )
        if all(a.kind != "float" for a in arrays):
            raise RefusedError("NumPy may compute this with integers; write floats")
        return self.arrays.elementwise(
            lambda *x: self.numbers.called(row.name, module, [*x]), *arrays
        )

    def _where(self, condition: Number, x: Number, y: Number) -> Number:
        """One number of ``numpy.where``."""
        if "float" in (kind_of(x), kind_of(y)):  # NumPy gives the wider of the two types
            x, y = self.arrays.kept(x), self.arrays.kept(y)
        if not isinstance(condition, Real):
            return x if condition else y
        return self.numbers.choose(condition, x, y)

    def _logarithm(self, x: Value, base: Value) -> Value:
        top, below = (
            self.numbers.called("log", "math", [self.arrays.number(v)]) for v in (x, base)
        )
        return self.numbers.binary(ast.Div, top, below)

    # --- Python's ---

    def iterate(self, value: Value) -> Iterator[object]:
        """What a loop over a value sees.

        Raises:
            RefusedError: if it is nothing to loop over.
        """
        if isinstance(value, range):
            self.make(len(value))
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
        if isinstance(value, (list, tuple, range, Array)):
            return len(value)
        raise RefusedError("expected a sequence")

    def summed(self, value: Value, start: Value = 0) -> Value:
        """``sum(value)``: as many ``+``."""
        for item in self.iterate(value):
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
        result: Number = 0.0
        for item in self.iterate(value):
            number = self.numbers.as_float(self.arrays.number(item))
            result = self.numbers.binary(ast.Add, result, number)
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
        return self.numbers.as_float(self.arrays.number(value))

    def integer(self, value: Value) -> int:
        """``int(value)`` of what does not depend on the inputs."""
        if type(value) not in (int, bool, float) or value - value != 0:
            raise RefusedError("int() of what depends on the inputs; numpy.trunc gives a float")
        return int(value)

    def counted(self, *bounds: Value) -> range:
        """``range``."""
        if not all(type(b) is int for b in bounds) or (len(bounds) == 3 and bounds[2] == 0):
            raise RefusedError("expected plain integers")
        if any(abs(b) >= _LARGEST for b in bounds):
            raise RefusedError("a range that is too long")
        return range(*bounds)

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

    # --- NumPy's ---

    def new_array(self, value: Value, dtype: str) -> Array:
        """``numpy.array``: a copy."""
        return self.arrays.array(value, dtype)

    def as_array(self, value: Value, dtype: str) -> Array:
        """``numpy.asarray``: the array itself, if it is one."""
        if isinstance(value, Array):
            if dtype and value.kind != dtype:
                return self.arrays.array(value, dtype)
            return value
        if isinstance(value, Given):
            raise RefusedError("an array or list of the caller's, nobody knows which")
        return self.arrays.array(value, dtype)

    def norm(self, value: Value) -> Number:
        """``numpy.linalg.norm`` of a vector, Frobenius's of a matrix."""
        array = self.as_array(value, "")
        return self.numbers.called("sqrt", "numpy", [self.arrays.inner(array.items, array.items)])

    def dot(self, x: Value, y: Value) -> Value:
        """``numpy.dot``."""
        if is_number(x) or is_number(y):
            raise RefusedError("a number; write *")
        return self.arrays.matmul(x, y)

    def unit(self, size: Value) -> Array:
        """``numpy.eye``."""
        if type(size) is not int or size < 0:
            raise RefusedError("expected a plain integer")
        self.make(size * size)
        result = self.arrays.filled(0.0, (size, size))
        for i in range(size):
            result.items[i * size + i] = 1.0
        return result


_Special = tuple[Callable[..., Any], tuple[int, ...], bool]
_MANY = tuple(range(1, 10_000))
_SPECIAL: dict[str, _Special] = {
    "float": (Library.float_of, (1,), False),
    "int": (Library.integer, (1,), False),
    "len": (Library.length, (1,), False),
    "range": (Library.counted, (1, 2, 3), False),
    "list": (Library.listed, (1,), False),
    "tuple": (Library.tupled, (1,), False),
    "enumerate": (Library.numbered, (1, 2), False),
    "zip": (Library.paired, _MANY, False),
    "reversed": (Library.reverse, (1,), False),
    "sum": (Library.summed, (1, 2), False),
    "max": (lambda library, *values: library.extreme(ast.Gt, *values), _MANY, False),
    "min": (lambda library, *values: library.extreme(ast.Lt, *values), _MANY, False),
    "pow": (Library.power, (2,), False),
    "math.prod": (Library.product, (1,), False),
    "math.fsum": (Library.exact_sum, (1,), False),
    "numpy.float64": (Library.float_of, (1,), False),
    "numpy.array": (Library.new_array, (1,), True),
    "numpy.copy": (lambda library, value: library.new_array(value, ""), (1,), False),
    "numpy.asarray": (Library.as_array, (1,), True),
    "numpy.zeros": (lambda lib, shape, dtype: lib.arrays.filled(0.0, shape), (1,), True),
    "numpy.ones": (lambda lib, shape, dtype: lib.arrays.filled(1.0, shape), (1,), True),
    "numpy.empty": (lambda lib, shape, dtype: lib.arrays.filled(None, shape), (1,), True),
    "numpy.full": (
        lambda lib, shape, value, dtype: lib.arrays.filled(lib.arrays.number(value), shape, dtype),
        (2,),
        True,
    ),
    "numpy.zeros_like": (lambda lib, other: lib.arrays.like(0.0, other), (1,), False),
    "numpy.ones_like": (lambda lib, other: lib.arrays.like(1.0, other), (1,), False),
    "numpy.empty_like": (lambda lib, other: lib.arrays.like(None, other), (1,), False),
    "numpy.eye": (Library.unit, (1,), False),
    "numpy.identity": (Library.unit, (1,), False),
    "numpy.sum": (lambda lib, value: lib.arrays.summed(value), (1,), False),
    "numpy.prod": (lambda lib, value: lib.arrays.multiplied(value), (1,), False),
    "numpy.mean": (lambda lib, value: lib.arrays.mean(value), (1,), False),
    "numpy.max": (lambda lib, value: lib.arrays.extreme("maximum", value), (1,), False),
    "numpy.min": (lambda lib, value: lib.arrays.extreme("minimum", value), (1,), False),
    "numpy.dot": (Library.dot, (2,), False),
    "numpy.matmul": (lambda lib, x, y: lib.arrays.matmul(x, y), (2,), False),
    "numpy.outer": (lambda lib, x, y: lib.arrays.outer(x, y), (2,), False),
    "numpy.concatenate": (lambda lib, value: lib.arrays.joined(value), (1,), False),
    "numpy.transpose": (lambda lib, value: lib.arrays.transposed(value), (1,), False),
    "numpy.linalg.norm": (Library.norm, (1,), False),
}
