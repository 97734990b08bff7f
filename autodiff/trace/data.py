"""Data: an array of the user's as a traced function sees it, which traced values may index.

NumPy asks an index for its numbers, which a placeholder has not.  So ``event[order]``, with an
order that is traced, is recorded here, and everything else is the array's own.

What a function makes of such arrays, and of plain numbers, is plain as well: libraries take it.  If
traced values are stored in it later (``y = START.copy()``, then ``y[0] = p``), the trace begins
again, and in that one what is made is the trace's own.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

import numpy as np

from autodiff.trace.array_tracer import BUILDING, ArrayTracer, constant_tracer

__all__ = ["HOLDING", "Data", "HeldFrom", "as_data", "made_in_trace"]

# True if arrays that the function makes of plain numbers, too, are to hold traced values later.
HOLDING: ContextVar[bool] = ContextVar("HOLDING", default=False)


class Data(np.ndarray[Any, Any]):
    """A view of an array."""

    def __getitem__(self, key: Any) -> Any:
        for part in key if type(key) is tuple else (key,):
            if isinstance(part, ArrayTracer):
                return constant_tracer(part.builder, np.asarray(self))[key]
        return super().__getitem__(key)


class HeldFrom(Data):
    """Data in a trace whose arrays hold traced values: what is computed from it does, too."""

    def __array_ufunc__(self, ufunc: object, method: str, *inputs: object, **named: object) -> Any:
        plain = [x.view(np.ndarray) if isinstance(x, Data) else x for x in inputs]
        made = getattr(ufunc, method)(*plain, **named)
        return made if "out" in named else made_in_trace(made)

    def copy(self, order: Any = "C") -> Any:
        """A copy, which may be assigned to."""
        return made_in_trace(np.array(self, order=order, subok=False))


def made_in_trace(array: object, of: tuple[object, ...] = ()) -> object:
    """What a function made of plain numbers, as the trace sees it.

    Args:
        array: What it made.
        of: What it made it of: a view of these is theirs.
    """
    builder = BUILDING.get()
    if builder is None or not isinstance(array, np.ndarray):
        return array
    fresh = HOLDING.get() and array.dtype == np.float64
    if not fresh or any(isinstance(x, np.ndarray) and np.may_share_memory(array, x) for x in of):
        return as_data(array)
    return constant_tracer(builder, array)


def as_data(value: Any) -> object:
    """``value`` with its arrays of numbers as ``Data``, in dicts, lists and tuples, too."""
    kind = type(value)
    if kind is np.ndarray:
        if not value.ndim or value.dtype.kind not in "biuf":
            return value
        return value.view(HeldFrom if HOLDING.get() else Data)
    if kind is dict:
        return {key: as_data(one) for key, one in value.items()}
    if kind is list or kind is tuple:
        return kind(map(as_data, value))
    return value
