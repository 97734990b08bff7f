"""Rows over few numbers, element by element: small matrices are inverted in registers.

What a row does to each element is said where it is expanded into scalars, so that machine code of
arrays has the numbers of the function written out.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from autodiff.errors import ProofgradError
from autodiff.graph.graph import Builder as GraphBuilder
from autodiff.graph.graph import Graph
from autodiff.graph.inputs import Inputs
from autodiff.graph.loops.body_inputs import part_of
from autodiff.graph.typed_node import Params
from autodiff.run.whole.scalarize import scalarize
from autodiff.table.arrays.array_row import ArrayRow, Shape
from codegen.nests.lower.builder import Builder, Value

__all__ = ["in_elements"]

_MOST = 300  # operations of a row that is expanded


def in_elements(
    to: Builder, row: ArrayRow, params: Params, operands: Sequence[Value], shapes: Sequence[Shape],
    shape: Shape,
) -> Value | None:  # fmt: skip
    """The value of a row by statements over its elements; None where these are too many."""
    graph = _expanded(row, params, shapes, shape)
    if graph is None:
        return None
    values: list[Value] = []
    for operand, own in zip(operands, shapes, strict=True):
        for place in _places(own):
            values.append(operand if isinstance(operand, float) else operand.at(place))
    for node in graph.nodes[graph.inputs.count :]:
        if node.primitive is None:
            values.append(float(node.value or 0.0))
        else:
            values.append(to.map(node.primitive, [values[i] for i in node.operands], ()))
    if not shape:
        return values[graph.outputs[0]]
    target = to.fresh(shape)
    for place, index in zip(_places(shape), graph.outputs, strict=True):
        to.copy(values[index], target.at(place))
    return target


def _places(shape: Shape) -> list[tuple[tuple[int, ...], ...]]:
    """The key of each element, in order."""
    return list(itertools.product(*([(i,) for i in range(n)] for n in shape)))


def _expanded(row: ArrayRow, params: Params, shapes: Sequence[Shape], shape: Shape) -> Graph | None:
    """The scalars of a row; None if they are too many, or none of its own."""
    parameters = tuple((f"x_{k}", part_of(own)) for k, own in enumerate(shapes))
    builder = GraphBuilder(Inputs(parameters, False))
    made = builder.add(row, tuple(range(len(shapes))), params, shape)
    graph = builder.graph(row.name, parameters, [made], part_of(shape))
    try:
        scalars = scalarize(graph, _MOST)
    except (ProofgradError, NotImplementedError):  # which element it is depends on numbers
        return None
    return scalars if len(scalars.nodes) - scalars.inputs.count <= _MOST else None
