"""Undefined: a point where a text is no number, and the function has a derivative.

The steps that may be undefined are known (definedness.py).  What such a step computes with is
followed along one input at a time, to where it is zero or below, and there the text is run: with
many digits, and on doubles, for a denominator may be zero for doubles only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise

from mpmath import mpf

from autodiff.table.primitive import REGISTRY
from verify.numbers.precise import Precise
from verify.program.limits import MORE_DIGITS
from verify.program.program import Program

__all__ = ["Pole", "undefined_at"]

_DIGITS = 60
_INPUTS, _HALVINGS, _DESCENTS, _FOUND = 6, 60, 40, 60
_SIZES = [float(f"{f}e{e}") for e in (-6, -3, -2, -1, 0, 1, 2, 3, 6) for f in (1, 1.5, 2, 3, 5, 7)]
_GRID = sorted({0.0, *_SIZES, *(-x for x in _SIZES)})
_BESIDE = 1e-4

# A point, and whether the text is undefined all around it.
Pole = tuple[list[float], bool]


def undefined_at(
    text: Program,
    output: int,
    places: Sequence[int],
    starts: Sequence[Sequence[float]],
    is_smooth: Callable[[list[float]], bool],
    passes_infinity: bool = False,
    more_digits: Sequence[int] = (MORE_DIGITS,),
) -> Pole | None:
    """A point where an output is no number and the function is smooth, one inside if possible.

    Args:
        text: The text.
        output: Which output.
        places: Steps that may be undefined.
        starts: Points to begin at.
        is_smooth: Whether the function has a derivative at a point.
        passes_infinity: Whether an infinity that a step makes of another one counts as a number:
            Python raises at none.
        more_digits: How many digits are as many as one wants: a number that is none among fewer
            may have cancelled.
    """
    followed = _Followed(text, output, places, passes_infinity, (_DIGITS, *more_digits))
    edge: Pole | None = None
    tried: set[tuple[float, ...]] = set()
    for start in starts:
        for point in followed.candidates(list(start)):
            if tuple(point) in tried or len(tried) > _FOUND:
                continue
            tried.add(tuple(point))
            if followed.is_undefined(point) and is_smooth(point):
                edge = edge or (point, False)
                if _is_inside(followed, point):
                    return point, True
    return edge


def _is_inside(followed: _Followed, point: list[float]) -> bool:
    """True if the text is undefined at points all around, too."""
    beside = [
        [x + sign * _BESIDE * (abs(x) or 1.0) * (1 + k / 7) for k, x in enumerate(point)]
        for sign in (1.0, -1.0)
    ]
    return all(map(followed.is_undefined, beside))


class _Followed:
    """What the steps compute with, at points."""

    def __init__(
        self,
        text: Program,
        output: int,
        places: Sequence[int],
        passes_infinity: bool,
        digits: Sequence[int],
    ) -> None:
        self._text, self._output = text, text.outputs[output]
        self._passes_infinity = passes_infinity
        self._all = [*map(Precise, digits)]
        steps = [text.steps[place - text.inputs] for place in places]
        self._operands = [i for step in steps if type(step) is tuple for i in step[1][-2:]]

    def _values(self, point: Sequence[float], precise: Precise | None = None) -> list[mpf]:
        precise = precise or self._all[0]
        precise.restart()
        return precise.run(self._text, [precise.context.mpf(x) for x in point])

    def is_undefined(self, point: Sequence[float]) -> bool:
        """True if the output is no finite number at a point, however long numbers may be.

        sqrt(1 + z * z) + z is above zero for z = -1e30, though 60 digits take it for zero.
        """
        for precise in self._all:
            values = self._values(point, precise)
            found = values[self._output]
            if precise.finite(found) or precise.beyond:
                return False
        return found != found or not (self._passes_infinity and self._is_passed_on(values))

    def _is_passed_on(self, values: Sequence[mpf]) -> bool:
        """True if the output is infinite because what it is computed with is."""
        place = self._output
        while type(step := self._text.steps[place - self._text.inputs]) is tuple:
            text, operands = step
            if text != REGISTRY["where"].sympy:
                return not all(self._all[0].finite(values[i]) for i in operands)
            place = operands[1 if values[operands[0]] else 2]
        return False

    def _heights(self, point: Sequence[float]) -> list[float]:
        values = self._values(point)
        return [float(values[i]) if values[i] is not None else math.nan for i in self._operands]

    def candidates(self, start: list[float]) -> Iterator[list[float]]:
        """Points where something is zero, or negative."""
        for place in range(min(len(start), _INPUTS)):

            def moved(x: float, place: int = place) -> list[float]:
                return [*start[:place], x, *start[place + 1 :]]

            row = [(x, self._heights(moved(x))) for x in sorted({*_GRID, start[place]})]
            for k in range(len(self._operands)):
                line = [(x, heights[k]) for x, heights in row if heights[k] == heights[k]]
                height = partial(self._height, moved, k)
                yield from map(moved, self._along(line, height))

    def _height(self, moved: Callable[[float], list[float]], k: int, x: float) -> float:
        return self._heights(moved(x))[k]

    def _along(
        self, line: Sequence[tuple[float, float]], height: Callable[[float], float]
    ) -> Iterator[float]:
        """Numbers where a height is zero, then one where it is negative."""
        yield from (x for x, y in line if y == 0.0)
        for (low, a), (high, b) in pairwise(line):
            if a * b < 0.0:
                yield from _rounded(_root(height, low, high, a))
        negative = [x for x, y in line if y < 0.0]
        yield from (x for x, _ in (*line[:1], *line[-1:]))
        yield from negative[len(negative) // 2 :][:1]
        if not negative and len(line) > 2:
            least = min(range(1, len(line) - 1), key=lambda i: abs(line[i][1]))
            yield from _rounded(_lowest(height, line[least - 1][0], line[least + 1][0]))


def _rounded(x: float) -> Iterator[float]:
    """A number, and shorter ones beside it."""
    yield from dict.fromkeys([*(float(f"{x:.{digits}g}") for digits in (3, 6, 12)), x])
    yield from (math.nextafter(x, math.inf), math.nextafter(x, -math.inf))


def _root(height: Callable[[float], float], low: float, high: float, below: float) -> float:
    for _ in range(_HALVINGS):
        middle = low + (high - low) / 2
        found = height(middle)
        if middle in (low, high) or found == 0.0:
            return middle
        low, high = (middle, high) if found * below > 0.0 else (low, middle)
    return low


def _lowest(height: Callable[[float], float], low: float, high: float) -> float:
    for _ in range(_DESCENTS):
        first, second = low + (high - low) * 0.382, low + (high - low) * 0.618
        if abs(height(first)) <= abs(height(second)):
            high = second
        else:
            low = first
    return low + (high - low) / 2
