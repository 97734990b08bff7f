"""Data: an array of the user's as a traced function sees it, which traced values may index.

NumPy asks an index for its numbers, which a placeholder has not.  So ``event[order]``, with an
order that is traced, is recorded here, and everything else is the array's own.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.trace.array_tracer import ArrayTracer, constant_tracer

__all__ = ["Data", "as_data"]


class Data(np.ndarray[Any, Any]):
    """A view of an array."""

    def __getitem__(self, key: Any) -> Any:
        for part in key if type(key) is tuple else (key,):
            if isinstance(part, ArrayTracer):
                return constant_tracer(part.builder, np.asarray(self))[key]
        return super().__getitem__(key)


def as_data(value: Any) -> Any:
    """``value`` with its arrays of numbers as ``Data``, in dicts, lists and tuples, too."""
    kind = type(value)
    if kind is np.ndarray:
        return value.view(Data) if value.ndim and value.dtype.kind in "biuf" else value
    if kind is dict:
        return {key: as_data(one) for key, one in value.items()}
    if kind is list or kind is tuple:
        return kind(map(as_data, value))
    return value
