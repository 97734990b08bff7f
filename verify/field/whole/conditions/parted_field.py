"""Arrays of residues that are polynomials in conditions, none of which has a square.

As ``cubes.py``, for whole arrays: a condition that multiplies twice multiplies once, of x < y,
x == y and y < x one holds (``trichotomy.py``), and a number that is 0 or 1 wherever conditions are
is a condition.  So conditions inside conditions are met in any order: what the repetitions of a
loop do while it goes on, where they accept a step and clip another.

What a condition is not is a factor of its own, ``where`` takes the shorter of two forms, and what
is zero is told by its worth.  So a chain of n branches has n + 1 parts, not two to the n.

Whatever is linear in an array goes through its parts, where conditions are single numbers.  Those
of whole arrays hold element by element: parts stay parts as long as elements stay at their places,
and what moves them or adds them up is given an array without parts, as is what has too many.  Why
agreement is a proof, up to the chance of the field: ``cubes.py`` says it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from autodiff.table.arrays.array_row import ArrayRow
from autodiff.table.arrays.row_params import RowParams
from verify.field.whole.array_field import Residues
from verify.field.whole.bookkeeping import added_pair, aligned, is_all, small_integer
from verify.field.whole.conditions.condition_bits import (
    NO_CONDITION,
    Conditions,
    Cubes,
    affordable,
    at_place,
    bits_of,
    factor,
    grouped,
    holding_nowhere,
    multiplied,
)  # fmt: skip
from verify.field.whole.conditions.contracted import contracted
from verify.field.whole.conditions.row_kinds import JOINING, MOVING
from verify.field.whole.conditions.trichotomy import Orders
from verify.field.whole.meaning_of_rows import WholeField
from verify.field.whole.ring import Integers

__all__ = ["Parted", "PartedField"]

_PARTS = 256  # of an array; beyond, it is one without parts
_NUMBERS = 1 << 18  # of all its parts, likewise
_PRODUCTS = 1 << 12  # of parts of two arrays, likewise; the sum of so many is below 2**62
_REPEATED = 8  # exponents up to which a power is a product
_LINEAR = JOINING | {"sum", "cumsum", "scatter_add", "contract"}


class Parted(Residues):
    """An array as a sum over products of conditions.

    Attributes:
        cubes: The products.
        parts: The residues of each, along the second axis.
    """

    __slots__ = ("cubes", "parts")
    in_parts = True
    meaning: PartedField

    def __init__(
        self, field: PartedField, cubes: Cubes, parts: Integers, n: int, d: int, condition: bool
    ) -> None:
        super().__init__(field, parts[:, 0], n, d, condition=condition)
        self.cubes, self.parts, self._v = cubes, parts, None

    @property
    def v(self) -> Integers:
        """The residues, where each condition is a random element."""
        if self._v is None:
            self._v = self.meaning.worth_of(self.cubes, self.parts)
        return self._v

    def __getitem__(self, key: object) -> Residues:
        return self.meaning.moved(self, lambda x: x[key])

    def __add__(self, y: object) -> Residues:
        return self.meaning.total(self, self.meaning.lift(y))

    __radd__ = __add__

    def __sub__(self, y: object) -> Residues:
        return self.meaning.total(self, -self.meaning.lift(y))

    def __rsub__(self, x: object) -> Residues:
        return self.meaning.total(self.meaning.lift(x), -self)

    def __mul__(self, y: object) -> Residues:
        return self.meaning.product(self, self.meaning.lift(y))

    __rmul__ = __mul__

    def __neg__(self) -> Residues:
        negated = self.meaning.ring.neg(self.parts)
        return Parted(self.meaning, self.cubes, negated, self.n, self.d, False)


class PartedField(WholeField):
    """Whole arrays as polynomials in conditions."""

    def __init__(self, relations: bool = False) -> None:
        super().__init__(relations)
        self._conditions = Conditions(self.ring)
        self._orders = Orders(self.ring)
        self._work = 0

    # --- conditions ---

    def less(self, x: Residues, y: Residues) -> Residues:
        """The condition x < y: a part of its own for each difference."""
        return self._of_comparison("less", super().less(x, y), x, y)

    def equal(self, x: Residues, y: Residues) -> Residues:
        """The condition x == y."""
        if y.known is not None and not y.known.any() and self._is_truth(x):
            return self.negation(x)
        return self._of_comparison("equal", super().equal(x, y), x, y)

    def _is_truth(self, x: Residues) -> bool:
        """True for what is 0 or 1 wherever conditions are."""
        if not isinstance(x, Parted) or x.condition:
            return x.condition
        at_once = self._where_none_holds(x)
        return bool((at_once <= 1).all()) and self._is_zero(self.product(x, x) - x)

    def _where_none_holds(self, x: Parted) -> Integers:
        """What a number is where no condition holds: soon told, and often enough."""
        return self._reduced(x.parts[:, holding_nowhere(x.cubes)].sum(axis=1))

    def _of_comparison(self, kind: str, made: Residues, x: Residues, y: Residues) -> Residues:
        """A comparison of numbers as a part of its own."""
        if made.known is not None or isinstance(made, Parted):
            return made
        v = (x - y).v
        bits = self._orders.bits(kind, v)
        if bits is None:
            place = self._conditions.place_of(made.v, made.n + made.d)
            if place is None:
                return made
            self._orders.note(kind, v, place)
            bits = self._orders.bits(kind, v)
        assert bits is not None
        found = self._factor(bits[0], made.n, made.d)
        return found if len(bits) == 1 else self.conjunction(found, self._factor(bits[1], 0, 0))

    def _atom(self, made: Residues) -> Residues:
        """A condition as a part of its own, as long as there are not too many."""
        place = self._conditions.place_of(made.v, made.n + made.d)
        return made if place is None else self._factor(2 * place, made.n, made.d)

    def _factor(self, bit: int, n: int, d: int) -> Residues:
        """A condition alone, or what it is not."""
        one = np.ones_like(self._conditions.worth[bit >> 1])[:, None]
        return Parted(self, factor(bit), one, n, d, True)

    def _bit_of(self, x: Residues) -> int | None:
        """The bit of a number that is a condition alone, or what one is not."""
        if not isinstance(x, Parted) or len(x.cubes) > 1 or (x.parts != 1).any():
            return None
        bits = bits_of(x.cubes)
        return (
            bits[0]
            if len(bits) == 1 and self._conditions.worth[bits[0] >> 1].shape == x.v.shape
            else None
        )

    def negation(self, condition: Residues) -> Residues:
        """1 - c."""
        bit = self._bit_of(condition)
        if bit is not None:
            return self._factor(bit ^ 1, max(condition.n, condition.d), condition.d)
        return _as_condition(super().negation(condition))

    def conjunction(self, x: Residues, y: Residues) -> Residues:
        """The product."""
        return _as_condition(super().conjunction(x, y))

    def where(self, condition: Residues, x: Residues, y: Residues) -> Residues:
        """y + c * (x - y)."""
        if not any(isinstance(z, Parted) for z in (condition, x, y)):
            return super().where(condition, x, y)
        if condition.known is not None:
            if condition.known.size != 1:
                return self._by_mask(condition.known != 0.0, x, y)
            shape = np.broadcast_shapes(x.shape, y.shape)
            return (x if condition.known.any() else y) + self.lift(np.zeros(shape))
        between = self.lift(x - y)
        if _count(between) > _count(x) and self._bit_of(condition) is not None:
            made = self.lift(condition * x + self.negation(condition) * y)
        else:
            made = self.lift(y + condition * between)
        n, d = added_pair(x, y)  # what it is takes none of the degrees of ``between``
        made.n, made.d = n + max(condition.n, condition.d), d + condition.d
        return _as_condition(made) if is_all(x.known, 1.0) and is_all(y.known, 0.0) else made

    def _ordered(self, x: Residues, y: Residues) -> tuple[Residues, Residues]:
        """Of two numbers the one with the smaller residue, then the other."""
        if not (isinstance(x, Parted) or isinstance(y, Parted)):
            return super()._ordered(x, y)
        self.looked(x, y)
        one, two = aligned(x, y)
        swap = two[0] < one[0]
        if not swap.shape:
            return (y, x) if swap else (x, y)
        return self._by_mask(swap, y, x), self._by_mask(swap, x, y)

    def _by_mask(self, mask: NDArray[np.bool_], x: Residues, y: Residues) -> Residues:
        """x where a mask is true, else y: parts stay parts."""
        made = self.lift(y + self.lift(mask.astype(np.float64)) * (x - y))
        made.n, made.d = max(x.n, y.n), max(int(x.d), int(y.d))
        return made

    # --- parts ---

    def _is_zero(self, x: Residues) -> bool:
        self.looked(x)
        return not x.v.any()

    def worth_of(self, cubes: Cubes, parts: Integers) -> Integers:
        """The sum of parts, each times the worth of its conditions."""
        worth = self._conditions.worth_of(cubes, parts.ndim - 2)
        return self._reduced(self.ring.mul(parts, worth).sum(axis=1))

    def _reduced(self, x: Integers) -> Integers:
        return np.stack([self.ring.reduced(part, k) for k, part in enumerate(x)])

    def _of(self, cubes: Cubes, parts: Integers, n: int, d: int) -> Residues:
        """The array of some parts, several of which may have the same conditions."""
        self._work = affordable(self._work + len(cubes))
        order, first = grouped(cubes, len(self._conditions.worth))
        cubes, parts = cubes[order], parts[:, order]
        if len(first) < len(cubes):
            cubes, parts = cubes[first], self._reduced(np.add.reduceat(parts, first, axis=1))
        there = parts.any(axis=(0, *range(2, parts.ndim)))
        cubes, parts = cubes[there], np.ascontiguousarray(parts[:, there])
        if cubes.any() and len(cubes) <= _PARTS and parts[0].size <= _NUMBERS:
            return Parted(self, cubes, parts, n, d, False)
        return Residues(self, self.worth_of(cubes, parts), n, d)

    def each(
        self, x: Parted, apply: Callable[[Residues], Residues], cubes: Cubes | None = None
    ) -> Residues:
        """What a linear map makes of an array, under the same conditions or others."""
        parts = [Residues(self, x.parts[:, k], x.n, x.d) for k in range(len(x.cubes))]
        made = [apply(one) for one in parts]
        cubes = x.cubes if cubes is None else cubes
        return self._of(cubes, np.stack([one.v for one in made], axis=1), made[0].n, made[0].d)

    def moved(self, x: Parted, apply: Callable[[Residues], Residues]) -> Residues:
        """What a map makes of an array that takes elements to places, and zeros to others.

        What conditions hold of its elements one by one, goes with them.
        """
        known, places = self._conditions, dict[int, int | None]()

        def at_places(v: Integers) -> Integers:
            shape = (len(v), *(1,) * (x.ndim + 1 - v.ndim), *v.shape[1:])
            whole = np.broadcast_to(v.reshape(shape), (len(v), *x.v.shape[1:]))
            return apply(Residues(self, whole, 0, 0)).v

        for place in {bit >> 1 for bit in bits_of(x.cubes)}:
            worth, degree = known.worth[place], known.degree[place]
            if worth.ndim == 1:
                places[place] = place
                continue
            made = places[place] = known.place_of(at_places(worth), degree)
            if made is not None:
                for kind, v in self._orders.compared(place):
                    self._orders.note(kind, at_places(v), made)
        cubes = known.renamed(x.cubes, places)
        if cubes is None:
            return apply(Residues(self, x.v, x.n, x.d, condition=x.condition))
        return self.each(x, apply, cubes)

    def _in_one(self, x: Residues) -> Residues:
        """An array without parts, if conditions hold of its elements one by one."""
        if isinstance(x, Parted) and any(
            self._conditions.worth[b >> 1].ndim > 1 for b in bits_of(x.cubes)
        ):
            return Residues(self, x.v, x.n, x.d, condition=x.condition)
        return x

    def total(self, x: Residues, y: Residues) -> Residues:
        """x + y."""
        for some, other in ((x, y), (y, x)):
            if isinstance(some, Parted) and not some.shape and _is_plain_number(other):
                return self._with_more(some, other)
        (one, first), (two, second) = self._parts(x, y), self._parts(y, x)
        shape = np.broadcast_shapes(first.shape[2:], second.shape[2:])
        both = [np.broadcast_to(z, (*z.shape[:2], *shape)) for z in (first, second)]
        cubes = np.concatenate([one, two])
        return self._of(cubes, np.concatenate(both, axis=1), *added_pair(x, y))

    def _with_more(self, x: Parted, y: Residues) -> Residues:
        """x + y, for a number without parts."""
        v, first, degrees = y.v.reshape(-1, 1), int(not x.cubes[0].any()), added_pair(x, y)
        if first:
            v = self.ring.add(v, x.parts[:, :1])
        if v.any():
            cubes = np.concatenate([NO_CONDITION, x.cubes[first:]])
            parts = [v, x.parts[:, first:]]
            if len(cubes) <= _PARTS:
                return Parted(self, cubes, np.concatenate(parts, axis=1), *degrees, False)
        cubes = np.concatenate([NO_CONDITION, x.cubes])
        return self._of(cubes, np.append(y.v.reshape(-1, 1), x.parts, 1), *degrees)

    def product(self, x: Residues, y: Residues) -> Residues:
        """x * y, part by part."""
        for some, other in ((x, y), (y, x)):
            if isinstance(some, Parted) and _is_plain_number(other) and other.v.all():
                parts = self.ring.mul(some.parts, other.v.reshape(-1, *(1,) * (some.ndim + 1)))
                return Parted(self, some.cubes, parts, x.n + y.n, x.d + y.d, False)
        (one, first), (two, second) = self._parts(x, y), self._parts(y, x)
        n, d = x.n + y.n, x.d + y.d
        if len(one) * len(two) > _PRODUCTS:
            return Residues(self, self.ring.mul(*aligned(x, y)), n, d)
        cubes, never = multiplied(one, two)
        made = self.ring.mul(first[:, :, None], second[:, None, :])
        made = made.reshape(self.ring.count, -1, *made.shape[3:])
        return self._of(cubes[~never], made[:, ~never], n, d)

    def power(self, x: Residues, y: object) -> Residues:
        """x ** y: a repeated product where x has parts."""
        exponent = small_integer(self.lift(y).known)
        if not isinstance(x, Parted) or exponent is None or not 0 < exponent <= _REPEATED:
            return super().power(x, y)
        made: Residues = x
        for _ in range(exponent - 1):
            made = made * x
        return made

    def of_row(self, row: ArrayRow, operands: tuple[object, ...], params: RowParams) -> Residues:
        """What a row of arrays does to its operands: part by part where it is linear."""
        of_row = super().of_row
        if row.name in MOVING and isinstance(x := operands[0], Parted):
            return self.moved(x, lambda x: of_row(row, (x, *operands[1:]), params))
        if row.name == "contract" and all(isinstance(x, Parted) for x in operands):
            x, y = map(self.lift, operands)
            most = _NUMBERS // (_count(x) * _count(y))
            if (made := contracted(x, y, params["spec"], most)) is not None:
                return made
        operands = tuple([self._in_one(x) if isinstance(x, Parted) else x for x in operands])
        parted = [x for x in operands if isinstance(x, Parted)]
        if not parted or row.name not in _LINEAR:
            return of_row(row, operands, params)
        if row.name in JOINING:
            return self._joined(row, [self.lift(x) for x in operands], params)
        at = next(i for i, x in enumerate(operands) if x is parted[0])
        if len(parted) > 1 or (at and row.name != "contract"):
            return of_row(row, operands, params)
        before, behind = operands[:at], operands[at + 1 :]
        return self.each(parted[0], lambda x: of_row(row, (*before, x, *behind), params))

    def _parts(self, x: Residues, beside: Residues) -> tuple[Cubes, Integers]:
        """The parts of an array, as one of as many axes as another."""
        if isinstance(x, Parted):
            cubes, parts = x.cubes, x.parts
        else:
            cubes, parts = NO_CONDITION, x.v[:, None]
        added = max(beside.ndim - x.ndim, 0)
        return cubes, parts.reshape(*parts.shape[:2], *(1,) * added, *parts.shape[2:])

    def _joined(self, row: ArrayRow, given: Sequence[Residues], params: RowParams) -> Residues:
        """A row that puts several arrays into one."""
        found = [self._parts(x, x) for x in given]
        cubes = np.unique(np.concatenate([own for own, _ in found]), axis=0)
        of_row = super().of_row
        if len(cubes) > _PARTS:  # it has no parts
            return of_row(row, tuple([Residues(self, x.v, x.n, x.d) for x in given]), params)
        places = [{cube.tobytes(): k for k, cube in enumerate(own)} for own, _ in found]
        made = []
        for key in [cube.tobytes() for cube in cubes]:
            parts = [at_place(own, at.get(key)) for (_, own), at in zip(found, places, strict=True)]
            there = [Residues(self, v, x.n, x.d) for v, x in zip(parts, given, strict=True)]
            made.append(of_row(row, tuple(there), params))
        return self._of(cubes, np.stack([one.v for one in made], axis=1), made[0].n, made[0].d)


def _is_plain_number(x: Residues) -> bool:
    return not isinstance(x, Parted) and not x.shape


def _as_condition(x: Residues) -> Residues:
    if isinstance(x, Parted):
        x.condition = True
    return x


def _count(x: Residues) -> int:
    return len(x.cubes) if isinstance(x, Parted) else 1
