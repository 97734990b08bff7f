"""Which repetitions of a loop are run over residues, and which each of them stands for.

All repetitions are the same text, in which the variable of the loop is an index and nothing else.
So the first and the last are run: what the text would be for a loop of these two hands carries on
once, and both ends of its range are seen.  A loop of another length must not look like that: the
lengths are those of the graph, and the longer a loop is among them, the more repetitions are run.
"""

from __future__ import annotations

from collections.abc import Iterable

from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import loops_of

__all__ = ["Repetitions", "lengths_in"]


class Repetitions:
    """The loops of a graph, by their lengths.

    Args:
        lengths: Of all its loops.
    """

    def __init__(self, lengths: Iterable[int] = ()) -> None:
        self._ranks = {length: rank for rank, length in enumerate(sorted({*lengths}))}

    def visited(self, length: int) -> tuple[int, ...]:
        """The repetitions that are run: as many for no two lengths.

        Raises:
            TypeError: if no loop of the graph has this length.
        """
        rank = self._ranks.get(length)
        if rank is None:
            raise TypeError(f"{length} repetitions, of which the function has no loop")
        return tuple(sorted({*range(min(length, rank + 1)), length - 1} & {*range(length)}))

    def stood_for(self, place: int, length: int) -> slice:
        """The repetitions that one stands for, where what they give is stored.

        So what is stored by a loop has no zeros that the loop would not give.
        """
        visited = self.visited(length)
        if place not in visited:
            return slice(place, place + 1) if place else slice(0, length)
        if len(visited) == 1:
            return slice(0, length)
        *before, last = visited
        half = (before[-1] + last + 1) // 2
        if place == last:
            return slice(half, length)
        return slice(place, half if place == before[-1] else place + 1)


def lengths_in(graph: Graph) -> frozenset[int]:
    """The lengths of all loops of a graph, and of the loops inside them."""
    found, waiting = set[int](), [graph]
    while waiting:
        loops = {id(group): group.loop for group in loops_of(waiting.pop()).values()}.values()
        found |= {loop.length for loop in loops}
        waiting += [loop.body for loop in loops]
    return frozenset(found)
