"""Loops that are done before their last repetition: which condition keeps everything as it is."""

from __future__ import annotations

from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import Loop, each_loop

__all__ = ["goes_on", "may_end"]


def goes_on(loop: Loop) -> int | None:
    """The node of the body that says whether a repetition does anything; None if there is none.

    Where it is zero every carry stays what it was, in this repetition and in those behind it.
    """
    body = loop.body
    moving = {k: body.outputs[k] for k in range(loop.carries) if body.outputs[k] != k}
    conditions = set[int]()
    for k, output in moving.items():
        node = body.nodes[output]
        chooses = node.primitive is not None and node.primitive.name == "where"
        if not chooses or node.operands[2] != k:
            return None
        conditions.add(node.operands[0])
    if len(conditions) != 1:
        return None
    (condition,) = conditions
    return None if _reads_streams(loop, condition) else condition


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
