"""Arrays that a loop carries and changes where they lie: which nodes write there, and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from autodiff.graph.graph import Graph
from autodiff.graph.loops.ending import switch_of, taken
from autodiff.graph.loops.in_place import changes_in, leading_to
from autodiff.graph.loops.loop_nodes import Loop

__all__ = ["NOTHING", "Changing", "changing_in"]


class Changing(NamedTuple):
    """What the lowering of a body has to know.

    Args:
        writers: The nodes that change an array in place.
        apart: Parts of such arrays that are copied, since they are read later.
        settled: Nodes that choose between what changed and what was, by what changed: the loop
            leaves a repetition that does nothing before anything is written.
        first: Nodes that come before all others.
        switch: Whether a repetition does anything; None if all do, or nothing changes in place.
    """

    writers: frozenset[int] = frozenset()
    apart: frozenset[int] = frozenset()
    settled: Mapping[int, int] = MappingProxyType({})
    first: Sequence[int] = ()
    switch: int | None = None

    def in_order(self, graph: Graph) -> list[int]:
        """The nodes of the body behind its inputs, in the order in which they are computed."""
        inside, before = range(graph.inputs.count, len(graph.nodes)), {*self.first}
        return [*self.first, *(i for i in inside if i not in before)]


NOTHING = Changing()


def changing_in(loop: Loop) -> Changing:
    """How the body of a loop changes what it carries in place."""
    changes = changes_in(loop)
    body, switch = loop.body, switch_of(loop)
    several = {k: one for k, one in changes.items() if body.nodes[k].shape not in ((), (1,))}
    if not several:
        return NOTHING
    writers = frozenset(i for one in several.values() for i in one.writers)
    apart = frozenset(i for one in several.values() for i in one.apart)
    if switch is None:
        return Changing(writers, apart)
    done = taken(loop).body
    settled = {body.outputs[k]: done.outputs[k] for k in several}
    kept = [
        output
        for output, inside in zip(body.outputs, done.outputs, strict=True)
        if inside in several and output not in settled
    ]
    numbers = [i for i, node in enumerate(body.nodes) if node.primitive is None]
    first = [i for i in numbers if i >= body.inputs.count]
    first += [*sorted(leading_to(body, switch)), *dict.fromkeys(kept)]
    return Changing(writers, apart, settled, first, switch)
