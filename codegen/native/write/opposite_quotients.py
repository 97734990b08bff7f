"""One division for a quotient and its opposite: ``-a / y`` is ``-(a / y)``, bit for bit.

In a batch divisions are what takes longest, and a sign costs nothing.
"""

from __future__ import annotations

from autodiff.graph.graph import Graph
from autodiff.graph.rebuild import Rebuild, live_nodes, rebuild
from autodiff.table.primitive import REGISTRY, Primitive

__all__ = ["opposite_quotients"]

_DIV, _NEG = REGISTRY["div"], REGISTRY["neg"]


def opposite_quotients(graph: Graph) -> Graph:
    """``graph`` with the later of two opposite quotients made from the earlier one.

    Where a dividend is nan so are both, whatever their signs.
    """
    live, constants = live_nodes(graph), graph.constants
    opposite = {
        index: operands[0] for index, primitive, operands in graph.operations() if primitive is _NEG
    }
    places: dict[tuple[object, int], int] = {}

    def key(index: int, sign: float) -> object:
        """What stands for a dividend, or for its opposite; None where that is not known.

        Zeros are left alone: as keys, both are equal.
        """
        value = constants.get(index)
        if value is not None:
            return sign * value or None
        if sign > 0.0:
            return "node", index
        return ("node", opposite[index]) if index in opposite else None

    def rule(
        walk: Rebuild, index: int, primitive: Primitive, operands: tuple[int, ...]
    ) -> int | None:
        if primitive is not _DIV:
            return None
        above, below = operands
        before = places.get((key(above, -1.0), below))
        if before is not None:
            return walk.add(_NEG, (before,))
        if (own := key(above, 1.0)) is not None:
            places[own, below] = index
        return None

    return rebuild(graph, rule, live)
