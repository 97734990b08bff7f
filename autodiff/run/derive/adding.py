"""The sum of two cotangents: what comes from one place of an array is added there alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from autodiff.graph.typed_node import Node
from autodiff.table.arrays.array_row import Shape, shape_of
from autodiff.table.arrays.one_place import add_at
from autodiff.table.arrays.reshaping import reshape
from autodiff.trace.array_tracer import ArrayTracer

__all__ = ["added", "pulled_in_order"]


_FEW = 64  # numbers that are as quickly added as one


class _There(NamedTuple):
    """Zeros but for one place of an axis.

    Args:
        place: Where.
        part: What is there.
        axis: The axis.
        shape: The shape in which it is one.
    """

    place: ArrayTracer | float
    part: ArrayTracer
    axis: int
    shape: Shape


def pulled_in_order(node: Node, repeated: bool) -> Sequence[tuple[int, int]]:
    """The operands of a node, by position, in the order in which their cotangents are asked for.

    In a loop an array changes in place: what was put there is asked for before it is cleared.
    """
    positions = list(enumerate(node.operands))
    name = "" if node.primitive is None else node.primitive.name
    return positions[::-1] if repeated and name in ("put_at", "put_where", "assign") else positions


def added(first: Any, second: Any) -> Any:
    """``first + second``."""
    shape = shape_of(first)
    if shape and shape == shape_of(second):
        for value, other in ((second, first), (first, second)):
            places = _places(value)
            for there in places:
                whole = add_at(reshape(other, there.shape), there.place, there.part, there.axis)
                other = reshape(whole, shape)  # noqa: PLW2901  # the sum so far
            if places:
                return other
    return first + second


def _places(value: object) -> list[_There]:
    """Where a cotangent has all that is in it, the first first; none if there may be many."""
    if not isinstance(value, ArrayTracer):
        return []
    builder, node = value.builder, value.builder.nodes[value.index]
    name = "" if node.primitive is None else node.primitive.name
    operands = [ArrayTracer(builder, i) for i in node.operands]
    if name == "reshape":
        return _places(operands[0])
    if name == "add_at":
        first = _places(operands[0])
        last = _There(operands[1], operands[2], node.named["axis"], node.shape)
        return [*first, last] if first else []
    there = _one_place(value)
    return [] if there is None else [there]


def _one_place(value: ArrayTracer) -> _There | None:
    """The same of what is at one place; None if it may be at others."""
    builder, node = value.builder, value.builder.nodes[value.index]
    name = "" if node.primitive is None else node.primitive.name
    operands = [ArrayTracer(builder, i) for i in node.operands]
    if name == "scatter_add" and not operands[1].shape:
        return _There(operands[1], operands[0], node.named["axis"], node.shape)
    if name == "place":
        return _placed(operands[0], node.named["key"], node.shape)
    return None


def _placed(part: ArrayTracer, key: tuple[tuple[int, ...], ...], shape: Shape) -> _There | None:
    """The same of a part that stands at a key."""
    at = [axis for axis, one in enumerate(key) if len(one) == 1]
    others = [(0, n, 1) for axis, n in enumerate(shape) if axis not in at]
    if (
        math.prod(shape) <= _FEW
        or not at
        or at[-1] - at[0] >= len(at)
        or [one for one in key if len(one) > 1] != others
    ):
        return None
    front, flat = shape[at[0] : at[-1] + 1], 0
    for axis, n in zip(at, front, strict=True):
        flat = flat * n + key[axis][0]
    whole = (*shape[: at[0]], math.prod(front), *shape[at[-1] + 1 :])
    return _There(float(flat), part, at[0], whole)
