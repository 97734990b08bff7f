"""Traces that stop where they become large."""

from __future__ import annotations

from collections.abc import Iterable

from autodiff.graph.typed_node import Node

__all__ = ["LargeTraceError", "Limited"]


class LargeTraceError(BaseException):
    """A trace has more nodes than were wanted.

    It is no ``Exception``: the user's code must not swallow it.
    """


class Limited(list[Node]):
    """The nodes of a trace, up to a number of them.

    Args:
        nodes: The first of them.
        limit: How many there may be.
    """

    def __init__(self, nodes: Iterable[Node], limit: int) -> None:
        super().__init__(nodes)
        self._limit = limit + len(self)

    def append(self, node: Node) -> None:
        """Add a node.

        Raises:
            LargeTraceError: if it is one too many.
        """
        if len(self) >= self._limit:
            raise LargeTraceError
        super().append(node)
