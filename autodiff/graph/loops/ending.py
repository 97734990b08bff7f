"""Loops that are done before their last repetition: which condition keeps everything as it is.

A repetition is *switched* by a condition if it does nothing where that is zero: every carry stays
what it was, and what is stacked is zero.  A loop whose condition depends on carries alone ends
where it is zero.
"""

from __future__ import annotations

from dataclasses import replace

from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import Loop, each_loop
from autodiff.table.primitive import REGISTRY

__all__ = ["goes_on", "may_end", "switch_of", "taken"]

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
