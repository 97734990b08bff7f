"""What is kept beside residues: bounds on degrees, and which doubles are as good as residues.

A denominator is a product of numbers that were divided by.  Which ones, is known of single numbers:
so a sum of fractions has their common denominator, and degrees stay those of what is there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from itertools import count, starmap
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from autodiff.table.arrays.array_row import ARRAY_ROWS, ArrayRow
from autodiff.table.arrays.over_elements import is_exact
from autodiff.table.arrays.row_params import RowParams
from verify.field.whole.ring import BITS, Integers, Ring

__all__ = [
    "Bounded",
    "Denominator",
    "FoldedConstants",
    "Places",
    "added",
    "added_pair",
    "aligned",
    "are_rounded",
    "at_unknown_place",
    "chance_of",
    "is_all",
    "numbers_of",
    "small_integer",
    "with_axes",
]


_FOLDED = 4096  # numbers of an array that a text may hold folded
_WAYS, _PLACES = 2, 3  # to read a double, and places where they are tried
_WHOLE = 1 << 20  # numbers that are told among residues
_INTEGERS = 64  # up to which an exponent is a repeated product


class Bounded(Protocol):
    """What has bounds on the degrees of its numerator and its denominator."""

    n: int
    d: int


class _Held(Protocol):
    @property
    def v(self) -> Integers: ...

    @property
    def shape(self) -> tuple[int, ...]: ...

    @property
    def ndim(self) -> int: ...


class Places:
    """Whole numbers that depend on the inputs, which may be indices and nothing else.

    Args:
        numbers: What they are.
    """

    __slots__ = ("numbers",)

    def __init__(self, numbers: object) -> None:
        self.numbers = numbers


class Denominator(int):
    """The degree of a denominator, and its factors.

    Attributes:
        factors: What identifies a factor -> its degree, and its exponent.
    """

    factors: dict[object, tuple[int, int]]

    def __new__(cls, factors: dict[object, tuple[int, int]]) -> Denominator:
        """The product of factors."""
        made = super().__new__(cls, sum(degree * power for degree, power in factors.values()))
        made.factors = factors
        return made

    def __add__(self, other: int) -> int:
        """The product of two denominators."""
        if not isinstance(other, Denominator):
            return int(self) + int(other) if other else self
        return _together(self, other, int.__add__)

    __radd__ = __add__

    def __mul__(self, exponent: int) -> int:
        """A power of the denominator."""
        return Denominator({key: (d, power * exponent) for key, (d, power) in self.factors.items()})

    __rmul__ = __mul__


def _together(x: Denominator, y: Denominator, powers: Callable[[int, int], int]) -> Denominator:
    made = dict(x.factors)
    for key, (degree, power) in y.factors.items():
        made[key] = degree, powers(made[key][1], power) if key in made else power
    return Denominator(made)


def _common(x: int, y: int) -> int:
    """A common denominator."""
    if isinstance(x, Denominator) and isinstance(y, Denominator):
        return _together(x, y, max)
    return x + y


def added(n: int, d: int, terms: int) -> tuple[int, int]:
    """Degrees of a sum of so many elements."""
    return (n + d * max(terms - 1, 0), d * max(terms, 1)) if d else (n, 0)


def added_pair(x: Bounded, y: Bounded) -> tuple[int, int]:
    """Degrees of the sum of two."""
    both = _common(x.d, y.d)
    total = int(both)
    return max(x.n + total - int(x.d), y.n + total - int(y.d)), both


class FoldedConstants:
    """Residues of constants by the doubles that they round to.

    A text says 0.03 where the chain rule multiplies by 0.1 and by 0.3.  Several constants may round
    to one double, so what a text says may be read in more than one way, at each place of its own.
    """

    def __init__(self, ring: Ring) -> None:
        self._ring = ring
        self._noted: dict[object, list[Integers]] = {}
        self._exact: set[float] = set()  # products that are not rounded
        self._read: dict[object, list[Integers | None]] = {}
        self._ways: Iterator[int] = iter(())
        self._open = 0  # places that may be read in several ways

    def __bool__(self) -> bool:
        return bool(self._noted)

    def noted(self, value: npt.NDArray[np.float64], v: Integers) -> Integers:
        """The residues, kept under their doubles: of an array, or of one number, also spread."""
        if value.size and is_all(value, float(value.flat[0])):
            one, exact = (
                v.reshape(len(v), -1)[:, 0],
                self._ring.of_doubles(value.reshape(-1)[0:1])[:, 0],
            )
            number = float(value.flat[0])
            if np.array_equal(one, exact):
                self._exact |= {number, -number}
            else:
                self._note(number, one)
                self._note(-number, self._ring.neg(one))
        elif value.size <= _FOLDED:
            self._note((value.shape, value.tobytes()), v)
        return v

    def _note(self, key: object, v: Integers) -> None:
        known = self._noted.setdefault(key, [])
        if len(known) < _WAYS and not any(np.array_equal(v, other) for other in known):
            known.append(v)

    def readings(self) -> Iterator[int]:
        """Ways to read a text, as long as somebody asks for another: which is taken where.

        Of a place that may be read in several ways a reading says which is taken, and more places
        may be met while others are read in another way.
        """
        for reading in count():
            if reading >= _WAYS ** min(self._open, _PLACES):
                return
            self._ways = iter([reading // _WAYS**place % _WAYS for place in range(_PLACES)])
            self._open, before = 0, self._open
            yield reading
            self._open = max(self._open, before)

    @contextmanager
    def read(self, own: Collection[float]) -> Iterator[None]:
        """Within it, ``found`` tells them.

        Args:
            own: Numbers that may stand for themselves.
        """
        self._read = {
            x: [None, *v] if x in own else [*v, None] if x in self._exact else [*v]
            for x, v in self._noted.items()
        }
        try:
            yield
        finally:
            self._read = {}

    def found(self, value: object) -> Integers | None:
        """What a number or an array of a text is read as; None if it stands for itself."""
        if not self._read or np.size(value) > _FOLDED:  # type: ignore[arg-type]  # numbers
            return None
        known = np.asarray(value, dtype=np.float64)
        ways = self._read.get((known.shape, known.tobytes()) if known.shape else float(known))
        if ways is None:
            return None
        if len(ways) == 1:
            return ways[0]
        self._open += 1
        return ways[min(next(self._ways, 0), len(ways) - 1)]


def are_rounded(doubles: Sequence[npt.NDArray[np.float64]]) -> bool:
    """True if arithmetic with these doubles may have rounded: its residues are exact then."""
    return not all(map(is_exact, doubles)) and all(np.isfinite(x).all() for x in doubles)


def small_integer(known: npt.NDArray[np.float64] | None) -> int | None:
    """The one small integer that all numbers are."""
    if known is None or not known.size:
        return None
    first = float(known.flat[0])
    if not first.is_integer() or abs(first) > _INTEGERS or np.any(known != first):
        return None
    return int(first)


def numbers_of(x: _Held, primes: Sequence[int]) -> Integers | None:
    """Which small whole numbers all elements are, whatever they were made of; else None."""
    pairs = zip(x.v, primes, strict=True)
    found = [np.where(part > p >> 1, part - p, part) for part, p in pairs]
    first: Integers = found[0]
    if (np.abs(first) > _WHOLE).any() or any((other != first).any() for other in found[1:]):
        return None
    return first


def is_all(known: npt.NDArray[np.float64] | None, value: float) -> bool:
    """True for numbers that are known, and all one."""
    return known is not None and bool(np.all(known == value))


def chance_of(
    pairs: Sequence[tuple[Bounded, Bounded]], argument: int, looked: int, count: int
) -> float:
    """Bound on the chance that pairs of equal residues are different expressions.

    A difference of degree D vanishes at random residues modulo one prime with a chance of at most D
    over the prime, and of twice that where denominators must not vanish; modulo all of them with
    its power.  Two different arguments agree by accident modulo all primes with the same chance,
    and would share their unknown; there are as many pairs of them as that.

    Args:
        pairs: What was equal.
        argument: The largest degree of an argument of an unknown.
        looked: How many arguments there were.
        count: How many primes.
    """
    degree = max((n + int(d) for n, d in starmap(added_pair, pairs)), default=1)
    least = float(1 << (BITS - 2))
    if degree >= least or 2 * argument >= least:
        return 1.0
    shared = float(looked) ** 2 * (2 * argument / least) ** count
    return (degree / least) ** count + shared


def aligned(x: _Held, y: _Held, ndim: int = 0) -> tuple[Integers, Integers]:
    """The residues of two arrays with the same number of axes, for NumPy to broadcast."""
    ndim = max(len(x.shape), len(y.shape), ndim)
    return with_axes(x, ndim), with_axes(y, ndim)


def with_axes(x: _Held, ndim: int) -> Integers:
    """The residues of an array with so many axes, the first of which may have length 1."""
    v = x.v
    return v if len(x.shape) == ndim else v.reshape(len(v), *(1,) * (ndim - x.ndim), *v.shape[1:])


_Gives_co = TypeVar("_Gives_co", covariant=True)
_Gives = TypeVar("_Gives")


class _Rows(Protocol[_Gives_co]):
    """A field, as far as it gives rows of arrays."""

    def of_row(self, row: ArrayRow, operands: tuple[object, ...], params: RowParams) -> _Gives_co:
        """What a row of arrays does to its operands."""
        ...


class _Indexed(Protocol[_Gives_co]):
    """An array that is indexed."""

    shape: tuple[int, ...]

    @property
    def meaning(self) -> _Rows[_Gives_co]:
        """Its field."""
        ...

    def reshape(self, *shape: int) -> object:
        """The same elements in another shape."""
        ...


def at_unknown_place(x: _Indexed[_Gives], keys: Sequence[object], at: int) -> _Gives:
    """``x[keys]`` where an entry depends on the inputs: the only index, or one of one place.

    Args:
        x: The array.
        keys: The entries.
        at: The first such entry.

    Raises:
        KeyError: if it stands beside others that are slices.
    """
    row, field = ARRAY_ROWS["gather"], x.meaning
    if len(keys) > 1 and not any(isinstance(part, slice) for part in keys):
        front = x.shape[: len(keys)]
        place = field.of_row(ARRAY_ROWS["places"], tuple(keys), {"shape": front})
        flat = x.reshape(math.prod(front), *x.shape[len(keys) :])
        return field.of_row(row, (flat, place), {"axis": 0})
    if any(part != slice(None) for part in (*keys[:at], *keys[at + 1 :])):
        raise KeyError("an index that is no constant, beside others")
    return field.of_row(row, (x, keys[at]), {"axis": at})
