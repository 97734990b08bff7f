"""Loops that are done before their last repetition: which condition keeps everything as it is.

A repetition is *switched* by a condition if it does nothing where that is zero: every carry stays
what it was, and what is stacked is zero.  A loop whose condition depends on carries alone ends
where it is zero.
"""

from __future__ import annotations

import math
from dataclasses import replace

from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import Loop, LoopNodes, each_loop
from autodiff.graph.rebuild import live_nodes, rebuild
from autodiff.graph.structure import SCALAR
from autodiff.table.primitive import REGISTRY

__all__ = [
    "asked_first",
    "goes_on",
    "may_end",
    "only_asks_for_the_end",
    "switch_of",
    "taken",
]

_WHERE = REGISTRY["where"]


def goes_on(loop: Loop, stacks: bool = False) -> int | None:
    """The node of the body that says whether a repetition does anything; None if there is none.

    Where it is zero every carry stays what it was, in this repetition and in those behind it.

    Args:
        loop: The loop.
        stacks: True if what is stacked has to be zero there, too.
    """
    condition = switch_of(loop, stacks)
    if condition is None or _reads_streams(loop, condition):
        return None
    return condition


def switch_of(loop: Loop, stacks: bool = True) -> int | None:
    """The node of the body by which repetitions are switched; None if there is none."""
    body, conditions = loop.body, set[int | None]()
    for k, output in enumerate(body.outputs[: None if stacks else loop.carries]):
        if k >= loop.carries or output != k:
            conditions.add(_chosen_by(body, output, k if k < loop.carries else None))
    (condition,) = conditions if len(conditions) == 1 else (None,)
    return condition


def _chosen_by(body: Graph, output: int, carry: int | None) -> int | None:
    """The condition where an output is something else than a carry, or, of none, than zero."""
    primitive, operands, _, _ = body.nodes[output]
    if primitive is not _WHERE or body.nodes[operands[0]].shape:
        return None
    other = operands[2]
    kept = other == carry if carry is not None else body.nodes[other].value == 0.0
    return operands[0] if kept else None


def asked_first(loop: Loop) -> tuple[Graph, Loop] | None:
    """What gives the condition of a switched loop, and the loop that takes it for granted."""
    known: dict[int, tuple[Graph, Graph]] = loop.body.plans.setdefault("asked first", {})
    if loop.carries not in known:
        condition = switch_of(loop)
        if condition is None:
            return None
        alone = replace(loop.body, outputs=(condition,), result=SCALAR)
        rest = taken(loop).body
        known[loop.carries] = (
            rebuild(alone, live=live_nodes(alone)),
            rebuild(rest, live=live_nodes(rest)),
        )
    condition_alone, body = known[loop.carries]
    return condition_alone, loop._replace(body=body)


def taken(loop: Loop) -> Loop:
    """A switched loop with repetitions that take their switch for granted."""
    body = loop.body
    outputs = tuple(
        output if output == k and k < loop.carries else body.nodes[output].operands[1]
        for k, output in enumerate(body.outputs)
    )
    return loop._replace(body=replace(body, outputs=outputs))


def _reads_streams(loop: Loop, index: int) -> bool:
    """True if a node depends on what differs from repetition to repetition besides the carries."""
    pending, seen = [index], set[int]()
    while pending:
        one = pending.pop()
        if one in seen:
            continue
        seen.add(one)
        if one in loop.stream_places:
            return True
        pending += loop.body.nodes[one].operands
    return False


def may_end(graph: Graph) -> bool:
    """True if a loop of a graph, or one inside it, may be done before its last repetition."""
    pending = [graph]
    while pending:
        for group in each_loop(pending.pop()):
            if goes_on(group.loop) is not None:
                return True
            pending.append(group.loop.body)
    return False


def only_asks_for_the_end(graph: Graph) -> set[int]:
    """Nodes behind loops that only ask whether these would go on, to refuse what comes out then."""
    again = set[int]()
    for group in each_loop(graph):
        condition = goes_on(group.loop)
        if condition is not None:
            again |= _asked_again(graph, group, condition)
    if not again:
        return again
    used = bytearray(len(graph.nodes))
    for index in graph.outputs:
        used[index] = 1
    for index in range(len(graph.nodes) - 1, graph.inputs.count - 1, -1):
        primitive, operands, _, _ = graph.nodes[index]
        asks = index in again and not used[index]
        refuses = primitive is _WHERE and any(
            math.isnan(graph.constants.get(i, 0.0)) for i in operands[1:]
        )
        for position, operand in enumerate(operands):
            if not asks and not (refuses and position == 0):
                used[operand] = 1
    return {index for index in again if not used[index]}


def _asked_again(graph: Graph, group: LoopNodes, condition: int) -> set[int]:
    """The nodes that compute the condition of a loop from what its carries are in the end."""
    loop, body = group.loop, group.loop.body
    there = {node: index for index, node in enumerate(graph.nodes) if node.primitive is not None}
    numbers = {value: index for index, value in graph.constants.items()}
    places: dict[int, int | None] = {
        **{k: group.members.get(k) for k in range(loop.carries)},
        **{k: group.operands[k] for k in loop.fixed_places},
        **{index: numbers.get(value) for index, value in body.constants.items()},
    }
    pending, cone = [condition], set[int]()
    while pending:
        one = pending.pop()
        if one not in cone and body.nodes[one].primitive is not None:
            cone.add(one)
            pending += body.nodes[one].operands
    for index in sorted(cone):
        operands = tuple(places.get(i) for i in body.nodes[index].operands)
        node = body.nodes[index]._replace(operands=operands)  # type: ignore[arg-type]  # None: none
        places[index] = there.get(node)
    return {place for index in cone if (place := places[index]) is not None}
