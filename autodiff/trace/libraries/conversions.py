"""``float`` in a traced function: a traced number is a float already, and stays traced.

``return float(loss)`` is how many a function ends.  The class that copies find under the name is
``float`` in everything else: an annotation, a ``dtype``, the kind that ``isinstance`` asks for.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.arrays import OperandArray
from autodiff.trace.placeholder import Tracer

__all__ = ["CONVERSIONS"]


class _Kind(type):
    """What ``float`` is where it is called, compared, or asked whether a value is one."""

    def __call__(cls, *given: Any) -> Any:
        if len(given) == 1:
            value = given[0]
            if isinstance(value, OperandArray) and value.size == 1:
                value = value.reshape(-1)[0]
            if isinstance(value, ArrayTracer):
                return value.reshape(()) if value.size == 1 else float(value)
            if isinstance(value, Tracer):
                return value
        return float(*given)

    def __instancecheck__(cls, thing: object) -> bool:
        return isinstance(thing, float) or (
            isinstance(thing, Tracer) and getattr(thing, "shape", None) == ()
        )

    def __subclasscheck__(cls, kind: type) -> bool:
        return issubclass(kind, float)

    def __eq__(cls, other: object) -> bool:
        return other is float or other is cls

    def __hash__(cls) -> int:
        return hash(float)

    def __repr__(cls) -> str:
        return repr(float)


class _Float(float, metaclass=_Kind):
    """``float`` that keeps traced values traced."""

    dtype = np.dtype(np.float64)  # np.dtype(float) asks for this


CONVERSIONS: dict[str, object] = {"float": _Float}
