"""Arrays of residues that know outside which conditions they are zero.

What flows back through a branch is selected where it flows, and selected again wherever elements
are added up: by whether any condition holds of those that reach a place.  So a text says ``c * x``
where ``x`` is zero already where ``c`` does not hold, and a field, in which a condition is an
element like any other, takes that for another expression than ``x``.

Here an array may have gates: conditions, one for each of its elements, without which the element is
zero.  A selection gives its result the gate that it selects by; a product has the gates of both
factors, a sum what either has; where elements are moved gates move along, and where they are added
up the gate of a sum is that any condition of a summand holds, in the very form in which texts ask
for it.  So a gate is met again by its residues, and selecting by it changes nothing.

A sum from which a term is taken away leaves the other: terms are found by the residues of sums, and
what is known of arrays by theirs.  Each look is counted among what could agree by accident.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, product, starmap
from typing import TypeAlias

import numpy as np

from autodiff.table.arrays.array_row import ArrayRow
from autodiff.table.arrays.row_params import RowParams
from verify.field.whole.array_field import Places, Residues, is_unknown
from verify.field.whole.bookkeeping import aligned, is_all
from verify.field.whole.conditions.multiples import Multiples
from verify.field.whole.conditions.row_kinds import JOINING, MOVING
from verify.field.whole.meaning_of_rows import WholeField
from verify.field.whole.ring import Integers

__all__ = ["Gated", "GatedField"]

_Gates: TypeAlias = tuple[Residues, ...]

_MET = 12  # gates of equal arrays
_KEPT, _PAIRED = 6, 2  # gates of an array, and those of two that are looked at in pairs
_SPREADING = frozenset({"scatter_add", "put_along"})
_ADDING = _SPREADING | {"sum", "cumsum"}


class Gated(Residues):
    """An array with gates.

    Attributes:
        gates: Conditions of its shape: each element is zero where one of its own does not hold.
    """

    __slots__ = ("gates",)
    gates: _Gates
    meaning: GatedField

    def __getitem__(self, key: object) -> Residues:
        return self.meaning.gated(super().__getitem__(key), (gate[key] for gate in self.gates))

    def __add__(self, y: object) -> Residues:
        return self.meaning.with_either(super().__add__(y), self, self.meaning.lift(y))

    __radd__ = __add__

    def __sub__(self, y: object) -> Residues:
        return self + -self.meaning.lift(y)

    def __rsub__(self, x: object) -> Residues:
        return -(self - x)

    def __mul__(self, y: object) -> Residues:
        return self.meaning.with_both(super().__mul__(y), self, self.meaning.lift(y))

    __rmul__ = __mul__

    def __neg__(self) -> Residues:
        return self.meaning.gated(super().__neg__(), self.gates)


class GatedField(WholeField):
    """Whole arrays that know outside which conditions they are zero."""

    def __init__(self, relations: bool = False, cuts: bool = False, primes: int = 2) -> None:
        super().__init__(relations, cuts=cuts, primes=primes)
        # The gates of arrays by their residues, each by its own.
        self._met: dict[bytes, dict[bytes, Residues]] = {}
        self._terms: dict[tuple[bytes, bytes], Residues] = {}  # by a sum and its other term
        self._factors: dict[bytes, _Gates] = {}  # what conditions are the conjunction of
        self._moved: dict[object, Residues] = {}  # gates, by where from and how
        self._multiples = Multiples(self.ring)

    def gated(self, made: Residues, gates: Iterable[Residues]) -> Residues:
        """An array with the first of some gates, which may be repeated."""
        if made.known is not None:
            return made
        if made.condition:
            return self._condition(made.v, made.n, made.d)
        kept: dict[bytes, Residues] = {}
        for gate in gates:
            if gate.known is None:
                spread = self._in_shape(gate, made.shape)
                kept.setdefault(_digest(spread), spread)
            if len(kept) == _KEPT:
                break
        if not kept:
            return made
        found = Gated(self, made.v, made.n, made.d)
        found.gates = tuple(kept.values())
        met = self._met.setdefault(_digest(found), kept)
        if len(met) < _MET:
            met.update(kept)
        return found

    def _in_shape(self, x: Residues, shape: tuple[int, ...]) -> Residues:
        if x.shape == shape:
            return x
        v = x.v.reshape(self.ring.count, *(1,) * (len(shape) - x.ndim), *x.shape)
        v = np.broadcast_to(v, (self.ring.count, *shape))
        return Residues(self, v, x.n, x.d, condition=x.condition)

    def _gates_of(self, x: Residues) -> _Gates:
        """What is known of an array by itself; a condition is its own gate."""
        if x.condition and x.known is None:
            return x, *self._factors.get(_digest(x), ())
        return x.gates if isinstance(x, Gated) else ()

    def with_both(self, made: Residues, x: Residues, y: Residues) -> Residues:
        """A product: what either factor is zero without."""
        return self.gated(made, chain(self._gates_of(x), self._gates_of(y)))

    def with_either(self, made: Residues, x: Residues, y: Residues) -> Residues:
        """A sum: what neither summand is there without."""
        if is_all(y.known, 0.0):
            return self.gated(made, self._gates_of(x))
        for term, other in ((x, y), (y, x)):
            if made.shape == other.shape and self._gates_of(term):
                self._terms.setdefault((_digest(made), _digest(other)), term)
        return self.gated(made, self._of_either(self._gates_of(x), self._gates_of(y), made.shape))

    def _of_either(self, one: _Gates, other: _Gates, shape: tuple[int, ...]) -> Iterator[Residues]:
        """Gates of what is zero where a gate of one and a gate of the other are closed."""
        if not one or not other:
            return
        one, other = (tuple([self._in_shape(g, shape) for g in z]) for z in (one, other))
        met = {_digest(gate) for gate in other}
        yield self._either(one[0], other[0])
        yield from (gate for gate in one if _digest(gate) in met)
        pairs = islice(product(one[:_PAIRED], other[:_PAIRED]), 1, None)
        yield from starmap(self._either, pairs)

    def _either(self, x: Residues, y: Residues) -> Residues:
        return self.negation(self.conjunction(self.negation(x), self.negation(y)))

    def carried(self, *numbers: Residues) -> Sequence[Residues]:
        """Numbers without gates: another repetition may begin with some that have none."""
        self._met.clear()
        self._terms.clear()
        self._factors.clear()
        self._multiples.clear()
        self._moved.clear()
        plain = [self.lift(x) for x in numbers]
        return [Residues(self, x.v, x.n, x.d) if isinstance(x, Gated) else x for x in plain]

    # --- conditions ---

    def equal(self, x: Residues, y: Residues) -> Residues:
        """The condition x == y; how often conditions hold is zero where none holds once."""
        if x.known is not None or x.condition or not is_all(y.known, 0.0):
            return super().equal(x, y)
        self.looked(x)
        first, holds = self._multiples.once(x.v)
        once = Residues(self, first, x.n, x.d, condition=bool(holds.all()))
        if once.condition:
            return self.negation(once)
        made = super().equal(once, y)
        if holds.any():
            neither = self.ring.sub(np.ones_like(first), first)
            made = self._condition(np.where(holds, neither, made.v), x.n, x.d)
        return self._noted(made)

    def less(self, x: Residues, y: Residues) -> Residues:
        """The condition x < y."""
        return self._noted(super().less(x, y))

    def negation(self, condition: Residues) -> Residues:
        """1 - c."""
        if condition.known is not None:
            return super().negation(condition)
        one = np.ones_like(condition.v)
        made = self.ring.sub(one, condition.v)
        return self._noted(self._condition(made, max(condition.n, condition.d), condition.d))

    def _condition(self, v: Integers, n: int, d: int) -> Residues:
        """A condition, which is its own gate."""
        made = Gated(self, v, n, d, condition=True)
        made.gates = ()
        return made

    def _noted(self, condition: Residues) -> Residues:
        if condition.known is not None:
            return condition
        self._multiples.note_condition(_digest(condition), condition.v)
        return self.gated(condition, ())

    def conjunction(self, x: Residues, y: Residues) -> Residues:
        """The product of what both are products of, each once."""
        if x.known is not None and y.known is not None:
            return super().conjunction(x, y)
        shape = np.broadcast_shapes(x.shape, y.shape)
        made, other = self._in_shape(x, shape), self._in_shape(y, shape)
        own, others = (self._factors.get(_digest(z), (z,)) for z in (made, other))
        if len(own) < len(others):
            made, own, others = other, others, own
        factors = {_digest(one): one for one in own}
        for digest, one in [(_digest(one), one) for one in others]:
            if digest not in factors:
                factors[digest] = one
                v = self.ring.mul(*aligned(made, one))
                made = self._condition(v, made.n + one.n, made.d + one.d)
        self._factors.setdefault(_digest(made), tuple(factors.values()))
        self.looked(x, y)
        return self._noted(made)

    def where(self, condition: Residues, x: Residues, y: Residues) -> Residues:
        """x where a condition holds, else y: just x, if without the condition they are the same."""
        if condition.known is not None:
            return self._by_mask(condition, x, y)
        one, other = (z.condition or is_all(z.known, 0.0) for z in (x, y))
        if one and is_all(y.known, 0.0):
            return self.conjunction(condition, x)
        if other and is_all(x.known, 0.0):
            return self.conjunction(self.negation(condition), y)
        self.looked(condition)
        between = self._between(x, y)
        made = self._selected(self._told_apart(condition, between), x, y, between)
        if is_all(y.known, 0.0):
            return self.gated(made, self._below(condition, x))
        if is_all(x.known, 0.0):
            return self.gated(made, self._below(self.negation(condition), y))
        if made is x:
            return made
        own, others, either = self._gates_of(x), self._gates_of(y), self._of_either
        gates = chain(
            either(self._gates_of(condition), others, made.shape),
            either((self.negation(condition),), own, made.shape),
            either(own, others, made.shape),
        )
        return self.gated(made, gates)

    def _below(self, condition: Residues, x: Residues) -> Iterator[Residues]:
        """The gates of an array that is selected by a condition: that and its own, and both."""
        own = self._gates_of(x)
        both = (self.conjunction(condition, gate) for gate in own[:_PAIRED])
        return chain(islice(both, 1), (condition,), own[:1], both, own)

    def _by_mask(self, condition: Residues, x: Residues, y: Residues) -> Residues:
        made = super().where(condition, x, y)
        if isinstance(x, Gated) or isinstance(y, Gated):
            sides = [self._flags(z) for z in (x, y)]
            return self.gated(made, (super().where(condition, *sides),))
        return made

    def _flags(self, x: Residues) -> Residues:
        """One gate of an array; what is not known to be zero has one that holds."""
        if gates := self._gates_of(x):
            return gates[0]
        return self.lift(np.full(x.shape, 0.0 if is_all(x.known, 0.0) else 1.0))

    def _between(self, x: Residues, y: Residues) -> Residues:
        """x - y, as a term that was added to y if it was one."""
        between = None if is_all(y.known, 0.0) else self._terms.get((_digest(x), _digest(y)))
        between = self.lift(x - y) if between is None else between
        if between.known is None:
            self.looked(between)
            met = self._met.get(_digest(between), {})
            between = self.gated(between, chain(self._gates_of(between), met.values()))
        return between

    def _told_apart(self, condition: Residues, between: Residues) -> Residues:
        """What a condition asks beyond what a difference is zero without."""
        equal = self._met.get(_digest(between), {})
        known = chain(self._gates_of(between), equal.values())
        gates = [gate for gate in known if gate.shape == between.shape]
        shape = np.broadcast_shapes(condition.shape, between.shape)
        met = {_digest(self._in_shape(gate, shape)) for gate in gates}
        factors = self._factors.get(_digest(condition), (condition,))
        left = [one for one in factors if _digest(self._in_shape(one, shape)) not in met]
        if len(left) == len(factors):
            return condition
        made = self._decided(np.ones(condition.shape))
        for one in left:
            made = self.conjunction(made, one)
        return made

    def _selected(
        self, condition: Residues, x: Residues, y: Residues, between: Residues
    ) -> Residues:
        """x where a condition holds, else y, element by element."""
        if condition.known is not None:
            made = super().where(condition, x, y)
            return x if condition.known.all() and x.shape == made.shape else made
        made = super().where(condition, x, y)
        if between.known is not None:
            return made
        holds = self._in_shape(condition, made.shape).v
        nothing = (self._in_shape(between, made.shape).v == 0).all(axis=0)
        for gate in self._gates_of(between):
            same = nothing | (self._in_shape(gate, made.shape).v == holds).all(axis=0)
            if same.any():
                one, two = (self._in_shape(z, made.shape).v for z in (x, made))
                made = Residues(self, np.where(same, one, two), made.n, made.d)
        return made

    # --- rows ---

    def of_row(self, row: ArrayRow, operands: tuple[object, ...], params: RowParams) -> Residues:
        """What a row of arrays does to its operands, and to their gates where it is linear."""
        made = super().of_row(row, operands, params)
        if row.name in {"sum", "contract"}:
            self._multiples.note_factor(self._terms_of(made, operands))
        if made.known is not None:
            return made
        if row.name in JOINING:
            return self._joined(row, made, [self.lift(x) for x in operands], params)
        return self.gated(made, self._moved_gates(row, operands, params))

    def _terms_of(self, made: Residues, operands: tuple[object, ...]) -> int:
        """How many elements a sum adds up."""
        sizes = [self.lift(x).size for x in operands]
        whole = sizes[0] if len(sizes) == 1 else math.isqrt(math.prod(sizes) * made.size)
        return whole // max(made.size, 1)

    def _numbers_of(self, operand: object) -> Residues:
        return self.lift(operand.numbers if isinstance(operand, Places) else operand)

    def _moved_gates(
        self, row: ArrayRow, operands: tuple[object, ...], params: RowParams
    ) -> Iterator[Residues]:
        of_row, linear = super().of_row, row.name in MOVING | _ADDING
        shapes = () if linear else tuple([self._numbers_of(y).shape for y in operands])
        for place, x in enumerate(operands if row.name == "contract" else operands[: int(linear)]):
            if not isinstance(x, Residues):
                continue
            rest = list(operands)
            if row.name == "contract":
                rest = [self.lift(np.ones(shape)) for shape in shapes]
            gates = self._gates_of(x)
            if not gates and row.name in _SPREADING and is_unknown(operands[1]):
                gates = (self.lift(np.ones(x.shape)),)  # a place that none goes to has zero
            others = tuple([self._mark(y) for y in rest[1:]]) if linear else shapes
            for gate in gates:
                key = row.name, place, _digest(gate), others, repr(params)
                moved = self._moved.get(key)
                if moved is None:
                    moved = of_row(row, (*rest[:place], gate, *rest[place + 1 :]), params)
                    moved = moved if row.name in MOVING else self._any(moved)
                    self._moved[key] = moved
                yield moved

    def _mark(self, index: object) -> bytes:
        return _digest(self._numbers_of(index))

    def _any(self, holding: Residues) -> Residues:
        """Whether some conditions hold at all, from how many do."""
        return self.negation(self.equal(holding, self.lift(0.0)))

    def _joined(
        self, row: ArrayRow, made: Residues, given: Sequence[Residues], params: RowParams
    ) -> Residues:
        """A row that puts several arrays into one: conditions stay conditions."""
        if not any(self._gates_of(x) for x in given):
            return made
        if all(x.condition or _are_truths(x) for x in given):
            return self._condition(made.v, made.n, made.d)
        flags = tuple([self._flags(x) for x in given])
        return self.gated(made, (super().of_row(row, flags, params),))


def _are_truths(x: Residues) -> bool:
    return x.known is not None and bool(((x.known == 0.0) | (x.known == 1.0)).all())


def _digest(x: Residues) -> bytes:
    made = hashlib.sha256(repr(x.shape).encode())
    made.update(np.ascontiguousarray(x.v).data)
    return made.digest()
