"""decided: a choice where its condition is known is what it chooses there.  Licence: exact.

A derivative asks again and again which side was taken; below ``if x > 0`` the answer is known.
The sides of the user's branches meet in ``where``; the origins know their conditions.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from autodiff.graph.graph import Graph
from autodiff.graph.rebuild import Rebuild, Ref, rebuild
from autodiff.table.primitive import REGISTRY, Primitive

__all__ = ["Side", "conditions_of", "decided", "depth_of", "is_choice", "sides_of"]

_WHERE = REGISTRY["where"]
_JOINING = frozenset(REGISTRY[name] for name in ("logical_and", "logical_or", "logical_not"))
_DEEPEST = 12  # sides inside each other


class Side(NamedTuple):
    """One side of a condition, inside another side."""

    above: Side | None
    condition: int
    holds: bool
    depth: int  # at most _DEEPEST, so that comparing costs little


def conditions_of(graph: Graph) -> frozenset[int]:
    """The conditions of branches, and what is made of them."""
    asked = graph.origins.conditions if graph.origins is not None else frozenset()
    if not asked:
        return asked
    found = set(asked)
    for index, primitive, operands in graph.operations():
        if primitive in _JOINING and all(i in found for i in operands):
            found.add(index)
    return frozenset(found)


def is_choice(graph: Graph, index: int, conditions: Collection[int], side: Side | None) -> bool:
    """True for a node where two sides of a branch meet, inside ``side``."""
    node = graph.nodes[index]
    shallow = side is None or side.depth < _DEEPEST
    return node.primitive is _WHERE and node.operands[0] in conditions and shallow


def sides_of(
    graph: Graph, order: Sequence[int], kept: Collection[int], conditions: Collection[int]
) -> dict[int, Side | None]:
    """The innermost side that holds every use of each node; None: it is used outside of any."""
    found: dict[int, Side | None] = dict.fromkeys(kept)

    def use(index: int, side: Side | None) -> None:
        found[index] = _common(found[index], side) if index in found else side

    for index in reversed(order):
        here = found.setdefault(index, None)
        operands = graph.nodes[index].operands
        if is_choice(graph, index, conditions, here):
            condition, then, other = operands
            use(condition, here)
            use(then, Side(here, condition, True, 1 + depth_of(here)))
            use(other, Side(here, condition, False, 1 + depth_of(here)))
        else:
            for operand in operands:
                use(operand, here)
    return found


def _common(x: Side | None, y: Side | None) -> Side | None:
    while x != y:
        if x is None or y is None:
            return None
        if x.depth < y.depth:
            y = y.above
        elif y.depth < x.depth:
            x = x.above
        else:
            x, y = x.above, y.above
    return x


def depth_of(side: Side | None) -> int:
    """How many sides it lies in, with itself."""
    return 0 if side is None else side.depth


def decided(graph: Graph) -> Graph:
    """``graph`` without choices that were made before."""
    conditions = conditions_of(graph)
    if not conditions:
        return graph
    order = [index for index, _, _ in graph.operations()]
    sides = sides_of(graph, order, graph.outputs, conditions)
    known = {
        index: operand
        for index in order
        if is_choice(graph, index, conditions, sides[index])
        and (operand := _chosen(graph.nodes[index].operands, sides[index])) is not None
    }

    def rule(walk: Rebuild, index: int, _: Primitive, __: tuple[int, ...]) -> Ref | None:
        if index not in known:
            return None
        ref: Ref = walk.refs[known[index]]
        return ref

    return rebuild(graph, rule) if known else graph


def _chosen(operands: tuple[int, ...], side: Side | None) -> int | None:
    """What a choice is on a side; None if its condition is not known there."""
    condition, then, other = operands
    while side is not None:
        if side.condition == condition:
            return then if side.holds else other
        side = side.above
    return None
