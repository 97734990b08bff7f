"""Layouts: the order in which NumPy would keep the numbers of an array."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from autodiff.errors import TraceError, user_location

__all__ = ["Layout", "in_known_order", "rows_first"]


Layout: TypeAlias = NDArray[np.generic] | None  # an array that is never touched; None: unknown


def rows_first(order: object, dimensions: int) -> bool:
    """Whether elements are gone through row by row, as NumPy's ``order`` says.

    Raises:
        TraceError: if that hangs on how the caller's array lies in memory: the next one may lie
            otherwise.
    """
    wanted = str(order or "C").upper()
    if wanted in ("A", "K") and dimensions > 1:
        raise TraceError(
            f"{user_location()}: order={order!r} goes through the numbers as they lie in memory, "
            'which differs from array to array; write order="C" (row by row) or order="F"'
        )
    return wanted != "F"


def in_known_order(name: str) -> Callable[..., object]:
    """A method of NumPy's arrays that refuses an order which no trace knows."""
    method = getattr(np.ndarray, name)

    def ordered(self: NDArray[np.object_], *args: object, **kwargs: object) -> object:
        order = kwargs.get("order", args[0] if args and name != "reshape" else "C")
        rows_first(order, self.ndim)
        return method(self, *args, **kwargs)

    return ordered
