"""ArrayOperand: an array as NumPy's functions on whole arrays (``whole/``) see it.

Readers differ in what an operation does: the placeholder of a trace adds a node, a Value computes
and remembers.  What NumPy's functions are made of is the same for all of them.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from autodiff.graph.typed_node import Shape
from autodiff.table.arrays.array_row import ArrayRow
from autodiff.table.arrays.row_params import RowParams
from autodiff.table.primitive import Operand
from autodiff.trace.memory.shared_memory import Unshared

__all__ = [
    "ArrayOperand",
    "WholeArray",
    "left_to_operators",
    "value_of",
]


class ArrayOperand(Unshared):
    """An array that a reader of the table stands for.

    Attributes:
        shape: Its shape.
        integer: True if it may be used as indices.
        truth: True if it may be used as a mask.
    """

    __slots__ = ()
    shape: Shape
    integer: bool
    truth: bool
    T: Self  # these and the other methods of arrays: whole/protocols.py
    transpose: Callable[..., Self]
    reshape: Callable[..., Self]
    astype: Callable[..., Self]
    copy: Callable[..., Self]
    if TYPE_CHECKING:  # of an array and anything, an array

        def __add__(self, other: object) -> Self: ...
        def __radd__(self, other: object) -> Self: ...
        def __sub__(self, other: object) -> Self: ...
        def __rsub__(self, other: object) -> Self: ...
        def __mul__(self, other: object) -> Self: ...
        def __rmul__(self, other: object) -> Self: ...
        def __truediv__(self, other: object) -> Self: ...
        def __rtruediv__(self, other: object) -> Self: ...
        def __pow__(self, other: object) -> Self: ...
        def __rpow__(self, other: object) -> Self: ...
        def __matmul__(self, other: object) -> Self: ...
        def __lt__(self, other: object) -> Self: ...
        def __le__(self, other: object) -> Self: ...
        def __gt__(self, other: object) -> Self: ...
        def __ge__(self, other: object) -> Self: ...
        def __neg__(self) -> Self: ...
        def __abs__(self) -> Self: ...

    # --- what a reader defines ---

    def bind_row(self, row: ArrayRow, operands: tuple[object, ...], params: RowParams) -> object:
        """What stands for ``row(*operands)``."""
        raise NotImplementedError

    def lifted(self, value: object, name: str) -> Any:
        """Numbers, an array of numbers or an operand, as an operand beside this one.

        Args:
            value: What it is.
            name: Of the operation, for errors.
        """
        raise NotImplementedError

    def known(self, array: object, integer: bool = False) -> Self:
        """Numbers as an operand beside this one."""
        raise NotImplementedError

    def again(self) -> Self:
        """The same array as an object of its own."""
        raise NotImplementedError

    def numbers(self) -> Any:
        """Its numbers, if they are known and no derivative flows to them; else None."""
        raise NotImplementedError

    def as_indices(self) -> Any:
        """The same whole numbers, to be used as indices."""
        raise NotImplementedError

    def assigned(self, new: object) -> None:
        """Go on as another array of the same shape.

        Raises:
            TraceError: if a reader's arrays do not change.
        """
        raise NotImplementedError

    # --- what NumPy's arrays offer ---

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """float64, int64 for what may be used as indices, bool for masks."""
        kind = np.int64 if self.integer else np.bool_ if self.truth else np.float64
        return np.dtype(kind)

    def __len__(self) -> int:
        return self.shape[0]

    def __iter__(self) -> Iterator[Self]:
        return (self[i] for i in range(self.shape[0]))

    def __getitem__(self, key: object) -> Any:
        raise NotImplementedError

    def __setitem__(self, key: object, value: object) -> None:
        raise NotImplementedError

    def __array__(self, *args: object, **kwargs: object) -> Any:
        """Refused: NumPy's functions find ``__array_function__`` first."""
        raise NotImplementedError

    def __copy__(self) -> Self:
        """A copy: what is assigned to it is not seen elsewhere."""
        return self.again()

    __hash__ = object.__hash__


# What NumPy's functions give of one: such an array, too, or one of numbers.
WholeArray: TypeAlias = ArrayOperand | NDArray[np.float64]


def value_of(x: object) -> Any:
    """The numbers of an operand that are known, else None; of anything else itself."""
    if isinstance(x, ArrayOperand):
        return x.numbers()
    return None if isinstance(x, Operand) and not isinstance(x, float) else x


def left_to_operators() -> object:
    """What ``np.asanyarray`` in SciPy's sparse matrices gets of one; None for everybody else.

    No array of numbers: a matrix that is multiplied with it then leaves the product to us.
    """
    asking = sys._getframe(2).f_globals.get("__name__", "")
    return np.array(None, dtype=object) if asking.startswith("scipy.sparse") else None
