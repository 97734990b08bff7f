"""``np.r_`` and ``np.c_`` of traced values: NumPy's own store what they get in arrays of floats.

Inside a trace copies of functions find these in their place.
"""

from __future__ import annotations

import numpy as np

from autodiff.errors import TraceError, user_location
from autodiff.table.primitive import Operand
from autodiff.trace.array_operand import WholeArray
from autodiff.trace.arrays import OperandArray
from autodiff.trace.libraries.constructors import as_array, holds_operands

__all__ = ["JOINING"]


class _Joined:
    """``np.r_`` or ``np.c_``.

    Args:
        name: Which of them.
    """

    def __init__(self, name: str) -> None:
        self._name, self._original = name, getattr(np, name)

    def __getitem__(self, key: object) -> object:
        items = key if isinstance(key, tuple) else (key,)
        if not any(isinstance(x, (Operand, OperandArray)) or holds_operands(x) for x in items):
            return self._original[key]
        if any(isinstance(x, str) for x in items):
            raise TraceError(
                f"{user_location()}: np.{self._name} with the directive {items[0]!r} cannot be "
                "traced. Use np.concatenate or np.stack, which name the axis"
            )
        parts = [self._part(item) for item in items]
        return np.concatenate(parts, axis=0 if self._name == "r_" else -1)

    def _part(self, item: object) -> WholeArray:
        if isinstance(item, slice):
            if any(isinstance(x, Operand) for x in (item.start, item.stop, item.step)):
                raise TraceError(
                    f"{user_location()}: np.{self._name} of a range with a traced border cannot be "
                    "traced. Use np.linspace, or start + step * np.arange(n)"
                )
            known: WholeArray = self._original[item]
            return known
        part = np.atleast_1d(as_array(item))
        return part[:, None] if self._name == "c_" and part.ndim == 1 else part

    def __getattr__(self, name: str) -> object:
        return getattr(self._original, name)

    def __len__(self) -> int:
        return 0  # as NumPy's


JOINING: dict[str, object] = {"r_": _Joined("r_"), "c_": _Joined("c_")}
