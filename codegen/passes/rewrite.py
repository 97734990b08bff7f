"""What passes that replace nodes share: one walk, operands first, into a new graph."""

from __future__ import annotations

from collections.abc import Callable

from autodiff.graph.graph import Builder, Graph
from autodiff.origins.origin import moved
from autodiff.table.primitive import Primitive
from codegen.passes.dce import live_nodes

__all__ = ["all_uses", "rewritten"]

# (new graph, index in the old one, primitive, where an old node is in the new one) -> new node
Rule = Callable[[Builder, int, Primitive, Callable[[int], int]], int | None]


def rewritten(graph: Graph, rule: Rule, skip: bytearray | None = None) -> Graph:
    """``graph`` with every live node that ``rule`` knows replaced, without those in ``skip``."""
    live = live_nodes(graph)
    builder = Builder(graph.input_count)
    nodes = graph.nodes
    new: list[int] = [*range(graph.input_count), *[-1] * (len(nodes) - graph.input_count)]

    def placed(index: int) -> int:
        if new[index] < 0:  # a literal is placed before its first user
            new[index] = builder.literal(nodes[index][2])  # type: ignore[arg-type]  # a literal
        return new[index]

    for index, primitive, operands in graph.operations():
        if live[index] and not (skip and skip[index]):
            found = rule(builder, index, primitive, placed)
            if found is None:
                found = builder.add(primitive, tuple([placed(i) for i in operands]))
            new[index] = found
    outputs = [placed(i) for i in graph.outputs]
    origins = moved(graph.origins, new)
    return builder.graph(graph.name, graph.parameters, outputs, graph.result, origins)


def all_uses(graph: Graph) -> list[int]:
    """How often each node is an operand of a live node, or an output."""
    live = live_nodes(graph)
    uses = [0] * len(graph.nodes)
    for index, _, operands in graph.operations():
        if live[index]:
            for operand in operands:
                uses[operand] += 1
    for output in graph.outputs:
        uses[output] += 1
    return uses
