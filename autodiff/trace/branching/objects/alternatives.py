"""Alternatives: texts, members of enums, None or a number, one of which a condition chose.

``state = "on" if x > 0 else "off"``: which of them it is goes on as a number, and comparisons with
it are conditions like any other.  Where more is asked of it, the branch is left to paths.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import NoReturn, TypeAlias

from autodiff.table import ops
from autodiff.table.primitive import REGISTRY, Operand, Primitive
from autodiff.trace.branching.choices import chosen, is_number
from autodiff.trace.branching.objects.watched import Before

__all__ = [
    "HELD",
    "Alternatives",
    "alternatives_of",
    "has_alternatives",
    "is_alternative",
    "looked_up",
    "one_of_two",
    "together",
]

Meet: TypeAlias = Callable[[object, object, object, Before], object]


class _Held:
    """Stands among the alternatives for a number, or a tuple of numbers."""


HELD = _Held()
_EQ, _NE = REGISTRY["eq"], REGISTRY["ne"]


def _refused(name: str) -> Callable[..., NoReturn]:
    def method(self: Alternatives, *_: object) -> NoReturn:
        raise self.before.unmergeable()

    method.__name__ = name
    return method


class Alternatives(Operand):
    """One of several values.

    Args:
        values: The values; ``HELD`` stands for what is no constant.
        code: The number of the value that it is, traced or not.
        held: The number, or tuple of numbers, if there is one among them.
        before: What knows of the branch.
    """

    __slots__ = ("before", "code", "held", "values")
    takes_arrays = True

    def __init__(
        self, values: Sequence[object], code: object, held: object, before: Before
    ) -> None:
        self.values, self.code, self.held, self.before = tuple(values), code, held, before

    def where(self, holds: Callable[[object], object]) -> object:
        """The condition that a predicate holds of the value that it is."""
        found: list[object] = [holds(value) for value in self.values]
        if all(one is True for one in found) or not any(one is not False for one in found):
            return found[0]
        made: object = False
        for number, one in enumerate(found):
            if one is not False:
                here: object = ops.eq(self.code, float(number))
                here = here if one is True else ops.logical_and(here, one)
                made = here if made is False else ops.logical_or(made, here)
        return made

    def is_one(self, other: object) -> object:
        """The condition of ``self is other``."""
        return self.where(lambda value: value is other)

    def truth(self) -> object:
        """The condition that it counts as true."""
        return self.where(
            lambda value: ops.ne(self._number(), 0.0) if value is HELD else bool(value)
        )

    def like(self, code: object, held: object) -> Alternatives:
        """The same values, with other numbers."""
        return Alternatives(self.values, code, held, self.before)

    def as_one_of(self, values: Sequence[object]) -> Alternatives:
        """The same, of more values."""
        places = [float(_place(value, values)) for value in self.values]
        made: object = places[-1]
        for number in range(len(places) - 2, -1, -1):
            made = chosen(ops.eq(self.code, float(number)), places[number], made)
        if places == [*map(float, range(len(places)))]:
            made = self.code
        return Alternatives(values, made, self.held, self.before)

    def _number(self) -> object:
        """What it holds, which is there unless it is a constant."""
        if HELD not in self.values:
            raise self.before.unmergeable()
        for number, value in enumerate(self.values):
            if value is not HELD:
                self.before.refuse(ops.eq(self.code, float(number)), value)
        return self.held

    def bind(self, primitive: Primitive, operands: tuple[object, ...]) -> object:
        """The result of a function of the number that it is; what it is may be compared."""
        if primitive is not _EQ and primitive is not _NE:
            return primitive(*[x._number() if isinstance(x, Alternatives) else x for x in operands])
        found = self._equals(operands[1] if operands[0] is self else operands[0])
        if primitive is _EQ:
            return found
        return ops.logical_not(found) if isinstance(found, Operand) else not found

    def _equals(self, other: object) -> object:
        if isinstance(other, Alternatives):
            return other.where(
                lambda value: self._number_is(other) if value is HELD else self._equals(value)
            )
        if is_number(other):
            return self.where(lambda value: value is HELD and ops.eq(self.held, other))
        return self.where(lambda value: value is not HELD and bool(value == other))

    def _number_is(self, other: Alternatives) -> object:
        return self.where(lambda value: value is HELD and ops.eq(self.held, other.held))

    def __getitem__(self, key: int) -> object:
        held = self._number()
        if not isinstance(held, tuple):
            raise self.before.unmergeable()
        return held[key]

    def __getattr__(self, name: str) -> object:
        if name.startswith("__") or HELD in self.values:
            raise AttributeError(name)
        return self.each(lambda value: getattr(value, name))

    def each(self, function: Callable[[object], object], meet: Meet | None = None) -> object:
        """What a function gives for the value that it is: a number, or one of several values.

        Args:
            function: The function.
            meet: Makes one value of two where these are neither numbers nor constants.
        """
        if HELD in self.values:
            raise self.before.unmergeable()
        given = [function(value) for value in self.values]
        if all(map(is_number, given)):
            made = given[-1]
            for number in range(len(given) - 2, -1, -1):
                made = chosen(ops.eq(self.code, float(number)), given[number], made)
            return made
        if not all(map(_is_constant, given)):
            if meet is None:
                raise self.before.unmergeable()
            met = given[-1]
            for number in range(len(given) - 2, -1, -1):
                met = meet(ops.eq(self.code, float(number)), given[number], met, self.before)
            return met
        values = together(given, ())
        return Alternatives(given, self.code, None, self.before).as_one_of(values)

    def __hash__(self) -> int:
        raise self.before.unmergeable(by_key=True)

    __bool__, __float__, __int__, __index__, __iter__, __len__, __contains__ = map(
        _refused, ("bool", "float", "int", "index", "iter", "len", "contains")
    )
    __str__, __repr__, __format__ = map(_refused, ("str", "repr", "format"))


def has_alternatives(key: object) -> bool:
    """True for a key that may be one of several, or a tuple of which a part may."""
    parts = key if isinstance(key, tuple) else (key,)
    return any(isinstance(one, Alternatives) for one in parts)


def looked_up(item: Callable[[object], object], key: object, meet: Meet) -> object:
    """What is found under such a key.

    Args:
        item: Finds it under a constant one.
        key: The key.
        meet: See ``Alternatives.each``.
    """
    if isinstance(key, Alternatives):
        return key.each(item, meet)
    assert isinstance(key, tuple)
    place = next(k for k, one in enumerate(key) if isinstance(one, Alternatives))

    def below(value: object) -> object:
        whole = (*key[:place], value, *key[place + 1 :])
        return looked_up(item, whole, meet) if has_alternatives(whole) else item(whole)

    return key[place].each(below, meet)


def is_alternative(x: object) -> bool:
    """True for what may be one of several values, and is no number."""
    return isinstance(x, Alternatives) or _is_constant(x)


def _is_constant(x: object) -> bool:
    if isinstance(x, Enum):
        return not is_number(x)
    return isinstance(x, (str, bytes, type(None), type))


def _may_be_held(x: object) -> bool:
    if isinstance(x, tuple):
        return all(map(_may_be_held, x)) and (type(x) is tuple or hasattr(x, "_fields"))
    return is_number(x) and not isinstance(x, Alternatives)


def alternatives_of(x: object, before: Before) -> Alternatives:
    """A value as one of several.

    Raises:
        UnmergeableError: if it is none that can be.
    """
    if isinstance(x, Alternatives):
        return x
    if _is_constant(x):
        return Alternatives((x,), 0.0, None, before)
    if not _may_be_held(x):
        raise before.unmergeable()
    return Alternatives((HELD,), 0.0, x, before)


def one_of_two(condition: object, x: object, y: object, before: Before, meet: Meet) -> object:
    """What is ``x`` where a condition holds, and ``y`` elsewhere, if one of them is no number.

    Raises:
        UnmergeableError: if they cannot be alternatives.
    """
    if _is_constant(x) and type(x) is type(y) and x == y:
        return x
    if not before.is_looked_at:
        raise before.unmergeable()
    one, other = alternatives_of(x, before), alternatives_of(y, before)
    values = together(one.values, other.values)
    one, other = one.as_one_of(values), other.as_one_of(values)
    held = one.held if one.held is not None else other.held
    if one.held is not None and other.held is not None:
        held = meet(condition, one.held, other.held, before)
    return Alternatives(values, chosen(condition, one.code, other.code), held, before)


def together(one: Sequence[object], other: Sequence[object]) -> tuple[object, ...]:
    """All values of two, each once."""
    found: list[object] = []
    for value in (*one, *other):
        if _place(value, found) < 0:
            found.append(value)
    return tuple(found)


def _place(value: object, values: Sequence[object]) -> int:
    """Where a value is among others; -1 if it is not there."""
    text = isinstance(value, (str, bytes))
    for place, one in enumerate(values):
        if one is value or (text and type(one) is type(value) and one == value):
            return place
    return -1
