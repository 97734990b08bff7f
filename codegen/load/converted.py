"""Arguments that are numbers of another type than usual, converted as quickly as Python can.

What is not known here raises one of the errors of ``straight.WRONG``; the slow way then converts it
or says what is wrong.  Where something is converted, the slow way gives the same floats.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

import numpy as np

__all__ = ["NUMBERS", "flat_of", "floats_of", "quick_floats"]


def _of_no_dimension(value: np.ndarray) -> float:
    """An array that is a number."""
    if value.shape != () or value.dtype.kind not in "fiub":
        raise TypeError
    return float(value)


_SCALARS: tuple[type, ...] = (
    float, int, np.float64, np.float32, np.float16, np.int8, np.int16, np.int32, np.int64,
    np.uint8, np.uint16, np.uint32, np.uint64,
)  # fmt: skip
# What makes a float of a value, by its type.
NUMBERS: dict[type, Callable[..., float]] = {
    **dict.fromkeys(_SCALARS, float), np.ndarray: _of_no_dimension
}  # fmt: skip
_IN_LISTS = {*_SCALARS}
_ONE = {float}
_ARRAYS, _IN_ARRAYS = {np.ndarray}, {float, int, bool}


def floats_of(row: Sequence[object]) -> Sequence[float]:
    """A tuple or list of numbers as floats."""
    kinds = {*map(type, row)}
    if kinds <= _ONE:
        return row  # type: ignore[return-value]
    if kinds <= _IN_LISTS:
        return [*map(float, row)]  # type: ignore[arg-type]
    if kinds == _ARRAYS:
        numbers = [*map(np.ndarray.tolist, row)]  # type: ignore[arg-type]
        kinds = {*map(type, numbers)}
        if kinds <= _ONE:
            return numbers
        if kinds <= _IN_ARRAYS:  # else some have dimensions, or no real numbers
            return [*map(float, numbers)]
    return [NUMBERS[type(value)](value) for value in row]


def quick_floats(row: Sequence[object]) -> Sequence[float] | None:
    """As ``floats_of``; None where something is not known here."""
    try:
        return floats_of(row)
    except (KeyError, TypeError, OverflowError):
        return None


def flat_of(shape: tuple[int, ...]) -> Callable[[object], Sequence[float]]:
    """Function that gives the floats of an array of this shape, or of a list for one."""
    size, in_row = prod(shape), len(shape) == 1

    def flat(value: object) -> Sequence[float]:
        if type(value) is np.ndarray:
            kind = value.dtype.kind
            if value.shape != shape or kind not in "fiub" or value.dtype.char == "g":
                raise TypeError
            if kind != "f":
                value = value.astype(np.float64)
            numbers: list[float] = value.tolist() if in_row else value.ravel().tolist()
            return numbers
        if in_row and type(value) in (list, tuple) and len(value) == size:  # type: ignore[arg-type]
            kinds = {*map(type, value)}  # type: ignore[call-overload]
            if kinds <= _ONE:
                return value  # type: ignore[return-value]
            if kinds <= _IN_LISTS:
                return [*map(float, value)]  # type: ignore[call-overload]
        raise TypeError

    return flat
