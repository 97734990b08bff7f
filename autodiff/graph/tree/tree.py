"""Trees: values of nested tuples, lists, dicts, dataclasses and arrays <-> flat leaves.

``structure_of`` finds what a value is made of; ``tree_of(structure)`` is the only place that takes
values of that structure apart and puts them together, for every target: arguments, results,
``out=``, batches and examples.  Dicts are matched by their keys, dataclasses and named tuples by
their class and fields, whatever the order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from autodiff.errors import ArgumentError
from autodiff.graph.structure import (
    Array,
    Container,
    Dict,
    List,
    Nothing,
    Record,
    Scalar,
    Structure,
    Tuple,
    grouped,
    leaf_parts,
    part_paths,
    records_of,
    size,
)
from autodiff.graph.tree.describe import structure_of
from autodiff.graph.tree.leaves import (
    Floats,
    array,
    destination,
    in_place,
    number,
    shown,
)
from autodiff.graph.tree.records import fields_of, maker, reader, record_name
from autodiff.graph.tree.straight import USUAL, Constants, Taken, apart, together

__all__ = ["Tree", "leaves_of", "tree_of"]


class Tree:
    """Takes values of one structure apart and puts them together.

    A *part* is a scalar or an array inside the structure; a *leaf* is a float inside a part.

    Attributes:
        structure: The structure.
        shapes: The shape of each part; () for a scalar.
        scalars: Per part, whether it is a scalar.
        size: The number of leaves.
    """

    def __init__(self, structure: Structure) -> None:
        self.structure = structure
        parts = leaf_parts("", structure)
        self.scalars = [isinstance(part, Scalar) for _, part in parts]
        self.shapes = [part.shape if isinstance(part, Array) else () for _, part in parts]
        self.size = size(structure)
        self._parts = parts

    @cached_property
    def _paths(self) -> list[str]:
        return part_paths("", self.structure)

    @cached_property
    def _joined(self) -> Callable[[Iterator[object]], object]:
        return _builder(self.structure)

    # --- values apart ---

    def parts(self, value: object, path: str = "argument") -> list[Any]:
        """What stands where the structure has scalars and arrays, as it is.

        Raises:
            ArgumentError: if a container has another type, length, or other keys.
        """
        found: list[object] = []
        _collect(value, self.structure, path, found)
        return found

    def _checked(
        self, rule: Callable[[object, tuple[int, ...], str], object], value: object, path: str
    ) -> list[Any]:
        """Each part as ``rule`` gives it."""
        return [
            rule(part, shape, path + step)
            for part, shape, step in zip(
                self.parts(value, path), self.shapes, self._paths, strict=True
            )
        ]

    def numbers(self, value: object, path: str = "argument") -> list[Any]:
        """Each part as a float or a float64 array; operands, and arrays of them, as they are.

        Raises:
            ArgumentError: if the value does not have this structure, naming the path that differs.
        """
        return self._numbers(value, path)

    @cached_property
    def _numbers(self) -> Callable[[object, str], list[object]]:
        def slow(value: object, path: str) -> list[object]:
            return [
                number(part, path + step) if scalar else array(part, shape, path + step)
                for part, scalar, shape, step in zip(
                    self.parts(value, path), self.scalars, self.shapes, self._paths, strict=True
                )
            ]

        def taken(part: Scalar | Array, name: str, _: Constants) -> tuple[str, str]:
            if isinstance(part, Scalar):
                return f"type({name}) is float", name
            usual = f"type({name}) is ndarray and {name}.dtype is float64"
            return f"{usual} and {name}.shape == {part.shape}", name

        return self._straight(taken, slow, "{{*map(type, {})}} == floats")

    def _straight(
        self, taken: Taken, slow: Callable[[object, str], list[Any]], row: str
    ) -> Callable[[object, str], list[Any]]:
        """Straight lines for containers of what is usual; ``slow`` for all else."""
        if isinstance(self.structure, (Scalar, Array, Nothing)):
            return slow
        return apart(self.structure, taken, slow, row, **USUAL)

    def leaves(self, value: object, path: str = "argument") -> list[Any]:
        """Leaves of ``value`` in order: floats, or the operands found among them.

        Raises:
            ArgumentError: if the value does not have this structure, naming the path that differs.
        """
        leaves: list[object] = []
        for part, scalar in zip(self.numbers(value, path), self.scalars, strict=True):
            if scalar:
                leaves.append(part)
            else:
                leaves += part.ravel().tolist()
        return leaves

    def points(self, value: object, path: str = "argument") -> list[Floats]:
        """Each part as a float64 array with a leading axis of points.

        Raises:
            ArgumentError: if the value does not have this structure, naming the path that differs.
        """
        return self._points(value, path)

    @cached_property
    def _points(self) -> Callable[[object, str], list[Floats]]:
        def slow(value: object, path: str) -> list[Floats]:
            return self._checked(lambda part, shape, at: array(part, shape, at, True), value, path)

        def taken(part: Scalar | Array, name: str, _: Constants) -> tuple[str, str]:
            shape = part.shape if isinstance(part, Array) else ()
            usual = f"type({name}) is ndarray and {name}.dtype is float64"
            return (
                f"{usual} and {name}.ndim == {len(shape) + 1} and {name}.shape[1:] == {shape}",
                name,
            )

        return self._straight(taken, slow, "False")

    def in_place(self, value: object, path: str = "argument") -> list[Floats]:
        """Each part as an array that machine code reads where it lies.

        Raises:
            ArgumentError: if one cannot be.
        """
        return self._checked(in_place, value, path)

    def into(
        self, out: object, shapes: Sequence[tuple[int, ...]] | None = None, path: str = "out"
    ) -> list[Floats]:
        """The caller's arrays, one per part, into which results are written.

        Args:
            out: The arrays, in this structure.
            shapes: The arrays' shapes, where they are not the parts' own.
            path: How to call ``out`` in an error.

        Raises:
            ArgumentError: if an array is missing, is none that can be written, or overlaps another.
        """
        arrays = [
            destination(part, shape, path + step)
            for part, shape, step in zip(
                self.parts(out, path), shapes or self.shapes, self._paths, strict=True
            )
        ]
        spans = sorted(
            (a.ctypes.data, a.ctypes.data + a.nbytes, step)
            for a, step in zip(arrays, self._paths, strict=True)
            if a.nbytes
        )
        for (_, end, first), (start, _, second) in pairwise(spans):
            if start < end:
                raise ArgumentError(
                    f"{path}: {path}{first} and {path}{second} overlap; pass separate arrays"
                )
        return arrays

    # --- values together ---

    def build(self, parts: Sequence[object]) -> Any:
        """The value that has these parts.

        Raises:
            ArgumentError: if a dataclass or named tuple in it is not known.
        """
        return self._built(parts)

    @cached_property
    def _built(self) -> Callable[[Sequence[object]], object]:
        straight = together(self.structure, lambda part, name, constants: name)
        return straight or (lambda parts: self._joined(iter(parts)))

    def rebuild(
        self,
        leaves: Sequence[Any],
        make_array: Callable[[list[object], tuple[int, ...]], object] | None = None,
    ) -> Any:
        """The value that has these leaves; arrays are float64 unless ``make_array`` says."""
        make = make_array or _float_array
        groups = zip(grouped(leaves, self._parts), self.scalars, self.shapes, strict=True)
        # Not build: most structures are traced once.
        return self._joined(
            iter([group if scalar else make(list(group), shape) for group, scalar, shape in groups])
        )


def _float_array(leaves: list[object], shape: tuple[int, ...]) -> Floats:
    return np.array(leaves, dtype=np.float64).reshape(shape)


def tree_of(structure: Structure) -> Tree:
    """The tree of a structure, made once."""
    # Records are equal by name, keys by value: two classes of one name, 1 and True need their own.
    kinds = tuple(record.kind for record in records_of(structure))
    return _tree(structure, kinds, str(structure))


@lru_cache(maxsize=128)
def _tree(structure: Structure, kinds: tuple[type | None, ...], text: str) -> Tree:
    return Tree(structure)


def leaves_of(value: object) -> list[Any]:
    """The leaves of a value of whatever structure."""
    return tree_of(structure_of(value)).leaves(value)


def _collect(value: object, structure: Structure, path: str, found: list[object]) -> None:
    """Append the parts of ``value``."""
    if isinstance(structure, (Scalar, Array)):
        found.append(value)
    elif isinstance(structure, Nothing):
        if value is not None:
            raise ArgumentError(f"{path}: found {shown(value)}; expected None, as in the examples")
    else:
        items = _items_of(value, structure, path)
        for item, inner, step in zip(items, structure.items, structure.paths, strict=True):
            _collect(item, inner, path + step, found)


def _items_of(value: object, structure: Container, path: str) -> Sequence[object]:
    """What ``value`` holds, in the structure's order."""
    if isinstance(structure, Record):
        if not _is_instance(value, structure):
            raise ArgumentError(
                f"{path}: found {shown(value)}; expected a {structure.name.partition(':')[2]} "
                f"({', '.join(structure.keys)})"
            )
        return reader(structure.keys)(value)
    if isinstance(structure, Dict):
        if not isinstance(value, Mapping) or set(value) != set(structure.keys):
            expected = f"expected a dict with keys {_listed(structure.keys)}"
            if not isinstance(value, Mapping):
                raise ArgumentError(f"{path}: found {shown(value)}; {expected}")
            raise ArgumentError(f"{path}: found keys {_listed(value)}; {expected}")
        return [value[key] for key in structure.keys]
    kind = "tuple" if isinstance(structure, Tuple) else "list"
    if not isinstance(value, (tuple, list)) or len(value) != len(structure.items):
        found = f"{len(value)} items" if isinstance(value, (tuple, list)) else shown(value)
        raise ArgumentError(
            f"{path}: found {found}; expected a {kind} of {len(structure.items)} items"
        )
    items: Sequence[object] = value
    return items


def _is_instance(value: object, structure: Record) -> bool:
    kind = type(value)
    if kind is structure.kind:
        return True
    # The class of a text read back, or defined again: the name and the fields decide.
    return fields_of(kind) == structure.keys and record_name(kind) == structure.name


def _listed(keys: Iterable[object]) -> str:
    return f"[{', '.join(sorted(map(repr, keys)))}]"


def _builder(structure: Structure) -> Callable[[Iterator[object]], object]:
    """Function that makes a value of the next parts."""
    if isinstance(structure, (Scalar, Array)):
        return next
    if isinstance(structure, Nothing):
        return lambda parts: None
    inner = [_builder(item) for item in structure.items]
    if isinstance(structure, List):
        return lambda parts: [build(parts) for build in inner]
    if isinstance(structure, Tuple):
        return lambda parts: tuple([build(parts) for build in inner])
    if isinstance(structure, Dict):
        keys = structure.keys
        return lambda parts: {k: build(parts) for k, build in zip(keys, inner, strict=True)}
    make = maker(structure.name, structure.keys, structure.kind)
    return lambda parts: make([build(parts) for build in inner])
