"""A few rows drawn for very many: what is equal on them is equal on all.

Most functions of large arrays treat all rows alike: a row of a result is one expression in its own
row of every array, and rows meet in sums alone.  Rather than n rows a field holds k, and a sum over
them takes each with a weight of its own; the weights are random and add up to n.

**Why k rows tell.**  Let H(r) be all that row r adds to the sums.  For any n rows, the vector of
the sums and n is the sum of the vectors (H(r), 1), so it lies in their span: as many of these rows
as the vector has numbers, with weights that add up to n, have the very same sums.  Whatever the
sums are used for, in further rows or in numbers, is the same then as well.  So expressions that are
equal on k rows with any weights are equal on n rows, if k is not less than the number of sums and
one.

Only sums that something depends on in more than a linear way are counted (``RowSum``): of the rest,
a number of the difference is the sum of one expression in rows, one number of H.

Where rows are not treated alike, ``NotAlikeError`` says so: every row of arrays is refused that is
not known to leave rows alone.  An array of constants is unknown rows, the same for the same array:
what holds for any such array holds for this one, and another is another unknown.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.table.arrays.array_row import ArrayRow
from autodiff.table.arrays.row_params import RowParams
from verify.field.whole.alike_rows import ALIKE, summed_operand
from verify.field.whole.array_field import Doubles, Integers, Residues
from verify.field.whole.meaning_of_rows import WholeField

__all__ = ["DrawnField", "NotAlikeError", "Rows", "TooFewRowsError", "rows_to_draw"]

_FEWEST, _WORTH = 16, 20_000  # rows that are drawn; numbers below which all of them are run
_GAIN = 4  # rows for each that is drawn, at least

_Shape: TypeAlias = tuple[int, ...]
_LINEAR = frozenset({"sum", "reshape", "transpose", "slice", "broadcast_to", "place", "concatenate",
                     "stack"})  # fmt: skip


class NotAlikeError(ValueError):
    """Rows are not treated alike, or it is not known that they are."""


class TooFewRowsError(NotAlikeError):
    """More sums over rows are used than the rows that were drawn tell of.

    Attributes:
        needed: How many rows tell.
    """

    def __init__(self, needed: int) -> None:
        super().__init__(f"{needed} rows are needed")
        self.needed = needed


class Rows(NamedTuple):
    """What an axis of one length stands for.

    Attributes:
        length: How many rows there are; every axis of this length has the same rows.
        drawn: How many are drawn; no other axis has this length.
        taken: Lengths of other axes.
    """

    length: int
    drawn: int
    taken: frozenset[int]

    def with_more(self, needed: int) -> Rows | None:
        """With so many rows at least; None if that is hardly less than all."""
        drawn = next(k for k in range(needed, needed + len(self.taken) + 1) if k not in self.taken)
        return self._replace(drawn=drawn) if drawn * _GAIN <= self.length else None


def rows_to_draw(graph: Graph) -> Iterator[Rows]:
    """Axes of a graph whose rows may be drawn, those of most numbers first; loops have none."""
    if loops_of(graph):
        return
    numbers: dict[int, int] = {}
    for node in graph.nodes:
        for length in {*node.shape}:
            numbers[length] = numbers.get(length, 0) + math.prod(node.shape)
    taken = frozenset(numbers)
    for length in sorted(numbers, key=lambda n: -numbers[n]):
        rows = Rows(length, 0, taken).with_more(_FEWEST)
        if rows is not None and numbers[length] >= _WORTH:
            yield rows


class RowSum(Residues):
    """Numbers that depend on sums over rows in a linear way, as long as nobody looks at them.

    Attributes:
        sums: Which sums, by their numbers in the field.
    """

    __slots__ = ("sums",)
    meaning: DrawnField

    def __init__(self, made: Residues, sums: frozenset[int]) -> None:
        super().__init__(made.meaning, made._v, made.n, made.d)
        self.sums = sums

    @property
    def v(self) -> Integers:
        """The residues: who reads them may do anything with them."""
        self.meaning.used |= self.sums
        return self.opened().v

    def opened(self) -> Residues:
        """The same for what is linear in it."""
        return Residues(self.meaning, self._v, self.n, self.d)

    def _linear(self, y: object, apply: Callable[[Residues, Residues], Residues]) -> Residues:
        other = self.meaning.lift(y)
        if self.meaning.has_rows(other):
            return apply(Residues(self.meaning, self.v, self.n, self.d), other)
        sums = self.sums | (other.sums if isinstance(other, RowSum) else frozenset())
        return RowSum(apply(self.opened(), _opened(other)), sums)

    def __add__(self, y: object) -> Residues:
        return self._linear(y, lambda a, b: a + b)

    def __radd__(self, y: object) -> Residues:
        return self._linear(y, lambda a, b: b + a)

    def __sub__(self, y: object) -> Residues:
        return self._linear(y, lambda a, b: a - b)

    def __rsub__(self, y: object) -> Residues:
        return self._linear(y, lambda a, b: b - a)

    def __neg__(self) -> Residues:
        return RowSum(-self.opened(), self.sums)

    def __mul__(self, y: object) -> Residues:
        other = self.meaning.lift(y)
        if isinstance(other, RowSum):
            return super().__mul__(other)
        return self._linear(other, lambda a, b: a * b)

    __rmul__ = __mul__


def _opened(x: Residues) -> Residues:
    return x.opened() if isinstance(x, RowSum) else x


class DrawnField(WholeField):
    """Arrays of residues with a few rows for many.

    Args:
        rows: Which.
        options: As for ``WholeField``.

    Attributes:
        used: Sums over rows that something depends on in more than a linear way.
    """

    def __init__(self, rows: Rows, *options: bool, **more: Any) -> None:
        self._rows = rows
        self.used: frozenset[int] = frozenset()
        self._sums: list[int] = []  # how many numbers each has
        super().__init__(*options, **more)
        weights = self.ring.random((rows.drawn,), self._random)
        for own, p in zip(weights, self.ring.primes, strict=True):
            own[-1] = (rows.length - sum(map(int, own[:-1]))) % p
        self._weights = weights

    def require_enough(self) -> None:
        """As the module says.

        Raises:
            TooFewRowsError: if more rows are needed.
        """
        # Sums that are used, the one of the difference, and n; a row of a result has no sum of its
        # own, but is a row.
        needed = sum(self._sums[k] for k in self.used) + 2
        if needed > self._rows.drawn:
            raise TooFewRowsError(needed)

    def same(self, x: Residues, y: Residues) -> bool:
        """True for equal residues: a difference is linear in sums."""
        return super().same(_opened(x), _opened(y))

    # --- shapes ---

    places_are_known = True

    def held(self, shape: _Shape) -> _Shape:
        """The shape that an array is held in."""
        return tuple([self._rows.drawn if n == self._rows.length else n for n in shape])

    def shown(self, shape: _Shape) -> _Shape:
        """The shape that an array stands for.

        Raises:
            NotAlikeError: if rows meet rows.
        """
        length, drawn, _ = self._rows
        if shape.count(drawn) > 1 or length in shape:
            raise NotAlikeError(f"an array of shape {shape}")
        return tuple([length if n == drawn else n for n in shape])

    def has_rows(self, x: Residues) -> bool:
        """True if one of its axes is that of the rows."""
        return self._rows.length in x.shape

    def _axis(self, x: Residues) -> int:
        return x.shape.index(self._rows.length)

    # --- values ---

    def of_array(self, value: Doubles) -> Residues:
        """Constants: one number that all are, or unknown rows."""
        if self._rows.length not in value.shape:
            return super().of_array(value)
        shape = self.held(value.shape)
        if np.all(value == value.flat[0]):
            return super().of_array(np.full(shape, value.flat[0]))
        return Residues(self, self.ring.random(shape, self._random), 1, 0)

    def taken(self, x: Residues, keys: Sequence[object], made: Residues) -> Residues:
        """What a key takes.

        Raises:
            NotAlikeError: if it takes rows apart, or makes an axis as long as theirs.
        """
        if not self.has_rows(x):
            return self._without_rows(made)
        axis = self._axis(x)
        place = 0
        for key in keys:
            if key is None:
                continue
            if not isinstance(key, (int, slice)):
                raise NotAlikeError("an index")
            if place == axis and key != slice(None):
                raise NotAlikeError("a part of the rows")
            place += 1
        return made

    def require_stacks(self, *arrays: Residues) -> None:
        """Refuse to fill rows one by one, and to multiply stacks of matrices that have them.

        Raises:
            NotAlikeError: if an array has rows.
        """
        if any(map(self.has_rows, arrays)):
            raise NotAlikeError("stacks")

    def _without_rows(self, made: Residues) -> Residues:
        if self.has_rows(made):
            raise NotAlikeError("an axis that is as long as the rows that are drawn")
        return made

    # --- rows of arrays ---

    def of_row(self, row: ArrayRow, operands: tuple[object, ...], params: RowParams) -> Residues:
        """What a row of arrays does to its operands.

        Raises:
            NotAlikeError: if it may treat rows differently.
        """
        given = [self.lift(x) for x in operands]
        shape = params.get("shape", ())
        if not any(map(self.has_rows, given)) and self._rows.length not in shape:
            return self._without_rows(self._apart(row, given, params))
        allowed = ALIKE.get(row.name)
        axes = [self._axis(x) if self.has_rows(x) else None for x in given]
        if allowed is None or not allowed(axes, [x.shape for x in given], params):
            raise NotAlikeError(row.name)
        summed = summed_operand(row, axes, [x.size for x in given], params)
        held = [self._as_held(x) for x in given]
        if summed is not None:
            held[summed] = self._weighted(held[summed], axes[summed])
        made = super().of_row(
            row, tuple(held), {**params, **({"shape": self.held(shape)} if shape else {})}
        )
        return made if summed is None else self._noted(made)

    def _apart(self, row: ArrayRow, given: Sequence[Residues], params: RowParams) -> Residues:
        """A row of arrays without rows; what is linear in sums stays so."""
        sums = [x.sums for x in given if isinstance(x, RowSum)]
        if row.name in _LINEAR or (row.name == "contract" and len(sums) == 1):
            made = super().of_row(row, tuple(map(_opened, given)), params)
            return RowSum(made, frozenset().union(*sums)) if sums else made
        return super().of_row(row, tuple(given), params)

    def _as_held(self, x: Residues) -> Residues:
        """The same in the shape that it is held in."""
        v = x.v if isinstance(x, RowSum) else x._v
        made = Residues(self, v, x.n, x.d, x.known, x.condition)
        made.rounded = x.rounded
        made.shape = self.held(x.shape)
        return made

    def _weighted(self, x: Residues, axis: int | None) -> Residues:
        assert axis is not None
        others = (1,) * (x.ndim - axis - 1)
        weights = self._weights.reshape(self.ring.count, *(1,) * axis, self._rows.drawn, *others)
        made = Residues(self, self.ring.mul(x.v, weights), x.n + 1, x.d)
        made.shape = x.shape
        return made

    def _noted(self, made: Residues) -> Residues:
        """A sum over rows, counted as soon as it is used."""
        own = frozenset([len(self._sums)])
        self._sums.append(made.size)
        if self.cuts:  # which may make it a function of its numbers
            self.used |= own
            return made
        return RowSum(made, own)
