"""Which repetitions of a loop are run over residues, and which each of them stands for.

All repetitions are the same text, in which the variable of the loop is an index and nothing else.
So the first and the last are run, and one between them that nobody can foresee: what the text would
be for a loop of these hands carries on, both ends of its range are seen, and data that were wrong
in its middle would be met.  A loop of another length must not look like that: the lengths are those
of the graph, and the longer a loop is among them, the more repetitions are run.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from random import SystemRandom

from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import loops_of

__all__ = ["Repetitions", "lengths_in"]


class Repetitions:
    """The loops of a graph, by their lengths.

    Args:
        lengths: Of all its loops.
    """

    def __init__(self, lengths: Iterable[int] = ()) -> None:
        draw, ordered = SystemRandom(), enumerate(sorted({*lengths}))
        self._visited = {length: _some(length, rank + 1, draw) for rank, length in ordered}

    def visited(self, length: int) -> tuple[int, ...]:
        """The repetitions that are run: as many for no two lengths.

        Raises:
            TypeError: if no loop of the graph has this length.
        """
        found = self._visited.get(length)
        if found is None:
            raise TypeError(f"{length} repetitions, of which the function has no loop")
        return found

    def stood_for(self, place: int, length: int) -> slice:
        """The repetitions that one stands for, where what they give is stored: those nearest to it.

        So what is stored by a loop has no zeros that the loop would not give.
        """
        visited = self.visited(length)
        if place not in visited:
            return slice(place, place + 1) if place else slice(0, length)
        middles = [(one + other + 1) // 2 for one, other in pairwise(visited)]
        index = visited.index(place)
        return slice([0, *middles][index], [*middles, length][index])


def _some(length: int, first: int, draw: SystemRandom) -> tuple[int, ...]:
    """The first repetitions, the last, and one drawn between them."""
    ends = {*range(min(length, first)), length - 1} & {*range(length)}
    between = range(first, length - 1)
    return tuple(sorted(ends | {draw.choice(between)} if between else ends))


def lengths_in(graph: Graph) -> frozenset[int]:
    """The lengths of all loops of a graph, and of the loops inside them."""
    found, waiting = set[int](), [graph]
    while waiting:
        loops = {id(group): group.loop for group in loops_of(waiting.pop()).values()}.values()
        found |= {loop.length for loop in loops}
        waiting += [loop.body for loop in loops]
    return frozenset(found)
