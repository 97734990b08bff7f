"""balance: add long sums pairwise, so that a machine can add side by side.  Licence: fast.

A chain of n additions waits n times for its last result; a balanced tree log2(n) times.  The error
of the sum gets smaller, too.
"""

from __future__ import annotations

from collections.abc import Sequence

from autodiff.graph.graph import Builder, Graph
from autodiff.graph.rebuild import Rebuild, live_nodes, rebuild
from autodiff.table.primitive import REGISTRY, Primitive
from codegen.passes.uses import all_uses

__all__ = ["balance"]

SHORTEST = 4  # terms
_CHAINS = frozenset({REGISTRY["add"], REGISTRY["mul"]})


def balance(graph: Graph) -> Graph:
    """``graph`` with chains of additions, and of multiplications, as balanced trees."""
    uses, live, nodes = all_uses(graph), live_nodes(graph), graph.nodes
    seen = bytearray(len(nodes))
    found: dict[int, list[int]] = {}
    for index in range(len(nodes) - 1, graph.inputs.count - 1, -1):
        if live[index] and not seen[index] and nodes[index][0] in _CHAINS:
            terms, inner = _terms(graph, index, uses)
            for one in inner:
                seen[one] = 1
            if len(terms) >= SHORTEST:
                found[index] = terms
                for one in inner:
                    live[one] = one == index
    if not found:
        return graph

    def rule(
        walk: Rebuild, index: int, primitive: Primitive, operands: tuple[int, ...]
    ) -> int | None:
        if index not in found:
            return None
        level, builder = [walk.placed(i) for i in found[index]], walk.builder
        while len(level) > 1:
            pairs = zip(level[::2], level[1::2], strict=False)
            level = [_joined(builder, primitive, x, y) for x, y in pairs] + level[len(level) & ~1 :]
        return level[0]

    return rebuild(graph, rule, live)


def _joined(builder: Builder, primitive: Primitive, x: int, y: int) -> int:
    if x == y and primitive.name == "mul":
        return builder.add(REGISTRY["square"], (x,))
    return builder.add(primitive, (x, y))


def _terms(graph: Graph, root: int, uses: Sequence[int]) -> tuple[list[int], list[int]]:
    """Operands of the chain of one primitive that ends in ``root``, and the chain's nodes."""
    primitive, terms, inner, stack = graph.nodes[root][0], [], [], [root]
    while stack:
        index = stack.pop()
        if graph.nodes[index][0] is primitive and (index == root or uses[index] == 1):
            inner.append(index)
            stack += reversed(graph.nodes[index][1])
        else:
            terms.append(index)
    return terms, inner
