"""Ties against a constant, where several kinks of one function lie at the same place.

``maximum(x, 0.0)`` alone has derivative 0 at its tie, as relu has.  But ``maximum(x, 0.0) +
minimum(x, 0.0)`` is x, and ``maximum(x, 0.0) + log1p(exp(-abs(x)))`` is softplus: smooth functions
whose kinks cancel.  Taking the middle of the one-sided derivatives at each kink gives a sum its
true derivative wherever the sum is smooth; so kinks that share their place take the middle (1/2),
and only a kink that stands alone takes 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from autodiff.graph.graph import Graph
from autodiff.graph.rebuild import Rebuild, rebuild
from autodiff.table.primitive import REGISTRY, Primitive

__all__ = ["ONE_SIDED", "interned", "shared_ties", "with_shared_ties"]

# A primitive with the tie rule 0 -> the one with the same value and the tie rule 1/2.
ONE_SIDED = {
    REGISTRY["at_least"]: REGISTRY["maximum"],
    REGISTRY["at_most"]: REGISTRY["minimum"],
}
_AT_ZERO = {REGISTRY["abs"], REGISTRY["relu"]}
_BETWEEN = {*ONE_SIDED, *ONE_SIDED.values()}


def shared_ties(
    nodes: Sequence[tuple[Any, ...]], number: Callable[[int], float | None]
) -> dict[int, Primitive]:
    """For each one-sided node whose place is shared, the primitive it becomes.

    Args:
        nodes: Nodes, or tuples that begin like them.
        number: The number of a literal operand, None for any other.
    """
    places: dict[tuple[Any, Any], list[int]] = {}
    for index, (primitive, operands, *_) in enumerate(nodes):
        if primitive in _AT_ZERO:
            places.setdefault((operands[0], 0.0), []).append(index)
        elif primitive in _BETWEEN:
            bound = number(operands[1])
            place = (operands[0], operands[1] if bound is None else bound)
            # An index and a number must not be confused: 3 == 3.0.
            key = place if bound is not None else (place, "node")
            places.setdefault(key, []).append(index)
    return {
        index: ONE_SIDED[nodes[index][0]]
        for sharing in places.values()
        if len(sharing) > 1
        for index in sharing
        if nodes[index][0] in ONE_SIDED
    }


def interned(
    nodes: Sequence[tuple[Any, ...]], number: Callable[[int], float | None]
) -> list[tuple[Any, ...]]:
    """``nodes``, every operand the first of all nodes equal to it, as a Builder would have it."""
    first: dict[Any, int] = {}
    place = list(range(len(nodes)))
    result = []
    for index, (primitive, found, *rest) in enumerate(nodes):
        operands = tuple(i if i >= len(place) else place[i] for i in found)
        if primitive is not None:
            numbers = tuple(number(i) for i in operands)
            key = tuple(
                i if x is None else (repr(x),) for i, x in zip(operands, numbers, strict=True)
            )
            place[index] = first.setdefault((primitive, key), index)
        result.append((primitive, operands, *rest))
    return result


def with_shared_ties(graph: Graph) -> Graph:
    """``graph`` with the rule of every shared tie set to the middle."""
    if _has_none(node[0] for node in graph.nodes):
        return graph
    changed = shared_ties(graph.nodes, graph.constants.get)
    if not changed:
        return graph

    # A changed node may equal another: build anew.
    def rule(walk: Rebuild, index: int, _: Primitive, operands: tuple[int, ...]) -> int | None:
        other = changed.get(index)
        return None if other is None else walk.add(other, operands)

    return rebuild(graph, rule)


def _has_none(primitives: Iterable[Primitive | None]) -> bool:
    return ONE_SIDED.keys().isdisjoint(primitives)
