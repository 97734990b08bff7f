"""Roots of sums of squares among recorded operations: at 0 they have a kink, no infinite slope."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autodiff.graph.array_constant import ArrayConstant
from autodiff.graph.tree.leaves import Floats
from autodiff.graph.typed_node import INPUT, Node, constant, params_of
from autodiff.run.values.remembered import Recorded, RowCall
from autodiff.table.primitive import Primitive
from autodiff.trace.switching.squares import ROOT, SQRT, SQUARES, kind_of

__all__ = ["with_lengths"]


def with_lengths(nodes: Sequence[Recorded], values: Sequence[float | Floats]) -> list[Recorded]:
    """``nodes`` with such roots as what they are, where a number is 0; elsewhere it is the same.

    Args:
        nodes: Tuples that begin like nodes.
        values: The value of each node; behind them those of literals.
    """

    def look(index: int) -> Node:
        if index >= len(nodes):
            number = values[index]
            return constant(ArrayConstant(number) if np.shape(number) else float(number))
        operation, operands = nodes[index][:2]
        if isinstance(operation, RowCall):
            return Node(operation.row, operands, params_of(operation.row, operation.params), ())
        return Node(operation, operands, (), ()) if isinstance(operation, Primitive) else INPUT

    known: dict[int, int] = {}

    def is_length(operation: object, operands: Sequence[int]) -> bool:
        asked = operation is SQRT and not np.all(values[operands[0]])
        return asked and kind_of(operands[0], look, known) == SQUARES

    return [(ROOT, *node[1:]) if is_length(*node[:2]) else node for node in nodes]
