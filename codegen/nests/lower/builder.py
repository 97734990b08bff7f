"""Statements on their way: tensors, elementwise statements, folds, copies."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np

from autodiff.table.arrays.array_row import Shape
from autodiff.table.primitive import Primitive
from codegen.nests.lower.loop_statement import (
    Access,
    Fold,
    Home,
    Opaque,
    Product,
    Statement,
    Step,
    Tensor,
)
from codegen.nests.lower.ordering import ordered
from codegen.nests.lower.views import View, contiguous, strides_of

__all__ = ["Builder", "Numbers", "Value"]

Numbers: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"
Value: TypeAlias = View | float  # an array, or one number


class Builder:
    """Tensors and statements.

    Args:
        blas: True if large products of matrices are left to BLAS.
        alone: True if there is no NumPy to leave rows to.

    Attributes:
        tensors: Everything that is read or written.
        steps: What is computed, in order.
        data: The arrays of constants, as float64.
        below: Of tensors that hold whole numbers from 0 on: below which number all of them are.
    """

    def __init__(self, blas: bool = False, alone: bool = False) -> None:
        self.blas, self.alone = blas, alone
        self.tensors: list[Tensor] = []
        self.steps: list[Step] = []
        self.data: list[Numbers] = []
        self.below: dict[int, int] = {}
        self._data: dict[tuple[bytes, Shape], int] = {}

    # --- tensors ---

    def tensor(self, size: int, home: Home = Home.WORK, place: int = 0) -> int:
        """A new tensor."""
        self.tensors.append(Tensor(size, home, place))
        return len(self.tensors) - 1

    def fresh(self, shape: Shape) -> View:
        """Memory for a new array."""
        return contiguous(self.tensor(math.prod(shape)), shape)

    def constant(self, array: Numbers) -> View:
        """An array of constants."""
        numbers = np.ascontiguousarray(array, np.float64)
        key = numbers.tobytes(), numbers.shape
        if key not in self._data:
            self._data[key] = self.tensor(numbers.size, Home.DATA, len(self.data))
            self.data.append(numbers)
        return contiguous(self._data[key], array.shape)

    # --- statements ---

    def add(self, statement: Statement) -> None:
        """Add a statement; loops of one turn are left out."""
        extents = statement.extents
        if 0 in extents:
            self._empty(statement)
            return
        if 1 in extents:
            order = tuple(i for i, n in enumerate(extents) if n != 1)
            statement = statement.reordered(order)
        if statement.reduction == len(statement.extents) and not statement.accumulates:
            statement = replace(statement, fold=None)  # one value comes to each place
        self.tensors[statement.target.tensor].written += 1
        self.steps.append(statement)

    def _empty(self, statement: Statement) -> None:
        """A statement without a turn: a fold leaves what nothing folds to."""
        if statement.fold is None or not statement.starts:
            return
        kept = tuple(d for d, n in enumerate(statement.extents) if not statement.reduces(d))
        filled = replace(
            statement.reordered(kept), primitive=None, operands=(statement.fold.start,), fold=None
        )
        if 0 not in filled.extents:
            self.add(filled)

    def copy(self, value: Value, target: View) -> None:
        """Store an array at a view."""
        shape = target.shape
        operand = value if isinstance(value, float) else value.over(shape)
        self.add(Statement(shape, target.over(shape), None, (operand,)))

    def map(self, primitive: Primitive | None, operands: Sequence[Value], shape: Shape) -> View:
        """An elementwise primitive over arrays that broadcast to a shape."""
        target = self.fresh(shape)
        reads = tuple(x if isinstance(x, float) else x.over(shape) for x in operands)
        self.add(Statement(shape, target.over(shape), primitive, reads))
        return target

    def fold(
        self, fold: Fold, x: Value, shape: Shape, axes: Sequence[int], by: Primitive | None = None
    ) -> View:
        """A reduction over axes of an array of a shape."""
        kept = tuple(n for i, n in enumerate(shape) if i not in axes)
        target, steps = self.fresh(kept), iter(strides_of(kept))
        strides = tuple(0 if i in axes else next(steps) for i in range(len(shape)))
        access = Access(target.tensor, 0, strides)
        operand = x if isinstance(x, float) else x.over(shape)
        self.add(ordered(Statement(shape, access, by, (operand,), fold)))
        return target

    def deliver(self, value: Value, shape: Shape, place: int) -> None:
        """Make an array a result: where it is computed, or by a copy."""
        if isinstance(value, View):
            tensor = self.tensors[value.tensor]
            whole = value.offset == 0 and value.is_contiguous and value.size == tensor.size
            if tensor.home is Home.WORK and whole:
                tensor.home, tensor.place = Home.OUTPUT, place
                return
        target = contiguous(self.tensor(math.prod(shape), Home.OUTPUT, place), shape)
        self.copy(value, target)

    def drop_unread(self) -> None:
        """Forget constants that no step reads: maps that have become strides."""
        read = {tensor for step in self.steps for tensor in step.tensors()}
        kept = [t for t in self._data.values() if t in read]
        self.data = [self.data[self.tensors[t].place] for t in kept]
        for place, tensor in enumerate(kept):
            self.tensors[tensor].place = place

    def multiply(self, given: tuple[View, View, Product], target: View) -> None:
        """A product of matrices by BLAS."""
        x, y, product = given
        self.tensors[target.tensor].written += 1
        step = Opaque(
            target.tensor, (x.tensor, y.tensor), starts=(x.offset, y.offset), product=product
        )
        self.steps.append(step)

    def packed(self, value: Value, shape: Shape) -> View:
        """The array, contiguous."""
        if isinstance(value, View) and value.is_contiguous and value.shape == shape:
            return value
        target = self.fresh(shape)
        self.copy(value, target)
        return target
