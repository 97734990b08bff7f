"""Branches: which inputs an output depends on, where branches exclude each other.

What passes through ``where(c, x, y)`` passes under an assumption: that ``c`` holds, or that it does
not.  What would have to pass under both never passes: ``y`` and ``z`` do not interact in
``sin(where(c, y, z))``.  So a node has, besides the set of inputs that it may always depend on,
sets under assumptions; where there are too many, they are joined to the first, which is safe.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import TypeAlias

from autodiff.graph.graph import Graph
from autodiff.run.sparse.flow import Edge, Flow
from autodiff.table.primitive import REGISTRY

__all__ = ["rows_of"]

Assumption: TypeAlias = frozenset[tuple[int, bool]]  # truth of conditions, by their nodes
Sets: TypeAlias = dict[Assumption, int]

_ALWAYS: Assumption = frozenset()
_MOST = 32  # assumptions of one node, and conditions of one assumption
_DEEP = 8  # conditions made of conditions
_NOT, _AND, _OR = (REGISTRY[f"logical_{name}"] for name in ("not", "and", "or"))


def rows_of(graph: Graph, flow: Flow) -> list[int]:
    """Per output, the set of the inputs it depends on.

    Args:
        graph: The graph.
        flow: How derivatives by the inputs that count pass through it.
    """
    known: dict[int, Sets] = {}
    for place, index in enumerate(flow.inputs):
        sets = known.setdefault(index, {_ALWAYS: 0})
        sets[_ALWAYS] |= 1 << place
    wanted = dict.fromkeys(flow.outputs, 0)
    for index in wanted.keys() & known.keys():
        wanted[index] = known[index][_ALWAYS]
    last = flow.last_uses
    for index, edges in enumerate(flow.edges):
        if edges:
            sets = known[index] = _through(graph, edges, known)
            if index in wanted:
                wanted[index] = _union(sets)
            for operand in last.get(index, ()):
                del known[operand]
    return [wanted[index] for index in flow.outputs]


def _through(graph: Graph, edges: Sequence[Edge], known: dict[int, Sets]) -> Sets:
    """The sets of a node, from those of its operands."""
    if len(edges) == 1 and edges[0].guard is None:
        return known[edges[0].operand]
    found: Sets = {_ALWAYS: 0}
    for edge in edges:
        sets = known[edge.operand]
        if edge.guard is None and len(sets) == 1:  # as nearly everywhere
            found[_ALWAYS] |= sets[_ALWAYS]
            continue
        for assumption, bits in sets.items():
            both = assumption if edge.guard is None else _together(graph, assumption, edge.guard)
            if both is not None:
                found[both] = found.get(both, 0) | bits
    return found if len(found) == 1 else _simpler(found)


def _together(graph: Graph, assumption: Assumption, guard: tuple[int, bool]) -> Assumption | None:
    """What holds under both; None if nothing can."""
    both = assumption | _implied(graph, guard)
    if any(_denied(graph, literal, both) for literal in both):
        return None
    if len(both) > _MOST:
        return frozenset(sorted(both)[-_MOST:])
    return both


def _denied(graph: Graph, literal: tuple[int, bool], assumption: Assumption) -> bool:
    """True if a condition cannot have this truth under an assumption."""
    index, truth = literal
    return (index, not truth) in assumption or (
        _made(graph, index, assumption, _DEEP) is (not truth)
    )


def _exclude(literals: Assumption) -> bool:
    """True if these exclude each other."""
    return any((condition, not truth) in literals for condition, truth in literals)


def _truth(graph: Graph, index: int, assumption: Assumption, deep: int) -> bool | None:
    """The truth of a condition under an assumption; None if it is not known."""
    if (index, True) in assumption:
        return True
    return False if (index, False) in assumption else _made(graph, index, assumption, deep - 1)


def _made(graph: Graph, index: int, assumption: Assumption, deep: int) -> bool | None:
    """The truth of a condition that is made of others, from theirs."""
    primitive, operands = graph.nodes[index][:2]
    if deep == 0 or primitive not in (_NOT, _AND, _OR):
        return None
    truths = [_truth(graph, operand, assumption, deep) for operand in operands]
    if primitive is _NOT:
        return None if truths[0] is None else not truths[0]
    deciding = primitive is _OR
    if deciding in truths or _exclude(_implied(graph, (index, not deciding))):
        return deciding
    return None if None in truths else not deciding


def _implied(graph: Graph, guard: tuple[int, bool]) -> Assumption:
    """What is true of conditions where this is."""
    found: set[tuple[int, bool]] = set()
    waiting = [guard]
    while waiting and len(found) < _MOST:
        index, truth = waiting.pop()
        primitive, operands = graph.nodes[index][:2]
        if primitive is _NOT:
            waiting.append((operands[0], not truth))
        elif primitive is (_AND if truth else _OR):
            waiting += [(i, truth) for i in operands]
        else:
            found.add((index, truth))
    return frozenset(found)


def _simpler(sets: Sets) -> Sets:
    """Without what is said twice."""
    for assumption in list(sets):
        for literal in assumption:  # what passes under a condition and its opposite always does
            opposite = sets.get(assumption ^ {literal, (literal[0], not literal[1])}, 0)
            common = sets[assumption] & opposite
            if common:
                rest = assumption - {literal}
                sets[rest] = sets.get(rest, 0) | common
    kept: Sets = {_ALWAYS: 0}
    for assumption in sorted(sets, key=len):
        wider = [bits for other, bits in kept.items() if other <= assumption]
        bits = sets[assumption] & ~reduce(or_, wider, 0)
        if bits:
            kept[assumption] = bits
    return kept if len(kept) <= _MOST else {_ALWAYS: _union(kept)}


def _union(sets: Sets) -> int:
    return reduce(or_, sets.values(), 0)
