"""Many sides: a function of numbers at many random points, all at once.

As a field in which every difference has a sign (``Field(sides=True)``), so that each point lies on
one random side of every condition; but a number is an array here, with an element for each point.
What Python does for an operation is then done once for all points.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from verify.field.whole.array_field import Residues
from verify.field.whole.hashed import Oracle
from verify.field.whole.meaning_of_rows import WholeField
from verify.field.whole.ring import Integers, Ring

__all__ = ["ManySides"]


class ManySides(WholeField):
    """Numbers at many points, on a random side of every condition each.

    Args:
        count: The number of points.

    Attributes:
        poles: The points at which a denominator was zero; what comes of it there means nothing.
    """

    def __init__(self, count: int) -> None:
        super().__init__(relations=True, sides=True)
        self.count = count
        self.poles = np.zeros(count, dtype=np.bool_)
        self.oracle = _Drawn(self.ring, self._random)
        self._inverses: dict[bytes, Integers] = {}
        self._numbers: dict[float, Residues] = {}

    def point(self, count: int) -> list[Residues]:
        """So many numbers, each random at every point."""
        return [self.unknown((self.count,)) for _ in range(count)]

    def same(self, x: Residues, y: Residues) -> bool:
        """True for numbers that are equal at all points but poles."""
        return bool(((x.v.T == y.v.T).all(axis=-1) | self.poles).all())

    def lift(self, value: object) -> Residues:
        """The elements of a number, once for each; zeros have a sign."""
        if isinstance(value, Residues):
            return value
        if type(value) is not float or value == 0.0:
            return super().lift(value)
        found = self._numbers.get(value)
        if found is None:
            found = self._numbers[value] = super().lift(value)
        return found

    def inverse(self, x: Residues) -> Residues:
        """1 / x; 1 at a pole."""
        key = x.v.tobytes()
        found = self._inverses.get(key)
        if found is None:
            zero = (x.v == 0).any(axis=0)
            self.poles |= zero
            found = self._inverses[key] = self.ring.inverse(np.where(zero, 1, x.v))
        return Residues(self, found, int(x.d), x.n)


class _Drawn(Oracle):
    """Random values that are drawn when an argument is met first: for a few hundred points a hash
    would take longer."""

    def __init__(self, ring: Ring, random: np.random.Generator) -> None:
        super().__init__(ring)
        self._random = random
        self._tables: dict[str, dict[tuple[int, ...], int]] = {}  # of arguments, their places
        self._values: dict[str, Integers] = {}

    def _elements(self, name: str, arguments: Sequence[Integers]) -> Integers:
        shape = np.broadcast_shapes(*(x.shape[1:] for x in arguments))
        rows = [np.broadcast_to(row, shape).ravel().tolist() for x in arguments for row in x]
        table = self._tables.setdefault(name, {})
        places = [table.setdefault(argument, len(table)) for argument in zip(*rows, strict=True)]
        values = self._values.get(name)
        known = 0 if values is None else values.shape[1]
        if values is None or known < len(table):
            more = self._ring.random((len(table) + known,), self._random)
            values = more if values is None else np.concatenate([values, more], axis=1)
            self._values[name] = values
        return values[:, places].reshape(self._ring.count, *shape)

    def bits(self, name: str, *arguments: Integers) -> NDArray[np.bool_]:
        """A random bit at each place."""
        odd: NDArray[np.bool_] = self.values(name, *arguments)[0] % 2 == 1
        return odd
