"""Leverage: whether it matters which numbers the constants of a program stand for.

0.1 may be read as one tenth: the two differ by less than a part in 10**16.  But
``1e16*(0.1*3 - 0.3)`` is 0.55 for doubles and nothing for tenths.  Where constants cancel, some
step has quite another value with the one than with the other; then no reading is allowed.

That is looked at on every side of the conditions, on which the program is run wherever that side
is: ``max(0, 0.1*3*(x - 1e6)) - max(0, 0.3*(x - 1e6))`` cancels where no random point would be.
Where sides are drawn, what is chosen is now and then any number: a row of choices in which only one
side leads to what cancels hides it from nobody, and nobody knows the draw before.
Logarithms and roots of negative numbers are complex, so nothing hides behind them either.
"""

from __future__ import annotations

import math
import random
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from mpmath import mpf

from verify.numbers.precise import Precise
from verify.program.literals import QUESTIONS, WHERE
from verify.program.program import Program

__all__ = [
    "Answers",
    "is_levered",
    "is_levered_beside",
    "is_levered_on",
    "matters_how_rounded",
    "shows_reading",
]

_ROUNDED = 1e-14
_STEADY = frozenset({"sign({0})"})  # the same for all inputs on a side
Answers = Sequence[int | bool | None]
_APART, _FAR, _NOTHING = 1e-9, 1e-6, 1e-40
_CLOSE = -48  # a power of two: less than all these
_ANY = 0.3  # how often what is chosen is any number, on every other side
_LEAST_SIDES, _AFFORDABLE = 8, 20_000  # steps on all sides
_CHOOSES = frozenset({WHERE, "Max({0}, {1})", "Min({0}, {1})"})
# An exponential beyond the doubles is zero or infinite, however large its exponent is: the rounding
# of a constant in that moves it by more, though never as far as constants that cancel.
_LEAST, _MOST, _BEYOND = 1e-320, 1e308, 1e-3
# Sizes of inputs, and how far apart steps may be there: powers and exponentials amplify, too.  Far
# out 1 + erf(-x) is zero, and what 60 digits leave of it is none of its own.
_SIZES = ((1.0, _APART), (3.0, _APART), (100.0, _FAR))


def is_levered(text: Program, read: Mapping[float, str], points: Sequence[Sequence[float]]) -> bool:
    """True if at every point a step is plainly another number once constants are read.

    Args:
        text: The text, with its constants as they stand.
        read: What they may stand for.
        points: Where to look; a step may be zero by accident at one of them.
    """
    read = _constants(read)
    if not points or not any(abs(x) in read for x in text.literals()):
        return False
    return all(_differs(text, read, point, _APART, Precise) for point in points)


def is_levered_on(text: Program, read: Mapping[float, str], answers: Answers) -> bool:
    """True if on one side of all conditions a step is plainly another number.

    Args:
        text: The text, with its constants as they stand.
        read: What they may stand for.
        answers: What is answered on this side to all the text asks.
    """
    return _is_levered(text, read, lambda read=None: _Forced(answers, read))


def is_levered_beside(text: Program, read: Mapping[float, str], sides: int) -> bool:
    """True if on one of some sides, drawn at random, a step is plainly another number.

    Args:
        text: The text, with its constants as they stand.
        read: What they may stand for.
        sides: How many sides to try, of a text that asks anything.
    """
    return any(_is_levered(text, read, side.algebra) for side in _sides(sides, len(text.steps)))


def shows_reading(
    text: Program, read: Mapping[float, str], points: Sequence[Sequence[float]]
) -> bool:
    """True if at one point, on the side where it is, constants as read plainly give another number.

    Args:
        text: The text, with its constants as they stand.
        read: What they may stand for.
        points: Where to look.
    """
    read = _constants(read)
    if not any(abs(x) in read for x in text.literals()):
        return False
    for point in points:
        algebras = Precise(), Precise(read=read)
        runs = [each.run(text, [each.context.mpf(x) for x in point]) for each in algebras]
        pairs = [(runs[0][i], runs[1][i]) for i in text.outputs]
        if algebras[0].answers == algebras[1].answers and any(
            a is not None and abs(a - b) > _APART * max(1, abs(a), abs(b)) for a, b in pairs
        ):
            return True
    return False


def matters_how_rounded(exact: Program, rounded: Program, sides: int) -> bool:
    """True if some step is plainly another number once others are rounded to doubles.

    Args:
        exact: A program.
        rounded: The same steps, some of them replaced by the double that they nearly are.
        sides: How many sides to try, of a program that asks anything.
    """
    return any(
        _differ((exact, side.algebra()), (rounded, side.algebra()), point, apart)
        for side in _sides(sides, len(exact.steps))
        for point, apart in _points(exact, random.SystemRandom())
    )


def _is_levered(
    text: Program,
    read: Mapping[float, str],
    algebra: Callable[..., Precise],
    is_first: bool = True,
) -> bool:
    read = _constants(read)
    if not any(abs(x) in read for x in text.literals()):
        return False
    # Some that nobody foresees; the same ones each time tell what nearly cancels.
    same = _points(text, random.Random(repr(sorted(read)))) if is_first else []
    points = [*same, *_points(text, random.SystemRandom())]
    return any(_differs(text, read, point, apart, algebra) for point, apart in points)


def _points(text: Program, draw: random.Random) -> list[tuple[list[float], float]]:
    """Inputs of several sizes, and how far apart steps may be there."""
    return [
        ([draw.uniform(-size, size) for _ in range(text.inputs)], apart) for size, apart in _SIZES
    ]


def _constants(read: Mapping[float, str]) -> dict[float, str]:
    return {x: meant for x, meant in read.items() if meant != "0"}  # a residue is no constant


def _differs(
    text: Program,
    read: dict[float, str],
    point: Sequence[float],
    apart: float,
    algebra: Callable[..., Precise],
) -> bool:
    return _differ((text, algebra()), (text, algebra(read=read)), point, apart)


def _differ(
    one: tuple[Program, Precise],
    other: tuple[Program, Precise],
    point: Sequence[float],
    apart: float,
) -> bool:
    """True if a step of two programs, each in its algebra, is plainly another number.

    Of numbers alone such a step may be, if it is lost in sums of numbers: the 6e-17 that is left of
    0.1 + 0.2 - 0.3 before 2.0 is added.
    """
    runs = [
        precise.run(program, [precise.context.mpf(x) for x in point])
        for program, precise in (one, other)
    ]
    pairs = {
        place: pair
        for place, pair in enumerate(zip(*runs, strict=True))
        if not any(map(_is_none, pair))
    }
    found = {place for place, pair in pairs.items() if _are_apart(pair[0], pair[1], apart)}
    if not found:
        return False
    close = {place for place, pair in pairs.items() if not _are_apart(pair[0], pair[1], _ROUNDED)}
    return not _are_lost(one[0], found, close)


def _are_lost(program: Program, apart: set[int], close: set[int]) -> bool:
    """True if such steps are of numbers alone, and so is whatever they are used for, in the end
    without a trace of them.

    Args:
        program: The program.
        apart: The steps.
        close: Steps that are the same but for rounding.
    """
    steady = bytearray(program.inputs + len(program.steps))
    users: dict[int, list[int]] = {place: [] for place in apart}
    for place, step in program.computed():
        text, operands = step if type(step) is tuple else ("", ())
        needed = operands[1:] if text == WHERE else operands
        of_numbers = all(steady[i] for i in needed) and text not in QUESTIONS
        steady[place] = of_numbers or text in _STEADY
        for operand in users.keys() & {*operands}:
            users[operand].append(place)
    return apart.isdisjoint(program.outputs) and all(
        steady[place] and all(steady[i] and (i in apart or i in close) for i in users[place])
        for place in apart
    )


def _is_none(x: object) -> bool:
    """True for what is no number: nothing, or a condition."""
    return x is None or type(x) is int


def _are_apart(a: mpf, b: mpf, apart: float) -> bool:
    if type(a) is type(b) and hasattr(a, "exp"):  # real; far from each other are few
        near, far = a - b, max(a.exp + a.bc, b.exp + b.bc)
        if near == 0 or near.exp + near.bc < far + _CLOSE:
            return False
    size = max(abs(a), abs(b))
    if apart == _FAR and size < _NOTHING:
        return False
    return bool(abs(a - b) > (apart if _LEAST < size < _MOST else _BEYOND) * size)


class _Forced(Precise):
    """Numbers on a side of all conditions, real or complex, wherever the side is."""

    def __init__(self, answers: Answers, read: dict[float, str] | None) -> None:
        super().__init__(read=read)
        self._given = iter(answers)

    def order(self, x: object, y: object) -> int | None:
        """The answer on this side."""
        return next(self._given, None)

    def equal(self, x: object, y: object) -> bool | None:
        """The answer on this side."""
        answer = next(self._given, None)
        return None if answer is None else bool(answer)

    def named(self, name: str) -> object:
        """mpmath's function; what nobody decides is any number."""
        if name in ("undecided", "jump"):
            return lambda k: self.context.mpf(k + 1) / 7
        return super().named(name)

    def _real(self, function: Callable[..., object]) -> Callable[..., object]:
        def any_number(*operands: object) -> object:
            try:
                return function(*operands)
            except (ArithmeticError, ValueError, TypeError, self.context.NoConvergence):
                return self.nan

        return any_number


class _Side:
    """A side that is drawn at random, the same one for all that run on it.

    Args:
        any_number: How often what is chosen is any number.

    Attributes:
        is_asked: Whether anything was asked on it.
    """

    def __init__(self, any_number: float) -> None:
        self._secret, self._any_number = secrets.token_hex(8), any_number
        self.is_asked = False

    def algebra(self, read: dict[float, str] | None = None) -> Precise:
        """Numbers on the side."""
        return _Drawn(self, read)

    def drawn(self, *about: object) -> random.Random:
        """What draws an answer about some numbers, the same one whenever it is asked for."""
        self.is_asked = True
        return random.Random(self._secret + "".join(map(_shortly, about)))

    def number(self, *chosen: object) -> float:
        """Any number, now and then, in the place of one that is chosen; else nan."""
        draw = self.drawn(*chosen)
        return draw.uniform(-1.0, 1.0) if draw.random() < self._any_number else math.nan


def _sides(most: int, steps: int) -> Iterator[_Side]:
    """Sides, until there is but one: of a program of many steps fewer."""
    for k in range(max(_LEAST_SIDES, min(most, _AFFORDABLE // (1 + steps)))):
        side = _Side(_ANY * (k % 2))
        yield side
        if not side.is_asked:
            break


def _shortly(x: object) -> str:
    """A number but for rounding."""
    try:
        return f"{complex(x):.6g} "  # type: ignore[call-overload]  # mpmath's
    except (OverflowError, TypeError):
        return f"{x} "[:9]


class _Drawn(_Forced):
    """Numbers on a side that is drawn, and any number for some of those that are chosen.

    Args:
        side: The side.
        read: What constants stand for.
    """

    def __init__(self, side: _Side, read: dict[float, str] | None) -> None:
        super().__init__((), read)
        self._side = side

    def apply(self, text: str, operands: Iterable[object]) -> mpf:
        """Result of a primitive's text."""
        operands = list(operands)
        if text in _CHOOSES and not any(map(_is_none, operands[-2:])):
            number = self._side.number(*operands[-2:])
            if not math.isnan(number):
                return self.context.mpf(number)
        return super().apply(text, operands)

    def order(self, x: mpf, y: mpf) -> int | None:
        """One of the two, the opposite one for y and x."""
        try:
            turned = x < y
        except TypeError:  # complex
            turned = False
        difference = y - x if turned else x - y
        return self._side.drawn(difference).choice((-1, 1)) * (-1 if turned else 1)

    def equal(self, x: object, y: object) -> bool | None:
        """One of the two, of numbers; conditions are 0 or 1."""
        if type(x) is int and type(y) is int:
            return x == y
        return self._side.drawn(x, y).choice((True, False))
