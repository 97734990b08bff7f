"""Structures: how a value is built from floats, printed as part of the IR text::

    float   float[2,3]   None   (float, float[2])   [float, float]   {"w": float[3], 7: float}
    models:Point(x: float, y: float)   sparse[2,3](rows 0 2; 1)

The last but one is a dataclass or a named tuple, the last the entries of a sparse matrix.
``tree.py`` goes between values and their floats.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Self, TypeAlias, TypeVar

import numpy as np

from autodiff.graph.pattern import Pattern

__all__ = [
    "NOTHING",
    "SCALAR",
    "Array",
    "Container",
    "Dict",
    "Key",
    "List",
    "Nothing",
    "Part",
    "Record",
    "Scalar",
    "Sparse",
    "Structure",
    "Tuple",
    "grouped",
    "key_text",
    "leaf_names",
    "leaf_parts",
    "part_paths",
    "records_of",
    "size",
]

Key: TypeAlias = str | int | float | tuple["Key", ...] | None


@dataclass(frozen=True, slots=True)
class Scalar:
    """One float."""

    def __str__(self) -> str:
        return "float"


@dataclass(frozen=True, slots=True)
class Array:
    """A float64 array of a fixed shape."""

    shape: tuple[int, ...]

    def __str__(self) -> str:
        return f"float[{','.join(map(str, self.shape))}]"


@dataclass(frozen=True, slots=True)
class Sparse(Array):
    """The entries of a sparse matrix that are kept, side by side in one array.

    Args:
        pattern: Where they stand in the matrix.
    """

    pattern: Pattern

    @classmethod
    def of(cls, pattern: Pattern) -> Self:
        """The entries of this pattern."""
        return cls((pattern.count,), pattern)

    def __str__(self) -> str:
        return str(self.pattern)


@dataclass(frozen=True, slots=True)
class Nothing:
    """None: carries no float and stays None."""

    def __str__(self) -> str:
        return "None"


@dataclass(frozen=True, slots=True)
class _Items:
    """Structures by position."""

    items: tuple[Structure, ...]

    def with_items(self, items: Iterable[Structure]) -> Self:
        """The same container of these instead."""
        return type(self)(tuple(items))

    @property
    def steps(self) -> list[str]:
        """How an item's name continues the name of the whole."""
        return [f"[{i}]" for i in range(len(self.items))]

    paths = steps  # how Python gets at an item, for errors


class Tuple(_Items):
    """A tuple of structures."""

    __slots__ = ()

    def __str__(self) -> str:
        return f"({', '.join(map(str, self.items))}{',' if len(self.items) == 1 else ''})"


class List(_Items):
    """A list of structures, of a fixed length."""

    __slots__ = ()

    def __str__(self) -> str:
        return f"[{', '.join(map(str, self.items))}]"


@dataclass(frozen=True, slots=True)
class Dict:
    """A dict of structures; the keys keep their order."""

    keys: tuple[Key, ...]
    items: tuple[Structure, ...]

    def __str__(self) -> str:
        entries = (f"{key_text(k)}: {v}" for k, v in zip(self.keys, self.items, strict=True))
        return f"{{{', '.join(entries)}}}"

    def with_items(self, items: Iterable[Structure]) -> Dict:
        """A dict of these under the same keys."""
        return Dict(self.keys, tuple(items))

    @property
    def steps(self) -> list[str]:
        """How an item's name continues the name of the whole."""
        return [
            f".{k}" if isinstance(k, str) and k.isidentifier() else f"[{key_text(k)}]"
            for k in self.keys
        ]

    @property
    def paths(self) -> list[str]:
        """How Python gets at an item, for errors."""
        return [f"[{key!r}]" for key in self.keys]


@dataclass(frozen=True, slots=True)
class Record:
    """A dataclass or a named tuple.

    Args:
        name: ``module:qualified name`` of the class.
        keys: Its fields.
        items: Their structures.
        kind: The class where it is known; two records are equal when they print equal.
    """

    name: str
    keys: tuple[str, ...]
    items: tuple[Structure, ...]
    kind: type | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        fields = (f"{k}: {v}" for k, v in zip(self.keys, self.items, strict=True))
        return f"{self.name}({', '.join(fields)})"

    def __reduce__(self) -> tuple[object, ...]:
        return Record, (self.name, self.keys, self.items)  # a local class cannot be pickled

    def with_items(self, items: Iterable[Structure]) -> Record:
        """The same class with these fields."""
        return Record(self.name, self.keys, tuple(items), self.kind)

    @property
    def steps(self) -> list[str]:
        """How a field's name continues the name of the whole."""
        return [f".{key}" for key in self.keys]

    paths = steps


Container: TypeAlias = Tuple | List | Dict | Record
Structure: TypeAlias = Scalar | Array | Nothing | Container
Part: TypeAlias = tuple[str, Structure]  # name and structure of a scalar or an array
SCALAR = Scalar()
NOTHING = Nothing()
_T = TypeVar("_T")


def key_text(key: Key) -> str:
    """A dict key as it stands in the IR text.

    Raises:
        TypeError: if no text gives the key back.
    """
    if isinstance(key, str):
        return json.dumps(str(key))
    if key is None or isinstance(key, bool):
        return str(key)
    if isinstance(key, (int, np.integer)):
        return int.__repr__(int(key))
    if isinstance(key, float) and not math.isnan(key):
        return float.__repr__(key)
    if type(key) is tuple:
        return f"({','.join(map(key_text, key))}{',' if len(key) == 1 else ''})"
    raise TypeError(f"found dict key {key!r}")


def size(structure: Structure) -> int:
    """Number of floats in a value of this structure."""
    if isinstance(structure, Scalar):
        return 1
    if isinstance(structure, Array):
        return math.prod(structure.shape)
    return 0 if isinstance(structure, Nothing) else sum(map(size, structure.items))


def leaf_parts(name: str, structure: Structure) -> list[Part]:
    """Name and structure of each scalar or array inside ``structure``: ``p.w``, ``q[0]``."""
    return _parts(name, structure, lambda container: container.steps)


def part_paths(path: str, structure: Structure) -> list[str]:
    """How Python gets at each scalar or array inside ``path``: ``p['w']``, ``q[0]``."""
    return [name for name, _ in _parts(path, structure, lambda container: container.paths)]


def _parts(
    name: str, structure: Structure, steps: Callable[[Container], Sequence[str]]
) -> list[Part]:
    if isinstance(structure, (Scalar, Array)):
        return [(name, structure)]
    if isinstance(structure, Nothing):
        return []
    return [
        part
        for step, item in zip(steps(structure), structure.items, strict=True)
        for part in _parts(name + step, item, steps)
    ]


def leaf_names(name: str, structure: Structure) -> list[str]:
    """Name of each float inside ``structure``: ``x``, ``x[0]``, ``x[1,2]``, ``p.w[3]``."""
    names: list[str] = []
    for part_name, part in leaf_parts(name, structure):
        if isinstance(part, Array):
            names += [f"{part_name}[{','.join(map(str, i))}]" for i in np.ndindex(*part.shape)]
        else:
            names.append(part_name)
    return names


def grouped(leaves: Sequence[_T], parts: Sequence[Part]) -> list[_T | Sequence[_T]]:
    """One entry per part: the leaf of a scalar, the slice of leaves of an array."""
    groups: list[_T | Sequence[_T]] = []
    start = 0
    for _, part in parts:
        stop = start + size(part)
        groups.append(leaves[start:stop] if isinstance(part, Array) else leaves[start])
        start = stop
    return groups


def records_of(structure: Structure) -> list[Record]:
    """The dataclasses and named tuples inside."""
    if isinstance(structure, (Scalar, Array, Nothing)):
        return []
    own = [structure] if isinstance(structure, Record) else []
    return own + [record for item in structure.items for record in records_of(item)]
