"""Loops that keep what their repetitions begin with, for those of their derivative.

Of an array that changes in place what repetitions take is kept as well, which may be all that is
asked for.  Of a switched loop (``graph/loops/ending.py``) that is zero where a repetition does
nothing, and whether it does anything is kept beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from autodiff.graph.graph import Builder, Graph
from autodiff.graph.loops.body_inputs import part_of
from autodiff.graph.loops.ending import switch_of
from autodiff.graph.loops.in_place import parts_taken
from autodiff.graph.loops.loop_nodes import Loop, loops_of, result_of
from autodiff.graph.structure import SCALAR, Structure, Tuple
from autodiff.table.primitive import REGISTRY

__all__ = ["going_at", "keeping", "kept_at"]

_WHERE = REGISTRY["where"]


def keeping(graph: Graph) -> Graph:
    """``graph`` with loops that also stack what every repetition begins with; no node moves."""
    loops = loops_of(graph)
    if not loops:
        return graph
    nodes, kept = list(graph.nodes), {}
    for index, group in loops.items():
        key = id(group)
        if key not in kept:
            kept[key] = _keeping(group.loop)
        node = nodes[index]
        nodes[index] = node._replace(params=kept[key].params(result_of(node)))
    return replace(graph, nodes=tuple(nodes))


def _keeping(loop: Loop) -> Loop:
    condition = switch_of(loop)
    return _keeping_all(loop) if condition is None else _keeping_taken(loop, condition)


def _keeping_taken(loop: Loop, condition: int) -> Loop:
    """The same of a switched loop: what it keeps is zero where a repetition does nothing."""
    body, builder = loop.body, Builder.extending(loop.body)
    zero = builder.literal(0.0)
    more: dict[int, Structure] = {}
    carries = [(i, body.parameters[i][1]) for i in range(loop.carries)]
    taken = [(i, part_of(body.nodes[i].shape)) for i in parts_taken(loop)]
    for node, structure in [(builder.literal(1.0), SCALAR), *carries, *taken]:
        output = builder.add(_WHERE, (condition, node, zero), (), builder.nodes[node].shape)
        if output not in body.outputs[loop.carries :]:
            more[output] = structure
    if not more:
        return loop
    assert isinstance(body.result, Tuple)
    result = Tuple((*body.result.items, *more.values()))
    nodes = tuple(builder.nodes)
    return loop._replace(
        body=replace(body, nodes=nodes, outputs=(*body.outputs, *more), result=result)
    )


def _keeping_all(loop: Loop) -> Loop:
    body = loop.body
    stacked = set(body.outputs[loop.carries :])
    more = tuple([i for i in (*range(loop.carries), *parts_taken(loop)) if i not in stacked])
    if not more:
        return loop
    outputs = (*body.outputs, *more)
    parts = [structure for _, structure in body.parameters]
    kept = [parts[i] if i < loop.carries else part_of(body.nodes[i].shape) for i in more]
    assert isinstance(body.result, Tuple)
    result = Tuple((*body.result.items, *kept))
    return loop._replace(body=replace(body, outputs=outputs, result=result))


def kept_at(loop: Loop, node: int) -> int:
    """The result that is a carry before each repetition that does something, or a part taken."""
    stacked: Sequence[int] = loop.body.outputs[loop.carries :]
    if switch_of(loop) is not None:  # each is something in a repetition that does something, or 0.0
        stacked = [loop.body.nodes[i].operands[1] for i in stacked]
    return loop.carries + stacked.index(node)


def going_at(loop: Loop) -> int:
    """The result that is 1.0 for each repetition of a switched loop that does something."""
    body = loop.body
    one = next(i for i, number in body.constants.items() if number == 1.0)
    return kept_at(loop, one)
