"""A graph that is linear in its last inputs, run on blocks: for every direction at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autodiff.graph.graph import Builder, Graph
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.graph.rebuild import live_nodes
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
    live = live_nodes(graph)
    found: list[Any] = [*inputs, *([None] * (graph.inputs.count - len(inputs)))]
    for index, block in seeds.items():
        found[index] = block
    looped: dict[int, Operand] = {}  # nodes that are results of loops, once one was met
    for index in range(graph.inputs.count, len(graph.nodes)):
        node = graph.nodes[index]
        if not live[index]:
            found.append(None)
        elif node.primitive is None:
            value = node.array if node.array is not None else node.value
            assert value is not None
            found.append(builder.literal(value))
        elif not any(isinstance(found[i], Block) for i in node.operands):
            operands = tuple([found[i] for i in node.operands])
            found.append(builder.add(node.primitive, operands, node.params, node.shape))
        elif isinstance(node.primitive, RegionRow):
            if index not in looped:
                group = loops_of(graph)[index]
                given = [_seen(builder, found[i]) for i in node.operands]
                members = [k for k, i in group.members.items() if live[i]]
                results = directed_loop(group, members, given, builder, _run)
                looped |= {group.members[k]: result for k, result in results.items()}
            result = looped[index]
            found.append(result if isinstance(result, Block) else result.index)
        else:
            given = [_seen(builder, found[i]) for i in node.operands]
            rule = of_row if isinstance(node.primitive, ArrayRow) else through_elements
            found.append(rule(node, given))
    return [_seen(builder, found[i]) for i in graph.outputs]


def _seen(builder: Builder, x: Any) -> Any:
    """What a rule sees of an operand."""
    return x if isinstance(x, Block) or x is None else ArrayTracer(builder, x)
