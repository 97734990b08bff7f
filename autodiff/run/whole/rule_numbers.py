"""Block: an array of numbers on which derivative rules run; nothing is remembered.

Rules are written for numbers, placeholders and Values alike, with functions of the table.  Plain
NumPy arrays cannot stand for themselves there: a rule that asks for a condition must get truth
values, and each primitive its vector form.  Warnings of NumPy's are for who runs the rules.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autodiff.graph.tree.leaves import Floats
from autodiff.table.arrays.array_row import ArrayRow
from autodiff.table.arrays.over_elements import vector_form
from autodiff.table.arrays.row_params import RowParams
from autodiff.table.primitive import Primitive
from autodiff.trace.array_operand import ArrayOperand

__all__ = ["Block", "block_of", "numbers_of"]


class Block(ArrayOperand):
    """An array while derivatives are computed.

    Args:
        data: The array.
    """

    __slots__ = ("data",)
    integer = truth = False

    def __init__(self, data: NDArray[np.float64]) -> None:
        self.data = data

    @property
    def shape(self) -> tuple[int, ...]:  # type: ignore[override]  # it has no other
        """Its shape."""
        shape: tuple[int, ...] = self.data.shape
        return shape

    def bind(self, primitive: Primitive, operands: tuple[object, ...]) -> Block | float:
        """The numbers of ``primitive(*operands)``."""
        return block_of(vector_form(primitive)(*map(numbers_of, operands)))

    def bind_row(self, row: ArrayRow, operands: tuple[object, ...], params: RowParams) -> object:
        """The numbers of ``row(*operands)``."""
        arrays = [np.asarray(numbers_of(x)) for x in operands]
        return block_of(row.impl(*arrays, **params))

    def lifted(self, value: object, name: str) -> object:
        """Numbers as a block; a single one as it is."""
        return block_of(value)

    def known(self, array: object, integer: bool = False) -> Any:
        """See ``lifted``."""
        return block_of(array)

    def again(self) -> Block:
        """Blocks do not change."""
        return self

    def numbers(self) -> Floats:
        """The array."""
        return self.data

    def as_indices(self) -> NDArray[np.int64]:
        """The array as whole numbers."""
        return self.data.astype(np.int64)


def block_of(value: object) -> Block | float:
    """Numbers as rules take them: an array as a block, a single number as a float."""
    if type(value) is float or isinstance(value, Block):
        return value
    array = np.asarray(value)
    return Block(array) if array.shape else float(array)


def numbers_of(x: object) -> Any:
    """What a block, or a number beside blocks, holds."""
    return x.data if isinstance(x, Block) else x
