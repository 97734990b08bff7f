"""A trace as arrays of numbers: its operations in order, what they are and what they take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from autodiff.graph.graph import Graph
from autodiff.graph.params import params_text
from autodiff.graph.typed_node import Node
from autodiff.origins.of_traces import Traced
from autodiff.origins.recorder import CALLED, INSIDE, UNKNOWN

__all__ = ["Family", "Operations"]

Integers = NDArray[np.int64]


class Family(NamedTuple):
    """Elements that differ in one number: those of an argument, or of one axis of an array."""

    source: int  # a part of the arguments, or a node of an array graph
    axis: int  # the axis; -1: elements are counted row by row
    key: tuple[tuple[int, ...], ...]  # the rest of the key


class Operations:
    """The operations of a graph.

    Args:
        graph: The graph; in one of scalars, equal nodes may stand in it several times.

    Attributes:
        nodes: The node of each operation.
        position: Per node, which operation it is; -1 for inputs, constants and elements.
        operands: Per operation the nodes it takes; -1 where there are no more.
        signs: Per operation a number: equal for what may be the same step of a loop.
        families: What elements belong to.
        family: Per node the number of its family; -1 for what is no element.
        element: Per node its number within the family.
        last_use: Per operation the last operation that takes it; their number for an output.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        count = len(graph.nodes)
        self.families: list[Family] = []
        self.family, self.element = np.full(count, -1), np.full(count, -1)
        self._find_elements()
        chosen = [
            i
            for i, (primitive, _, _, _) in enumerate(graph.nodes)
            if primitive is not None and self.family[i] < 0
        ]
        self.nodes = chosen
        self.position: Integers = np.full(count, -1)
        self.position[chosen] = np.arange(len(chosen))
        self.operands = self._operands()
        self.signs = self._signs()
        self.last_use = self._last_use()

    def __len__(self) -> int:
        return len(self.nodes)

    def node(self, place: int) -> Node:
        """The node of an operation."""
        return self.graph.nodes[self.nodes[place]]

    def _find_elements(self) -> None:
        graph, known = self.graph, {}  # type: ignore[var-annotated]
        if graph.expanded:
            for number, part in enumerate(graph.inputs.parts):
                self.families.append(Family(number, -1, ()))
                self.family[part.offset : part.offset + part.size] = number
                self.element[part.offset : part.offset + part.size] = np.arange(part.size)
            return
        for index, node in enumerate(graph.nodes):
            primitive, operands = node[:2]
            if primitive is None or primitive.name != "slice":
                continue
            if graph.nodes[operands[0]].primitive is not None:
                continue
            key = node.named["key"]
            single = [axis for axis, part in enumerate(key) if len(part) == 1]
            if len(single) != 1:
                continue
            axis = single[0]
            family = Family(operands[0], axis, (*key[:axis], *key[axis + 1 :]))
            number = known.setdefault(family, len(self.families))
            if number == len(self.families):
                self.families.append(family)
            self.family[index], self.element[index] = number, key[axis][0]

    def _operands(self) -> Integers:
        nodes = self.graph.nodes
        rows = [nodes[i][1] for i in self.nodes]
        width = max(map(len, rows), default=1)
        made: Integers = np.full((len(rows), width), -1)
        for length in set(map(len, rows)):
            which = [k for k, row in enumerate(rows) if len(row) == length]
            if length:
                made[which, :length] = [rows[k] for k in which]
        return made

    def _signs(self) -> Integers:
        marks = _marks(self.graph)
        numbers: dict[object, int] = {}
        signs = []
        for i in self.nodes:
            primitive, operands, params, shape = self.graph.nodes[i]
            text = params_text(params) if params else ""
            key = (primitive, len(operands), text, shape, marks.get(i, -1))
            signs.append(numbers.setdefault(key, len(numbers)))
        return np.array(signs, dtype=np.int64)

    def _last_use(self) -> Integers:
        users = np.repeat(np.arange(len(self.nodes)), self.operands.shape[1])
        taken = self.operands.ravel()
        there = taken >= 0
        places, users = self.position[taken[there]], users[there]
        last: Integers = np.full(len(self.nodes) + 1, -1)
        last[places] = users  # the last of equal places stays
        last[self.position[list(self.graph.outputs)]] = len(self.nodes)
        return last[:-1]


def _marks(graph: Graph) -> dict[int, int]:
    """Per node a number for the instruction of the user's that made it, however often."""
    origins = graph.origins
    if not isinstance(origins, Traced):
        return {}
    recording = origins.recording
    numbers: dict[object, int] = {}
    calls: list[int] = []
    for call in recording.calls:
        caller = calls[call.caller] if call.caller >= 0 else -1
        calls.append(numbers.setdefault((id(call.code), caller, call.offset), len(numbers)))
    return dict(zip(recording.nodes, _numbered(recording.marks, calls), strict=True))


def _numbered(marks: Sequence[int], calls: Sequence[int]) -> list[int]:
    mask = ~(CALLED | INSIDE) & 0xFFFFFFFF
    return [-1 if mark == UNKNOWN else (calls[mark >> 32] << 32) | (mark & mask) for mark in marks]
