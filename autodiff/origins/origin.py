"""Origins: where the nodes of a graph come from in the user's code, and what they are called there.

``Graph.origin(i)`` asks.  A trace leaves marks (``recorder.py``), a transform says whose cotangent
or tangent a new node is (``Extended``), a pass where nodes moved (``Moved``).  Everything is worked
out when it is asked for, so code that never asks pays for the marks alone.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple, TypeAlias

from autodiff.origins.bytecode import Place

__all__ = [
    "Extended",
    "Label",
    "Origin",
    "Origins",
    "Refusal",
    "Role",
    "Stored",
    "moved",
    "new_tuple",
]


class Origin(NamedTuple):
    """Where a node comes from."""

    file: str
    line: int
    column: int  # from 0
    function: str
    name: str  # d1, t[0], d1_bar (the cotangent of d1); "" if the user gave none


# Conditions, each with whether it holds, and what the function raises where all are so.
Refusal: TypeAlias = tuple[tuple[tuple[int, bool], ...], Exception]


class Label(NamedTuple):
    """A name of the user's for a node."""

    base: str
    path: tuple[int, ...]  # place in the array or tuple that has the name
    event: int  # elements of one array have one event
    strength: int  # 0: a variable; 1: a function's result; 2: a parameter of a function called


class Role(NamedTuple):
    """What a node of a derivative is: the cotangent (``bar``) or tangent (``dot``) of a value."""

    of: int  # the value's node
    suffix: str


class Origins:
    """Where the nodes of one graph come from."""

    @property
    def labels(self) -> dict[int, Label]:
        """Names by node."""
        raise NotImplementedError

    @property
    def roles(self) -> dict[int, Role]:
        """Cotangents and tangents by node."""
        raise NotImplementedError

    def place(self, index: int) -> Place | None:
        """The piece of source that computes node ``index``, or the value it is a derivative of."""
        raise NotImplementedError

    def source(self, index: int) -> int | None:
        """Node of the function whose derivative rule made node ``index``; itself if none did."""
        raise NotImplementedError

    @property
    def spellings(self) -> dict[float, str]:
        """How the user wrote literals."""
        raise NotImplementedError

    def is_derivative(self, index: int) -> bool:
        """True for a node that a derivative rule made."""
        raise NotImplementedError

    @property
    def conditions(self) -> frozenset[int]:
        """The nodes that a branch of the user's asks for: ``x > 0`` in ``if x > 0``."""
        return frozenset()

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """Where the user's function raises; its value there is nan."""
        return ()

    @property
    def home(self) -> str:
        """The file of the traced function."""
        raise NotImplementedError

    def name(self, index: int, inputs: Sequence[str]) -> str:
        """Name of node ``index``, "" if there is none."""
        suffix = ""
        while index >= len(inputs):
            label, role = self.labels.get(index), self.roles.get(index)
            if label is not None:
                return label.base + "".join(f"[{i}]" for i in label.path) + suffix
            if role is None:
                return ""
            index, suffix = role.of, f"_{role.suffix}{suffix}"
        return inputs[index] + suffix

    def origin(self, index: int, inputs: Sequence[str]) -> Origin | None:
        """What ``Graph.origin`` answers."""
        place, name = self.place(index), self.name(index, inputs)
        if place is None:
            return Origin("", 0, 0, "", name) if name else None
        return Origin(place.file, place.line, max(place.column, 0), place.function, name)

    def stored(self, nodes: int) -> Stored:
        """All answers about a graph of so many nodes, as plain data that pickles."""
        places = [self.place(i) for i in range(nodes)]
        table = list(dict.fromkeys(p for p in places if p is not None))
        number = {p: i for i, p in enumerate(table)}
        return Stored(
            dict(self.labels), dict(self.roles), table,
            [-1 if p is None else number[p] for p in places],
            [self.source(i) for i in range(nodes)], dict(self.spellings), self.home,
            {i for i in range(nodes) if self.is_derivative(i)}, self.conditions, self.refusals,
        )  # fmt: skip


class Stored(Origins):
    """Answers kept as they are."""

    def __init__(
        self,
        labels: dict[int, Label],
        roles: dict[int, Role],
        table: list[Place],
        numbers: list[int],
        sources: list[int | None],
        spellings: dict[float, str],
        home: str,
        derivatives: set[int],
        conditions: frozenset[int] = frozenset(),
        refusals: tuple[Refusal, ...] = (),
    ) -> None:
        self._conditions, self._refusals = conditions, refusals
        self._home, self._derivatives = home, derivatives
        self._labels, self._roles, self._spellings = labels, roles, spellings
        self._table, self._numbers, self._sources = table, numbers, sources

    @property
    def labels(self) -> dict[int, Label]:
        """As kept."""
        return self._labels

    @property
    def roles(self) -> dict[int, Role]:
        """As kept."""
        return self._roles

    @property
    def spellings(self) -> dict[float, str]:
        """As kept."""
        return self._spellings

    def is_derivative(self, index: int) -> bool:
        """As kept."""
        return index in self._derivatives

    @property
    def conditions(self) -> frozenset[int]:
        """As kept."""
        return self._conditions

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """As kept."""
        return self._refusals

    @property
    def home(self) -> str:
        """As kept."""
        return self._home

    def place(self, index: int) -> Place | None:
        """As kept."""
        number = self._numbers[index] if index < len(self._numbers) else -1
        return self._table[number] if number >= 0 else None

    def source(self, index: int) -> int | None:
        """As kept."""
        return self._sources[index] if index < len(self._sources) else None


new_tuple = tuple.__new__  # a third of the time of Label(...)


class Extended(Origins):
    """Origins of a graph that a transform extends.

    Args:
        base: Origins of that graph.
        count: Number of its nodes.
    """

    def __init__(self, base: Origins | None, count: int) -> None:
        self.base, self.count = base, count
        self._starts: list[tuple[int, int]] = []  # first new node, the node it was made for
        self._whole: list[tuple[int, int, str]] = []  # derivative, of which node, suffix

    def swept(self, suffix: str, steps: Sequence[tuple[int, int, object]]) -> None:
        """A sweep: per step the number of nodes before it, the value's node, its derivative."""
        self._starts += [(first, of) for first, of, _ in steps]
        indices = [(getattr(x, "index", None), of) for _, of, x in steps]
        self._whole += [(index, of, suffix) for index, of in indices if type(index) is int]

    @property
    def labels(self) -> dict[int, Label]:
        """Those of the extended graph."""
        return {} if self.base is None else self.base.labels

    @cached_property
    def roles(self) -> dict[int, Role]:
        """Those of the extended graph, and the new nodes'."""
        roles = {} if self.base is None else dict(self.base.roles)
        named = self.labels
        for node, of, suffix in self._whole:
            present = roles.get(node)
            # One node may be the cotangent of several values: a named one is preferred.
            if node >= self.count and (
                present is None or (present.of not in named and of in named)
            ):
                roles[node] = new_tuple(Role, (of, suffix))
        return roles

    def source(self, index: int) -> int | None:
        """The node whose rule made it."""
        if index < self.count:
            return index if self.base is None else self.base.source(index)
        at = bisect_right(self._starts, (index, self.count)) - 1
        made_for = self._starts[at][1] if at >= 0 else -1
        return self.source(made_for) if made_for >= 0 else None

    def place(self, index: int) -> Place | None:
        """The place of the value whose rule made the node."""
        source = self.source(index)
        return None if source is None or self.base is None else self.base.place(source)

    def is_derivative(self, index: int) -> bool:
        """Every new node is."""
        return index >= self.count or (self.base is not None and self.base.is_derivative(index))

    @property
    def conditions(self) -> frozenset[int]:
        """Those of the extended graph."""
        return frozenset() if self.base is None else self.base.conditions

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """Those of the extended graph."""
        return () if self.base is None else self.base.refusals

    @property
    def home(self) -> str:
        """That of the extended graph."""
        return "" if self.base is None else self.base.home

    @property
    def spellings(self) -> dict[float, str]:
        """Those of the extended graph."""
        return {} if self.base is None else self.base.spellings


class _Moved(Origins):
    """Origins of a graph that a pass built anew."""

    def __init__(self, base: Origins, new: Sequence[object]) -> None:
        self._base, self._new = base, new

    def _at(self, old: int) -> int:
        new = self._new[old] if old < len(self._new) else -1
        return new if type(new) is int else -1

    @cached_property
    def labels(self) -> dict[int, Label]:
        """Of several nodes that became one, the strongest and first name stays."""
        labels: dict[int, Label] = {}
        for old, label in self._base.labels.items():
            new = self._at(old)
            present = labels.get(new)
            if new >= 0 and (present is None or label.strength < present.strength):
                labels[new] = label
        return labels

    @cached_property
    def roles(self) -> dict[int, Role]:
        """The roles of nodes that are still there."""
        roles: dict[int, Role] = {}
        moved_to = self._new
        for old, (of_old, suffix) in self._base.roles.items():
            new, of = moved_to[old], moved_to[of_old]
            if type(new) is int and type(of) is int and new > of >= 0 and new not in roles:
                roles[new] = new_tuple(Role, (of, suffix))
        return roles

    @cached_property
    def _old(self) -> list[int]:
        """New node -> the old one it was made for."""
        old: list[int] = []
        for index, new in enumerate(self._new):
            if type(new) is int and new >= len(old):
                old += [index] * (new + 1 - len(old))
        return old

    def source(self, index: int) -> int | None:
        """The source, if it is still there."""
        source = self._base.source(self._old[index]) if index < len(self._old) else None
        new = -1 if source is None else self._at(source)
        return new if new >= 0 else None

    def place(self, index: int) -> Place | None:
        """The place of the old node."""
        return self._base.place(self._old[index]) if index < len(self._old) else None

    def is_derivative(self, index: int) -> bool:
        """As the old node."""
        return index < len(self._old) and self._base.is_derivative(self._old[index])

    @cached_property
    def conditions(self) -> frozenset[int]:
        """Those that are still there."""
        return frozenset(new for old in self._base.conditions if (new := self._at(old)) >= 0)

    @cached_property
    def refusals(self) -> tuple[Refusal, ...]:
        """Those whose conditions are still there."""
        ways = [
            (tuple((self._at(i), holds) for i, holds in way), error)
            for way, error in self._base.refusals
        ]
        return tuple((way, error) for way, error in ways if min(way)[0] >= 0)

    @property
    def home(self) -> str:
        """Unchanged."""
        return self._base.home

    @property
    def spellings(self) -> dict[float, str]:
        """Unchanged."""
        return self._base.spellings


def moved(origins: Origins | None, new: Sequence[object]) -> Origins | None:
    """Origins of a graph in which node ``i`` of another became node ``new[i]``.

    An entry that is no int, or below 0, says that the node is gone.
    """
    return None if origins is None else _Moved(origins, new)
