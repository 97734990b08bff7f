"""``float``, ``np.float64``, ``int``, ``complex``, ``len`` of what is traced, which stays traced.

``return float(loss)`` is how many a function ends, ``table[int(x)]`` how it looks something up.
The classes that copies find under these names are ``float`` and ``int`` in everything else: an
annotation, a ``dtype``, the kind that ``isinstance`` asks for.
"""

from __future__ import annotations

import numbers
from collections.abc import Callable, Sized
from typing import Any

import numpy as np

from autodiff.table.primitive import Operand
from autodiff.trace.array_operand import value_of
from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.arrays import OperandArray
from autodiff.trace.branching.objects.unsure import Unsure
from autodiff.trace.integers import whole_number
from autodiff.trace.placeholder import Tracer
from autodiff.trace.whole.chosen.chosen_rows import Selection
from autodiff.trace.whole.pairs.of_cmath import complex_number

__all__ = ["CONVERSIONS", "NUMBERS", "NUMPY_CONVERSIONS"]


class _Kind(type):
    """What such a class is where it is called, compared, or asked whether a value is one."""

    stands_for: type
    of_traced: Callable[[Any], object]

    def __call__(cls, *given: Any, **named: Any) -> Any:
        if len(given) == 1:
            value = given[0]
            if isinstance(value, (OperandArray, ArrayTracer)) and value.size == 1:
                value = value.reshape(-1)[0] if value.shape else value
            if isinstance(value, Tracer) and getattr(value, "size", 1) == 1:
                return cls.of_traced(value)
            if isinstance(value, Operand) and hasattr(value, "converted"):
                return value.converted(cls.stands_for)  # known for each repetition of a loop
        return cls.stands_for(*given, **named)

    def __instancecheck__(cls, thing: object) -> bool:
        return isinstance(thing, cls.stands_for)

    def __subclasscheck__(cls, kind: type) -> bool:
        return issubclass(kind, cls.stands_for)

    def __eq__(cls, other: object) -> bool:
        return other is cls.stands_for or other is cls

    def __hash__(cls) -> int:
        return hash(cls.stands_for)

    def __repr__(cls) -> str:
        return repr(cls.stands_for)


class _KindOfTraced(_Kind):
    """``float`` and ``numbers.Real``, which every traced number is."""

    def __instancecheck__(cls, thing: object) -> bool:
        return isinstance(thing, cls.stands_for) or (
            isinstance(thing, Tracer) and getattr(thing, "shape", None) == ()
        )


def _itself(x: object) -> object:
    return x


def _whole(x: object) -> object:
    known = value_of(x)
    return whole_number(x) if known is None else int(known)


class _Float(float, metaclass=_KindOfTraced):
    """``float`` that keeps traced values traced."""

    stands_for, of_traced = float, staticmethod(_itself)
    dtype = np.dtype(np.float64)  # np.dtype(float) asks for this


class _KindOfFloat64(_Kind):
    """``np.float64``, which gives an array where it is given one."""

    def __call__(cls, *given: object, **named: object) -> object:
        if len(given) == 1 and isinstance(given[0], (OperandArray, ArrayTracer)):
            return given[0].copy() if given[0].shape else given[0][()]
        return super().__call__(*given, **named)


class _Float64(np.float64, metaclass=_KindOfFloat64):
    """``np.float64`` that keeps traced values traced."""

    stands_for, of_traced = np.float64, staticmethod(_itself)


class _Int(int, metaclass=_Kind):
    """``int`` that makes whole numbers of traced values."""

    stands_for, of_traced = int, staticmethod(_whole)
    dtype = np.dtype(int)


class _KindOfComplex(_Kind):
    """``complex``, of one part or two."""

    def __call__(cls, *given: Any, **named: Any) -> Any:
        if any(isinstance(x, Operand) for x in (*given, *named.values())):
            return complex_number(*given, **named)
        return cls.stands_for(*given, **named)


class _Complex(complex, metaclass=_KindOfComplex):
    """``complex`` that makes pairs of traced values."""

    stands_for, of_traced = complex, staticmethod(complex_number)
    dtype = np.dtype(complex)


def _length(thing: Sized) -> object:
    """``len``, traced where values decide how many there are: Python's own can give no such."""
    return thing.length() if isinstance(thing, (Selection, Unsure)) else len(thing)


CONVERSIONS: dict[str, object] = {
    "complex": _Complex,
    "float": _Float,
    "int": _Int,
    "len": _length,
}
NUMPY_CONVERSIONS: dict[str, object] = {"double": _Float64, "float64": _Float64}
# ``isinstance(x, numbers.Real)``: of these a traced number is one, and where it is called none is.
NUMBERS: dict[str, object] = {
    name: _KindOfTraced(name, (), {"stands_for": getattr(numbers, name)})
    for name in ("Complex", "Number", "Real")
}
