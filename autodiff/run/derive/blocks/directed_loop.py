"""A loop that is linear in blocks: a loop that carries every direction along.

What differs from direction to direction has the axes of the directions in front, in the body as
outside; what does not is computed once for all of them, as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from autodiff.graph.array_constant import ArrayConstant
from autodiff.graph.graph import Builder, Graph
from autodiff.graph.inputs import Inputs
from autodiff.graph.loops.body_inputs import part_of
from autodiff.graph.loops.loop_nodes import Loop, LoopNodes
from autodiff.graph.loops.trim import trimmed
from autodiff.graph.structure import Tuple
from autodiff.graph.typed_node import Shape
from autodiff.run.derive.blocks.directed_block import Block, reordered
from autodiff.table.arrays.reshaping import broadcast_to
from autodiff.trace.array_tracer import ArrayTracer

__all__ = ["RunBody", "directed_loop"]

Operand: TypeAlias = "Block | ArrayTracer"
# What a graph's outputs are for every direction: builder, graph, inputs, blocks of some of them.
RunBody: TypeAlias = Callable[
    [Builder, Graph, Sequence[int], Mapping[int, Block]], list["Block | ArrayTracer"]
]


def directed_loop(
    group: LoopNodes,
    members: Sequence[int],
    operands: Sequence[Operand],
    builder: Builder,
    run: RunBody,
) -> dict[int, Operand]:
    """The results of a loop for every direction.

    Args:
        group: The loop.
        members: The results that are asked for.
        operands: Its operands, of which one is a block at least.
        builder: Where nodes are added.
        run: Runs the body.
    """
    loop = group.loop
    directions = next(x.directions for x in operands if isinstance(x, Block))
    directed = _directed(loop, [isinstance(x, Block) for x in operands])
    body, made = _body(loop, directed, directions, run)
    given = [
        _index(builder, _directed_operand(loop, i, x, directions) if i in directed else x)
        for i, x in enumerate(operands)
    ]
    small, given, places = trimmed(loop._replace(body=body), given, members)
    found: dict[int, Operand] = {}
    for k in members:
        node = ArrayTracer(builder, small.add(builder, given, places[k]))
        found[k] = _result(loop, k, node, directions) if k in made else node
    return found


def _directed(loop: Loop, given: Sequence[bool]) -> set[int]:
    """Inputs of the body that are blocks: those that are given, and the carries they reach."""
    body, inputs = loop.body, {i for i, block in enumerate(given) if block}
    while True:
        reached = bytearray(len(body.nodes))
        for i in inputs:
            reached[i] = True
        for index in range(body.inputs.count, len(body.nodes)):
            reached[index] = any(reached[i] for i in body.nodes[index].operands)
        more = {k for k in range(loop.carries) if reached[body.outputs[k]]}
        if more <= inputs:
            return inputs
        inputs |= more


def _body(
    loop: Loop, directed: set[int], directions: Shape, run: RunBody
) -> tuple[Graph, set[int]]:
    """The body with the axes of directions, and which of its outputs have them."""
    body = loop.body
    shapes = [directions + s if i in directed else s for i, s in enumerate(body.inputs.shapes)]
    names = [name for name, _ in body.parameters]
    parameters = [(name, part_of(shape)) for name, shape in zip(names, shapes, strict=True)]
    builder = Builder(Inputs(parameters, False))
    seeds = {
        i: Block(directions, body.inputs.shapes[i], ArrayTracer(builder, i), {}) for i in directed
    }
    outputs, made = [], set()
    found = run(builder, body, list(body.inputs.nodes), seeds)
    for k, (output, value) in enumerate(zip(body.outputs, found, strict=True)):
        whole: object = value
        if isinstance(value, Block):
            made.add(k)
            whole = value.full()
        elif k < loop.carries and k in directed:  # the same for every direction from now on
            made.add(k)
            whole = broadcast_to(value, directions + body.nodes[output].shape)
        outputs.append(_index(builder, whole))
    result = Tuple(tuple(part_of(builder.nodes[i].shape) for i in outputs))
    return builder.graph(body.name, parameters, outputs, result), made


def _directed_operand(loop: Loop, i: int, x: Operand, directions: Shape) -> object:
    """An operand that is a block in the body: all its numbers; a stream's own axis comes first."""
    own, count = loop.body.inputs.shapes[i], len(directions)
    if not isinstance(x, Block):
        return broadcast_to(x, directions + own)
    if i not in loop.stream_places:
        return x.full()
    return reordered(x.full(), [count, *range(count), *range(count + 1, count + 1 + len(own))])


def _result(loop: Loop, k: int, node: ArrayTracer, directions: Shape) -> Block:
    """A result as a block; what is stacked has the directions behind its own axis."""
    shape, count = loop.shape(k), len(directions)
    if k >= loop.carries:
        node = reordered(node, [*range(1, count + 1), 0, *range(count + 1, count + len(shape))])
    return Block(directions, shape, node, {})


def _index(builder: Builder, x: object) -> int:
    """The node of an array or a number."""
    if isinstance(x, ArrayTracer):
        return x.index
    assert isinstance(x, (float, np.ndarray))
    return builder.literal(ArrayConstant(x) if isinstance(x, np.ndarray) else x)
