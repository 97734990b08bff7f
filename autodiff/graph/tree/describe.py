"""What a value is made of: the structure of nested tuples, lists, dicts, dataclasses and arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autodiff.errors import ArgumentError
from autodiff.graph.structure import (
    NOTHING,
    SCALAR,
    Array,
    Dict,
    Key,
    List,
    Record,
    Structure,
    Tuple,
    key_text,
)
from autodiff.graph.tree.leaves import (
    array,
    is_number,
    kind_of,
    numbers_of,
    shown,
)
from autodiff.graph.tree.records import fields_of, reader, record_name

__all__ = ["PASSED", "structure_of"]

# What serves instead of an argument that holds no numbers.
PASSED = (
    "Convert it, close over it, or pass it as an argument by which wrt does not differentiate "
    "(wrt=0: by the first alone)"
)
_DEEPEST = 200  # what is nested deeper was most likely put into itself


def structure_of(value: object, path: str = "argument") -> Structure:
    """Structure of ``value``.

    Args:
        value: A real number, an array, None, or nested tuples, lists, dicts, dataclasses and
            named tuples of these.
        path: How to call the value in an error.

    Raises:
        ArgumentError: for anything else (a string, a complex number), naming its path.

    >>> print(structure_of((1.0, {"w": np.zeros(3)})))
    (float, {"w": float[3]})
    """
    return _structure(value, path, 0)


def _structure(value: Any, path: str, depth: int) -> Structure:
    if isinstance(value, np.ndarray):
        return _array_structure(value, path)
    if is_number(value):
        shape = getattr(value, "shape", ())
        return Array(shape) if shape else SCALAR  # a placeholder may stand for an array
    if value is None:
        return NOTHING
    if depth >= _DEEPEST:
        raise ArgumentError(f"{path[:60]}...: found values nested {depth} deep; expected fewer")

    def inside(items: Any, steps: list[str]) -> tuple[Structure, ...]:
        return tuple(
            _structure(item, path + step, depth + 1)
            for item, step in zip(items, steps, strict=True)
        )

    kind = type(value)
    if kind is tuple:
        return Tuple(inside(value, [f"[{i}]" for i in range(len(value))]))
    if kind is list:
        return List(inside(value, [f"[{i}]" for i in range(len(value))]))
    if isinstance(value, Mapping):
        _check_keys(value, path)
        return Dict(tuple(value), inside(value.values(), [f"[{key!r}]" for key in value]))
    fields = fields_of(kind)
    if fields is None:
        table = numbers_of(value)
        if isinstance(table, np.ndarray):
            return _array_structure(table, path)
        raise ArgumentError(
            f"{path}: found {shown(value)}; expected a float, a float array, None, or a tuple, "
            f"list, dict, dataclass or named tuple of these. {PASSED}"
        )
    items = inside(reader(fields)(value), [f".{field}" for field in fields])
    try:
        return Record(record_name(kind), fields, items, kind)
    except ArgumentError as error:
        raise ArgumentError(f"{path}: {error}") from None


def _array_structure(value: NDArray[np.generic], path: str) -> Structure:
    # Numbers and operands alike; what else an array of objects holds, array() says.
    if kind_of(value) == "O" and all(map(is_number, value.flat)):
        return Array(value.shape)
    array(value, value.shape, path)
    return Array(value.shape)


def _check_keys(value: Mapping[Key, object], path: str) -> None:
    for key in value:
        try:
            key_text(key)
        except TypeError as error:
            raise ArgumentError(
                f"{path}: {error}; expected strings, numbers, or tuples of these as keys"
            ) from None
