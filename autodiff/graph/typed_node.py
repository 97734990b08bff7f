"""Node: one value of a graph, and the parameters that are part of it.

A node is an input (no primitive, no parameters), a constant (its value is its only parameter) or
the result of a primitive on operands.  A parameter is fixed when the graph is made: an axis, a
permutation, an index map, a graph inside.  Parameters are part of what makes nodes equal, and of
the printed text (``params.py``); rows of scalars have none.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple, Protocol, TypeAlias, Union

from autodiff.graph.array_constant import ArrayConstant
from autodiff.graph.inputs import Inputs
from autodiff.graph.meeting import Limits
from autodiff.graph.structure import Structure
from autodiff.table.arrays.array_row import ArrayRow
from autodiff.table.arrays.row_params import RowParams
from autodiff.table.primitive import Primitive

__all__ = [
    "INPUT",
    "BareNode",
    "Node",
    "Param",
    "Params",
    "Printable",
    "Shape",
    "constant",
    "new_node",
    "params_of",
    "same_bits",
]

Param: TypeAlias = Union[bool, int, float, str, tuple["Param", ...], ArrayConstant, "Printable"]
Params: TypeAlias = tuple[tuple[str, Param], ...]
Shape: TypeAlias = tuple[int, ...]


class Node(NamedTuple):
    """One value of a graph."""

    primitive: Primitive | None  # None: an input or a constant
    operands: tuple[int, ...]  # indices of earlier nodes
    params: Params  # names and values, in the order of the primitive's ``params``
    shape: Shape  # () for a scalar

    @property
    def named(self) -> RowParams:
        """The parameters of an array row's node by name."""
        return dict(self.params)  # type: ignore[return-value]  # each row has these

    @property
    def value(self) -> float | None:
        """A constant's number; None for any other node."""
        if self.primitive is not None or not self.params or self.array is not None:
            return None
        return self.params[0][1]  # type: ignore[return-value]  # a number

    @property
    def array(self) -> ArrayConstant | None:
        """A constant's array; None for any other node."""
        if self.primitive is not None or not self.params:
            return None
        value = self.params[0][1]
        return value if isinstance(value, ArrayConstant) else None


def params_of(row: ArrayRow, named: RowParams) -> Params:
    """What a node of a row keeps of parameters by name (``Node.named``)."""
    return tuple((name, named[name]) for name in row.params)  # type: ignore[literal-required]


# A node, or a tuple like one, without what it costs to make a node.
BareNode: TypeAlias = tuple[object, tuple[int, ...], object, Shape]


class Printable(Protocol):
    """A graph as its printer reads it; the graphs inside parameters are known as these."""

    @property
    def name(self) -> str:
        """The function's name."""
        ...

    @property
    def parameters(self) -> tuple[tuple[str, Structure], ...]:
        """Name and structure of each argument."""
        ...

    @property
    def inputs(self) -> Inputs:
        """Where the arguments lie among the nodes."""
        ...

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes in the order they are computed."""
        ...

    @property
    def expanded(self) -> bool:
        """True if every node is a scalar, False if arrays are nodes."""
        ...

    @property
    def arrays(self) -> Mapping[int, ArrayConstant]:
        """The array of each constant node that holds one."""
        ...

    @property
    def constants(self) -> Mapping[int, float]:
        """The number of each constant node."""
        ...

    @property
    def outputs(self) -> tuple[int, ...]:
        """Index of each output float."""
        ...

    @property
    def result(self) -> Structure:
        """Structure of the returned value."""
        ...

    @property
    def limits(self) -> Limits | None:
        """Where switches can meet; None if none can."""
        ...

    @property
    def quoted(self) -> str:
        """Its text as a parameter of a node."""
        ...


new_node = tuple.__new__  # three times as fast as Node(...), and nodes are made by the million
INPUT = Node(None, (), (), ())


def constant(value: float | ArrayConstant) -> Node:
    """The node of a number, or of an array of them."""
    if isinstance(value, ArrayConstant):
        return Node(None, (), (("value", value),), value.shape)
    return Node(None, (), (("value", math.nan if value != value else float(value)),), ())


def same_bits(x: float, y: float) -> bool:
    """True if x and y are the same double; tells 0.0 from -0.0, and nan is nan."""
    return (x == y and math.copysign(1.0, x) == math.copysign(1.0, y)) or (x != x and y != y)
