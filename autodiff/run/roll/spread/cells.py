"""What an array is while its graph is spread: numbers side by side, or lists of numbers.

Short axes are spread: each element is a value of its own.  Long ones, which loops go over, stay
axes of lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from autodiff.errors import UnsupportedError
from autodiff.graph.array_constant import ArrayConstant
from autodiff.graph.graph import Builder
from autodiff.graph.typed_node import Shape
from autodiff.table.arrays.array_row import ARRAY_ROWS
from autodiff.table.float import Float
from autodiff.trace.placeholder import Tracer

__all__ = [
    "FEW",
    "Cells",
    "Lists",
    "Spread",
    "at",
    "cells_of",
    "columns_of",
    "elements_of",
    "placed",
]

FEW = 8  # elements of an axis that is spread
_MOST = 256  # numbers that stand side by side
# An array of objects: Tracers of numbers, and Floats; a bare 0.0 is a zero of structure.
Cells: TypeAlias = NDArray[np.object_]
_SLICE, _STACK, _RESHAPE = (ARRAY_ROWS[name] for name in ("slice", "stack", "reshape"))


class Lists(NamedTuple):
    """An array with long axes in front.

    Args:
        axes: The long axes.
        cells: Over the other axes: a node whose value is a list (of lists) with these axes; None
            where all is zero.
    """

    axes: Shape
    cells: Cells

    @property
    def shape(self) -> Shape:
        """The array's shape."""
        return (*self.axes, *self.cells.shape)


Spread: TypeAlias = "Cells | Lists"


def at(cells: Cells, cell: tuple[int, ...]) -> Any:
    """What stands in a cell."""
    return cells[cell]


def cells_of(elements: Iterable[object], shape: Shape) -> Cells:
    """Elements side by side, in a shape."""
    held = [*elements]
    array = np.empty(len(held), dtype=object)
    array[:] = held
    return array.reshape(shape)


def placed(builder: Builder, x: object) -> int:
    """The node of a number."""
    if isinstance(x, Tracer):
        return x.index
    assert isinstance(x, float)
    return builder.literal(float(x))


def elements_of(builder: Builder, value: Spread) -> Cells:
    """The numbers of a value side by side.

    Raises:
        UnsupportedError: if they are too many.
    """
    if not isinstance(value, Lists):
        return value
    if int(np.prod(value.shape)) > _MOST:
        raise UnsupportedError(f"an array of shape {value.shape} is not read number by number")
    made = np.empty(value.shape, dtype=object)
    for place in np.ndindex(*value.axes):
        for cell in np.ndindex(*value.cells.shape):
            node = at(value.cells, cell)
            made[place + cell] = 0.0 if node is None else _element(builder, node, place)
    return made


def _element(builder: Builder, node: int, place: tuple[int, ...]) -> object:
    array = builder.nodes[node].array
    if array is not None:
        return Float(array.array[place])
    key = tuple((i,) for i in place)
    return Tracer(builder, builder.add(_SLICE, (node,), (("key", key),)))


def columns_of(builder: Builder, value: Spread) -> Lists:
    """A value as lists over its first axis."""
    if isinstance(value, Lists):
        return value
    length, *rest = value.shape
    cells = np.empty(tuple(rest), dtype=object)
    for cell in np.ndindex(*rest):
        column = [value[(k, *cell)] for k in range(length)]
        cells[cell] = _listed(builder, column)
    return Lists((length,), cells)


def _listed(builder: Builder, column: Sequence[object]) -> int:
    """The node of a list of these numbers."""
    if all(isinstance(x, float) for x in column):
        return builder.literal(ArrayConstant(np.array([float(x) for x in column])))  # type: ignore[arg-type]
    nodes = tuple([placed(builder, x) for x in column])
    return builder.add(_STACK, nodes, (("axis", 0),), (len(nodes),))
