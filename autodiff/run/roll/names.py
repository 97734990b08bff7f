"""How the nodes of a rolled graph are called, and where they come from in the user's code.

One repetition stands for all: only its nodes are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from autodiff.graph.graph import Graph
from autodiff.graph.loops.body_inputs import parts_named
from autodiff.graph.structure import Structure
from autodiff.graph.typed_node import Shape
from autodiff.origins.bytecode import Place
from autodiff.origins.of_traces import Traced
from autodiff.origins.origin import Label, Origins, Stored
from autodiff.run.roll.in_numbers import Operations

__all__ = ["Names"]


class Names:
    """Names of nodes, old and new.

    Args:
        graph: The old graph.
        operations: Its operations.
    """

    def __init__(self, graph: Graph, operations: Operations) -> None:
        self._graph, self._operations = graph, operations
        self._old: dict[int, int] = {}  # a node of the new graph -> one of the old
        self._texts: dict[int, str] = {}
        self._known: dict[int, Label | None] = {}

    def became(self, new: int, old: int) -> None:
        """Note where a new node comes from."""
        self._old.setdefault(new, old)

    def call(self, new: int, name: str) -> None:
        """Say how a new node is called."""
        self._texts.setdefault(new, name)

    @cached_property
    def _origins(self) -> Origins | None:
        return self._graph.origins

    def label(self, old: int) -> Label | None:
        """The user's name for an old node."""
        if old not in self._known:
            origins = self._origins
            if isinstance(origins, Traced):
                self._known[old] = origins.label_of(old)
            else:
                self._known[old] = None if origins is None else origins.labels.get(old)
        return self._known[old]

    def of(self, old: int) -> str:
        """What an old node is called, "" if it has no name."""
        if old < self._graph.inputs.count:
            return self._graph.inputs.node_names[old]
        label = self.label(old)
        return "" if label is None else "_".join([label.base, *map(str, label.path)])

    def new(self, index: int) -> str:
        """What a new node is called."""
        if index in self._old:
            return self.of(self._old[index])
        if index in self._texts:
            return self._texts[index]
        parts = self._graph.inputs.parts
        return parts[index].name if index < len(parts) else ""

    def parameters(self, wishes: Iterable[tuple[str, Shape]]) -> list[tuple[str, Structure]]:
        """Parameters of a body with names that differ."""
        pairs = list(wishes)
        return parts_named([name for name, _ in pairs], [shape for _, shape in pairs])

    def stored(self, old: Mapping[int, int], count: int) -> Stored | None:
        """Origins of a graph whose nodes come from old ones."""
        origins = self._origins
        if origins is None:
            return None
        labels = {new: found for new, one in old.items() if (found := self.label(one)) is not None}
        places = {new: origins.place(one) for new, one in old.items()}
        table: list[Place] = list(dict.fromkeys(p for p in places.values() if p is not None))
        number = {place: k for k, place in enumerate(table)}
        numbers = [-1] * count
        for new, place in places.items():
            if place is not None:
                numbers[new] = number[place]
        sources: list[int | None] = list(range(count))
        return Stored(labels, {}, table, numbers, sources, origins.spellings, origins.home, set())

    def origins(self) -> Stored | None:
        """Origins of the new graph."""
        return self.stored(self._old, max(self._old, default=-1) + 1)
