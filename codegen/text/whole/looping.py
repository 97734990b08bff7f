"""What writes a graph with loops: each loop where the first of its results stands."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from autodiff.graph.loops.loop_nodes import LoopNodes, loops_of
from codegen.text.write import Writer

__all__ = ["LoopingWriter"]


class LoopingWriter(Writer, ABC):
    """Turns nodes into lines, loops among them (as ``Writer``)."""

    def write(self, order: Sequence[int], kept: dict[int, str], uses: Sequence[int]) -> None:
        """As ``Writer``; a loop is written where its first node stands."""
        loops, straight = loops_of(self.graph), []
        for index in order:
            group = loops.get(index)
            if group is None:
                straight.append(index)
                continue
            super().write(straight, kept, uses)
            straight = []
            if index not in self.texts:
                self.write_loop(group)
        super().write(straight, kept, uses)

    @abstractmethod
    def write_loop(self, group: LoopNodes) -> None:
        """Write a loop; its results have texts then."""

    def wish(self, index: int | None, name: str) -> str:
        """How the result of a loop is to be called: as the user calls it, else ``name``."""
        labels = getattr(self._naming, "labels", {})
        label = None if index is None else labels.get(index)
        return name if label is None else "_".join([label.base, *map(str, label.path)])

    def inlined(self, index: int) -> str:
        """Text of a node where it is used for the last time."""
        text = self.number(index)
        self._pending.pop(index, None)
        return text
