"""The nodes of the body of a loop, sorted by what becomes of them.

As ``step_kinds.py`` sorts the steps of a repetition, of which a body is the finished form.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import Loop
from autodiff.table.arrays.array_row import ArrayRow

__all__ = ["Parts", "parts_of"]


@dataclass(frozen=True)
class Parts:
    """Nodes of a body, each kind in order.

    Args:
        fixed: They are the same in all repetitions.
        before: They need no other repetition.
        core: They stay in the loop.
        behind: They need what the loop computes.
        sums: A carry that adds up, to the node that is added, and whether it is subtracted.
        carries: The carries that stay.
    """

    fixed: tuple[int, ...]
    before: tuple[int, ...]
    core: tuple[int, ...]
    behind: tuple[int, ...]
    sums: dict[int, tuple[int, bool]]
    carries: tuple[int, ...]


def parts_of(loop: Loop) -> Parts:
    """The nodes of the body of ``loop``, every result of which is wanted."""
    body = loop.body
    order = [i for i, node in enumerate(body.nodes) if node.primitive is not None]
    varying = _varying(loop, order)
    free = _free(loop, order)
    before = [i for i in order if i in varying and i in free]
    sums = _sums(loop, varying)
    carries = tuple([k for k in range(loop.carries) if k not in sums])
    kept = [body.outputs[k] for k in carries]
    adding = {body.outputs[k] for k in sums}
    fixed = [i for i in order if i not in varying]
    done = {*fixed, *before, *adding}
    core = _needed(body, kept, done)
    behind = {i for i in order if i not in core and i not in done}
    while True:
        whole = [i for i in behind if not _is_plain(body, i)]
        if not whole:
            break
        more = _needed(body, whole, done)
        core |= more
        behind -= more
    return Parts(
        tuple(fixed), tuple(before), tuple(sorted(core)), tuple(sorted(behind)), sums, carries
    )


def _is_plain(body: Graph, index: int) -> bool:
    """True for an operation on scalars, which arrays of them have as well."""
    primitive, operands, params, shape = body.nodes[index]
    plain = not isinstance(primitive, ArrayRow) and not params and not shape
    return plain and all(not body.nodes[i].shape for i in operands)


def _varying(loop: Loop, order: Iterable[int]) -> set[int]:
    """Inputs and nodes that differ from repetition to repetition, and keys of elements.

    A key stays beside the element that it is of: ``U[k, k]`` is as quick as a place known before.
    """
    found = {*range(loop.carries), *loop.stream_places}
    for index in order:
        primitive, operands, _, shape = loop.body.nodes[index]
        is_key = primitive is not None and primitive.name == "places" and not shape
        if is_key or not found.isdisjoint(operands):
            found.add(index)
    return found


def _free(loop: Loop, order: Iterable[int]) -> set[int]:
    """Nodes that depend on no carry, by way of operations on scalars."""
    body = loop.body
    bound = {*range(loop.carries)}
    for index in order:
        if not _is_plain(body, index) or not bound.isdisjoint(body.nodes[index].operands):
            bound.add(index)
    return {i for i in order if i not in bound}


def _sums(loop: Loop, varying: set[int]) -> dict[int, tuple[int, bool]]:
    """Carries that add something to what they were, while nothing else looks at them."""
    body = loop.body
    uses: dict[int, list[int]] = {}
    for index, node in enumerate(body.nodes):
        for operand in node.operands:
            uses.setdefault(operand, []).append(index)
    found: dict[int, tuple[int, bool]] = {}
    for carry in range(loop.carries):
        output = body.outputs[carry]
        primitive, operands, _, shape = body.nodes[output]
        alone = uses.get(carry) == [output] and not uses.get(output)
        if not alone or shape or primitive is None or body.outputs.count(output) != 1:
            continue
        if primitive.name == "add" and carry in operands:
            added = operands[1] if operands[0] == carry else operands[0]
        elif primitive.name == "sub" and operands[0] == carry:
            added = operands[1]
        else:
            continue
        if added in varying and added >= body.inputs.count:
            found[carry] = added, primitive.name == "sub"
    return found


def _needed(body: Graph, wanted: Iterable[int], done: set[int]) -> set[int]:
    """These nodes, and those that they need, but for what is there."""
    found: set[int] = set()
    pending = [*wanted]
    while pending:
        index = pending.pop()
        if index in found or index in done or body.nodes[index].primitive is None:
            continue
        found.add(index)
        pending += body.nodes[index].operands
    return found
