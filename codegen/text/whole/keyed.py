"""Elements by their keys, ``U[i, j]``, and arrays that a loop's text changes where they lie.

A graph takes elements from flat arrays at flat places, and each change makes a new array.  In a
text a key has several indices, and ``U[i, j] += w`` is a statement, if nothing reads afterwards
what was there before (``autodiff/graph/loops/in_place.py``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import NamedTuple

from autodiff.graph.graph import Graph
from autodiff.graph.loops.in_place import Changes, changes_in, may_be_part_of
from autodiff.graph.loops.loop_nodes import Loop, loops_of, result_of
from autodiff.graph.rebuild import live_nodes
from autodiff.graph.typed_node import Node

__all__ = ["NOTHING", "Keyed", "keyed"]

_PUTTING = frozenset({"put_at", "put_where", "add_at", "assign"})


class Keyed(NamedTuple):
    """What a text of a body has to know.

    Args:
        carried: The carries that are changed where they lie.
        writers: The nodes that do: loops, and rows, whose operands are the array, what is put
            there, a condition if there is one, and the key.
        apart: Parts that are read after what they are part of has changed: they are copied.
    """

    carried: frozenset[int] = frozenset()
    writers: frozenset[int] = frozenset()
    apart: frozenset[int] = frozenset()


NOTHING = Keyed()


def keyed(loop: Loop, done: Graph, inside: Callable[[Loop], Keyed]) -> tuple[Graph, Keyed]:
    """A body whose elements are taken by keys, and what it changes.

    Args:
        loop: The loop.
        done: Its body, or of a switched one what takes the switch for granted.
        inside: What is known of a loop of the body.
    """
    found = {
        k: one for k, one in changes_in(loop, views=True).items()
        if math.prod(done.nodes[k].shape) > 1
    }  # fmt: skip
    while True:
        body = _by_keys(done, {i for one in found.values() for i in one.writers})
        wrong = [k for k, one in found.items() if not _is_possible(loop, body, k, one, inside)]
        if not wrong:
            break
        found = {k: one for k, one in found.items() if k not in wrong}
    if not found and body.nodes == done.nodes:
        return done, NOTHING
    writers = frozenset(i for one in found.values() for i in one.writers)
    apart = {i for one in found.values() for i in one.apart if _is_view(body.nodes[i])}
    return body, Keyed(frozenset(found), writers, frozenset(apart))


def _by_keys(body: Graph, puts: Collection[int]) -> Graph:
    """A body with keys of several indices; also what is put is one of them."""
    nodes, live = list(body.nodes), live_nodes(body)
    arrays: dict[int, int] = {}  # what each flat array is a form of
    instead: dict[int, int] = {}

    def key_of(x: int, node: Node) -> tuple[int, tuple[int, ...]] | None:
        """The array that a flat place of ``x`` is in, and the key."""
        array, where = arrays.get(x), nodes[node.operands[1]]
        if array is None or node.named["axis"] != 0 or _name(where) != "places":
            return None
        shape = (*where.named["shape"], *body.nodes[x].shape[1:])
        fits = shape == nodes[array].shape and not any(nodes[i].shape for i in where.operands)
        return (array, where.operands) if fits else None

    def has_keys(index: int, shape: tuple[int, ...]) -> bool:
        """True if nothing needs what is put in a flat array as a flat array."""
        for user in range(index, len(nodes)):
            node = body.nodes[user]
            if not live[user] or index not in node.operands:
                continue
            name, first = _name(node), node.operands.index(index) == 0
            back = name == "reshape" and node.shape == shape
            known = name == "gather" or (user in puts and name in _PUTTING - {"assign"})
            by_key = known and first and _name(body.nodes[node.operands[1]]) == "places"
            if node.operands.count(index) > 1 or not (back or by_key):
                return False
        return index not in body.outputs

    for index in range(body.inputs.count, len(nodes)):
        node = nodes[index]
        operands = tuple([instead.get(i, i) for i in node.operands])
        nodes[index] = node = node._replace(operands=operands)
        name, x = _name(node), body.nodes[index].operands[0] if operands else index
        if name == "reshape":
            array = arrays.get(x, operands[0])
            if nodes[array].shape == node.shape:
                instead[index] = array
            else:
                arrays[index] = array
        elif name == "gather":
            if (found := key_of(x, node)) is not None:
                nodes[index] = node._replace(operands=(found[0], *found[1]))
        elif index in puts and name in _PUTTING - {"assign"}:
            found, (whole, place, *rest) = key_of(x, node), operands
            if found is not None and has_keys(index, nodes[found[0]].shape):
                array, key = found
                shape = nodes[array].shape
                nodes[index] = node._replace(operands=(array, *rest, *key), shape=shape)
                arrays[index] = index
            elif x not in arrays:
                nodes[index] = node._replace(operands=(whole, *rest, place))
    outputs = tuple([instead.get(i, i) for i in body.outputs])
    return replace(body, nodes=tuple(nodes), outputs=outputs)


def _is_possible(
    loop: Loop, body: Graph, carry: int, changes: Changes, inside: Callable[[Loop], Keyed]
) -> bool:
    """True if each change of a carry is a statement, and no other carry goes on as a part of it."""
    loops, node = loops_of(body), body.outputs[carry]
    versions = {carry}
    while node != carry:
        if node not in changes.writers:
            return False
        versions.add(node)
        group = loops.get(node)
        if group is None:
            if body.nodes[node].shape != body.nodes[carry].shape:
                return False
            node = body.nodes[node].operands[0]
            continue
        place = result_of(body.nodes[node])
        if place not in inside(group.loop).carried:
            return False
        node = group.operands[place]
    others = [one for k, one in enumerate(body.outputs[: loop.carries]) if k != carry]
    return not any(_leads_to(body, one, versions) for one in others if body.nodes[one].shape)


def _leads_to(body: Graph, node: int, versions: Collection[int]) -> bool:
    """True if a node is a version of an array, or may be a part of one."""
    pending = [node]
    while pending:
        one = pending.pop()
        if one in versions:
            return True
        pending += may_be_part_of(body, one)
    return False


def _is_view(node: Node) -> bool:
    """True unless NumPy surely copies what is taken: an element."""
    return bool(node.shape) or _name(node) != "gather"


def _name(node: Node) -> str:
    return "" if node.primitive is None else node.primitive.name
