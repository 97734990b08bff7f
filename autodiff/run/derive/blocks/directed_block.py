"""Block: what an array is for every direction of a tangent or cotangent at once.

A block is an array of the axes of the directions, then the axes of the node.  Axes along which it
is constant have length 1.  A direction may be *tied* to an axis of the node: the block is zero
wherever the places in the two differ, and only the diagonal is kept.  What starts with one
direction for every element, all tied, stays a diagonal through everything that is done element by
element; a sum over a tied axis lets the direction go free at no cost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from autodiff.graph.graph import Builder
from autodiff.graph.typed_node import Shape
from autodiff.table.arrays.array_row import Same, shape_of
from autodiff.table.arrays.last_axes import spread_diagonal
from autodiff.table.arrays.reshaping import broadcast_to, reshape, transpose
from autodiff.table.primitive import Quantity
from autodiff.trace.array_tracer import ArrayTracer

__all__ = ["Block", "aligned", "fitted", "identity", "reordered", "reshaped"]


@dataclass(frozen=True)
class Block:
    """A node's value for every direction.

    Args:
        directions: Length of each axis of directions.
        shape: The node's shape.
        value: Its numbers, one axis for each of both, of length 1 where they do not change; such
            axes may be missing in front, as they may where NumPy broadcasts.
        ties: Axes of directions -> the axis of the node that each is tied to.
        scale: What the value is still to be multiplied by, the same for every direction: factors
            are gathered, and one product with all directions is enough.  None: nothing.
    """

    directions: Shape
    shape: Shape
    value: Quantity
    ties: Mapping[int, int]
    scale: Quantity | None = None

    def scaled(self, scale: Quantity) -> Block:
        """With another scale."""
        return replace(self, scale=scale)

    def plain(self) -> Block:
        """With its scale in its value."""
        if self.scale is None:
            return self
        return self.made(self.scale * self.value, self.shape, self.ties)

    @property
    def is_free(self) -> bool:
        """True if its numbers differ from direction to direction."""
        return any(n != 1 for n in self.lengths[: self.first])

    @property
    def lengths(self) -> Shape:
        """The length of every axis of the value."""
        found = shape_of(self.value)
        return (1,) * (len(self.directions) + len(self.shape) - len(found)) + found

    @property
    def first(self) -> int:
        """Place of the node's first axis."""
        return len(self.directions)

    def made(self, value: Any, shape: Shape, ties: Mapping[int, int]) -> Block:
        """Another block of the same directions."""
        return Block(self.directions, shape, value, ties)

    @property
    def spread(self) -> Quantity:
        """The value with every axis; a number as it is."""
        return reshaped(self.value, self.lengths)

    def place_of(self, axis: int) -> int:
        """The axis of the value, as it is, that an axis of the node is."""
        return len(shape_of(self.value)) - len(self.shape) + axis

    def direction_of(self, axis: int) -> int | None:
        """The direction that is tied to an axis of the node."""
        return next((k for k, i in self.ties.items() if i == axis), None)

    def widened(self, axes: Sequence[int]) -> Block:
        """With these axes of the node in their full length."""
        lengths = list(self.lengths)
        for axis in axes:
            lengths[self.first + axis] = self.shape[axis]
        return self._stretched(tuple(lengths))

    def _stretched(self, lengths: Shape) -> Block:
        if lengths == self.lengths:
            return self
        count = max(len(shape_of(self.value)), len(_without_front(lengths)))
        value = broadcast_to(self.value, lengths[len(lengths) - count :])
        return self.made(value, self.shape, self.ties)

    def holding(self, axes: Sequence[int]) -> Block:
        """With a value that has these axes of the node, in their full length."""
        block = self.widened(axes)
        count = max(len(shape_of(block.value)), len(block.shape) - min(axes, default=0))
        value = reshaped(block.value, block.lengths[len(block.lengths) - count :])
        return block.made(value, block.shape, block.ties)

    def untied(self, axes: Sequence[int]) -> Block:
        """Without the ties of these axes of the node: zeros stand beside the diagonal."""
        block = self
        for axis in axes:
            k = self.direction_of(axis)
            if k is not None:
                wide = block.widened([axis])
                lengths = wide.lengths
                narrow = reshape(wide.value, (*lengths[:k], *lengths[k + 1 :]))
                value = spread_diagonal(narrow, k, block.first + axis)
                ties = {d: i for d, i in block.ties.items() if d != k}
                block = block.made(value, block.shape, ties)
        return block

    def loose(self) -> Block:
        """Without any tie."""
        return self.untied(range(len(self.shape)))

    def full(self) -> Quantity:
        """The array of all numbers."""
        return broadcast_to(self.plain().loose().value, (*self.directions, *self.shape))

    def filled(self) -> Block:
        """All numbers as a block."""
        return self.made(self.full(), self.shape, {})


def identity(shape: Shape, builder: Builder) -> Block:
    """One direction for every element of an array: 1 there, 0 elsewhere."""
    one = ArrayTracer(builder, builder.literal(1.0))
    ties = {axis: axis for axis, n in enumerate(shape) if n != 1}
    return Block(shape, shape, one, ties)


def _without_front(lengths: Shape) -> Shape:
    """Without the axes of length 1 in front."""
    start = next((k for k, n in enumerate(lengths) if n != 1), len(lengths))
    return lengths[start:]


def fitted(value: Same, lengths: Shape) -> Same:
    """``value`` with axes of these lengths; what is 1 in front is left out."""
    return reshaped(value, _without_front(lengths))


def reshaped(value: Same, shape: Shape) -> Same:
    """``value`` in another shape; a number stays one."""
    return reshape(value, shape) if shape_of(value) else value


def reordered(value: object, axes: Sequence[int]) -> Any:
    """``value`` with its axes in another order; an order of an order is one."""
    if not shape_of(value):
        return value
    order = tuple(axes)
    if isinstance(value, ArrayTracer):
        node = value.builder.nodes[value.index]
        if node.primitive is not None and node.primitive.name == "transpose":
            inside = node.named["axes"]
            order = tuple(inside[i] for i in order)
            value = ArrayTracer(value.builder, node.operands[0])
    return transpose(value, order)


def aligned(block: Block, shape: Shape) -> Block:
    """A block with the axes in front that a broadcast to ``shape`` adds."""
    missing = len(shape) - len(block.shape)
    if not missing:
        return block if block.shape == shape else block.made(block.value, shape, block.ties)
    lengths, first = block.lengths, block.first
    value = fitted(block.value, (*lengths[:first], *(1,) * missing, *lengths[first:]))
    return block.made(value, shape, {k: i + missing for k, i in block.ties.items()})
