"""An array of which the sides of a branch changed a few places: what is there after both."""

from __future__ import annotations

from autodiff.table import ops
from autodiff.table.arrays.one_place import add_at, put_where
from autodiff.table.arrays.reshaping import reshape
from autodiff.trace.array_tracer import ArrayTracer

__all__ = ["array_met"]

_FEW = 8  # places that a side changes


def array_met(condition: object, then: ArrayTracer, other: ArrayTracer) -> ArrayTracer:
    """``then`` where a condition holds, else ``other``: place by place, if these are few."""
    before, after = _changes(then), _changes(other)
    common = next((one for one in before if one in after), None)
    sides = [] if common is None else [one[: one.index(common)] for one in (before, after)]
    if not sides or sum(map(len, sides)) > _FEW:
        made: ArrayTracer = ops.where(condition, then, other)
        return made
    whole = begun = ArrayTracer(then.builder, before[len(sides[0])])
    for changes, holds in zip(sides, (condition, ops.logical_not(condition)), strict=True):
        whole = reshape(whole, begun.shape)
        for index in reversed(changes):
            whole = _changed(whole, index, holds)
    return reshape(whole, then.shape)


def _changes(x: ArrayTracer) -> list[int]:
    """The nodes that made an array from another one, the last first, and what they began with."""
    nodes, found = x.builder.nodes, [x.index]
    while True:
        primitive, operands, _, _ = nodes[found[-1]]
        if primitive is None or primitive.name not in ("put_at", "put_where", "add_at", "reshape"):
            return found
        found.append(operands[0])


def _changed(x: ArrayTracer, index: int, condition: object) -> ArrayTracer:
    """An array changed as a node changes its operand, where a condition holds."""
    builder, node = x.builder, x.builder.nodes[index]
    assert node.primitive is not None
    if node.primitive.name == "reshape":
        return reshape(x, node.shape)
    _, place, y, *own = [ArrayTracer(builder, i) for i in node.operands]
    axis = node.named["axis"]
    if node.primitive.name == "add_at":
        return add_at(x, place, ops.where(condition, y, -0.0), axis)
    holds = condition
    for one in own:
        holds = ops.logical_and(holds, one)
    return put_where(x, place, ops.where(holds, y, 0.0), holds, axis)
