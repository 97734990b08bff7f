"""Ways: of those that lead to the entries of a sparse matrix, the one of the fewest operations.

Of a small graph each way is gone on a copy, and what it needs is counted: equal operations are one
there, and those on 1 are none, which no estimate knows.  Of a large one the estimates decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import compress

from autodiff.graph.typed_node import Node
from autodiff.run.derive.extension import Extension
from autodiff.run.sparse.crossing import Entry, entries
from autodiff.run.sparse.flow import Flow
from autodiff.run.sparse.plan import plans
from autodiff.table.primitive import REGISTRY, Primitive
from autodiff.trace.placeholder import Tracer

__all__ = ["Way", "crossings", "fewest"]

_NEG, _MUL = REGISTRY["neg"], REGISTRY["mul"]
_CHOICES = tuple(REGISTRY[name] for name in ("where", "logical_and", "logical_or"))
_SIGNS = (1.0, -1.0)
_SMALL = 1_000  # nodes of a graph on which every way is tried
_MIDDLING = 3_000  # and of one on which those are whose estimates are near the least
_NEAR = 1.25


@dataclass(frozen=True)
class Way:
    """A way to the entries of a sparse matrix.

    Args:
        entries: Makes them, in an extension of the graph.
        work: The operations that it takes, as estimated; None if nobody knows.
    """

    entries: Callable[[Extension], Iterable[Entry]]
    work: int | None = None


def crossings(flow: Flow, ranks: Sequence[int] | None = None) -> list[Way]:
    """The ways of the plans; ``ranks`` as in ``Plan``."""
    return [Way(partial(entries, flow=flow, plan=one), one.work) for one in plans(flow, ranks)]


def fewest(extension: Extension, ways: Sequence[Way]) -> Iterable[Entry]:
    """The entries by the way of the fewest operations, the first of equals."""
    graph = extension.graph
    size, known = len(graph.nodes), [way for way in ways if way.work is not None]
    best = min(known, key=lambda way: way.work or 0)
    if size > _MIDDLING:
        return best.entries(extension)
    if size > _SMALL:
        ways = [way for way in known if (way.work or 0) <= _NEAR * (best.work or 0)]
    if len(ways) == 1:
        return ways[0].entries(extension)
    counts = [_needed(Extension(graph), way) for way in ways]
    return ways[counts.index(min(counts))].entries(extension)


def _needed(extension: Extension, way: Way) -> int:
    """How many operations a way needs, those of the graph included."""
    values = [entry.value for entry in way.entries(extension)]
    nodes = extension.builder.nodes
    needed = bytearray(len(nodes))
    for value in values:
        if isinstance(value, Tracer):
            needed[value.index] = 1
    for index in range(len(nodes) - 1, -1, -1):
        if needed[index]:
            for operand in nodes[index].operands:
                needed[operand] = 1
    return _operations(nodes, needed)


def _operations(nodes: Sequence[Node], needed: bytearray) -> int:
    """How many different operations these are, after what every pass drops."""
    meant = list(range(len(nodes)))
    numbers = bytearray(node.value is not None for node in nodes)
    known: dict[object, int] = {}
    for index in compress(range(len(nodes)), needed):
        primitive, operands = nodes[index][:2]
        if primitive is None:
            continue
        places = [meant[i] for i in operands]
        if all(numbers[i] for i in places):  # it is folded
            numbers[index] = 1
            continue
        same = _same_as(primitive, places, nodes)
        if same is None:
            key = primitive, tuple(sorted(places) if primitive.commutative else places)
            same = known.setdefault(key, index)
        meant[index] = same
    return len(known)


def _same_as(primitive: Primitive, places: Sequence[int], nodes: Sequence[Node]) -> int | None:
    """The operand that an operation gives, but for a sign, which goes into what is behind it."""
    if primitive is _NEG:
        return places[0]
    if primitive is _MUL:
        others = [i for i in places if nodes[i].value not in _SIGNS]
        return others[0] if len(others) == 1 else None
    if primitive in _CHOICES and places[-1] == places[-2]:
        return places[-1]
    return None
