"""array_passes: what rewrites a graph of arrays before it is written.  Licence: exact but for sums.

A sum of products of two vectors becomes their dot product, which takes the sum in another fixed
order; every other rewrite keeps every bit.
"""

from __future__ import annotations

from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import each_loop
from autodiff.graph.rebuild import Rebuild, live_nodes, rebuild
from autodiff.table.arrays import ARRAY_ROWS
from autodiff.table.primitive import REGISTRY, Primitive
from codegen.passes.loop_passes import loop_passes

__all__ = ["array_passes"]

_ADD, _SUB, _MUL, _NEG, _SQUARE = (REGISTRY[n] for n in ("add", "sub", "mul", "neg", "square"))
_WHERE = REGISTRY["where"]
_SUM, _CONTRACT, _RESHAPE = (ARRAY_ROWS[n] for n in ("sum", "contract", "reshape"))


def array_passes(graph: Graph) -> Graph:
    """``graph`` without dead nodes, with dot products and differences where they are meant."""
    graph = loop_passes(graph, array_passes)
    graph = rebuild(graph, _rule, live_nodes(graph))
    graph = rebuild(graph, live=live_nodes(graph))
    return array_passes(graph) if _stacks_too_much(graph) else graph


def _stacks_too_much(graph: Graph) -> bool:
    """True if a loop keeps what no loop behind it needs any more."""
    return any(
        k not in group.members
        for group in each_loop(graph)
        for k in range(group.loop.carries, group.loop.results)
    )


def _rule(walk: Rebuild, index: int, primitive: Primitive, operands: tuple[int, ...]) -> int | None:
    nodes = walk.graph.nodes
    node = nodes[index]
    if primitive is _SUM and len(nodes[operands[0]].shape) == 1:
        return _dot(walk, operands[0])
    if primitive is _RESHAPE and nodes[operands[0]].primitive is _RESHAPE:
        inside = nodes[operands[0]].operands[0]
        if nodes[inside].shape == node.shape:
            return walk.placed(inside)
        return walk.builder.add(_RESHAPE, (walk.placed(inside),), node.params, node.shape)
    if primitive is _WHERE and all(nodes[i].shape == node.shape for i in operands[1:]):
        x, y = map(walk.placed, operands[1:])
        return x if x == y else None  # where(c, x, x) -> x
    if primitive in (_ADD, _SUB):
        x, y = operands
        if nodes[y].primitive is _NEG:  # x + -y -> x - y; x - -y -> x + y
            other = _SUB if primitive is _ADD else _ADD
            inside = nodes[y].operands[0]
            return walk.builder.add(other, (walk.placed(x), walk.placed(inside)), (), node.shape)
        if primitive is _ADD and nodes[x].primitive is _NEG:  # -x + y -> y - x
            inside = nodes[x].operands[0]
            return walk.builder.add(_SUB, (walk.placed(y), walk.placed(inside)), (), node.shape)
    return None


def _dot(walk: Rebuild, index: int) -> int | None:
    """sum(x * y) -> x @ y, for vectors of one length."""
    node, nodes = walk.graph.nodes[index], walk.graph.nodes
    if node.primitive is _SQUARE:
        pair = node.operands[0], node.operands[0]
    elif node.primitive is _MUL and all(nodes[i].shape == node.shape for i in node.operands):
        pair = node.operands[0], node.operands[1]
    else:
        return None
    placed = walk.placed(pair[0]), walk.placed(pair[1])
    return walk.builder.add(_CONTRACT, placed, (("spec", "i,i->"),), ())
