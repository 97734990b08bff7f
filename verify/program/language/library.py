"""Functions that a text may call: Python's, ``math``'s, NumPy's and ``autodiff``'s.

A function with a derivative is a primitive's; the others build sequences, or are sums and products
spelled out, those of arrays in ``arrays/numpy_names.py``.
"""

from __future__ import annotations

import ast
import functools
import math
from collections.abc import Callable, Mapping, Sequence
from inspect import signature
from types import MappingProxyType
from typing import Any

from autodiff.table.primitive import Primitive
from verify.program.language.arrays.numpy_names import NAMED, call_named
from verify.program.language.arrays.pythons_own import PythonsOwn
from verify.program.language.python.plain_calls import OF_PLAIN, of_plain
from verify.program.language.read_values import (
    COMPLEX,
    Array,
    Number,
    Place,
    Real,
    Value,
    is_number,
    kind_of,
)
from verify.program.language.refusal import RefusedError
from verify.program.language.scalars.few_steps import COMPOSED, composed, signed
from verify.program.language.scalars.known_rows import SPECIAL, gives_floats, known_rows

__all__ = ["Library"]

_OUTER = ".outer"

# Of 0.0 and -0.0 NumPy takes the last, the primitive the first.
_LAST_OF_EQUALS = frozenset({"numpy.maximum", "numpy.minimum"})
_OF_INTS: dict[str, type[ast.cmpop]] = {"maximum": ast.Gt, "minimum": ast.Lt, "clip": ast.Gt}
_HALF_PRECISION = "SciPy may compute this in half precision; write floats"


def _check_integers(name: str, arity: int, operands: Sequence[Number]) -> None:
    kinds = [kind_of(x) for x in operands]
    if name.startswith(SPECIAL):
        if {*kinds} != {"float"}:
            raise RefusedError(_HALF_PRECISION)
    elif "float" not in kinds and (
        {*kinds} == {"bool"} or not gives_floats(name, arity)  # np.exp(True) has half precision
    ):
        raise RefusedError("NumPy computes this with integers, which overflow; write floats")


def _is_outer(name: str) -> bool:
    """True for ``numpy.add.outer`` and its like."""
    return name.endswith(_OUTER) and name.removesuffix(_OUTER) in known_rows()


class Library(PythonsOwn):
    """Calls by full name."""

    @staticmethod
    def knows(name: str) -> bool:
        """True for a function that is read."""
        every = (known_rows(), _PYTHONS, NAMED, COMPOSED, OF_PLAIN)
        return _is_outer(name) or any(name in known for known in every)

    def call(
        self,
        name: str,
        arguments: list[Value],
        keywords: Mapping[str, Value] = MappingProxyType({}),
    ) -> Value:
        """The result of a function.

        Raises:
            RefusedError: if it is not known, or does not take these arguments.
        """
        special = name.startswith(SPECIAL)
        if name.startswith("numpy.") or (special and not self.batches):
            self.numbers.numpy_met = True
        elif special or (self.numbers.many and name != "abs"):
            raise RefusedError("emitted code has no such call of what may be many numbers")
        if name not in NAMED:
            arguments = [int(x) if isinstance(x, Place) else x for x in arguments]
        if _is_outer(name) and not keywords and len(arguments) == 2:
            return self.call(name.removesuffix(_OUTER), self._beside_each_other(arguments))
        row = known_rows().get(name)
        if row is not None and not keywords:
            return self.primitive(row, name, arguments)
        if name in NAMED:
            if self.batches:
                raise RefusedError("emitted code has no such call")
            return call_named(name, self.arrays, arguments, keywords)
        if keywords:
            arguments, keywords = _in_order(name, arguments, keywords), {}
        if name in OF_PLAIN:
            return of_plain(name, arguments)
        function, counts = _PYTHONS[name] if name in _PYTHONS else _composed(name)
        if len(arguments) not in counts:
            raise RefusedError(f"{name} with {len(arguments)} arguments")
        return function(self, *arguments)

    def _beside_each_other(self, arguments: Sequence[Value]) -> list[Value]:
        """Two arrays as ``numpy.add.outer`` has them: each number of one with all of the other."""
        x, y = map(self.arrays.as_array, arguments)
        return [self.arrays.shaped(x, (*x.shape, *(1,) * len(y.shape))), y]

    def turned(self, factor: float, x: Value) -> Value:
        """``math.radians``, ``math.degrees``: a product."""
        if is_number(x):
            return self.numbers.binary(ast.Mult, x, factor)
        return self.arrays.binary(ast.Mult, x, factor)

    def primitive(self, row: Primitive, name: str, arguments: list[Value]) -> Value:
        """A function with a derivative."""
        if len(arguments) != row.arity:
            return self._of_another_arity(row, name, arguments)
        module = name.partition(".")[0]
        numpy = module in ("numpy", "scipy")
        if row.name == "clip" and not _is_interval(*arguments[1:]):
            return self._clipped(numpy, *arguments)
        if any(not is_number(x) for x in arguments) and (numpy or name == "abs"):
            if not numpy and not isinstance(arguments[0], Array):
                raise RefusedError("abs of a list")
            return self._on_arrays(row, module if module == "scipy" else "numpy", arguments)
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
        if module == "numpy" and row.name in _OF_INTS and self._are_ints(operands):
            return self._of_ints(row.name, operands)
        if numpy and not row.predicate:
            _check_integers(name, row.arity, operands)
        if module == "math" and not any(isinstance(x, Real) for x in operands):
            self._as_python_does(name, operands)
        return self.numbers.called(row.name, module, operands)

    def _of_another_arity(self, row: Primitive, name: str, arguments: list[Value]) -> Value:
        """``math.log`` to a base, ``numpy.where`` of conditions, ``math.hypot`` of many."""
        if name == "math.log" and len(arguments) == 2:
            return self._logarithm(*arguments)
        if name == "numpy.where" and len(arguments) == 1 and not self.batches:
            return self.arrays.counted_by_numpy("numpy.nonzero", arguments, {})
        if name == "math.hypot" and arguments and not self.batches:
            return self.distance(tuple(arguments), (0.0,) * len(arguments))
        raise RefusedError(f"{name} takes {row.arity} arguments")

    @staticmethod
    def _are_ints(operands: Sequence[Number]) -> bool:
        ints = all(kind_of(x) == "int" for x in operands)
        return ints and any(isinstance(x, Real) for x in operands)

    def _of_ints(self, name: str, operands: Sequence[Number]) -> Number:
        """``numpy.clip`` and its like of ints that conditions chose."""
        kinds = [_OF_INTS[name]] if name != "clip" else [ast.Gt, ast.Lt]
        found, *bounds = operands
        for kind, bound in zip(kinds, bounds, strict=True):
            found = self.extreme(kind, found, bound)
        return found

    def _clipped(self, numpy: bool, x: Value, low: Value, high: Value) -> Value:
        """``numpy.clip`` between bounds that may cross: the upper one counts, as in NumPy."""
        if not numpy:
            raise RefusedError("bounds that may cross, which raises; write numbers, or numpy.clip")
        first = is_number(low) and is_number(high)  # of 0.0 and -0.0 x stays, else the bound comes
        for name, bound in (("numpy.maximum", low), ("numpy.minimum", high)):
            both = [bound, x] if first else [x, bound]
            x = self.primitive(known_rows()[name], name, both)
        return x

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

    def composed(self, name: str, *operands: Value) -> Value:
        """A function of SciPy's that is a few primitives."""
        every = [x if is_number(x) else self.arrays.as_array(x) for x in operands]
        if any((x.kind if isinstance(x, Array) else kind_of(x)) != "float" for x in every):
            raise RefusedError(_HALF_PRECISION)
        return self.arrays.elementwise(lambda *xs: composed(name, self.numbers, xs), *every)

    def signed(self, name: str, size: Value, sign: Value) -> Value:
        """``copysign``."""
        if self.batches:
            raise RefusedError("emitted code has no such call")
        if name != "numpy.copysign":
            return signed(self.numbers, "math", *map(self.arrays.number, (size, sign)))
        return self.arrays.elementwise(
            lambda x, y: signed(self.numbers, "numpy", x, y), size, sign, kind="float"
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


def _turned(factor: float, library: Library, x: Value) -> Value:
    return library.turned(factor, x)


# What an angle is multiplied by, and by which functions.
_ANGLES = {
    math.pi / 180.0: (("radians", "math"), ("radians", "numpy"), ("deg2rad", "numpy")),
    180.0 / math.pi: (("degrees", "math"), ("degrees", "numpy"), ("rad2deg", "numpy")),
}
_Special = tuple[Callable[..., Any], tuple[int, ...]]
_MANY = tuple(range(1, 10_000))
_PYTHONS: dict[str, _Special] = {
    "float": (Library.float_of, (1,)),
    "int": (Library.integer, (1,)),
    "len": (Library.length, (1,)),
    "range": (Library.counted, (1, 2, 3)),
    "list": (Library.listed, (1,)),
    "tuple": (Library.tupled, (1,)),
    "enumerate": (Library.numbered, (1, 2)),
    "zip": (Library.paired, _MANY),
    "sorted": (Library.in_order, (1,)),
    "slice": (Library.part, (1, 2, 3)),
    "math.dist": (Library.distance, (2,)),
    **{
        f"{module}.{name}": (functools.partial(_turned, factor), (1,))
        for factor, named in _ANGLES.items()
        for name, module in named
    },
    "reversed": (Library.reverse, (1,)),
    "sum": (Library.summed, (1, 2)),
    "max": (lambda library, *values: library.extreme(ast.Gt, *values), _MANY),
    "min": (lambda library, *values: library.extreme(ast.Lt, *values), _MANY),
    "pow": (Library.power, (2,)),
    "math.copysign": (lambda library, *xs: library.signed("math.copysign", *xs), (2,)),
    "numpy.copysign": (lambda library, *xs: library.signed("numpy.copysign", *xs), (2,)),
    "math.prod": (Library.product, (1,)),
    "math.fsum": (Library.exact_sum, (1,)),
    "numpy.float64": (Library.float_of, (1,)),
}


_KEYWORDS = {("enumerate", "start"), ("sum", "start")}
_DEFAULTS = {("zip", "strict"): False}


def _in_order(name: str, arguments: list[Value], keywords: Mapping[str, Value]) -> list[Value]:
    """Arguments of which Python lets the last be named."""
    [(keyword, value), *more] = keywords.items()
    if not more and _DEFAULTS.get((name, keyword), ...) is value:
        return arguments
    if more or (name, keyword) not in _KEYWORDS or len(arguments) != 1:
        raise RefusedError("a call with keywords")
    return [*arguments, value]


def _composed(name: str) -> _Special:
    """How ``Library`` calls a function of SciPy's, and with how many numbers."""
    if name not in COMPOSED:
        raise RefusedError("a call with keywords")
    arity = len(signature(COMPOSED[name]).parameters)
    return lambda library, *xs: library.composed(name, *xs), (arity,)


def _is_interval(low: Value, high: Value) -> bool:
    """True for numbers that are written, in order."""
    return isinstance(low, (int, float)) and isinstance(high, (int, float)) and low <= high
