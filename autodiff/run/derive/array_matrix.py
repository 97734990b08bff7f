"""Matrices of derivatives of graphs of arrays: one array for each two arrays, by their structure.

Each product with a direction (or cotangent) is linear in it, and is run for all of them at once
(``blocks``).  Of both ways the one with the fewer operations is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from autodiff.graph.graph import Builder, Graph
from autodiff.graph.rebuild import live_nodes, rebuild
from autodiff.graph.structure import SCALAR, Array, Nothing, Scalar, Structure, Tuple
from autodiff.run.derive.array_extension import extension_of
from autodiff.run.derive.blocks.block_run import blocks_of
from autodiff.run.derive.blocks.directed_block import Block, identity, reordered
from autodiff.run.whole.scalarize import scalars_of
from autodiff.table.arrays.reshaping import broadcast_to
from autodiff.trace.array_tracer import ArrayTracer

__all__ = ["hessian_blocks", "jacobian_blocks", "structure_of_matrix", "tangents"]

Blocks = list[list[Block | None]]  # per array of the result, per array of the arguments


def structure_of_matrix(outer: Structure, inner: Structure) -> Structure:
    """Structure ``outer`` with ``inner`` in place of each float."""
    if isinstance(outer, Scalar):
        return inner
    if isinstance(outer, Array):
        return _with_axes(outer.shape, inner)
    if isinstance(outer, Nothing):
        return outer
    return outer.with_items([structure_of_matrix(item, inner) for item in outer.items])


def _with_axes(shape: tuple[int, ...], inner: Structure) -> Structure:
    """Every scalar or array inside gains these axes in front."""
    if isinstance(inner, (Scalar, Array)):
        return Array(shape + (inner.shape if isinstance(inner, Array) else ()))
    if isinstance(inner, Nothing):
        return inner
    return inner.with_items([_with_axes(shape, item) for item in inner.items])


# --- Jacobians ---------------------------------------------------------------------------------


def jacobian_blocks(
    builder: Builder, graph: Graph, inputs: Sequence[int], outputs: Sequence[int]
) -> list[object]:
    """The derivative of each array of the result by each of the arguments.

    Args:
        builder: Where nodes are added; it holds the graph's inputs first.
        graph: The function, with whatever other inputs the builder has.
        inputs: The inputs it is differentiated by.
        outputs: The nodes that are differentiated.

    Raises:
        UnsupportedError: if there is something in it of which it is not made.
    """
    ways = [_forward, _reverse]
    costs = [_cost(way, graph, inputs, outputs) for way in ways]
    return ways[costs.index(min(costs))](builder, graph, inputs, outputs)


def _cost(
    way: Callable[..., list[object]], graph: Graph, inputs: Sequence[int], outputs: Sequence[int]
) -> int:
    """How many scalar operations a way takes."""
    builder = Builder.extending(graph)
    made = [_index(builder, x) for x in way(builder, graph, inputs, outputs)]
    whole = builder.graph(graph.name, graph.parameters, made, graph.result)
    alone = rebuild(whole, live=live_nodes(whole))
    return scalars_of(alone) + len(alone.nodes)


def _forward(
    builder: Builder, graph: Graph, inputs: Sequence[int], outputs: Sequence[int]
) -> list[object]:
    """Tangents for every direction of each argument."""
    seeds = [identity(graph.nodes[i].shape, builder) for i in inputs]
    columns = [
        tangents(builder, graph, [i], outputs, [s]) for i, s in zip(inputs, seeds, strict=True)
    ]
    made: list[object] = []
    for k, output in enumerate(outputs):
        for column, i in zip(columns, inputs, strict=True):
            made.append(
                _turned(builder, column[k], graph.nodes[output].shape, graph.nodes[i].shape)
            )
    return made


def _reverse(
    builder: Builder, graph: Graph, inputs: Sequence[int], outputs: Sequence[int]
) -> list[object]:
    """Cotangents for every direction of each array of the result."""
    made = []
    for output in outputs:
        shape = graph.nodes[output].shape
        row = _cotangents(builder, graph, output, inputs, identity(shape, builder))
        made += [
            _dense(builder, block, shape + graph.nodes[i].shape)
            for block, i in zip(row, inputs, strict=True)
        ]
    return made


def tangents(
    builder: Builder,
    graph: Graph,
    inputs: Sequence[int],
    outputs: Sequence[int],
    seeds: Sequence[Block],
) -> list[Block | None]:
    """The tangents of nodes for all directions of some inputs.

    Args:
        builder: Where nodes are added; it holds the graph's nodes.
        graph: The graph.
        inputs: The inputs.
        outputs: The nodes.
        seeds: The directions of each input.
    """
    shapes = [graph.nodes[i].shape for i in inputs]
    only = replace(graph, outputs=tuple(outputs), result=Tuple(()))
    extension = extension_of(only, [("dot", Array(s) if s else SCALAR) for s in shapes])
    first = graph.inputs.count
    dots = {i: extension.operands[first + k] for k, i in enumerate(inputs)}
    linear = extension.finish("tangents", extension.push_forward(dots), Tuple(()), list(inputs))
    return blocks_of(
        builder, linear, list(graph.inputs.nodes), {first + k: s for k, s in enumerate(seeds)}
    )


def _cotangents(
    builder: Builder, graph: Graph, output: int, inputs: Sequence[int], seed: Block
) -> list[Block | None]:
    """The cotangents of inputs for all directions of one node."""
    shape = graph.nodes[output].shape
    only = replace(graph, outputs=(output,), result=Tuple(()))
    extension = extension_of(only, [("cotangent", Array(shape) if shape else SCALAR)])
    last = graph.inputs.count
    bars = extension.pull_back([extension.operands[last]], list(inputs))
    linear = extension.finish("cotangents", bars, Tuple(()), list(inputs))
    return blocks_of(builder, linear, list(graph.inputs.nodes), {last: seed})


def _turned(
    builder: Builder, block: Block | None, shape: tuple[int, ...], directions: tuple[int, ...]
) -> object:
    """The array of a tangent's block: its directions come last."""
    if block is None:
        return _dense(builder, None, shape + directions)
    q, ndim = len(directions), len(shape) + len(directions)
    return reordered(block.full(), [*range(q, ndim), *range(q)])


def _dense(builder: Builder, block: Block | None, shape: tuple[int, ...]) -> object:
    """The array of a block; zeros where there is none."""
    if block is not None:
        return block.full()
    return broadcast_to(ArrayTracer(builder, builder.literal(0.0)), shape)


def _index(builder: Builder, x: Any) -> int:
    return x.index if isinstance(x, ArrayTracer) else builder.literal(x)


# --- Hessians ----------------------------------------------------------------------------------


def hessian_blocks(
    builder: Builder, graph: Graph, inputs: Sequence[int], slopes: Sequence[int]
) -> list[object]:
    """The derivatives of the gradient, forward; what is above the diagonal mirrors that below.

    Args:
        builder: Where nodes are added; it holds the graph's nodes.
        graph: A graph that holds the gradient.
        inputs: The inputs.
        slopes: The nodes of the gradient, one for each input.
    """
    shapes = [graph.nodes[i].shape for i in inputs]
    found: dict[tuple[int, int], object] = {}
    for k, i in enumerate(inputs):
        column = tangents(builder, graph, [i], slopes[k:], [identity(shapes[k], builder)])
        for j, block in enumerate(column, k):
            # A derivative by i of slope j: its directions come first, as in row i.
            found[k, j] = _dense(builder, block, shapes[k] + shapes[j])
            if j != k:
                found[j, k] = _turned(builder, block, shapes[j], shapes[k])
    places = range(len(inputs))
    return [found[i, j] for i in places for j in places]
