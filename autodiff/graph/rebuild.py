"""rebuild: the one walk that makes a graph from another, operands first, and renumbers nodes.

What changes a node on the way is a rule.  Without one the nodes stay as they are: only dead ones
go, or the inputs become more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from autodiff.graph.array_constant import ArrayConstant
from autodiff.graph.graph import Builder, Graph
from autodiff.graph.inputs import Inputs
from autodiff.graph.structure import Structure
from autodiff.graph.typed_node import BareNode, Node, Params, Shape, new_node
from autodiff.origins.origin import moved
from autodiff.table.primitive import Primitive

__all__ = ["Rebuild", "Ref", "Rule", "carrying_nodes", "live_nodes", "rebuild"]

# What an old node became: int, a node of the new graph; a constant, placed when used.
Ref: TypeAlias = int | float | ArrayConstant


class Rebuild:
    """A graph on its way into another.

    Attributes:
        graph: The old graph.
        builder: The new one under construction.
        refs: What became of each old node so far; None, it is gone.
    """

    def __init__(self, graph: Graph, builder: Builder) -> None:
        self.graph, self.builder = graph, builder
        self.refs: list[Any] = list(graph.inputs.nodes)  # Ref or None

    def placed(self, index: int) -> int:
        """The new node of an old one; a constant is placed before its first user."""
        ref = self.refs[index]
        return ref if type(ref) is int else self.builder.literal(ref)

    def add(self, primitive: Primitive, operands: Sequence[int]) -> int:
        """The new node ``primitive(*operands)`` of old operands."""
        return self.builder.add(primitive, tuple([self.placed(i) for i in operands]))

    def run(self, rule: Rule | None, live: Sequence[int] | None) -> None:
        """Walk through all nodes behind the inputs."""
        nodes, refs, builder = self.graph.nodes, self.refs, self.builder
        keep = builder.add if rule is not None else self._append
        literal, append = builder.literal, refs.append
        for index in range(len(refs), len(nodes)):
            primitive, operands, params, shape = nodes[index]
            if primitive is None:
                if shape:  # an array has a name, which moves with its node
                    there = live is None or live[index]
                    append(literal(params[0][1]) if there else None)  # type: ignore[arg-type]
                else:
                    append(params[0][1])
                continue
            if live is not None and not live[index]:
                append(None)
                continue
            found = None if rule is None else rule(self, index, primitive, operands)
            if found is None:
                if len(operands) == 2:  # the common case, written out
                    x, y = refs[operands[0]], refs[operands[1]]
                    x = x if type(x) is int else literal(x)
                    placed: tuple[int, ...] = (x, y if type(y) is int else literal(y))
                else:
                    placed = tuple([self.placed(i) for i in operands])
                found = keep(primitive, placed, params, shape)
            append(found)

    def _append(
        self, primitive: Primitive, operands: tuple[int, ...], params: Params, shape: Shape
    ) -> int:
        """A node that equals no other, as nothing has changed."""
        nodes = self.builder.nodes
        nodes.append(new_node(Node, (primitive, operands, params, shape)))
        return len(nodes) - 1


# (the walk, index of an old node, its primitive, its operands) -> what it becomes; None: it stays
Rule: TypeAlias = Callable[[Rebuild, int, Primitive, tuple[int, ...]], Ref | None]


def rebuild(
    graph: Graph,
    rule: Rule | None = None,
    live: Sequence[int] | None = None,
    parameters: Sequence[tuple[str, Structure]] | None = None,
    into: Builder | None = None,
) -> Graph:
    """``graph`` made anew.

    Args:
        graph: The old graph.
        rule: What a node becomes; operands come before their users.
        live: Per node, false for those that are left out.
        parameters: The new parameters: the old ones, and more behind them.
        into: The builder to grow, if the rule needs it.
    """
    parameters = graph.parameters if parameters is None else parameters
    walk = Rebuild(graph, Builder(Inputs(parameters, graph.expanded)) if into is None else into)
    walk.run(rule, live)
    outputs = [walk.placed(i) for i in graph.outputs]
    origins = moved(graph.origins, walk.refs)
    limits = None
    if rule is None and live is None and graph.limits is not None:
        limits = graph.limits.moved(walk.refs)
    return walk.builder.graph(graph.name, parameters, outputs, graph.result, origins, limits)


def live_nodes(graph: Graph) -> bytearray:
    """1 for each node that an output depends on."""
    live = bytearray(len(graph.nodes))
    for output in graph.outputs:
        live[output] = 1
    nodes = graph.nodes
    for index in range(len(nodes) - 1, -1, -1):
        if live[index]:
            for operand in nodes[index][1]:
                live[operand] = 1
    return live


def carrying_nodes(nodes: Sequence[BareNode], outputs: Sequence[int]) -> bytearray:
    """1 for each node through which a derivative may flow to an output: no mere condition.

    Operands behind the last node are literals, through which nothing flows.
    """
    carrying = bytearray(len(nodes))
    for output in outputs:
        carrying[output] = 1
    for index in range(len(nodes) - 1, -1, -1):
        if not carrying[index]:
            continue
        primitive, operands = nodes[index][0], nodes[index][1]
        if not isinstance(primitive, Primitive):
            continue
        for operand, rule in zip(operands, primitive.partials, strict=True):
            if rule is not None and operand < len(nodes):
                carrying[operand] = 1
    return carrying
