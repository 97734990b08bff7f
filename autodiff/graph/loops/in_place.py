"""Which nodes of a loop's body may write into an array that the loop carries.

A repetition that changes a few elements of an array leaves the others where they lie, if nothing
asks afterwards what was there before.  Each change makes a *version* of the array; what takes a
part of a version without a copy is as old as that.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from autodiff.graph.array_constant import ArrayConstant
from autodiff.graph.graph import Graph
from autodiff.graph.loops.ending import switch_of, taken
from autodiff.graph.loops.loop_nodes import (
    Loop,
    LoopNodes,
    each_loop,
    graphs_in,
    is_region,
    loop_of,
    loops_of,
    result_of,
)
from autodiff.graph.rebuild import live_nodes

__all__ = ["Changes", "changes_in", "filled_arrays", "leading_to", "may_be_part_of", "parts_taken"]

_WRITING = frozenset({"put_at", "put_where", "add_at", "assign"})
_PARTS = frozenset(
    {"broadcast_to", "gather", "place", "reshape", "slice", "take_diagonal", "transpose"}
)


_TAKING = frozenset({"gather", "slice"})
_FEW = 64  # numbers of an array that is as well kept whole


class Changes(NamedTuple):
    """How a body changes what it carries, without a copy.

    Args:
        writers: The nodes that do, in order: rows, and results of loops.
        apart: Parts that are read after they have changed: they are copied.
    """

    writers: tuple[int, ...]
    apart: frozenset[int]


def changes_in(loop: Loop, views: bool = False) -> dict[int, Changes]:
    """How the repetitions of a loop change what it carries; of switched ones those that do it.

    Args:
        loop: The loop.
        views: True where what a loop gives, or a row that may do nothing, can be a part of what
            it was given, as NumPy's arrays are.
    """
    key, plans = ("changes", views, *loop[1:]), loop.body.plans
    if key not in plans:
        switch = switch_of(loop)
        body = loop.body if switch is None else taken(loop).body
        first = set[int]() if switch is None else leading_to(body, switch)
        found = {k: _changes_of(body, k, views) for k in range(loop.carries)}
        plans[key] = {
            k: one for k, one in found.items()
            if one is not None and first.isdisjoint(one.writers)
        }  # fmt: skip
    made: dict[int, Changes] = plans[key]
    return made


def filled_arrays(graph: Graph) -> list[ArrayConstant]:
    """The arrays of constants that loops begin with and change in place."""
    return [
        array
        for one in graphs_in(graph)
        for group in each_loop(one)
        for k in changes_in(group.loop)
        if (array := one.nodes[group.operands[k]].array) is not None
    ]


def parts_taken(loop: Loop) -> list[int]:
    """What repetitions take of large arrays that they change in place, before or after changes."""
    body, found = loop.body, list[int]()
    done = body if switch_of(loop) is None else taken(loop).body
    for carry in changes_in(loop):
        size = math.prod(body.nodes[carry].shape)
        versions = {carry, *(_path(done, carry) or ())}
        for index in range(body.inputs.count, len(body.nodes)) if size > _FEW else ():
            primitive, operands, _, shape = body.nodes[index]
            if primitive is None or operands[0] not in versions:
                continue
            if primitive.name == "reshape":
                versions.add(index)
            elif primitive.name in _TAKING and 2 * math.prod(shape) < size:
                found.append(index)
    return found


def leading_to(body: Graph, node: int) -> set[int]:
    """The operations that a node needs, and itself."""
    found, pending = set[int](), [node]
    while pending:
        index = pending.pop()
        if index not in found and body.nodes[index].primitive is not None:
            found.add(index)
            pending += body.nodes[index].operands
    return found


def _changes_of(body: Graph, carry: int, views: bool) -> Changes | None:
    """How a body changes a carry; None if it makes another array."""
    path = _path(body, carry)
    return _found(body, carry, path, views) if path else None


def _path(body: Graph, carry: int) -> list[int] | None:
    """The nodes from a carry to what it is in the end, of which each changes it."""
    loops, node, path = loops_of(body), body.outputs[carry], list[int]()
    while node != carry:
        primitive, operands, _, _ = body.nodes[node]
        path.append(node)
        group = loops.get(node)
        if group is not None:
            place = result_of(body.nodes[node])
            if place >= group.loop.carries:
                return None
            node = group.operands[place]
        elif primitive is not None and primitive.name in (*_WRITING, "reshape"):
            node = operands[0]
        else:
            return None
    return path[::-1]


def _found(body: Graph, carry: int, path: Sequence[int], views: bool) -> Changes | None:
    loops = loops_of(body)
    writers, apart = list[int](), set[int]()
    version = {carry}
    for node in path:
        primitive = body.nodes[node].primitive
        if primitive is not None and primitive.name == "reshape":
            version.add(node)
            continue
        writers.append(node)
        late = _late(body, loops, version, node, views)
        if late is None:
            return None
        apart |= late
        version = {node}
    return Changes(tuple(writers), frozenset(apart)) if writers else None


def may_be_part_of(body: Graph, index: int) -> tuple[int, ...]:
    """The operands of which NumPy may give a part: rows and loops that do nothing give all."""
    node = body.nodes[index]
    if node.primitive is None or not node.shape:
        return ()
    if is_region(node):
        place = result_of(node)
        own = changes_in(loop_of(node), views=True) if place < loop_of(node).carries else {}
        return (node.operands[place],) if place in own else node.operands
    return node.operands[:1] if node.primitive.name in (*_PARTS, "put_where") else ()


def _late(
    body: Graph, loops: dict[int, LoopNodes], version: set[int], writer: int, views: bool
) -> set[int] | None:
    """The parts of a version that are read after it has changed; None if all of it is."""
    group = loops.get(writer)
    time = writer if group is None else group.first
    target = result_of(body.nodes[writer]) if group is not None else 0
    own = (*_PARTS, "put_where") if views else _PARTS
    parts, late, live = set(version), set[int](), live_nodes(body)
    for user in range(body.inputs.count, len(body.nodes)):
        if not live[user]:
            continue
        primitive, operands, _, _ = body.nodes[user]
        its = loops.get(user)
        if its is not None:
            operands = its.operands
        when = user if its is None else its.first
        for position, one in enumerate(operands):
            if one not in parts or user in version:
                continue
            if when == time:
                if position != target and (group is not None or body.nodes[one].shape):
                    late.add(one)
            elif when > time:
                late.add(one)
            elif views and its is not None:
                parts |= {user} if one in may_be_part_of(body, user) else set()
            elif position == 0 and primitive is not None and primitive.name in own:
                parts.add(user)
    late |= {one for one in body.outputs if one in parts and one >= body.inputs.count}
    return None if late & version else late
