"""Loops in blocks: backwards, what a block's repetitions began with is computed again.

A loop of blocks keeps what each block begins with; the derivative of a block runs it once more and
keeps what its repetitions begin with.  So of n repetitions in blocks of k about n / k + k are kept.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from autodiff.graph.graph import Builder
from autodiff.graph.inputs import Inputs
from autodiff.graph.loops.body_inputs import part_of, parts_named
from autodiff.graph.loops.loop_nodes import Loop
from autodiff.graph.structure import Tuple
from autodiff.table.arrays.indexing import concatenate, slice_
from autodiff.table.arrays.reshaping import reshape
from autodiff.trace.array_tracer import ArrayTracer

__all__ = ["block_of", "in_blocks"]


def block_of(every: int | str | None, length: int) -> int:
    """The length of a block: "sqrt" for the one that keeps least; 0 for no blocks."""
    if every is None:
        return 0
    block = math.isqrt(length) if isinstance(every, str) else int(every)
    return block if 1 < block < length else 0


def in_blocks(loop: Loop, builder: Builder, operands: Sequence[int], block: int) -> list[int]:
    """The nodes of the results of a loop, which runs block by block.

    Args:
        loop: The loop.
        builder: What records it.
        operands: Its operands.
        block: How many repetitions a block has.
    """
    count, rest = divmod(loop.length, block)
    main = range(rest if loop.reverse else 0, loop.length - (0 if loop.reverse else rest))
    carries, fixed = operands[: loop.carries], [operands[i] for i in loop.fixed_places]
    streams = [ArrayTracer(builder, operands[i]) for i in loop.stream_places]
    blocks = [reshape(_part(x, main), (count, block, *x.shape[1:])).index for x in streams]
    outer = _outer(loop, builder, operands, block, count)
    given = [*carries, *blocks, *fixed]
    made = [outer.add(builder, given, k) for k in range(outer.results)]
    stacks = [
        reshape(ArrayTracer(builder, i), (count * block, *builder.nodes[i].shape[2:]))
        for i in made[loop.carries :]
    ]
    if not rest:
        return [*made[: loop.carries], *(stack.index for stack in stacks)]
    left = range(rest) if loop.reverse else range(count * block, loop.length)
    last = loop._replace(length=rest)
    given = [*made[: loop.carries], *(_part(x, left).index for x in streams), *fixed]
    ends = [last.add(builder, given, k) for k in range(last.results)]
    pairs = zip(stacks, ends[loop.carries :], strict=True)
    joined = [
        concatenate([ArrayTracer(builder, end), stack] if loop.reverse
                    else [stack, ArrayTracer(builder, end)], 0).index
        for stack, end in pairs
    ]  # fmt: skip
    return [*ends[: loop.carries], *joined]


def _part(x: ArrayTracer, places: range) -> ArrayTracer:
    """Elements of the first axis."""
    key = ((places.start, len(places), 1), *((0, n, 1) for n in x.shape[1:]))
    return slice_(x, key)


def _outer(loop: Loop, builder: Builder, operands: Sequence[int], block: int, count: int) -> Loop:
    """The loop over blocks."""
    inner = loop._replace(length=block)
    shapes = [builder.nodes[i].shape for i in operands]
    for i in loop.stream_places:
        shapes[i] = (block, *shapes[i][1:])
    parameters = parts_named([name for name, _ in loop.body.parameters], shapes)
    body = Builder(Inputs(parameters, False))
    outputs = [inner.add(body, range(len(operands)), k) for k in range(loop.results)]
    result = Tuple(tuple(part_of(body.nodes[i].shape) for i in outputs))
    graph = body.graph("block", parameters, outputs, result)
    return loop._replace(body=graph, length=count)
