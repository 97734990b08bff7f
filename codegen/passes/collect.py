"""collect: read a tree of operations that nothing else uses as one thing, and write that anew.

What sums, products and chains do alike.  The last operation of a tree is met first, so every tree
is read from its root, as large as it can be.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Protocol, TypeVar

from autodiff.graph.graph import Graph
from autodiff.graph.rebuild import Rebuild, live_nodes, rebuild
from autodiff.table.primitive import Primitive
from codegen.passes.uses import all_uses

__all__ = ["Collected", "collect"]


class Collected(Protocol):
    """What a tree of operations amounts to."""

    @property
    def inner(self) -> Sequence[int]:
        """The tree's operations, its root among them."""

    @property
    def better(self) -> bool:
        """True if it is to be written anew."""


Found = TypeVar("Found", bound=Collected)


def collect(
    graph: Graph,
    parts: Collection[Primitive],
    read: Callable[[Graph, int, Sequence[int]], Found],
    write: Callable[[Rebuild, Found], int],
) -> Graph:
    """``graph`` with trees of ``parts`` written anew where that is better.

    Args:
        graph: A graph.
        parts: Primitives that trees are made of.
        read: ``read(graph, root, uses)``: the tree that ends in ``root``, through operations that
            are used once.
        write: Adds its operations to the new graph; returns the node of its value.
    """
    uses, live, nodes = all_uses(graph), live_nodes(graph), graph.nodes
    seen = bytearray(len(nodes))
    found: dict[int, Found] = {}
    for root in range(len(nodes) - 1, graph.inputs.count - 1, -1):
        if not live[root] or seen[root] or nodes[root][0] not in parts:
            continue
        one = read(graph, root, uses)
        for inner in one.inner:
            seen[inner] = 1
        if one.better:
            found[root] = one
            for inner in one.inner:
                live[inner] = inner == root
    if not found:
        return graph

    def rule(walk: Rebuild, index: int, _: Primitive, operands: tuple[int, ...]) -> int | None:
        one = found.get(index)
        return None if one is None else write(walk, one)

    return rebuild(graph, rule, live)
