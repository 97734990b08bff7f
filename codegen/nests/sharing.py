"""Functions that a loop calls again where an earlier loop has called them: kept instead.

The loop of a gradient computes again what it needs of each repetition.  Where that takes a function
of the same numbers, the earlier loop stacks what it gave, and the later one reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from autodiff.graph.graph import Builder, Graph
from autodiff.graph.inputs import Inputs
from autodiff.graph.loops.body_inputs import part_of
from autodiff.graph.loops.loop_nodes import Loop, LoopNodes, each_loop, loops_of
from autodiff.graph.loops.rebuilt_loops import rebuilt_loops
from autodiff.graph.loops.trim import rearranged, trimmed
from autodiff.graph.params import params_text
from autodiff.graph.rebuild import Rebuild
from autodiff.graph.structure import Tuple
from autodiff.graph.typed_node import Node
from autodiff.table.arrays.region_rows import RegionRow
from autodiff.table.primitive import Primitive

__all__ = ["shared"]

Dear = Callable[[Primitive], bool]


def shared(graph: Graph, is_dear: Dear) -> Graph:
    """``graph`` with loops that keep for each other what functions gave them.

    Args:
        graph: A graph of arrays, after its passes.
        is_dear: Whether a primitive is worth being kept.
    """
    groups = each_loop(graph)
    keeps: dict[int, list[int]] = {}  # a loop -> nodes of its body that it stacks as well
    reads: dict[int, tuple[LoopNodes, dict[int, int]]] = {}
    for place, later in enumerate(groups):
        for first in groups[:place]:
            if id(first) in reads or first.loop.length != later.loop.length:
                continue
            same = _same(graph, first, later, is_dear)
            if same:
                kept = keeps.setdefault(id(first), [])
                kept += [i for i in dict.fromkeys(same.values()) if i not in kept]
                reads[id(later)] = first, same
                break
    return _rewritten(graph, keeps, reads) if reads else graph


def _key(node: Node, operands: tuple[int, ...]) -> object:
    if node.primitive is None:
        return "number", str(node.value)
    return node.primitive, operands, params_text(node.params)


def _same(graph: Graph, first: LoopNodes, later: LoopNodes, is_dear: Dear) -> dict[int, int]:
    """Calls of functions in the body of a later loop -> the same in that of the first."""
    found = _inputs_that_are(graph, first, later)
    body, known = first.loop.body, dict[object, int]()
    for index in range(body.inputs.count, len(body.nodes)):
        node = body.nodes[index]
        if not node.shape or node.primitive is not None:
            known.setdefault(_key(node, node.operands), index)
    calls: dict[int, int] = {}
    inside = later.loop.body
    for index in range(inside.inputs.count, len(inside.nodes)):
        node = inside.nodes[index]
        if isinstance(node.primitive, RegionRow) or (node.shape and node.primitive is None):
            continue
        if all(i in found for i in node.operands):
            match = known.get(_key(node, tuple([found[i] for i in node.operands])))
            if match is not None:
                found[index] = match
                if node.primitive is not None and is_dear(node.primitive):
                    calls[index] = match
    return calls


def _inputs_that_are(graph: Graph, first: LoopNodes, later: LoopNodes) -> dict[int, int]:
    """Inputs of a later body -> nodes of the first that are the same in every repetition."""
    loops, found = loops_of(graph), dict[int, int]()
    streams = {first.operands[i]: i for i in first.loop.stream_places}
    fixed = {first.operands[i]: i for i in first.loop.fixed_places}
    for place in later.loop.fixed_places:
        if later.operands[place] in fixed:
            found[place] = fixed[later.operands[place]]
    for place in later.loop.stream_places:
        operand = later.operands[place]
        if operand in streams:
            found[place] = streams[operand]
        elif loops.get(operand) is first:
            result = next(k for k, i in first.members.items() if i == operand)
            if result >= first.loop.carries:
                found[place] = first.loop.body.outputs[result]
    return found


def _rewritten(
    graph: Graph, keeps: dict[int, list[int]], reads: dict[int, tuple[LoopNodes, dict[int, int]]]
) -> Graph:
    made: dict[int, tuple[Loop, list[int]]] = {}  # a loop -> as it is now, and its operands

    def of_loop(walk: Rebuild, group: LoopNodes, members: Mapping[int, int]) -> dict[int, int]:
        placed, places = [walk.placed(i) for i in group.operands], {k: k for k in members}
        if id(group) in reads:
            first, same = reads[id(group)]
            earlier, its_operands = made[id(first)]
            stacks = {
                inside: earlier.add(walk.builder, its_operands, first.loop.results + k)
                for k, inside in enumerate(keeps[id(first)])
            }
            reading = _reading(group.loop, placed, same, stacks)
            loop, placed, places = trimmed(*reading, range(group.loop.results))
        else:
            loop = _keeping(group.loop, keeps.get(id(group), []))
        made[id(group)] = loop, placed
        return {i: loop.add(walk.builder, placed, places[k]) for k, i in members.items()}

    return rebuilt_loops(graph, of_loop)


def _keeping(loop: Loop, more: list[int]) -> Loop:
    """A loop that stacks nodes of its body as well."""
    body = loop.body
    assert isinstance(body.result, Tuple)
    result = Tuple((*body.result.items, *(part_of(body.nodes[i].shape) for i in more)))
    return loop._replace(body=replace(body, outputs=(*body.outputs, *more), result=result))


def _reading(
    loop: Loop, operands: list[int], same: dict[int, int], stacks: dict[int, int]
) -> tuple[Loop, list[int]]:
    """A loop that reads what it would call functions for."""
    body, count = loop.body, loop.body.inputs.count
    taken, places = {name for name, _ in body.parameters}, dict[int, int]()
    parameters, more = list(body.parameters), list[int]()
    for index, inside in same.items():
        if inside not in places:
            places[inside] = len(parameters)
            name = next(n for k in range(10**6) if (n := f"kept_{k}") not in taken)
            taken.add(name)
            parameters.append((name, part_of(body.nodes[index].shape)))
            more.append(stacks[inside])
    walk = Rebuild(body, Builder(Inputs(tuple(parameters), False)))

    def rule(_: Rebuild, index: int, *node: object) -> int | None:
        return places[same[index]] if index in same else None

    walk.run(rule, None)
    outputs = [walk.placed(i) for i in body.outputs]
    made = walk.builder.graph(body.name, tuple(parameters), outputs, body.result)
    streamed = loop.carries + loop.streams
    order = [*range(streamed), *range(count, len(parameters)), *range(streamed, count)]
    arranged = rearranged(made, order, range(len(outputs)))
    given = [*operands, *more]
    wider = loop._replace(body=arranged, streams=loop.streams + len(more))
    return wider, [given[i] for i in order]
