"""Values that the reader computes with.

What does not depend on the inputs is Python's own: int, float, bool, None, str, tuple, range are
themselves, so their arithmetic is CPython's.  What depends on the inputs is a ``Real``: a place in
the Program.  Lists, dicts and arrays are objects that names share, as in Python; they know when
they were made, which decides whether they may be changed inside ``try`` or under a condition.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, TypeAlias

from verify.program.language.refusal import RefusedError

__all__ = [
    "COMPLEX",
    "MIXED",
    "NOT_NEGATIVE",
    "NUMPY",
    "WHOLE",
    "Array",
    "Given",
    "List",
    "Number",
    "OneSided",
    "Place",
    "Real",
    "Table",
    "Unsettled",
    "Value",
    "is_index",
    "is_number",
    "kind_of",
    "widest",
]

COMPLEX = 1  # ``x ** 0.5`` of a negative float is complex in Python
NUMPY = 2  # comes from NumPy: it raises nothing
NOT_NEGATIVE = 4  # known, so no power of it is complex
WHOLE = 16  # one of math's ints, or computed with them: it may be too large for a float
MIXED = 8  # comes from NumPy on one side of a condition, from Python on the other


class Real:
    """A number that depends on the inputs.

    Args:
        place: Where the Program has it.
        kind: What Python makes of it: "float", "int" or "bool"; "mixed" where it is a float on
            one side of a condition and none on the other, or one of math's ints.  Only NumPy
            tells: its ints overflow.
        bound: For an int, what it never exceeds in size.
        flags: ``COMPLEX``, ``NUMPY``, ``MIXED``, ``NOT_NEGATIVE``: what else is known.
    """

    __slots__ = ("bound", "flags", "kind", "place")

    def __init__(self, place: int, kind: str = "float", bound: int = 1, flags: int = 0) -> None:
        self.place = place
        self.kind = kind
        self.bound = bound
        self.flags = flags

    def same(self, other: object) -> bool:
        """True if the other is this number, whatever the inputs."""
        return (
            isinstance(other, Real)
            and other.place == self.place
            and other.kind == self.kind
            and other.flags == self.flags
        )


Number: TypeAlias = int | float | bool | Real
Value: TypeAlias = Any  # a Number, None, str, tuple, range, List, Table, Array, iterator


def is_number(value: Value) -> bool:
    """True for one number."""
    return type(value) in (Real, float, int, bool)


class Place(int):
    """An index that conditions chose, one of NumPy's ints: it indexes, and little else."""

    __slots__ = ()


def is_index(value: Value) -> bool:
    """True for a plain int, and for a place."""
    return type(value) in (int, Place)


def kind_of(number: Number) -> str:
    """What Python makes of a number: "float", "mixed", "int" or "bool"."""
    return number.kind if isinstance(number, Real) else type(number).__name__


def widest(kinds: Collection[str]) -> str:
    """The kind of what NumPy makes of numbers of these kinds together, a float of none."""
    return next(
        (kind for kind in ("float", "mixed", "int") if kind in kinds), "bool" if kinds else "float"
    )


class Given(tuple[Any, ...]):
    """A sequence of the caller's: a list or an array, nobody knows; only its items are read."""

    __slots__ = ()


class List(list[Any]):
    """A list of the text.

    Args:
        items: Its items.
        born: When it was made.
    """

    __slots__ = ("born",)

    def __init__(self, items: Sequence[object] = (), born: int = -1) -> None:
        super().__init__(items)
        self.born = born


class Table(dict[str, Any]):
    """A dict of the text, with names as keys."""

    __slots__ = ("born",)

    def __init__(self, items: Iterable[tuple[str, object]] = (), born: int = -1) -> None:
        super().__init__(items)
        self.born = born


_NAMES = {"int": "ints", "bool": "bools", "mixed": "floats, or of ints on one side of a condition"}


class Array:
    """A NumPy array.

    Args:
        items: Its numbers, row by row; None where nothing was written yet.
        shape: Its shape.
        born: When it was made; -1 for an argument, which is the caller's.
        kind: "float", or "mixed", "int" or "bool", on which there is little arithmetic.
    """

    __slots__ = ("born", "items", "kind", "shape", "shared")

    def __init__(
        self, items: list[Any], shape: tuple[int, ...], born: int = -1, kind: str = "float"
    ) -> None:
        self.items = items
        self.shape = shape
        self.born = born
        self.kind = kind
        self.shared = False  # True once a view of it was taken, or if it is one

    def __len__(self) -> int:
        if not self.shape:
            raise RefusedError("len() of an array without dimensions")
        return self.shape[0]

    def __iter__(self) -> Iterator[object]:
        for i in range(len(self)):
            yield self.row(i)

    def row(self, index: int) -> float | Real | Array:
        """A number of a vector; of what has more dimensions a row, which is a view."""
        length = self.shape[0]
        if not -length <= index < length:
            raise RefusedError(f"index {index} of an array of length {length}")
        index %= length
        rest = self.shape[1:]
        if not rest:
            return self.number(index)
        size = math.prod(rest)
        return self.view(self.items[index * size : (index + 1) * size], rest)

    def number(self, at: int) -> Number:
        """The number at a place of ``items``."""
        item = self.items[at]
        if item is None:
            raise RefusedError("an item of numpy.empty that was not written")
        if self.kind == "int" and type(item) in (int, Place):
            return Place(item)
        if self.kind != "float":
            raise RefusedError(
                f"an item of an array of {_NAMES[self.kind]}; make it an array of floats"
            )
        number: Number = item
        return number

    def view(self, items: list[object], shape: tuple[int, ...]) -> Array:
        """A part of this array, which shares its memory: neither is changed from now on."""
        part = Array(items, shape, self.born, self.kind)
        part.shared = self.shared = True
        return part


class OneSided:
    """What a name holds that is assigned on one side of an ``if`` only.

    Args:
        condition: The place of the condition.
        holds: The side.
        value: What it holds there.
        why: Why it has no value elsewhere.
    """

    __slots__ = ("condition", "holds", "value", "why")

    def __init__(self, condition: int, holds: bool, value: object, why: str) -> None:
        self.condition, self.holds, self.value, self.why = condition, holds, value, why

    def on(self, condition: int, holds: bool) -> object:
        """What the name holds on a side of another ``if``."""
        return self.value if self.is_of(condition, holds) else self

    def is_of(self, condition: int, holds: bool) -> bool:
        """True if this is the side that it is assigned on."""
        return (self.condition, self.holds) == (condition, holds)


class Unsettled:
    """What a name holds after an ``if`` whose sides leave different things in it."""

    __slots__ = ("why",)

    def __init__(self, why: str) -> None:
        self.why = why
