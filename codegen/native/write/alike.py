"""Operations that are alike: where many terms have one form, one loop does each of their steps.

Straight code for a thousand equal terms is a thousand times as long as need be, and is compiled a
thousand times.  Operations of one primitive at one depth become the elements of a loop instead:
their results lie side by side in ``w``, and so, mostly, do their operands.  What is alike to little
else stays straight code between the loops.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from autodiff.graph.graph import Graph
from autodiff.table.primitive import Primitive
from codegen.native.form import vector_math

__all__ = ["Alike", "Loop", "Reading", "alike"]

FEW = 16  # operations that are not worth a loop
_MOST_STRAIGHT = 0.2  # share of operations outside loops
_MOST_TABLES = 0.6  # share of operands that lie neither side by side nor in one place


@dataclass(frozen=True)
class Reading:
    """Where a loop finds one operand of its operations.

    Args:
        node: The node, where it is one for all.
        first: The slot of the first, where they lie side by side.
        slots: The slot of each, where they do not.
    """

    node: int | None
    first: int
    slots: tuple[int, ...]


@dataclass(frozen=True)
class Loop:
    """Operations of one primitive.

    Args:
        primitive: The primitive; None: the operand itself, copied.
        count: How many.
        first: Slot of the first result.
        readings: Its operands.
    """

    primitive: Primitive | None
    count: int
    first: int
    readings: tuple[Reading, ...]


Step: TypeAlias = Loop | list[int]  # a list: operations in straight code


class Alike:
    """A graph as loops, and where its values lie in ``w``; see ``Slots``, which it stands in for.

    Attributes:
        steps: What is done, in order.
        literals: The numbers that lie in memory, from slot ``held`` on.
        places: Slots of a value; one each.
        copied: Outputs that straight code would have to copy: none.
        count: Number of slots.
    """

    def __init__(self, graph: Graph, order: Sequence[int]) -> None:
        self._graph, self.outputs = graph, graph.outputs
        self.first = graph.inputs.count
        self.copied: list[int] = []
        self.places: dict[int, list[int]] = {i: [i] for i in range(self.first)}
        self.held = self.first + len(graph.outputs)
        self.literals = _literals(graph, order)
        self.places |= {index: [self.held + k] for k, index in enumerate(self.literals)}
        self.count = self.held + len(self.literals)
        self.steps: list[Step] = []
        self.tables = self.readings = self.straight = 0
        waiting: list[int] = []  # straight code, put off until a loop may ask for it
        for groups, rest in _levels(graph, order):
            if groups and waiting:
                self.steps.append(waiting)
                waiting = []
            for members in groups:
                self.steps.append(self._loop(members))
            for index in rest:
                self._place([index])
            waiting += rest
            self.straight += len(rest)
        if waiting:
            self.steps.append(waiting)
        if graph.outputs:
            readings = (self._reading(graph.outputs),)
            self.steps.append(Loop(None, len(graph.outputs), self.first, readings))
        self.count += vector_math.lanes()  # registers read as far as they are long

    def _place(self, members: Sequence[int]) -> int:
        """Give the results slots side by side; the first."""
        first = self.count
        for offset, index in enumerate(members):
            self.places[index] = [first + offset]
        lanes = vector_math.lanes()
        self.count += len(members) if len(members) == 1 else -(-len(members) // lanes) * lanes
        return first

    def slot(self, index: int) -> int:
        """Where a value lies."""
        return self.places[index][0]

    def _loop(self, members: Sequence[int]) -> Loop:
        nodes = self._graph.nodes
        primitive, arity = nodes[members[0]].primitive, len(nodes[members[0]].operands)
        members = sorted(members, key=lambda i: [self.slot(j) for j in nodes[i].operands])
        readings = tuple(
            [self._reading([nodes[i].operands[k] for i in members]) for k in range(arity)]
        )
        return Loop(primitive, len(members), self._place(members), readings)

    def _reading(self, operands: Sequence[int]) -> Reading:
        self.readings += len(operands)
        if operands.count(operands[0]) == len(operands):
            return Reading(operands[0], 0, ())
        slots = [self.slot(index) for index in operands]
        if slots == list(range(slots[0], slots[0] + len(slots))):
            return Reading(None, slots[0], ())
        self.tables += len(operands)
        return Reading(None, 0, tuple(slots))

    @property
    def pays(self) -> bool:
        """True if loops take most of the work, mostly from where it lies side by side."""
        loops = sum(step.count for step in self.steps if isinstance(step, Loop) and step.primitive)
        return (
            loops > 0
            and self.straight <= _MOST_STRAIGHT * (loops + self.straight)
            and self.tables <= _MOST_TABLES * self.readings
        )


def alike(graph: Graph, order: Sequence[int]) -> Alike | None:
    """The loops that do these operations; None where straight code is as good.

    Args:
        graph: The graph.
        order: The operations, operands first.
    """
    found = Alike(graph, order)
    return found if found.pays else None


def _literals(graph: Graph, order: Sequence[int]) -> list[int]:
    """The numbers among the operands and outputs."""
    nodes, constants = graph.nodes, graph.constants
    read = [operand for index in order for operand in nodes[index][1] if operand in constants]
    return list(dict.fromkeys([*read, *(i for i in graph.outputs if i in constants)]))


def _levels(graph: Graph, order: Sequence[int]) -> Iterator[tuple[list[list[int]], list[int]]]:
    """Per depth: operations that are alike, and the others."""
    nodes = graph.nodes
    depth: dict[int, int] = {}
    levels: list[list[int]] = []
    for index in order:
        own = max((depth.get(i, 0) for i in nodes[index].operands), default=0)
        depth[index] = own + 1
        if own == len(levels):
            levels.append([])
        levels[own].append(index)
    for level in levels:
        groups, rest = _grouped(graph, level, by_number=True)
        more, rest = _grouped(graph, rest, by_number=False)
        yield groups + more, sorted(rest)


def _grouped(
    graph: Graph, level: Iterable[int], by_number: bool
) -> tuple[list[list[int]], list[int]]:
    """Operations of one primitive, with equal numbers among their operands if so asked."""
    groups: defaultdict[tuple[object, ...], list[int]] = defaultdict(list)
    nodes, constants = graph.nodes, graph.constants
    for index in level:
        primitive, operands, params, _ = nodes[index]
        assert primitive is not None
        numbers = tuple(
            [
                None if i not in constants else i if by_number or k in primitive.literal else -1
                for k, i in enumerate(operands)
            ]
        )
        groups[primitive, numbers, params].append(index)
    large = [members for members in groups.values() if len(members) >= FEW]
    small = [index for members in groups.values() if len(members) < FEW for index in members]
    return large, small
