"""Matrices of derivatives: their rows, and their structure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autodiff.graph.structure import Array, Nothing, Scalar, Structure, size
from autodiff.run.derive.extension import Extension
from autodiff.run.reverse_plan import active_nodes
from autodiff.table.float import Float

__all__ = ["hessian_rows", "jacobian_rows", "product"]


def jacobian_rows(extension: Extension, inputs: Sequence[int]) -> list[list[object]]:
    """Derivatives of each output: forward where the inputs are the fewer, else in reverse."""
    count = len(extension.graph.outputs)
    if len(inputs) < count:
        columns = [extension.push_forward({i: Float(1.0)}) for i in inputs]
        return [[column[k] for column in columns] for k in range(count)]
    active = active_nodes(extension.graph, inputs)
    seeds = [[Float(1.0) if j == k else None for j in range(count)] for k in range(count)]
    return [extension.pull_back(seed, inputs, active) for seed in seeds]


def hessian_rows(
    extension: Extension, inputs: Sequence[int], slopes: Sequence[int]
) -> list[list[object]]:
    """Derivatives of each slope, forward; the triangle above the diagonal mirrors that below.

    Args:
        extension: Of a graph that holds the gradient.
        inputs: The inputs.
        slopes: The nodes of the gradient, one per input.
    """
    columns = [extension.push_forward({i: Float(1.0)}, slopes[k:]) for k, i in enumerate(inputs)]
    size = range(len(inputs))
    return [[columns[min(j, k)][abs(j - k)] for j in size] for k in size]


def product(
    outer: Structure, inner: Structure, rows: Iterator[list[object]], outputs: list[object]
) -> Structure:
    """Structure ``outer`` with ``inner`` in place of each float; fills ``outputs`` in its order."""
    if isinstance(outer, Scalar):
        outputs.extend(next(rows))
        return inner
    if isinstance(outer, Array):
        block = [next(rows) for _ in range(size(outer))]
        return _array_product(outer, inner, block, outputs)
    if isinstance(outer, Nothing):
        return outer
    return outer.with_items([product(item, inner, rows, outputs) for item in outer.items])


def _array_product(
    outer: Array, inner: Structure, block: list[list[object]], outputs: list[object]
) -> Structure:
    """Array of floats by ``inner``: every scalar or array inside gains the outer dimensions."""
    if isinstance(inner, (Scalar, Array)):
        for row in block:
            outputs.extend(row)
        return Array(outer.shape + (inner.shape if isinstance(inner, Array) else ()))
    if isinstance(inner, Nothing):
        return inner
    items, start = [], 0
    for item in inner.items:
        stop = start + size(item)
        items.append(_array_product(outer, item, [row[start:stop] for row in block], outputs))
        start = stop
    return inner.with_items(items)
