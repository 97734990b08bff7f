"""A graph that is linear in its last inputs, run on blocks: for every direction at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autodiff.graph.graph import Builder, Graph
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.graph.rebuild import live_nodes
from autodiff.graph.typed_node import Node
from autodiff.run.derive.blocks.block_rows import of_row
from autodiff.run.derive.blocks.directed_block import Block
from autodiff.run.derive.blocks.directed_loop import Operand, directed_loop
from autodiff.run.derive.blocks.through_elements import through_elements
from autodiff.table.arrays.array_row import ArrayRow
from autodiff.table.arrays.region_rows import RegionRow
from autodiff.trace.array_tracer import ArrayTracer

__all__ = ["blocks_of"]


def blocks_of(
    builder: Builder, graph: Graph, inputs: Sequence[int], seeds: Mapping[int, Block]
) -> list[Block | None]:
    """What each output of ``graph`` is for every direction; None: nothing reaches it.

    Args:
        builder: Where nodes are added.
        graph: A graph that is linear in the inputs that have seeds.
        inputs: The node of the builder for each other input.
        seeds: Inputs of ``graph`` -> their blocks.

    Raises:
        UnsupportedError: if it holds what is not known of blocks.
    """
    return [x if isinstance(x, Block) else None for x in _run(builder, graph, inputs, seeds)]


def _run(
    builder: Builder, graph: Graph, inputs: Sequence[int], seeds: Mapping[int, Block]
) -> list[Operand]:
    """What each output is: a block, or the same for every direction."""
    return _Run(builder, graph, inputs, seeds).outputs()


class _Run:
    """A graph run node by node: each is a block, or a node of the builder.

    Args:
        builder: What adds nodes.
        graph: The graph.
        inputs: The node of the builder for each input without a seed.
        seeds: The blocks of others.
    """

    def __init__(
        self, builder: Builder, graph: Graph, inputs: Sequence[int], seeds: Mapping[int, Block]
    ) -> None:
        self._builder, self._graph, self._live = builder, graph, live_nodes(graph)
        self._found: dict[int, Block | int] = {**dict(enumerate(inputs)), **seeds}
        self._looped: dict[int, Operand] = {}  # nodes that are results of loops that were met

    def outputs(self) -> list[Operand]:
        """What the outputs are."""
        for index in range(self._graph.inputs.count, len(self._graph.nodes)):
            if self._live[index]:
                self._found[index] = self._made(index, self._graph.nodes[index])
        return [self._seen(i) for i in self._graph.outputs]

    def _made(self, index: int, node: Node) -> Block | int:
        row = node.primitive
        if row is None:
            value = node.array if node.array is not None else node.value
            assert value is not None
            return self._builder.literal(value)
        given = [self._found[i] for i in node.operands]
        operands = tuple([x for x in given if not isinstance(x, Block)])
        if len(operands) == len(given):
            return self._builder.add(row, operands, node.params, node.shape)
        if isinstance(row, RegionRow):
            made = self._of_loop(index, node)
            return made if isinstance(made, Block) else made.index
        rule = of_row if isinstance(row, ArrayRow) else through_elements
        return rule(node, [self._seen(i) for i in node.operands])

    def _of_loop(self, index: int, node: Node) -> Operand:
        """One result of a loop; the loop is run when the first of them is met."""
        if index not in self._looped:
            group = loops_of(self._graph)[index]
            given = [self._seen(i) for i in node.operands]
            members = [k for k, i in group.members.items() if self._live[i]]
            results = directed_loop(group, members, given, self._builder, _run)
            self._looped |= {group.members[k]: result for k, result in results.items()}
        return self._looped[index]

    def _seen(self, index: int) -> Operand:
        """What a rule sees of an operand."""
        found = self._found[index]
        return found if isinstance(found, Block) else ArrayTracer(self._builder, found)
