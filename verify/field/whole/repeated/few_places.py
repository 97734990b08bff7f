"""Bounds on the degrees of arrays of which a few elements were changed: of these on their own.

An array carries one bound for all its elements.  A loop that changes one element in each
repetition, by what others are, would double it each time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from verify.field.whole.bookkeeping import Bounded

__all__ = ["FewPlaces", "Pair"]

_FEW = 4096  # elements that are told apart


@dataclass(slots=True)
class Pair:
    """Degrees of a numerator and a denominator."""

    n: int
    d: int


_Flat: TypeAlias = npt.NDArray[np.intp]


class _Array(Bounded, Protocol):
    """Residues, and one bound for all of them."""

    shape: tuple[int, ...]

    @property
    def v(self) -> npt.NDArray[np.int64]:
        """The residues, modulo one prime after the other."""
        ...

    @property
    def size(self) -> int:
        """Number of elements."""
        ...


_Made = TypeVar("_Made")
_Gives_co = TypeVar("_Gives_co", covariant=True)
_Taken = TypeVar("_Taken", bound=Bounded)


class _Field(Protocol[_Gives_co]):
    """A field, as far as constants go."""

    def of_array(self, value: npt.NDArray[np.float64]) -> _Gives_co:
        """The elements of an array of numbers."""
        ...

    def function(self, name: str, *operands: object) -> _Gives_co:
        """An unknown for each argument."""
        ...


class FewPlaces:
    """What is known of the elements of arrays, by the arrays' residues.

    Attributes:
        filled: Arrays of constants that are unknowns, by shape and bytes.
    """

    def __init__(self) -> None:
        self.filled: frozenset[object] = frozenset()
        self._known: dict[bytes, tuple[Pair, dict[int, Pair]]] = {}

    def __bool__(self) -> bool:
        return bool(self._known)

    def of(self, x: _Array, places: _Flat) -> Bounded:
        """The bound for elements at flat places of an array."""
        found = self._known.get(_key(x)) if self._known and places.size <= _FEW else None
        if found is None:
            return Pair(x.n, x.d)
        rest, changed = found
        return _largest([changed.get(place, rest) for place in places.ravel().tolist()] or [rest])

    def begun(self, field: _Field[_Made], value: npt.NDArray[np.float64]) -> _Made:
        """The elements of an array of constants; of one that loops fill unknowns of these."""
        numbers = np.asarray(value, float)
        given = field.of_array(numbers)
        if (numbers.shape, numbers.tobytes()) not in self.filled:
            return given
        return field.function("filled", given, np.arange(1.0 * value.size).reshape(value.shape))

    def taken(self, x: _Array, keys: Sequence[object], made: _Taken) -> _Taken:
        """What a key takes of an array, with a bound of its own."""
        if self._known and x.v.shape[1:] == x.shape:
            key = tuple([_index(one) for one in keys])
            places = np.arange(x.size).reshape(x.shape)[key]  # type: ignore[index]  # as NumPy's
            bound = self.of(x, np.asarray(places))
            made.n, made.d = bound.n, bound.d
        return made

    def changed(self, x: _Array, made: _Array, places: _Flat, bound: Bounded) -> None:
        """Note that an array was made of another by changing it at flat places."""
        if places.size > _FEW or x.v.shape[1:] != x.shape:
            return
        rest, before = self._known.get(_key(x)) or (Pair(x.n, x.d), {})
        own = dict.fromkeys(places.ravel().tolist(), Pair(bound.n, bound.d))
        changed = {**before, **own}
        self._known[_key(made)] = rest, changed
        largest = _largest([rest, *changed.values()])
        made.n, made.d = largest.n, largest.d


def _largest(pairs: Sequence[Pair]) -> Pair:
    if len(pairs) == 1:
        return pairs[0]
    return Pair(max(one.n for one in pairs), max(int(one.d) for one in pairs))


def _key(x: _Array) -> bytes:
    return hashlib.sha256(np.ascontiguousarray(x.v).data).digest()


def _index(part: object) -> object:
    """One entry of a key; of an index map its numbers."""
    known = getattr(part, "known", None)
    return part if known is None else known.astype(np.int64)
