"""Values of nodes, one after the other: what every node of scalars is by the table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from autodiff.graph.typed_node import Node

__all__ = ["node_values"]


def node_values(nodes: Sequence[Node], inputs: Iterable[float]) -> list[float]:
    """Value of every node, given the floats of the inputs, which are the first nodes.

    >>> from autodiff.graph.typed_node import INPUT, constant
    >>> node_values([INPUT, constant(2.0)], [1.0])
    [1.0, 2.0]
    """
    values = list(inputs)
    append = values.append
    for primitive, operands, params, _ in nodes[len(values) :]:
        if not params:
            append(primitive.impl(*[values[i] for i in operands]))  # type: ignore[union-attr]
        elif primitive is None:
            append(params[0][1])  # type: ignore[arg-type]  # a constant's number
        else:
            append(primitive.impl(*[values[i] for i in operands], **dict(params)))
    return values
