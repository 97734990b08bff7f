"""Derivatives of a structure by a structure: one with the other in place of each float."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autodiff.graph.structure import Array, Nothing, Scalar, Structure, size

__all__ = ["product"]


def product(
    outer: Structure, inner: Structure, rows: Iterator[list[object]], outputs: list[Any]
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
    outer: Array, inner: Structure, block: list[list[object]], outputs: list[Any]
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
