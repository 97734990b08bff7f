"""Elements up to the small whole numbers that sums multiply them by.

Where rows are broadcast and added up again, a sum says how often a condition holds, once for each
copy.  Whether it holds at all is told by one copy, so elements that are multiples of each other are
taken for the first of them that was met.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from verify.field.whole.ring import Integers, Ring

__all__ = ["Multiples"]

_MOST = 1 << 14  # elements of an array; of a larger one each is taken for itself
_FACTORS = 6


class Multiples:
    """Elements that were met, each the first of its multiples.

    Args:
        ring: What they are elements of.
    """

    def __init__(self, ring: Ring) -> None:
        self._ring = ring
        self._factors: dict[int, tuple[Integers, Integers]] = {}  # and their inverses
        self._asked: set[bytes] = set()
        self._conditions: set[bytes] = set()
        self._noted: dict[bytes, Integers | None] = {}  # conditions, by what tells them apart

    def note_factor(self, factor: int) -> None:
        """A sum adds up so many elements, which may be the same."""
        if factor > 1 and factor not in self._factors and len(self._factors) < _FACTORS:
            times = self._ring.of_doubles(np.array(float(factor)))
            self._factors[factor] = times, self._ring.inverse(times)

    def note_condition(self, mark: bytes, v: Integers) -> None:
        """Elements that are 0 or 1 each."""
        self._noted.setdefault(mark, v)

    def clear(self) -> None:
        """Forget what was met, but for the factors."""
        self._asked.clear()
        self._conditions.clear()
        self._noted.clear()

    def once(self, v: Integers) -> tuple[Integers, NDArray[np.bool_]]:
        """The first of the multiples of each element, and which of these are conditions."""
        if v[0].size > _MOST:
            return v, np.zeros(v.shape[1:], dtype=np.bool_)
        self._read_conditions()
        columns = len(v), *(1,) * (v.ndim - 1)
        factors = [f.reshape(columns) for pair in self._factors.values() for f in pair[::-1]]
        multiples = [_elements(v), *(_elements(self._ring.mul(v, f)) for f in factors)]
        made = [self._met_first(x) for x in zip(*multiples, strict=True)]
        first = np.frombuffer(b"".join(made), dtype=np.int64).reshape(-1, len(v)).T
        holds = np.array([x in self._conditions for x in made], dtype=np.bool_)
        return first.reshape(v.shape), holds.reshape(v.shape[1:])

    def _met_first(self, multiples: Sequence[bytes]) -> bytes:
        for x in multiples:
            if x in self._conditions:
                return x
        for x in multiples:
            if x in self._asked:
                return x
        self._asked.add(multiples[0])
        return multiples[0]

    def _read_conditions(self) -> None:
        for mark, v in self._noted.items():
            if v is not None:
                self._conditions.update(_elements(v))
                self._noted[mark] = None


def _elements(v: Integers) -> list[bytes]:
    """The residues of each element."""
    rows = np.ascontiguousarray(v.reshape(len(v), -1).T)
    elements: list[bytes] = rows.view(f"V{rows.itemsize * len(v)}").ravel().tolist()
    return elements
