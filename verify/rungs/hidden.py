"""Hidden sides: points where a condition is met differently than at any point seen so far.

A gradient may be wrong for x > 1e6 only, near x = 123.456, or at x = 3 alone; random points never
get there.  So every difference that a text asks the sign of is followed along one input at a time:
over all magnitudes, by bisection to where it changes its sign, and downhill to where it is least.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from mpmath import mpf

from verify.numbers.precise import Precise
from verify.program.program import Program

__all__ = ["hidden_points"]

_DIGITS = 25
_FACTORS = 1, 3
_NEAR, _FAR = range(-9, 10), (12, 18, 30, 60, 100, 150, 250, 305)  # decimal exponents
_INPUTS = 6
_HALVINGS, _DESCENTS = 70, 60
_SLOPES = 8  # differences that are followed downhill, per input
_LITERALS = 8
_COMPARES = re.compile(r"[<>]|\b(?:Eq|Ne|eq|ne|Max|Min)\(")
_BESIDE = 1.0, 1.0001, 0.9999
Differences = dict[tuple[int, int, int], float]  # by program, step and question


class _Asked(Precise):
    """Numbers that write down the difference behind every question."""

    def __init__(self) -> None:
        self.differences: dict[tuple[int, int], float] = {}
        self._last = -1, 0
        super().__init__(_DIGITS)

    def restart(self) -> None:
        """Forget all differences."""
        super().restart()
        self.differences, self._last = {}, (-1, 0)

    def order(self, x: object, y: object) -> int | None:
        """Sign of x - y."""
        self._note(x, y)
        return super().order(x, y)

    def equal(self, x: object, y: object) -> bool | None:
        """True if x == y."""
        self._note(x, y)
        return super().equal(x, y)

    def _note(self, x: mpf, y: mpf) -> None:
        if type(x) is int and type(y) is int:  # a truth value
            return
        step, count = self._last
        self._last = self._step, count + 1 if step == self._step else 0
        difference = x - y
        if difference == difference:
            least = math.copysign(5e-324, difference) if difference else 0.0
            self.differences[self._last] = float(difference) or least


class _Followed:
    """Differences of some programs at points, while there is time for it.

    Args:
        programs: What asks.
        steps: How many steps may be run in all.
    """

    def __init__(self, programs: Sequence[Program], steps: int) -> None:
        self._programs, self._asked = programs, _Asked()
        self._cost = 1 + sum(len(program.steps) for program in programs)
        self._left = steps

    @property
    def is_over(self) -> bool:
        """True if the time is used up."""
        return self._left < self._cost

    def at(self, point: Sequence[float]) -> Differences:
        """Every difference asked about at a point; none when the time is used up."""
        found: Differences = {}
        if self.is_over or not all(map(math.isfinite, point)):
            return found
        self._left -= self._cost
        for k, program in enumerate(self._programs):
            self._asked.restart()
            self._asked.run(program, [self._asked.context.mpf(x) for x in point])
            found |= {(k, *place): x for place, x in self._asked.differences.items()}
        return found


def hidden_points(
    programs: Sequence[Program], starts: Sequence[Sequence[float]], steps: int
) -> Iterator[list[float]]:
    """Points on sides of the programs' conditions, most of them on several.

    Args:
        programs: What has the conditions.
        starts: Points to begin at.
        steps: How many steps of the programs may be run.
    """
    followed = _Followed(programs, steps)
    literals = _compared(programs)[-_LITERALS:]
    for start in starts[:1]:
        for place in range(min(len(start), _INPUTS)):
            for x in (c * factor for c in literals for factor in _BESIDE):
                moved = [*start[:place], x, *start[place + 1 :]]
                if followed.at(moved):
                    yield moved
    for start in starts:
        if not followed.at(start):
            continue
        for place in range(min(len(start), _INPUTS)):
            yield from _along(followed, list(start), place)
            if followed.is_over:
                return


def _compared(programs: Sequence[Program]) -> list[float]:
    """The finite numbers of the programs, last those that something is compared with."""
    numbers = dict.fromkeys(x for program in programs for x in program.literals())
    compared: dict[float, None] = {}
    for program in programs:
        for _, step in program.computed():
            if type(step) is tuple and _COMPARES.search(step[0]):
                places = (i - program.inputs for i in step[1])
                operands = [program.steps[i] for i in places if i >= 0]
                compared |= dict.fromkeys(x for x in operands if isinstance(x, float))
    last = [x for x in numbers if x in compared]
    return [x for x in (*(x for x in numbers if x not in compared), *last) if math.isfinite(x)]


def _along(followed: _Followed, start: list[float], place: int) -> Iterator[list[float]]:
    """Points that differ from ``start`` in one input."""

    def moved(x: float) -> list[float]:
        return [*start[:place], x, *start[place + 1 :]]

    def at(x: float) -> Differences:
        return followed.at(moved(x))

    row = sorted({*_grid(), start[place]})
    known = [(x, found) for x in row if (found := at(x))]
    slopes: dict[tuple[int, int, int], None] = {}
    for key in dict.fromkeys(key for _, found in known for key in found):
        line = [(x, found[key]) for x, found in known if key in found]
        changes = [(x, y) for (x, a), (y, b) in pairwise(line) if a * b < 0 or not b]
        for low, high in changes[:4]:
            # Far from the border first: beside it, rounded constants may explain a difference.
            yield from map(moved, (low, high, *_border(at, key, low, high)))
        if not changes:
            slopes[key] = None
    for key in list(slopes)[:_SLOPES]:
        line = [(x, abs(found[key])) for x, found in known if key in found]
        least = min(range(len(line)), key=lambda i: line[i][1])
        low, high = line[max(0, least - 1)][0], line[min(len(line) - 1, least + 1)][0]
        for x in _downhill(at, key, low, high):
            yield moved(x)


def _grid() -> list[float]:
    sizes = [float(f"{f}e{e}") for e in _NEAR for f in _FACTORS] + [10.0**e for e in _FAR]
    return [0.0, *sizes, *(-x for x in sizes)]


def _border(
    at: Callable[[float], Differences], key: tuple[int, int, int], low: float, high: float
) -> Iterator[float]:
    """Both sides of the place where a difference changes its sign, and the place, if it is one."""
    below = at(low).get(key, math.nan)
    for _ in range(_HALVINGS):
        middle = _middle(low, high)
        if middle in (low, high):
            break
        found = at(middle).get(key, math.nan)
        if found == 0.0:
            yield middle
        if found * below > 0.0:
            low = middle
        else:
            high = middle
        if found == 0.0:
            break
    width = 1e-9 * max(abs(low), abs(high))  # another border may be right beside this one
    yield from (low - width, high + width, low, high)


def _middle(low: float, high: float) -> float:
    """A number between two others; of large ones that of the same sign with half the digits."""
    if low > 0.0 and high > 4.0 * low:
        return math.sqrt(low) * math.sqrt(high)
    if high < 0.0 and low < 4.0 * high:
        return -math.sqrt(-low) * math.sqrt(-high)
    return low + (high - low) / 2


def _downhill(
    at: Callable[[float], Differences], key: tuple[int, int, int], low: float, high: float
) -> Iterator[float]:
    """Where the absolute value of a difference is least between two places."""

    def height(x: float) -> float:
        return at(x).get(key, math.inf)

    sign = math.copysign(1.0, height(low))
    for _ in range(_DESCENTS):
        first, second = low + (high - low) * 0.382, low + (high - low) * 0.618
        a, b = height(first) * sign, height(second) * sign
        if min(a, b) <= 0.0:  # beyond the border
            yield first if a <= b else second
            return
        if a <= b:
            high = second
        else:
            low = first
        if not low < first < second < high and high - low <= 1e-15 * max(abs(low), abs(high)):
            break
    yield low + (high - low) / 2
