"""Bounds on the degrees of arrays of which a few elements were changed: of these on their own.

An array carries one bound for all its elements.  A loop that changes one element in each
repetition, by what others are, would double it each time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

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


Places: TypeAlias = npt.NDArray[np.intp]


class FewPlaces:
    """What is known of the elements of arrays, by the arrays' residues."""

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[Pair, dict[int, Pair]]] = {}

    def __bool__(self) -> bool:
        return bool(self._known)

    def of(self, x: Any, places: Places) -> Bounded:
        """The bound for elements at flat places of an array."""
        found = self._known.get(_key(x)) if self._known and places.size <= _FEW else None
        if found is None:
            return Pair(x.n, x.d)
        rest, changed = found
        return _largest([changed.get(place, rest) for place in places.ravel().tolist()] or [rest])

    def of_key(self, x: Any, key: tuple[Any, ...]) -> tuple[int, int]:
        """The bound for what a key takes."""
        if not self._known or x.v.shape[1:] != x.shape:
            return x.n, x.d
        places = np.arange(x.size).reshape(x.shape)[key]
        found = self.of(x, np.asarray(places))
        return found.n, found.d

    def changed(self, x: Any, made: Any, places: Places, bound: Bounded) -> None:
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


def _key(x: Any) -> bytes:
    return hashlib.sha256(np.ascontiguousarray(x.v).data).digest()
