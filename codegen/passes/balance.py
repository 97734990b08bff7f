"""balance: add long sums pairwise, so that a machine can add side by side.  Licence: fast.

A chain of n additions waits n times for its last result; a balanced tree log2(n) times.  The error
of the sum gets smaller, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autodiff.graph.graph import Builder, Graph
from autodiff.graph.rebuild import Rebuild
from autodiff.table.primitive import REGISTRY, Primitive
from codegen.passes.collect import collect

__all__ = ["balance"]

SHORTEST = 4  # terms
_CHAINS = frozenset({REGISTRY["add"], REGISTRY["mul"]})


@dataclass
class _Chain:
    """Operands of a chain of one primitive, and the chain's operations."""

    primitive: Primitive
    terms: list[int]
    inner: list[int]

    @property
    def better(self) -> bool:
        """True if it is long enough for two additions to run side by side."""
        return len(self.terms) >= SHORTEST


def balance(graph: Graph) -> Graph:
    """``graph`` with chains of additions, and of multiplications, as balanced trees."""
    return collect(graph, _CHAINS, _chain, _balanced)


def _balanced(walk: Rebuild, chain: _Chain) -> int:
    level, builder = [walk.placed(i) for i in chain.terms], walk.builder
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        joined = [_joined(builder, chain.primitive, x, y) for x, y in pairs]
        level = joined + level[len(level) & ~1 :]
    return level[0]


def _joined(builder: Builder, primitive: Primitive, x: int, y: int) -> int:
    if x == y and primitive.name == "mul":
        return builder.add(REGISTRY["square"], (x,))
    return builder.add(primitive, (x, y))


def _chain(graph: Graph, root: int, uses: Sequence[int]) -> _Chain:
    """The chain of one primitive that ends in ``root``."""
    primitive, stack = graph.nodes[root][0], [root]
    assert primitive is not None  # a root is an operation
    chain = _Chain(primitive, [], [])
    while stack:
        index = stack.pop()
        if graph.nodes[index][0] is primitive and (index == root or uses[index] == 1):
            chain.inner.append(index)
            stack += reversed(graph.nodes[index][1])
        else:
            chain.terms.append(index)
    return chain
