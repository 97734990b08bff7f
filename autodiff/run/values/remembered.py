"""What stands for a primitive among the operations of Values, beside the primitives themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeAlias

from autodiff.graph.typed_node import Shape
from autodiff.table.arrays.array_row import ArrayRow
from autodiff.table.arrays.row_params import RowParams
from autodiff.table.primitive import Primitive

__all__ = ["KNOWN", "Known", "Operation", "OwnOperation", "Recorded", "RowCall", "sign_of"]

Operation: TypeAlias = "Primitive | RowCall | Known | OwnOperation"
Recorded: TypeAlias = "tuple[Operation | None, tuple[int, ...], None, Shape]"  # as Node has it


class RowCall:
    """A row of arrays with its parameters.

    Args:
        row: The row.
        params: What it fixes besides its operands: axes, shapes, keys.
    """

    __slots__ = ("params", "row")

    def __init__(self, row: ArrayRow, params: RowParams) -> None:
        self.row, self.params = row, params

    @property
    def name(self) -> str:
        """The row's name."""
        return self.row.name

    @property
    def sign(self) -> str:
        """How micrograd's ``_op`` would say it: ``@`` for products of matrices."""
        return _SIGNS.get(self.row.name, self.row.name)


_SIGNS = {"contract": "@", "transpose": "T", "slice": "[ ]", "gather": "[ ]"}


class Known:
    """What stands for the operation of numbers that no Value holds; nothing flows to them."""

    name = sign = ""


KNOWN = Known()


class OwnOperation:
    """An operation that a program defined by assigning ``_backward``; stands for a primitive.

    Its rules run the user's function once per sweep, on cleared ``grad``s, and hand out what it
    added; so such Values mix with all others, and a second ``backward()`` counts nothing twice.

    Args:
        result: The Value that the operation computed.
        name: What micrograd's ``_op`` says.
    """

    commutative = False

    def __init__(self, result: Any, name: str) -> None:
        self.result, self.name = result, name
        self.function: Callable[[], None] = lambda: None

    @property
    def partials(self) -> list[Callable[..., object]]:
        """One rule per operand, for one sweep."""
        added: list[object] = []

        def rule(position: int, g: object, *_: object) -> object:
            if not added:
                added.extend(self._added(g))
            return added[position]

        return [partial(rule, position) for position in range(len(self.result._operands))]

    def _added(self, g: object) -> list[object]:
        involved = [self.result, *self.result._operands]
        kept = [value.grad for value in involved]
        for value in involved:
            value.grad = 0.0
        self.result.grad = g
        try:
            self.function()
            return [value.grad for value in self.result._operands]
        finally:
            for value, grad in zip(involved, kept, strict=True):
                value.grad = grad


_MICROGRADS = {"relu": "ReLU", "square": "**2", "reciprocal": "**-1"}


def sign_of(operation: Operation, operands: Sequence[object]) -> str:
    """What micrograd's ``_op`` says of an operation: ``+``, ``*``, ``tanh``."""
    if isinstance(operation, (RowCall, Known)):
        return operation.sign
    if isinstance(operation, OwnOperation):
        return operation.name
    if operation.name == "pow_literal":
        return f"**{operands[1]:g}"
    words = operation.python.split()
    return _MICROGRADS.get(operation.name) or (words[1] if len(words) == 3 else operation.name)
