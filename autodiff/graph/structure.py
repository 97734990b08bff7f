"""Argument trees: nested tuples, lists, dicts and arrays <-> flat leaves.

A structure says how a value is built from floats; ``flatten`` and ``unflatten`` go between the
two and are the only place that looks at argument types.  The printed form is part of the IR text::

    float   float[2,3]   (float, float[2])   [float, float]   {"w": float[3], "b": float}
"""

from __future__ import annotations

import json
import numbers
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from autodiff.errors import ArgumentError
from autodiff.table.primitive import Operand

__all__ = [
    "SCALAR",
    "Array",
    "Dict",
    "List",
    "Scalar",
    "Structure",
    "Tuple",
    "flatten",
    "grouped",
    "leaf_names",
    "leaf_parts",
    "size",
    "structure_of",
    "unflatten",
]


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
class Tuple:
    """A tuple of structures."""

    items: tuple[Structure, ...]

    def __str__(self) -> str:
        return f"({', '.join(map(str, self.items))}{',' if len(self.items) == 1 else ''})"


@dataclass(frozen=True, slots=True)
class List:
    """A list of structures, of a fixed length."""

    items: tuple[Structure, ...]

    def __str__(self) -> str:
        return f"[{', '.join(map(str, self.items))}]"


@dataclass(frozen=True, slots=True)
class Dict:
    """A dict of structures; the keys (strings) keep their order."""

    keys: tuple[str, ...]
    items: tuple[Structure, ...]

    def __str__(self) -> str:
        entries = (f"{json.dumps(k)}: {v}" for k, v in zip(self.keys, self.items, strict=True))
        return f"{{{', '.join(entries)}}}"


Structure: TypeAlias = Scalar | Array | Tuple | List | Dict
SCALAR = Scalar()


def size(structure: Structure) -> int:
    """Number of floats in a value of this structure."""
    if isinstance(structure, Scalar):
        return 1
    if isinstance(structure, Array):
        return int(np.prod(structure.shape, dtype=np.int64))
    return sum(map(size, structure.items))


def _is_number(value: Any) -> bool:
    return isinstance(value, (numbers.Real, Operand))


def _expected(path: str, found: Any) -> ArgumentError:
    name = type(found).__name__
    return ArgumentError(
        f"{path}: found {name} {_short(found)}; expected a float, a float array, or a tuple, list "
        "or dict of these. Convert it, or close over it instead of passing it"
    )


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _array_structure(value: np.ndarray[Any, Any], path: str) -> Structure:
    if value.dtype.kind in "fiub":
        return Array(value.shape)
    if value.dtype.kind == "O" and all(map(_is_number, value.flat)):
        return Array(value.shape)
    raise ArgumentError(
        f"{path}: found an array of dtype {value.dtype}; expected real numbers. "
        "Convert it with .astype(float)"
    )


def structure_of(value: Any, path: str = "argument") -> Structure:
    """Structure of ``value``.

    Args:
        value: A real number, an array, or nested tuples, lists and dicts of these.
        path: How to call the value in an error.

    Raises:
        ArgumentError: for anything else (None, a string, a complex number), naming its path.

    >>> print(structure_of((1.0, {"w": np.zeros(3)})))
    (float, {"w": float[3]})
    """
    if isinstance(value, np.ndarray):
        return _array_structure(value, path)
    if _is_number(value):
        return SCALAR
    if type(value) in (tuple, list):
        items = tuple(structure_of(v, f"{path}[{i}]") for i, v in enumerate(value))
        return Tuple(items) if type(value) is tuple else List(items)
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise ArgumentError(f"{path}: found dict key {key!r}; expected strings as keys")
        values = tuple(structure_of(v, f"{path}[{k!r}]") for k, v in value.items())
        return Dict(tuple(value), values)
    raise _expected(path, value)


def flatten(value: Any, structure: Structure, path: str = "argument") -> list[Any]:
    """Leaves of ``value`` in order: floats, or the operands found among them.

    Raises:
        ArgumentError: if the value does not have this structure, naming the path that differs.
    """
    leaves: list[Any] = []
    _flatten(value, structure, path, leaves)
    return leaves


def _flatten(value: Any, structure: Structure, path: str, leaves: list[Any]) -> None:
    if isinstance(structure, Scalar):
        leaves.append(_leaf(value, path))
    elif isinstance(structure, Array):
        leaves.extend(_array_leaves(value, structure, path))
    else:
        for child, part, child_path in _children(value, structure, path):
            _flatten(child, part, child_path, leaves)


def _leaf(value: Any, path: str) -> Any:
    if type(value) is float or isinstance(value, Operand):
        return value
    if isinstance(value, numbers.Real) or (isinstance(value, np.ndarray) and value.shape == ()):
        return float(value)
    raise ArgumentError(f"{path}: found {_describe(value)}; expected a float")


def _describe(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and dtype {value.dtype}"
    return f"{type(value).__name__} {_short(value)}"


def _array_leaves(value: Any, structure: Array, path: str) -> list[Any]:
    array = value if isinstance(value, np.ndarray) else _to_array(value, structure, path)
    if array.shape != structure.shape:
        raise ArgumentError(
            f"{path}: found an array of shape {array.shape}; expected shape {structure.shape}, "
            "as in the examples. Trace again with an example of the new shape"
        )
    if array.dtype == np.float64:
        leaves: list[Any] = array.ravel().tolist()
        return leaves
    if array.dtype.kind == "O":
        return [_leaf(v, path) for v in array.ravel()]
    _array_structure(array, path)
    return [float(v) for v in array.ravel().tolist()]


def _to_array(value: Any, structure: Array, path: str) -> np.ndarray[Any, Any]:
    if not isinstance(value, (list, tuple)):
        raise ArgumentError(
            f"{path}: found {_describe(value)}; expected an array of shape {structure.shape}"
        )
    try:
        # No dtype=float: NumPy would read "1" as a number and None as nan.
        return np.array(value, dtype=object if _has_operand(value) else None)
    except (TypeError, ValueError) as error:
        raise ArgumentError(
            f"{path}: found {_describe(value)}; expected an array of shape {structure.shape}"
        ) from error


def _has_operand(value: Any) -> bool:
    return isinstance(value, Operand) or (
        isinstance(value, (list, tuple)) and any(map(_has_operand, value))
    )


def _children(
    value: Any, structure: Tuple | List | Dict, path: str
) -> Iterator[tuple[Any, Structure, str]]:
    if isinstance(structure, Dict):
        if not isinstance(value, Mapping) or set(value) != set(structure.keys):
            found = (
                f"keys {sorted(map(str, value))}"
                if isinstance(value, Mapping)
                else (_describe(value))
            )
            raise ArgumentError(
                f"{path}: found {found}; expected a dict with keys {sorted(structure.keys)}"
            )
        for key, part in zip(structure.keys, structure.items, strict=True):
            yield value[key], part, f"{path}[{key!r}]"
        return
    kind = "tuple" if isinstance(structure, Tuple) else "list"
    if not isinstance(value, (tuple, list)) or len(value) != len(structure.items):
        found = f"{len(value)} items" if isinstance(value, (tuple, list)) else _describe(value)
        raise ArgumentError(
            f"{path}: found {found}; expected a {kind} of {len(structure.items)} items"
        )
    for index, (child, part) in enumerate(zip(value, structure.items, strict=True)):
        yield child, part, f"{path}[{index}]"


def unflatten(
    leaves: list[Any],
    structure: Structure,
    make_array: Callable[[list[Any], tuple[int, ...]], Any] | None = None,
) -> Any:
    """Value of this structure from its leaves; arrays are float64 unless ``make_array`` says."""
    iterator = iter(leaves)
    return _unflatten(iterator, structure, make_array or _float_array)


def _float_array(leaves: list[Any], shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    return np.array(leaves, dtype=np.float64).reshape(shape)


def _unflatten(leaves: Iterator[Any], structure: Structure, make_array: Callable[..., Any]) -> Any:
    if isinstance(structure, Scalar):
        return next(leaves)
    if isinstance(structure, Array):
        return make_array([next(leaves) for _ in range(size(structure))], structure.shape)
    children = [_unflatten(leaves, item, make_array) for item in structure.items]
    if isinstance(structure, Dict):
        return dict(zip(structure.keys, children, strict=True))
    return tuple(children) if isinstance(structure, Tuple) else children


def leaf_parts(name: str, structure: Structure) -> list[tuple[str, Structure]]:
    """Name and structure of each scalar or array inside ``structure``: ``p.w``, ``q[0]``."""
    if isinstance(structure, (Scalar, Array)):
        return [(name, structure)]
    if isinstance(structure, Dict):
        steps = [f".{k}" if k.isidentifier() else f"[{json.dumps(k)}]" for k in structure.keys]
    else:
        steps = [f"[{i}]" for i in range(len(structure.items))]
    return [
        part
        for step, item in zip(steps, structure.items, strict=True)
        for part in leaf_parts(name + step, item)
    ]


def grouped(leaves: Sequence[Any], parts: Sequence[tuple[str, Structure]]) -> list[Any]:
    """One entry per part: the leaf of a scalar, the slice of leaves of an array."""
    groups: list[Any] = []
    start = 0
    for _, part in parts:
        stop = start + size(part)
        groups.append(leaves[start:stop] if isinstance(part, Array) else leaves[start])
        start = stop
    return groups


def leaf_names(name: str, structure: Structure) -> list[str]:
    """Name of each float inside ``structure``: ``x``, ``x[0]``, ``x[1,2]``, ``p.w[3]``."""
    names: list[str] = []
    for part_name, part in leaf_parts(name, structure):
        if isinstance(part, Array):
            names += [f"{part_name}[{','.join(map(str, i))}]" for i in np.ndindex(*part.shape)]
        else:
            names.append(part_name)
    return names
