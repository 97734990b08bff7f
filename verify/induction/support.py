"""Support: conditions without which a node is zero.

``s + b if d else s`` with ``s = a if c else 0`` is zero where neither c nor d holds.  So what the
union of the two lets through is that node itself, and so it goes for longer sums and for products
of them: no proof has to take a union of many conditions apart.
"""

from __future__ import annotations

from collections.abc import Sequence

from verify.induction.nodes import Nodes

__all__ = ["Support"]

_UNIONS, _PARTS = 4, 8  # remembered of a node, and looked at of a condition


class Support:
    """Unions of conditions outside of which nodes are zero.

    A union is a condition's place, or a number below zero for the union of two.

    Args:
        nodes: The table.
    """

    def __init__(self, nodes: Nodes) -> None:
        self._nodes = nodes
        self._known: dict[int, tuple[int, ...]] = {}  # node -> unions
        self._joined: dict[frozenset[int], int] = {}
        self._unions: dict[int, int] = {}  # condition -> the union that it is

    def of(self, node: int) -> tuple[int, ...]:
        """Unions outside each of which a node is zero."""
        return self._known.get(node, ())

    def note(self, node: int, unions: Sequence[int]) -> None:
        """A node is zero outside each of some unions."""
        if unions and self._nodes.value(node) is None:
            self._known[node] = tuple(dict.fromkeys((*self.of(node), *unions)))[:_UNIONS]

    def joined(self, one: int, other: int) -> int:
        """The union of two."""
        if one == other:
            return one
        return self._joined.setdefault(frozenset((one, other)), -1 - len(self._joined))

    def union_of(self, condition: int) -> int:
        """The union that a condition is; itself if it is none."""
        return self._unions.get(condition, condition)

    def note_union(self, condition: int, one: int, other: int) -> None:
        """A condition holds unless two others hold: it is the union of their opposites."""
        if condition not in self._unions:
            unions = [self.union_of(self._opposite(i)) for i in (one, other)]
            self._unions[condition] = self.joined(*unions)

    def _opposite(self, condition: int) -> int:
        operation, *places = self._nodes.made[condition]
        return int(places[0]) if operation == "not" else self._nodes.condition("not", condition)

    def left_to_ask(self, condition: int, node: int) -> list[int]:
        """The parts of a condition that a node does not depend on already."""
        known = self.of(node)
        if not known or not self._nodes.is_finite(node):
            return [condition]
        parts, left = [condition], list[int]()
        while parts:
            part = parts.pop()
            operation, *inside = self._nodes.made[part]
            if self.union_of(part) in known:
                continue
            if operation == "and" and len(parts) < _PARTS:
                parts += inside
            else:
                left.append(part)
        return left
