"""Residues: an array of elements of the ring, and what primitives mean to it.

As ``field.py``, for whole arrays: arithmetic is that of the ring, a function that arithmetic does
not make is an unknown of its argument, a condition is an unknown of its difference, ``where`` the
line through both branches at it.  An array carries one bound on the degrees of its elements.

What is known keeps its doubles beside its residues: conditions on them are decided, and index maps
are used as they stand.

One file, because arrays of residues and their field are each other's definition.
"""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autodiff.table import ops
from autodiff.table.arrays.array_row import ARRAY_ROWS, ArrayRow
from autodiff.table.arrays.over_elements import elementwise_value
from autodiff.table.arrays.reshaping import reshape, transpose
from autodiff.table.arrays.row_params import RowParams
from autodiff.table.primitive import REGISTRY, Primitive
from verify.field.meaning import Symbolic
from verify.field.related import ODD, Related
from verify.field.whole.bookkeeping import (
    Denominator,
    FoldedConstants,
    Places,
    added,
    added_pair,
    aligned,
    are_rounded,
    at_unknown_place,
    chance_of,
    is_all,
    numbers_of,
    small_integer,
    with_axes,
)  # fmt: skip
from verify.field.whole.hashed import Oracle
from verify.field.whole.repeated.few_places import FewPlaces
from verify.field.whole.repeated.visited import Repetitions
from verify.field.whole.ring import Integers, Ring

__all__ = ["ArrayField", "Integers", "Places", "Residues", "is_unknown"]

_CUT = 1 << 16  # degrees above it are cut, if cuts are wanted
_KNOWN = _CUT >> 1  # above it, if the same array was cut in another form
_EXACT = frozenset(REGISTRY[name] for name in ("add", "sub", "mul", "div", "neg", "square"))
Doubles = NDArray[np.float64]


class Residues(Symbolic):
    """An array of elements, and what is known of the expressions that they are the values of.

    Attributes:
        meaning: Its field.
        shape: Its shape.
        n: Bound on the degrees of the numerators.
        d: The same of the denominators.
        known: The numbers, if they are constants.
        rounded: True if the numbers are known but for rounding, and the residues are exact: sums
            and products of constants may come in any order.
        condition: True if every element is known to be 0 or 1, or an unknown that stands for one.
        beneath: If it is zero where a condition does not hold: that, and what it is elsewhere.
    """

    __slots__ = ("_v", "beneath", "condition", "d", "known", "n", "rounded", "shape")
    in_parts = False  # more is known of it than its residues
    __array_ufunc__ = None  # type: ignore[assignment]  # so ``constant @ residues`` is ours
    meaning: ArrayField

    def __init__(
        self,
        field: ArrayField,
        v: Integers | None,
        n: int,
        d: int,
        known: Doubles | None = None,
        condition: bool = False,
    ) -> None:
        self.meaning, self._v, self.n, self.d = field, v, n, d
        self.known, self.condition = known, condition
        self.beneath: tuple[Residues, Residues] | None = None
        self.rounded = v is not None and known is not None
        held: tuple[int, ...] = () if v is None else v.shape[1:]
        if v is None and known is not None:
            held = known.shape
        self.shape = field.shown(held)
        if d and self.shape:
            self.d = int(d)  # each element has a denominator of its own

    @property
    def v(self) -> Integers:
        """The residues, modulo the first prime and modulo the second."""
        if self._v is None:
            assert self.known is not None
            self._v = self.meaning.of_doubles(self.known)
        return self._v

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of elements."""
        return int(np.prod(self.shape, dtype=np.int64))

    def bind_row(self, row: ArrayRow, operands: tuple[object, ...], params: RowParams) -> Residues:
        """Result of a row of arrays."""
        return self.meaning.of_row(row, operands, params)

    def bind(self, primitive: Primitive, operands: tuple[object, ...]) -> Residues:
        """Result of a primitive: the meaning of its text; of numbers that are known, its value."""
        field = self.meaning
        given = [field.lift(x) for x in operands]
        known = tuple([x.known for x in given if x.known is not None])
        if len(known) == len(given):
            return field.of_known(primitive, given, known)
        function = field.of_primitive.get(primitive) or field.meaning_of(primitive)
        return field.lift(function(*given))

    # --- as emitted text handles arrays ---

    @property
    def T(self) -> Residues:  # noqa: N802  # NumPy's name
        """The axes in reverse order."""
        made = transpose(self, tuple(range(self.ndim))[::-1])
        assert isinstance(made, Residues)
        return made

    def reshape(self, *shape: Any) -> Residues:
        """The same elements, row by row, in another shape."""
        made: Residues = reshape(self, shape[0] if shape and type(shape[0]) is tuple else shape)
        return made

    def ravel(self) -> Residues:
        """All elements along one axis."""
        return self.reshape(self.size)

    def astype(self, kind: type) -> Residues | Places:
        """Whole numbers as indices, and nothing else where they are not known."""
        if self.known is None:
            return Places(self)
        return self.meaning.lift(self.known.astype(kind))

    def __getitem__(self, key: object) -> Residues:
        keys = key if isinstance(key, tuple) else (key,)
        at = next((i for i, part in enumerate(keys) if is_unknown(part)), None)
        if at is not None:
            return at_unknown_place(self, keys, at)
        places = tuple([_index(part) for part in keys])
        known = None if self.known is None else np.asarray(self.known[places])
        if known is not None and not self.rounded:
            return self.meaning.taken(self, keys, self.meaning.lift(known))
        made = np.stack([np.asarray(part[places]) for part in self.v])
        found = Residues(self.meaning, made, self.n, self.d, known, self.condition)
        return self.meaning.taken(self, keys, found)

    def __matmul__(self, y: object) -> Residues:
        other = self.meaning.lift(y)
        if max(self.ndim, other.ndim) <= 2:
            one, two = "ij"[-self.ndim :], "jk"[: other.ndim]
            spec = f"{one},{two}->{one[:-1]}{two[1:]}"
            return self.meaning.of_row(ARRAY_ROWS["contract"], (self, other), {"spec": spec})
        self.meaning.require_stacks(self, other)
        terms = self.shape[-1]
        made = self.meaning.ring.bilinear(np.matmul, self.v, other.v, terms)
        return self.meaning.made(made, *added(self.n + other.n, self.d + other.d, terms))

    def __rmatmul__(self, x: object) -> Residues:
        return self.meaning.lift(x) @ self

    # --- arithmetic ---

    def __add__(self, y: object) -> Residues:
        f, other = self.meaning, self.meaning.lift(y)
        if self.known is not None and other.known is not None:
            return self.bind(ops.add, (self, other))
        one, two = aligned(self, other)
        return f.made(f.ring.add(one, two), *added_pair(self, other))

    __radd__ = __add__

    def __sub__(self, y: object) -> Residues:
        f, other = self.meaning, self.meaning.lift(y)
        if self.known is not None and other.known is not None:
            return self.bind(ops.sub, (self, other))
        one, two = aligned(self, other)
        return f.made(f.ring.sub(one, two), *added_pair(self, other))

    def __rsub__(self, x: object) -> Residues:
        return self.meaning.lift(x) - self

    def __mul__(self, y: object) -> Residues:
        f, other = self.meaning, self.meaning.lift(y)
        if self.known is not None and other.known is not None:
            return self.bind(ops.mul, (self, other))
        one, two = aligned(self, other)
        return f.made(f.ring.mul(one, two), self.n + other.n, self.d + other.d)

    __rmul__ = __mul__

    def __truediv__(self, y: object) -> Residues:
        other = self.meaning.lift(y)
        if self.known is not None and other.known is not None:
            return self.bind(ops.div, (self, other))
        return self * self.meaning.inverse(other)

    def __rtruediv__(self, x: object) -> Residues:
        return self.meaning.lift(x) / self

    def __neg__(self) -> Residues:
        if self.known is not None:
            return self.meaning.of_known(ops.neg, (self,), (self.known,))
        return Residues(self.meaning, self.meaning.ring.neg(self.v), self.n, self.d)

    def __pow__(self, y: object) -> Residues:
        return self.meaning.power(self, y)

    def __rpow__(self, x: object) -> Residues:
        return self.meaning.power(self.meaning.lift(x), self)


def is_unknown(part: object) -> bool:
    """True for an entry of a key that depends on the inputs."""
    return isinstance(part, Places) or (isinstance(part, Residues) and part.known is None)


def _index(part: object) -> Any:
    """One entry of a key; an index map as NumPy takes it."""
    if not isinstance(part, Residues):
        return part
    if part.known is None:
        raise KeyError("an index that is no constant")
    return part.known.astype(np.int64)


class ArrayField(Related[Residues]):
    """Arrays modulo random primes, and random values for everything unknown.

    Args:
        relations: Make functions of each other where they are: tanh of exp, sigmoid of exp.
            Without, each is an unknown of its own, which keeps degrees small.
        sides: Give every difference a sign, instead of every condition an element.
        cuts: Let an array whose elements have a large degree be unknowns of its own.
        primes: How many.

    Attributes:
        has_conditions: True once a condition on unknown numbers was met.
        repetitions: Those that are run of the loops of the graph that is run.
        choice: The chance that places drawn for two rows of numbers are the same.
        places_are_known: True if the places that rows of arrays take from are never unknown.
        few: What is known of arrays of which a few elements change.
        tells_carries: True if more is known of numbers, but for what repetitions begin with.
    """

    tells_carries = places_are_known = False

    def __init__(
        self, relations: bool = False, sides: bool = False, cuts: bool = False, primes: int = 2
    ) -> None:
        super().__init__()
        self.ring, self.relations, self.sides, self.cuts = Ring(primes), relations, sides, cuts
        self.oracle = Oracle(self.ring)
        self.has_conditions, self.choice = False, 0.0
        self._random = np.random.default_rng()
        self._lifted: dict[int, tuple[Doubles, Residues]] = {}
        self._cut: dict[bytes, bool] = {}  # large arrays met, and whether they were cut
        self._argument_degree, self._looked = 1, 0  # of arguments of unknowns, and comparisons
        self.repetitions = Repetitions()
        self.folded, self.few = FoldedConstants(self.ring), FewPlaces()

    # --- shapes: a few rows may stand for many (``drawn_rows.py``) ---

    def held(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape that an array of a shape is held in."""
        return shape

    def shown(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of an array that is held in a shape."""
        return shape

    def taken(self, x: Residues, keys: Sequence[object], made: Residues) -> Residues:
        """What a key takes of ``x``."""
        return self.few.taken(x, keys, made)

    def require_enough(self) -> None:
        """Refuse what rows that were drawn do not tell."""

    def carried(self, *numbers: Residues) -> Sequence[Residues]:
        """What a repetition of a loop begins with."""
        return numbers

    def require_stacks(self, *arrays: Residues) -> None:
        """Refuse arrays that cannot be filled, or multiplied, matrix by matrix."""

    # --- numbers ---

    def unknown(self, shape: tuple[int, ...]) -> Residues:
        """Random elements."""
        return Residues(self, self.ring.random(self.held(shape), self._random), 1, 0)

    def point(self, count: int) -> list[Residues]:
        """So many random numbers."""
        return [self.unknown(()) for _ in range(count)]

    def same(self, x: Residues, y: Residues) -> bool:
        """True for arrays of one shape and equal residues."""
        return x.shape == y.shape and np.array_equal(x.v, y.v)

    def made(self, v: Integers, n: int, d: int) -> Residues:
        """Elements that arithmetic made, or unknowns instead of elements of a large degree.

        What holds for any function holds for the one that returns its argument.  Whether an array
        is cut is decided where it is met first, so that it is the same everywhere.
        """
        x = Residues(self, v, n, d)
        return self.cut(x) if self.cuts else x

    def cut(self, x: Residues, known: bool = False) -> Residues:
        """Unknowns instead of elements of a large degree.

        Args:
            x: The elements.
            known: True if those alone are to be cut that were cut before.
        """
        v, n, d = x.v, x.n, x.d
        if n + d <= _KNOWN:
            return x
        canonical, negative = self._canonical(v)
        key = hashlib.sha256(canonical.tobytes()).digest()
        if not self._cut.setdefault(key, n + d > _CUT and not known):
            return x
        self.looked(x)
        found = self.oracle.values("cut", canonical)
        found = np.where(negative, self.ring.neg(found), found)
        return Residues(self, np.where((v == 0).all(axis=0), 0, found), 1, 0)

    def lift(self, value: object) -> Residues:
        """The elements of numbers; infinity and nan are unknowns."""
        if isinstance(value, Residues):
            return value
        if (read := self.folded.found(value)) is not None:
            return Residues(self, read, 0, 0, np.asarray(value, dtype=np.float64))
        if isinstance(value, np.ndarray) and value.size > 1:  # constants are met again
            kept = self._lifted.get(id(value))
            if kept is None:
                kept = self._lifted[id(value)] = value, self.few.begun(self, value)
            return kept[1]
        # Fractions of the rows' texts as well, which no double may stand for.
        numerator, denominator = (getattr(value, n, 1) for n in ("numerator", "denominator"))
        if isinstance(numerator, int) and denominator != 1:
            above, below = self.lift(float(numerator)), self.lift(float(denominator))
            return Residues(self, self.ring.mul(above.v, self.ring.inverse(below.v)), 0, 0)
        return self.of_array(np.asarray(value, dtype=np.float64))

    def of_array(self, value: Doubles) -> Residues:
        """The elements of an array of numbers."""
        return Residues(self, None, 0, 0, value)

    def of_doubles(self, values: Doubles) -> Integers:
        """Their residues; infinity and nan are unknowns."""
        finite = np.isfinite(values)
        if finite.all():
            return self.ring.of_doubles(values)
        made = self.ring.of_doubles(np.where(finite, values, 0.0))
        for name, mark, sign in (("inf", np.inf, 1), ("inf", -np.inf, -1), ("nan", np.nan, 1)):
            there = np.isnan(values) if mark != mark else values == mark
            unknown = self.function(name).v if sign > 0 else self.ring.neg(self.function(name).v)
            made = np.where(there, unknown.reshape(self.ring.count, *(1,) * values.ndim), made)
        return made

    def of_known(
        self, primitive: Primitive, given: Sequence[Residues], known: tuple[Doubles, ...]
    ) -> Residues:
        """A primitive of numbers that are known: its value; of arithmetic exactly."""
        value = np.asarray(elementwise_value(primitive, known), dtype=np.float64)
        if primitive is ops.where and any(x.rounded for x in given[1:]):
            made = self._chosen(known[0] != 0.0, *given[1:]).v
        elif primitive in _EXACT and are_rounded((value, *known)):
            made = getattr(self.ring, primitive.name)(*aligned(given[0], given[-1])[: len(given)])
        else:
            return self.lift(value)
        return Residues(self, self.folded.noted(value, made), 0, 0, value)

    def key(self, x: Residues) -> object:
        """Its residues."""
        return x.shape, x.v.tobytes()

    def inverse(self, x: Residues) -> Residues:
        """1 / x."""
        below: int = x.n
        if x.n and not x.shape:
            self.looked(x)
            below = Denominator({x.v.tobytes(): (x.n, 1)})
        return Residues(self, self.ring.inverse(x.v), int(x.d), below)

    def power(self, x: Residues, y: object) -> Residues:
        """x ** y: a repeated product for small integers, else an unknown."""
        exponent = small_integer(self.lift(y).known)
        if exponent is None:
            return self.function("pow", x, y)
        if exponent < 0:
            x, exponent = self.inverse(x), -exponent
        return self.made(self.ring.power(x.v, exponent), exponent * x.n, exponent * x.d)

    # --- rows of arrays ---

    @abstractmethod
    def of_row(self, row: ArrayRow, operands: tuple[object, ...], params: RowParams) -> Residues:
        """What a row of arrays does to its operands."""

    # --- functions ---

    def function(self, name: str, *operands: object) -> Residues:
        """An unknown for each argument; odd and even ones keep their symmetry."""
        arguments = [self.lift(x) for x in operands]
        ndim = max((x.ndim for x in arguments), default=0)
        given = [with_axes(x, ndim) for x in arguments]
        if not given:
            given = [np.ones((self.ring.count,), dtype=np.int64)]  # a constant: pi
        negative = None
        if name == "Abs" or name in ODD:
            given[0], negative = self._canonical(given[0])
        self.looked(*arguments)
        made = self.oracle.values(name, *given)
        if negative is not None and name in ODD:
            made = np.where(negative, self.ring.neg(made), made)
            made = np.where((given[0] == 0).all(axis=0), 0, made)  # odd functions vanish at zero
        return Residues(self, made, 1, 0)

    def looked(self, *arguments: Residues) -> None:
        """Note that elements decide something by their residues: an unknown, an order."""
        for x in arguments:
            self._argument_degree = max(self._argument_degree, x.n + x.d)
        self._looked += max((x.size for x in arguments), default=1)

    def _canonical(self, v: Integers) -> tuple[Integers, NDArray[np.bool_]]:
        """x or -x, whichever is the smaller number modulo the first prime, and where it is -x."""
        other = self.ring.neg(v)
        negative = other[0] < v[0]
        return np.where(negative, other, v), negative

    def _even_and_odd(self, name: str, given: object) -> tuple[Residues, NDArray[np.bool_]]:
        """An unknown of x or -x, and where it is that of -x; 1 at zero."""
        x = self.lift(given)
        v, negative = self._canonical(x.v)
        self.looked(x)
        return Residues(self, self.oracle.values(name, v), 1, 0), negative

    def _chosen(self, where: NDArray[np.bool_], x: Residues, y: Residues) -> Residues:
        one, two = aligned(x, y, where.ndim)
        degree = max(x.n, y.n), max(int(x.d), int(y.d))
        return Residues(self, np.where(where, one, two), *degree)

    def _exp(self, given: object) -> Residues:
        x = self.lift(given)
        found, negative = self._even_and_odd("exp", x)
        made = self._chosen(negative, 1 / found, found)
        return self._chosen((x.v == 0).all(axis=0), self.lift(1.0), made)

    def _half_tangent(self, given: object) -> Residues:
        x = self.lift(given)
        found, negative = self._even_and_odd("tan(x/2)", x)
        made = self._chosen(negative, -found, found)
        return self._chosen((x.v == 0).all(axis=0), self.lift(0.0), made)

    def _abs(self, given: object) -> Residues:
        x = self.lift(given)
        if x.known is not None:
            return self.lift(np.abs(x.known))
        return self._chosen(self._negative(x), -x, x) if self.sides else self.function("Abs", x)

    # --- conditions ---

    def _negative(self, x: Residues) -> NDArray[np.bool_]:
        """Where a difference is negative: random, but opposite to its negative; not at zero."""
        v, turned = self._canonical(x.v)
        self.looked(x)
        negative: NDArray[np.bool_] = self.oracle.bits("sign", v) != turned
        negative &= (x.v != 0).any(axis=0)
        return negative

    def _difference(self, x: Residues, y: Residues) -> tuple[Residues, Integers | None]:
        difference = x - y
        self.looked(difference)
        return difference, numbers_of(difference, self.ring.primes)

    def _decided(self, truth: object) -> Residues:
        return Residues(self, None, 0, 0, np.asarray(truth, dtype=np.float64), condition=True)

    def _of_difference(self, kind: str, x: Residues, v: Integers, at_zero: int) -> Residues:
        """An unknown for each difference that is not zero."""
        self.has_conditions = True
        self.looked(x)
        made = np.where((v == 0).all(axis=0), at_zero, self.oracle.values(kind, v))
        return Residues(self, made, 1, 0, condition=True)

    def less(self, x: Residues, y: Residues) -> Residues:
        """The condition x < y: an unknown of the difference."""
        if x.known is not None and y.known is not None:
            return self._decided(x.known < y.known)
        difference, numbers = self._difference(x, y)
        if numbers is not None or self.sides:
            below = self._negative(difference) if numbers is None else numbers < 0
            return self._decided(below)
        return self._of_difference("less", difference, difference.v, 0)

    def equal(self, x: Residues, y: Residues) -> Residues:
        """The condition x == y: an unknown of the difference, whichever its sign."""
        if x.known is not None and y.known is not None:
            return self._decided(x.known == y.known)
        if x.condition and y.known is not None and not y.known.any():
            return self.negation(x)  # 0 or 1
        difference, numbers = self._difference(x, y)
        if numbers is not None or self.sides:
            return self._decided((difference.v == 0).all(axis=0))
        return self._of_difference("equal", difference, self._canonical(difference.v)[0], 1)

    def negation(self, condition: Residues) -> Residues:
        """1 - c."""
        if condition.known is not None:
            return self._decided(condition.known == 0.0)
        made = 1.0 - condition
        made.condition = True
        return made

    def is_condition(self, x: Residues) -> bool:
        """True for results of comparisons, and what logic makes of them."""
        return x.condition

    def conjunction(self, x: Residues, y: Residues) -> Residues:
        """The product."""
        if x.known is not None and y.known is not None:
            return self._decided((x.known != 0.0) & (y.known != 0.0))
        made = x * y
        made.condition = True
        return made

    def where(self, condition: Residues, x: Residues, y: Residues) -> Residues:
        """c * x + (1 - c) * y."""
        if condition.known is not None:
            return self._chosen(condition.known != 0.0, x, y)
        if is_all(x.known, 1.0) and is_all(y.known, 0.0):
            return self._spread(condition, x, y)  # a truth value as a number
        made = y + condition * (x - y)
        n, d = added_pair(x, y)
        return Residues(self, made.v, n + condition.n, d + condition.d)

    def _spread(self, condition: Residues, *others: Residues) -> Residues:
        shapes = (self.held(x.shape) for x in (condition, *others))
        shape = np.broadcast_shapes(*shapes)
        own = condition.v.shape[1:]
        if shape == own:
            return condition
        added = (1,) * (len(shape) - condition.ndim)
        v = condition.v.reshape(self.ring.count, *added, *own)
        made = np.broadcast_to(v, (self.ring.count, *shape))
        return Residues(self, made, condition.n, condition.d, condition=True)

    def _ordered(self, x: Residues, y: Residues) -> tuple[Residues, Residues]:
        """Of each pair the one with the smaller residue, then the other."""
        self.looked(x, y)
        one, two = aligned(x, y)
        swap = two[0] < one[0]
        return self._chosen(swap, y, x), self._chosen(swap, x, y)

    def larger(self, x: Residues, y: Residues) -> Residues:
        """The larger of x and y, whatever their order here."""
        if x.known is not None and y.known is not None:
            return self.lift(np.maximum(x.known, y.known))
        low, high = self._ordered(x, y)
        return self.where(self.less(low, high), high, low)

    def smaller(self, x: Residues, y: Residues) -> Residues:
        """The smaller of x and y, whatever their order here."""
        if x.known is not None and y.known is not None:
            return self.lift(np.minimum(x.known, y.known))
        low, high = self._ordered(x, y)
        return self.where(self.less(low, high), low, high)

    # --- the ledger ---

    def chance(self, pairs: list[tuple[Residues, Residues]]) -> float:
        """Bound on the chance that equal pairs are different expressions.

        Where places are drawn (an order), those of two arrays may be the same.
        """
        return chance_of(pairs, self._argument_degree, self._looked, self.ring.count) + self.choice
