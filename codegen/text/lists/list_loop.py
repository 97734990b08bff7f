"""A loop over numbers as a ``for`` statement of Python's: floats inside, lists for what is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import LoopNodes, loops_of
from codegen.language.if_blocks import if_blocks
from codegen.language.naming import Names
from codegen.text.whole.early_end import early_end, whole_loop
from codegen.text.whole.loop_lines import goes_on, packed, repeated
from codegen.text.whole.looping import LoopingWriter
from codegen.text.whole.named_loop import NamedLoop

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
    end = early_end(group.loop)
    if any(group.loop.shape(k)[1:] for k in range(group.loop.carries, group.loop.results)):
        end = whole_loop(group.loop)  # what is not filled would be no list of zeros
    loop, order = end.loop, end.rest
    parts = NamedLoop(writer, group, names, end)
    texts = dict(enumerate(parts.carried)) | {i: parts.given[i] for i in loop.fixed_places}
    uses = parts.uses()
    read = parts.read(uses, texts)
    body = inside(loop.body, texts)
    read = parts.write_first(body, uses, read)
    blocks = if_blocks(loop.body, order, [order], [*loop.body.outputs, *loops_of(loop.body)])
    if blocks is None:
        body.write(order, {}, uses)
    else:
        body.write_block(blocks[0], {}, uses)
    stores = parts.stored(body)
    parts.name_results()
    empty = [
        (name, f"[{'[]' if loop.shape(k)[1:] else '0.0'}] * {loop.length}")
        for k, name in parts.stacks.items()
    ]
    again = goes_on(body, loop, parts.carried)
    lines = [
        *packed(list(zip(parts.carried, parts.begun, strict=True))),
        *packed(empty),
        *repeated(parts.index, loop, (*read, *body.lines, *stores, *again)),
    ]
    return lines, body
