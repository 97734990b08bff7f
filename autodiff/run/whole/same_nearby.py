"""Comparisons of a number with one that is chosen between it and others: ``clip(u) == u``.

Where the other is chosen, both are the same number nearby: the comparison changes nothing there,
and its tie is none.
"""

from __future__ import annotations

from collections.abc import Sequence

from autodiff.graph.graph import Graph
from autodiff.table import ops
from autodiff.table.primitive import REGISTRY, Operand

__all__ = ["apart_at_ties"]

_WHERE, _CLIP = REGISTRY["where"], REGISTRY["clip"]
_LARGER = REGISTRY["maximum"], REGISTRY["at_least"]
_SMALLER = REGISTRY["minimum"], REGISTRY["at_most"]
_MOST = 16  # choices that are looked at


def apart_at_ties(graph: Graph, operands: Sequence[Operand], x: int, y: int) -> Operand | None:
    """1.0 where two numbers that are equal come from different ones; None if they always may.

    What chooses between equal numbers ties itself, and is not asked here.

    Args:
        graph: What compares them.
        operands: The values of its nodes.
        x: One of the nodes.
        y: The other.
    """
    for chosen, one in ((x, y), (y, x)):
        nodes = _choices(graph, chosen)
        if nodes and any(one in _between(graph, index) for index in nodes):
            found: dict[int, Operand | float] = {}
            for index in nodes:
                sides = [
                    0.0 if side == one else found.get(side, 1.0) for side in _between(graph, index)
                ]
                found[index] = _as_chosen(graph, operands, index, sides)
            last = found[chosen]
            return last if isinstance(last, Operand) else None
    return None


def _between(graph: Graph, index: int) -> tuple[int, ...]:
    """What a node chooses between; nothing if it chooses nothing."""
    primitive, operands, _, _ = graph.nodes[index]
    if primitive is _WHERE:
        return operands[1:]
    return operands if primitive in (*_LARGER, *_SMALLER, _CLIP) else ()


def _choices(graph: Graph, index: int) -> list[int]:
    """The choices that lead to a node, in order; none if they are too many."""
    found, pending = set[int](), [index]
    while pending and len(found) <= _MOST:
        one = pending.pop()
        if one not in found and _between(graph, one):
            found.add(one)
            pending += _between(graph, one)
    return sorted(found) if len(found) <= _MOST else []


def _as_chosen(
    graph: Graph, operands: Sequence[Operand], index: int, sides: Sequence[Operand | float]
) -> Operand | float:
    """What belongs to the side that a node chooses."""
    primitive, taken, _, _ = graph.nodes[index]
    if not any(isinstance(side, Operand) for side in sides) and len({*sides}) == 1:
        return sides[0]
    given = [operands[i] for i in taken]
    if primitive is _WHERE:
        made = ops.where(given[0], *sides)
    elif primitive is _CLIP:
        x, low, high = sides
        inside = ops.where(ops.lt(given[2], given[0]), high, x)
        made = ops.where(ops.lt(given[0], given[1]), low, inside)
    elif primitive in _LARGER:
        made = ops.where(ops.lt(given[1], given[0]), *sides)
    else:
        made = ops.where(ops.lt(given[0], given[1]), *sides)
    assert isinstance(made, Operand)
    return made
