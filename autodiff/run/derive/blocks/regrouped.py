"""The same numbers of a block in another shape, axis by axis where it can be."""

from __future__ import annotations

from autodiff.graph.typed_node import Shape
from autodiff.run.derive.blocks.directed_block import Block, fitted

__all__ = ["regrouped"]

_Group = tuple[list[int], list[int]]  # axes of the old shape, axes of the new one


def regrouped(block: Block, shape: Shape) -> Block:
    """``block`` with its node in another shape."""
    groups = _groups(block.shape, shape)
    merged = [i for old, new in groups if len(old) != 1 or len(new) != 1 for i in old]
    block = block.untied(merged)
    lengths, first = block.lengths, block.first
    # Axes that go into others are stretched, unless the block is constant along all of them.
    wide = [
        i
        for old, new in groups
        if (len(old) != 1 or len(new) != 1) and any(lengths[first + j] != 1 for j in old)
        for i in old
    ]
    block = block.widened(wide)
    lengths = block.lengths
    made = [1] * len(shape)
    ties: dict[int, int] = {}
    for old, new in groups:
        if any(lengths[first + i] != 1 for i in old):
            for j in new:
                made[j] = shape[j]
        if len(old) == len(new) == 1:
            k = block.direction_of(old[0])
            if k is not None:
                ties[k] = new[0]
    return block.made(fitted(block.value, (*lengths[:first], *made)), shape, ties)


def _groups(old: Shape, new: Shape) -> list[_Group]:
    """Axes that hold the same numbers; those of length 1 aside."""
    left = [i for i, n in enumerate(old) if n != 1]
    right = [j for j, n in enumerate(new) if n != 1]
    groups: list[_Group] = []
    while left or right:
        one, two = [left.pop(0)] if left else [], [right.pop(0)] if right else []
        size, other = _product(old, one), _product(new, two)
        while size != other and (left or right):
            if (size < other or not right) and left:
                one.append(left.pop(0))
                size *= old[one[-1]]
            else:
                two.append(right.pop(0))
                other *= new[two[-1]]
        groups.append((one, two))
    return groups


def _product(shape: Shape, axes: list[int]) -> int:
    size = 1
    for i in axes:
        size *= shape[i]
    return size
