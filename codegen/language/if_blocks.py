"""Which nodes are computed on one side of a branch only, and in which blocks they are written.

The sides of the user's branches meet in ``where``.  A node that is needed on one side alone is put
into the block of that side, so that it is computed there and nowhere else; choices by one condition
share a block.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from autodiff.graph.graph import Graph
from codegen.passes.decided import Side, conditions_of, depth_of, is_choice, sides_of

__all__ = ["Block", "If", "if_blocks"]


@dataclass
class If:
    """An ``if`` with its sides.

    Attributes:
        condition: Its node.
        choices: The nodes that are something else on either side.
        then: What is computed where the condition holds.
        other: What is computed where it does not.
    """

    condition: int
    choices: list[int] = field(default_factory=list)
    then: Block = field(default_factory=list)
    other: Block = field(default_factory=list)


Block: TypeAlias = "list[int | If]"
_Key: TypeAlias = "tuple[Side | None, int]"  # where an ``if`` stands, and its condition


def if_blocks(
    graph: Graph, order: Sequence[int], parts: Sequence[Sequence[int]], kept: Collection[int]
) -> list[Block] | None:
    """The nodes of each part in blocks; None if the graph has no branch.

    Args:
        graph: The graph.
        order: All nodes that are written, operands first.
        parts: The same nodes in the parts that are written one after the other.
        kept: Those that must be computed on every path.
    """
    conditions = conditions_of(graph)
    if not conditions:
        return None
    sides = sides_of(graph, order, kept, conditions)
    return [_Blocks(graph, sides, conditions).of(part) for part in parts]


class _Blocks:
    """Puts nodes into blocks, in order; an ``if`` is written before the first use of a choice."""

    def __init__(
        self, graph: Graph, sides: dict[int, Side | None], conditions: Collection[int]
    ) -> None:
        self._graph, self._sides, self._conditions = graph, sides, conditions
        self._blocks: dict[Side | None, Block] = {None: []}
        self._open: dict[_Key, If] = {}
        self._opened_for: dict[int, _Key] = {}
        self._inside: dict[_Key, list[_Key]] = {}  # what is open on the sides of another

    def of(self, part: Sequence[int]) -> Block:
        """The nodes of a part, in blocks."""
        for index in part:
            side = self._sides[index]
            operands = self._graph.nodes[index].operands
            for operand in operands:
                if operand in self._opened_for:
                    self._close(self._opened_for[operand])
            if is_choice(self._graph, index, self._conditions, side):
                key = side, operands[0]
                if key not in self._open:
                    self._open[key] = If(operands[0])
                    if side is not None:
                        self._inside.setdefault((side.above, side.condition), []).append(key)
                self._open[key].choices.append(index)
                self._opened_for[index] = key
            else:
                self._block(side).append(index)
        for key in [*self._open]:
            self._close(key)
        return self._blocks.pop(None)

    def _block(self, side: Side | None) -> Block:
        return self._blocks.setdefault(side, [])

    def _close(self, key: _Key) -> None:
        """Write an ``if``, behind those inside it, which its sides need."""
        made = self._open.pop(key, None)
        if made is None:
            return
        above, condition = key
        for inner in self._inside.pop(key, ()):
            self._close(inner)
        depth = 1 + depth_of(above)
        made.then += self._blocks.pop(Side(above, condition, True, depth), [])
        made.other += self._blocks.pop(Side(above, condition, False, depth), [])
        for index in made.choices:
            del self._opened_for[index]
        self._block(above).append(made)
