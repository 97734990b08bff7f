"""A loop over numbers as a ``for`` statement of Python's: floats inside, lists for what is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import LoopNodes
from codegen.language.if_blocks import if_blocks
from codegen.language.lines import INDENT
from codegen.language.naming import Names
from codegen.text.whole.loop_lines import goes_on, packed, repetitions, stack_wish
from codegen.text.whole.looping import LoopingWriter
from codegen.text.write import count_uses

__all__ = ["list_loop"]

_Writer = TypeVar("_Writer", bound=LoopingWriter)


def list_loop(
    writer: LoopingWriter,
    group: LoopNodes,
    names: Names,
    inside: Callable[[Graph, dict[int, str]], _Writer],
) -> tuple[list[str], _Writer]:
    """The lines of a loop, and what wrote its body; the names of its results are known then.

    Args:
        writer: What writes the graph.
        group: The loop.
        names: Identifiers of the file.
        inside: Makes what writes the body, from the texts of its inputs.
    """
    loop, members = group.loop, group.members
    given = [
        writer.inlined(i) if place < loop.carries and group.operands.count(i) == 1
        else writer.atom(i)
        for place, i in enumerate(group.operands)
    ]  # fmt: skip
    index = names.claim("i")
    wishes = [name for name, _ in loop.body.parameters]
    carried = [names.claim(writer.wish(members.get(k), wishes[k])) for k in range(loop.carries)]
    stacks = {
        k: names.claim(writer.wish(members.get(k), stack_wish(loop, k)))
        for k in range(loop.carries, loop.results)
    }
    texts = dict(enumerate(carried)) | {i: given[i] for i in loop.fixed_places}
    order = [i for i, node in enumerate(loop.body.nodes) if node.primitive is not None]
    uses = count_uses(loop.body, order)
    for output in loop.body.outputs:
        uses[output] += 1
    read: list[str] = []
    for i in loop.stream_places:
        element = f"{given[i]}[{index}]"
        if uses[i] > 1 or loop.body.nodes[i].shape:
            texts[i] = names.claim(wishes[i])
            read.append(f"{texts[i]} = {element}")
        else:
            texts[i] = element
    body = inside(loop.body, texts)
    blocks = if_blocks(loop.body, order, [order], loop.body.outputs)
    if blocks is None:
        body.write(order, {}, uses)
    else:
        body.write_block(blocks[0], {}, uses)
    stores = [
        f"{name}[{index}] = {body.inlined(loop.body.outputs[k])}" for k, name in stacks.items()
    ]
    for k, node in members.items():
        writer.texts[node] = carried[k] if k < loop.carries else stacks[k]
    empty = [
        (name, f"[{'[]' if loop.shape(k)[1:] else '0.0'}] * {loop.length}")
        for k, name in stacks.items()
    ]
    lines = [
        *packed(list(zip(carried, given[: loop.carries], strict=True))),
        *packed(empty),
        f"for {index} in {repetitions(loop)}:",
        *(INDENT + line for line in (*read, *body.lines, *stores, *goes_on(body, loop, carried))),
    ]
    return lines, body
