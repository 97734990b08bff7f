"""The chain rule over graphs of arrays, written down once more: what a gradient must equal.

As ``spec.py``, with one thing more: an operand that was broadcast gets the sum of its copies'
cotangents.  Cotangents have the full shape of their value here, and a contribution under a
condition is selected where it arises; nothing is shared with the transforms.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autodiff.graph.graph import Graph
from autodiff.graph.typed_node import Node, Shape
from autodiff.table import ops
from autodiff.table.arrays.array_row import ArrayRow, Use
from autodiff.table.arrays.reshaping import broadcast_to, reshape, sum_over
from autodiff.table.primitive import Guarded
from verify.field.whole.array_field import ArrayField, Residues

__all__ = ["array_chain_rule", "array_values"]


def array_values(graph: Graph, inputs: Sequence[Residues], field: ArrayField) -> list[Residues]:
    """The value of every node of a graph of arrays, over residues."""
    values = list(inputs)
    for node in graph.nodes[graph.inputs.count :]:
        if node.primitive is None:
            values.append(field.lift(node.value if node.array is None else node.array.array))
            continue
        operands = tuple([values[i] for i in node.operands])
        if isinstance(node.primitive, ArrayRow):
            values.append(field.of_row(node.primitive, operands, dict(node.params)))
        else:
            values.append(operands[0].bind(node.primitive, operands))
    return values


def array_chain_rule(graph: Graph, inputs: Sequence[Residues], field: ArrayField) -> list[Residues]:
    """Value of a scalar graph, then its derivative by every scalar and array of the arguments."""
    field.turned = False
    values = array_values(graph, inputs, field)
    field.turned = True
    bars: list[Any] = [None] * len(values)
    output = graph.outputs[0]
    bars[output] = field.lift(1.0)
    for index in range(output, graph.inputs.count - 1, -1):
        bar, node = bars[index], graph.nodes[index]
        if bar is None or node.primitive is None:
            continue
        bars[index] = None
        for position, i in enumerate(node.operands):
            if values[i].known is not None and i >= graph.inputs.count:
                continue
            flow = _flow(graph, node, values, index, position, bar)
            if flow is not None:
                flow = _full(field, flow, graph.nodes[i].shape)
                bars[i] = flow if bars[i] is None else bars[i] + flow
    gradient = [
        _full(field, 0.0 if bars[i] is None else bars[i], graph.nodes[i].shape)
        for i in range(graph.inputs.count)
    ]
    return [values[output], *gradient]


def _flow(
    graph: Graph, node: Node, values: Sequence[Residues], index: int, position: int, bar: Residues
) -> object:
    """What one operand gets from a node's cotangent; None if nothing flows."""
    operands = tuple([values[i] for i in node.operands])
    primitive = node.primitive
    assert primitive is not None
    if isinstance(primitive, ArrayRow):
        pull = primitive.rule(position)
        if pull is None:
            return None
        shapes = tuple([graph.nodes[i].shape for i in node.operands])
        use = Use(position, operands, values[index], dict(node.params), shapes, node.shape)
        return pull(bar, use)
    rule = primitive.partials[position]
    flow = None if rule is None else rule(bar, values[index], *map(_number, operands))
    if type(flow) is Guarded:
        kept, lost = (flow.value, 0.0) if flow.polarity else (0.0, flow.value)
        flow = ops.where(flow.condition, kept, lost)
    if flow is None:
        return None
    own = graph.nodes[node.operands[position]].shape
    return _summed_copies(bar.meaning.lift(flow), node.shape, own)


def _number(x: Residues) -> Residues | float:
    """A number that is known as a float: rules ask of an exponent what it is."""
    return x if x.known is None or x.shape else float(x.known)


def _summed_copies(flow: Residues, shape: Shape, own: Shape) -> object:
    """The cotangent of what was broadcast from ``own`` to ``shape``."""
    if shape == own:
        return flow
    flow = broadcast_to(flow, shape)
    new = len(shape) - len(own)
    axes = [i for i, n in enumerate(shape) if i < new or (own[i - new] == 1 and n != 1)]
    known = flow.known
    if known is not None and known.size and np.all(known == known.flat[0]):
        # Copies of one number that is known stay a double, as in the text.
        one = known.flat[0] * float(math.prod(shape[i] for i in axes))
        return flow.meaning.lift(np.full(own, one))
    return reshape(sum_over(flow, axes), own)


def _full(field: ArrayField, flow: object, shape: Shape) -> Residues:
    """A cotangent in the full shape of its value."""
    made: Residues = broadcast_to(field.lift(flow), shape)
    return made
