"""``x.flat`` of a whole array: its elements in order, which may be read and stored by place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autodiff.trace.array_operand import ArrayOperand
from autodiff.trace.whole.indices import get_item, set_item

__all__ = ["Flat"]


class Flat:
    """The elements of an array.

    Args:
        array: The array.
    """

    def __init__(self, array: ArrayOperand) -> None:
        self._array = array

    def __len__(self) -> int:
        return self._array.size

    def __iter__(self) -> Iterator[ArrayOperand]:
        return iter(self._array.reshape((self._array.size,)))

    def __getitem__(self, key: object) -> Any:
        return get_item(self._array, self._places(key))

    def __setitem__(self, key: object, value: object) -> None:
        set_item(self._array, self._places(key), value)

    def _places(self, key: Any) -> tuple[NDArray[np.intp], ...]:
        size, shape = self._array.size, self._array.shape
        return tuple(np.unravel_index(np.arange(size)[key], shape))
