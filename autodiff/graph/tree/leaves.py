"""What may stand where a structure has a scalar or an array: one rule for every target.

A scalar is a real number (Python's, NumPy's, a fraction, an array of no dimension) or an operand;
an array is an array of real numbers, or nested lists and tuples of them.  Text, bytes, complex
numbers, decimals and masked arrays are refused, never converted.
"""

from __future__ import annotations

import numbers
import sys
from collections.abc import Iterator
from typing import Any, TypeAlias, TypeGuard

import numpy as np
from numpy.typing import NDArray

from autodiff.errors import ArgumentError
from autodiff.table.primitive import Operand

__all__ = [
    "Floats",
    "are_plain",
    "array",
    "destination",
    "in_place",
    "is_masked",
    "is_number",
    "items_within",
    "kind_of",
    "number",
    "numbers_of",
    "shown",
]  # fmt: skip

Floats: TypeAlias = NDArray[np.float64]
_FLOAT64 = np.dtype(np.float64)
_REAL = "fiub"  # kinds of dtype
_ROWS: set[type] = {list, tuple}
_PLAIN: set[type] = {float, int, bool, np.float64, np.float32, np.int64, np.int32, np.bool_}
_DEEPEST = 32  # rows within rows
_SHARED = ". What all points share is False in batch=, as in batch=(True, ..., False)"


def kind_of(array: NDArray[np.generic]) -> str:
    """What NumPy keeps in it: an array of traced values says float64, and holds objects."""
    dtype: np.dtype[Any] = np.ndarray.dtype.__get__(array)
    return dtype.kind


def is_masked(value: object) -> TypeGuard[np.ndarray]:
    """True for a masked array; there is none before somebody has imported what makes them."""
    masked = sys.modules.get("numpy.ma")
    return masked is not None and isinstance(value, masked.MaskedArray)


def is_number(value: object) -> bool:
    """True for a real number or an operand."""
    return isinstance(value, (numbers.Real, np.bool_, Operand))


def are_plain(values: object, depth: int = _DEEPEST) -> bool:
    """True for rows of usual numbers, nested or not: nothing in them is traced, masked or missing.

    Whole rows are looked at by the set of their types: as quick as Python is.
    """
    if type(values) not in _ROWS or not depth:
        return False
    kinds = {*map(type, values)}  # type: ignore[call-overload]
    if kinds <= _PLAIN:
        return True
    return kinds <= _ROWS and all(are_plain(row, depth - 1) for row in values)  # type: ignore[attr-defined]


def _holds_objects(value: object, depth: int = 8) -> bool:
    """True for what holds arrays of objects, however deep."""
    items = value.values() if isinstance(value, dict) else value
    if not isinstance(value, (list, tuple, dict)) or not depth:
        return isinstance(value, np.ndarray) and kind_of(value) == "O"
    return any(_holds_objects(item, depth - 1) for item in items)  # type: ignore[attr-defined]


def items_within(value: object, of_dicts: bool = False) -> Iterator[object]:
    """All that nested lists, tuples and object arrays hold; a list may hold itself."""
    pending, seen = [value], set[int]()
    while pending:
        one = pending.pop()
        yield one
        items: list[object] = []
        if isinstance(one, np.ndarray):
            items += one.flat if kind_of(one) == "O" else ()
        elif isinstance(one, (list, tuple)):
            items += one
        elif of_dicts and isinstance(one, dict):
            items += one.values()
        if items and id(one) not in seen:
            seen.add(id(one))
            pending += reversed(items)


def shown(value: object) -> str:
    """``value`` in a message."""
    if is_masked(value):
        return f"a masked array of shape {value.shape}"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and dtype {value.dtype}"
    if _holds_objects(value):  # the text of a traced value is none of a number
        return f"{type(value).__name__} of {len(value)} items"  # type: ignore[arg-type]
    try:
        text = repr(value)
    except RecursionError:
        text = "nested too deeply to be shown"
    except Exception as error:  # of the user's own, where all we want is a message
        text = f"whose {type(value).__name__}.__repr__ raises {type(error).__name__}"
        return f"{type(value).__name__} {text}"
    return f"{type(value).__name__} {text if len(text) <= 40 else text[:37] + '...'}"


def number(value: Any, path: str) -> Any:
    """``value`` as a float; an operand as it is.

    Raises:
        ArgumentError: if it is no real number.
    """
    if type(value) is float or isinstance(value, Operand):
        return value
    plain = isinstance(value, np.ndarray) and value.shape == () and kind_of(value) in _REAL
    if (plain or isinstance(value, (numbers.Real, np.bool_))) and not is_masked(value):
        try:
            return float(value)
        except (OverflowError, TypeError, ValueError) as error:
            raise ArgumentError(f"{path}: {error}; expected a float") from error
    raise ArgumentError(f"{path}: found {shown(value)}; expected a float")


def array(value: object, shape: tuple[int, ...], path: str, points: bool = False) -> object:
    """``value`` as an array of real numbers or of operands.

    Args:
        value: The array, or nested lists and tuples.
        shape: Its shape; with ``points`` behind one leading axis of any length.
        path: How to call it in an error.
        points: True if it has a leading axis of points.

    Raises:
        ArgumentError: if it is no such array.
    """
    if (
        type(value) is np.ndarray
        and value.dtype is _FLOAT64
        and value.shape == shape
        and not points
    ):
        return value
    if isinstance(value, Operand) and getattr(value, "shape", None) == shape and not points:
        return value  # of a whole array
    found = value if isinstance(value, np.ndarray) else _made(value, shape, path, points)
    if type(found) is not np.ndarray:
        _refuse_masks(found, path)
    given = found.shape[1:] if points else found.shape
    if given != shape or (points and found.ndim == 0):
        again = ", as in the examples. Trace again with an example of the new shape"
        if points:
            again = _SHARED if found.shape == shape else ""
        raise ArgumentError(
            f"{path}: found an array of shape {found.shape}; "
            f"expected shape {_wanted(shape, points)}{again}"
        )
    if kind_of(found) == "O":
        flat = [number(x, path) for x in found.ravel()]
        if any(isinstance(x, Operand) and not isinstance(x, float) for x in flat):
            return found
        return np.array(flat, dtype=np.float64).reshape(found.shape)
    if kind_of(found) not in _REAL:
        raise ArgumentError(
            f"{path}: found an array of dtype {found.dtype}; expected real numbers. "
            "Convert it with .astype(float)"
        )
    return np.asarray(found, dtype=np.float64)


def _made(value: object, shape: tuple[int, ...], path: str, points: bool) -> Any:
    wanted = f"expected an array of shape {_wanted(shape, points)}"
    if not isinstance(value, (list, tuple)):
        found = numbers_of(value)
        if not isinstance(found, np.ndarray):
            is_number = isinstance(value, numbers.Real)
            if is_number and not shape and not points:
                return np.array(number(value, path))  # NumPy's results of no dimension are numbers
            shared = _SHARED if points and not shape and is_number else ""
            raise ArgumentError(f"{path}: found {shown(value)}; {wanted}{shared}")
        return found
    try:
        # No dtype: NumPy would read "1" as a number and None as nan.
        found = np.array(value)
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"{path}: found {shown(value)}; {wanted}") from error
    if not are_plain(value):
        _refuse_masks(value, path)
    return found


def numbers_of(value: object) -> object:
    """The array of numbers that a table (pandas, polars, xarray) stands for; else the value."""
    to_numpy = getattr(value, "to_numpy", None)
    found = to_numpy() if callable(to_numpy) else None
    return found if isinstance(found, np.ndarray) else value


def _wanted(shape: tuple[int, ...], points: bool) -> str:
    return f"({', '.join(['points', *map(str, shape)])})" if points else str(shape)


def _refuse_masks(found: object, path: str) -> None:
    if isinstance(found, (list, tuple)):  # NumPy would make nan of what is masked inside
        for row in found:
            _refuse_masks(row, path)
    elif is_masked(found):
        raise ArgumentError(
            f"{path}: found {shown(found)}; expected numbers, none of them missing. "
            "Choose them with .filled(...) or .compressed()"
        )


def in_place(value: Any, shape: tuple[int, ...], path: str) -> Floats:
    """``value``, which machine code reads where it lies; a number becomes an array of our own.

    Raises:
        ArgumentError: if it cannot be read there.
    """
    if shape == () and not isinstance(value, np.ndarray):
        return np.array(number(value, path), dtype=np.float64)
    _usable(value, shape, path)
    found: Floats = value
    return found


def destination(value: Any, shape: tuple[int, ...], path: str) -> Floats:
    """``value``, into which results are written.

    Raises:
        ArgumentError: if they cannot be.
    """
    _usable(value, shape, path)
    if not value.flags.writeable:
        raise ArgumentError(f"{path}: found a read-only array; pass np.empty({shape})")
    found: Floats = value
    return found


def _usable(value: object, shape: tuple[int, ...], path: str) -> None:
    """Refuse what machine code cannot use where it lies."""
    wanted = f"expected a float64 array of shape {shape}"
    if not isinstance(value, np.ndarray) or value.dtype != np.float64:
        raise ArgumentError(f"{path}: found {shown(value)}; {wanted}")
    _refuse_masks(value, path)
    if value.shape != shape:
        raise ArgumentError(f"{path}: found an array of shape {value.shape}; {wanted}")
    if not value.flags.c_contiguous or not value.flags.aligned or not value.dtype.isnative:
        raise ArgumentError(
            f"{path}: found a strided or misaligned array; pass np.ascontiguousarray(...)"
        )
