"""A graph of whole arrays with every repetition of its loops written out, one behind the other."""

from __future__ import annotations

from collections.abc import Sequence

from autodiff.graph.graph import Builder, Graph
from autodiff.graph.inputs import Inputs
from autodiff.graph.loops.loop_nodes import (
    Loop,
    each_loop,
    is_region,
    loop_of,
    loops_of,
    region_key,
    result_of,
)
from autodiff.table.arrays.indexing import stack
from autodiff.trace.array_tracer import ArrayTracer

__all__ = ["written_out"]


def written_out(graph: Graph, most: int) -> Graph | None:
    """``graph`` without loops; None where it would have more nodes than ``most``."""
    if not loops_of(graph):
        return graph
    if _count(graph) > most or any(not group.loop.length for group in each_loop(graph)):
        return None
    builder = Builder(Inputs(graph.parameters, graph.expanded))
    inputs = range(graph.inputs.count)
    placed = _written(builder, graph, inputs)
    outputs = [placed[i] for i in graph.outputs]
    return builder.graph(graph.name, graph.parameters, outputs, graph.result)


def _count(graph: Graph) -> int:
    inside = sum(group.loop.length * _count(group.loop.body) for group in each_loop(graph))
    return len(graph.nodes) + inside


def _written(builder: Builder, graph: Graph, inputs: Sequence[int]) -> list[int]:
    """Where the nodes of a graph are, behind its inputs."""
    placed = list(inputs)
    known: dict[object, list[int]] = {}
    for node in graph.nodes[len(placed) :]:
        primitive, operands, params, shape = node
        given = [placed[i] for i in operands]
        if primitive is None:
            placed.append(builder.literal(params[0][1]))  # type: ignore[arg-type]  # its value
        elif is_region(node):
            key = region_key(node)
            if key not in known:
                known[key] = _repeated(builder, loop_of(node), given)
            placed.append(known[key][result_of(node)])
        else:
            placed.append(builder.add(primitive, tuple(given), params, shape))
    return placed


def _repeated(builder: Builder, loop: Loop, operands: Sequence[int]) -> list[int]:
    """The carries in the end, then what is stacked."""
    carries = list(operands[: loop.carries])
    streams = [ArrayTracer(builder, operands[i]) for i in loop.stream_places]
    fixed = [operands[i] for i in loop.fixed_places]
    stacked: list[list[ArrayTracer]] = [[] for _ in range(loop.carries, loop.results)]
    for place in loop.places:
        given = [*carries, *(x[place].index for x in streams), *fixed]
        made = _written(builder, loop.body, given)
        results = [made[i] for i in loop.body.outputs]
        carries = results[: loop.carries]
        for layers, index in zip(stacked, results[loop.carries :], strict=True):
            layers.append(ArrayTracer(builder, index))
    rows = [layers[::-1] if loop.reverse else layers for layers in stacked]
    return [*carries, *(stack(layers).index for layers in rows)]
