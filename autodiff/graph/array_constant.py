"""ArrayConstant: numbers that a graph of arrays holds, known by their digest.

Two constants of equal numbers are one.  A graph's text shows a few numbers as they are and names
more by their digest; constants that are alive in this process are found by it again.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from autodiff.errors import TraceError
from autodiff.forking import late_import

__all__ = ["SHOWN", "ArrayConstant", "known_constant"]

SHOWN = 100  # numbers that a graph's text shows one by one
_KINDS = {"f": np.float64, "i": np.int64, "u": np.int64, "b": np.bool_}
_NAMES = {"f": "float", "i": "int", "b": "bool"}
# The numbers by their digest, as long as a constant holds them; equal constants hold the same.
_ALIVE: WeakValueDictionary[str, _Numbers] = WeakValueDictionary()


class _Numbers:
    """An array that constants of equal numbers share."""

    def __init__(self, array: np.ndarray[Any, Any]) -> None:
        self.array = array


class ArrayConstant:
    """An array of float64, int64 or truth values that nobody can change.

    Args:
        array: Its numbers, of which it keeps a copy.

    Raises:
        TraceError: if they are no real numbers.
    """

    def __init__(self, array: object) -> None:
        given = np.asarray(array)
        kind = _KINDS.get(given.dtype.kind)
        if kind is None:
            raise TraceError(
                f"found an array of dtype {given.dtype}; expected real numbers: convert it to "
                "float64 outside the function"
            )
        self.array: np.ndarray[Any, Any] = np.array(given, dtype=kind, order="C")
        self.array.flags.writeable = False
        self._shared = _ALIVE.setdefault(self.digest, _Numbers(self.array))
        self.array = self._shared.array

    @property
    def shape(self) -> tuple[int, ...]:
        """The array's shape."""
        shape: tuple[int, ...] = self.array.shape
        return shape

    @property
    def kind(self) -> str:
        """``float``, ``int`` or ``bool``."""
        return _NAMES[self.array.dtype.kind]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of kind, shape and numbers; all nans are one."""
        array = self.array
        if array.dtype.kind == "f" and np.isnan(array).any():
            array = np.where(np.isnan(array), np.nan, array)
        head = f"{self.kind}{self.shape}".encode()
        # hashlib loads OpenSSL, which takes as long as a fifth of this whole package.
        digest: str = late_import("hashlib").sha256(head + array.tobytes()).hexdigest()
        return digest

    @property
    def text(self) -> str:
        """As it stands in a graph's text: the numbers, or ``data`` and the digest."""
        if self.array.size > SHOWN:
            return f'data "{self.digest}"'
        return f"[{', '.join(map(_number, self.array.ravel().tolist()))}]"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ArrayConstant) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        return f"<constant {self.kind}{list(self.shape)} {self.digest[:12]}>"

    def __reduce__(self) -> tuple[object, ...]:
        return ArrayConstant, (self.array,)


def _number(value: bool | int | float) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "nan" if value != value else repr(value)


def known_constant(digest: str) -> ArrayConstant | None:
    """The constant of this digest, if one is alive in this process."""
    shared = _ALIVE.get(digest)
    return None if shared is None else ArrayConstant(shared.array)
