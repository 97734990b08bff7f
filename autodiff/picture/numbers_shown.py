"""The numbers in a picture's boxes: data and grad, of arrays their shape and range."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import is_region
from autodiff.graph.structure import Scalar
from autodiff.graph.tree.leaves import Floats
from autodiff.run.interpret import flatten_arguments, pull_back, run
from autodiff.run.reverse_plan import reverse_plan
from autodiff.run.values.array_sweep import pull_back_arrays
from autodiff.run.values.remembered import Recorded, RowCall
from autodiff.run.whole.whole_values import parts_of_arguments, run_whole
from autodiff.table.arrays.array_row import ArrayRow

__all__ = ["literal_of", "number_text", "numbers_at", "numbers_of"]

_FEW = 3  # numbers shown one by one


def number_text(number: float) -> str:
    """A number as short as five digits allow."""
    return f"{number:.5g}"


def literal_of(number: Any) -> str:
    """A constant as the operation that uses it shows it."""
    return array_text(number) if np.shape(number) else number_text(float(number))


def array_text(array: Floats) -> str:
    """Few numbers one by one, of more the shape.

    >>> array_text(np.array([1.0, 2.5])), array_text(np.arange(10.0).reshape(2, 5))
    ('[1 2.5]', '2×5')
    """
    if array.ndim == 1 and array.size <= _FEW:
        return f"[{' '.join(map(number_text, array.tolist()))}]"
    return "×".join(map(str, array.shape))


def range_text(array: Floats) -> str:
    """Few numbers one by one, of more the smallest and the largest, or the one that all are."""
    if not array.size:
        return "nothing"
    if array.ndim == 1 and array.size <= _FEW:
        return array_text(array)
    low, high = number_text(float(np.min(array))), number_text(float(np.max(array)))
    return low if low == high else f"{low} … {high}"


def numbers_of(shape: tuple[int, ...], data: Any, grad: Any) -> tuple[str, ...]:
    """What the box of a value shows; of an array, the shape comes first."""
    if not shape:
        return (f"data {number_text(data)}", f"grad {number_text(grad)}")
    return (_type_text(shape), f"data {range_text(data)}", f"grad {range_text(grad)}")


def _type_text(shape: tuple[int, ...]) -> str:
    return f"float[{', '.join(map(str, shape))}]"


def numbers_at(graph: Graph, at: Sequence[object] | None) -> list[tuple[str, ...]]:
    """Per node the type of an array, data, and grad where the graph returns one float.

    Raises:
        ArgumentError: if the arguments do not fit the graph.
    """
    if at is None:
        return [(_type_text(node.shape),) if node.shape else () for node in graph.nodes]
    values, cotangents = (_scalars if graph.expanded else _arrays)(graph, at)
    shapes = [node.shape for node in graph.nodes]
    if cotangents is None:
        return [numbers_of(s, v, v)[:-1] for s, v in zip(shapes, values, strict=True)]
    return [
        numbers_of(shape, value, np.broadcast_to(0.0 if g is None else g, shape))
        for shape, value, g in zip(shapes, values, cotangents, strict=True)
    ]


def _scalars(graph: Graph, at: Sequence[object]) -> tuple[list[Any], list[Any] | None]:
    values = run(graph, [float(x) for x in flatten_arguments(graph, at)])
    if not isinstance(graph.result, Scalar):
        return values, None
    plan = reverse_plan(graph, None)
    cotangents: list[float | None] = [None] * len(values)
    cotangents[graph.outputs[0]] = 1.0
    pull_back(graph.nodes, values, cotangents, plan.active, graph.inputs.count)
    return values, cotangents


def _arrays(graph: Graph, at: Sequence[object]) -> tuple[list[object], list[object] | None]:
    values = run_whole(graph, parts_of_arguments(graph, at))
    if not isinstance(graph.result, Scalar) or any(map(is_region, graph.nodes)):
        return values, None
    nodes: list[Recorded] = [
        (
            RowCall(node.primitive, node.named)
            if isinstance(node.primitive, ArrayRow)
            else node.primitive,
            node.operands,
            None,
            node.shape,
        )
        for node in graph.nodes[: graph.outputs[0] + 1]
    ]
    active = reverse_plan(graph, None).active
    cotangents = pull_back_arrays(nodes, values[: len(nodes)], 1.0, active)
    return values, cotangents + [None] * (len(values) - len(cotangents))
