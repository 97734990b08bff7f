"""A program by itself: its values and differences at a point."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.figures.programs.program import Program, fresh
from tests.figures.programs.truth import Slope, flat, moved, second_slope, slope, smooth_along

__all__ = ["Itself", "apart", "far"]

_CLOSE = 1e-9  # of values, and of what is asked for in two ways
_SETTLED = 1e-3  # differences that are off by more say nothing


class Itself:
    """Values and differences at a point, found when they are asked for."""

    def __init__(self, program: Program, point: tuple[Any, ...]) -> None:
        self.function, self.point, self.wrt = program.function(), point, program.wrt
        self.inputs = [len(flat(point[i])) for i in self.wrt]
        with warnings.catch_warnings(action="ignore"):
            self.value = float(np.real(self.function(*fresh(point))))
        self._slopes: list[Slope] | None = None

    def at(self, offsets: np.ndarray[Any, Any]) -> float:
        """The value where the numbers are moved; nan where the function raises."""
        by, given = [float(x) for x in offsets], list(fresh(self.point))
        for i in self.wrt:
            given[i] = moved(given[i], by)
        try:
            with warnings.catch_warnings(action="ignore"):
                return float(np.real(self.function(*given)))
        except (ArithmeticError, ValueError, LookupError, TypeError):
            return math.nan

    def along(self, direction: np.ndarray[Any, Any]) -> Callable[[float], float]:
        """The function on a line."""
        return lambda t: self.at(t * direction)

    @property
    def slopes(self) -> list[Slope]:
        """By every number; an error of infinity where the function is not smooth."""
        if self._slopes is None:
            count = sum(self.inputs)
            unit = np.eye(count)
            self._slopes = [slope(self.along(unit[i])) for i in range(count)]
            self._slopes = self._without_kinks(self._slopes, unit)
        return self._slopes

    def _without_kinks(self, found: list[Slope], unit: np.ndarray[Any, Any]) -> list[Slope]:
        """Pieces may meet at the point though the axes do not show it: other directions do."""
        draw = np.random.default_rng(len(found))
        known = [one for one in found if one.error < _SETTLED]
        if len(known) == len(found):
            for _ in range(2):
                direction = draw.uniform(-1.0, 1.0, len(found))
                line = self.along(direction)
                by_axes = float(direction @ [one.number for one in found])
                off = abs(slope(line).number - by_axes)
                if not (off <= 1e-4 * (1.0 + abs(by_axes)) and smooth_along(line)):
                    return [Slope(one.number, math.inf) for one in found]
            return found
        # Where one input jumps, the others are asked alone.
        return [
            one
            if one.error < _SETTLED and smooth_along(self.along(unit[i]))
            else Slope(one.number, math.inf)
            for i, one in enumerate(found)
        ]

    def product(self, direction: np.ndarray[Any, Any]) -> list[Slope]:
        """The Hessian times a direction."""
        unit = np.eye(len(direction))
        return [
            second_slope(lambda p, q, i=i: self.at(p * unit[i] + q * direction))
            for i in range(len(unit))
        ]


def far(found: list[float], expected: list[Slope], bound: float) -> str:
    """Which numbers differ, as text; empty if none."""
    if len(found) != len(expected):
        return f"{len(found)} numbers for {len(expected)}"
    scale = max([1.0, *(abs(one.number) for one in expected if one.error < _SETTLED)])
    said = []
    for i, (x, one) in enumerate(zip(found, expected, strict=True)):
        settled = one.error <= _SETTLED * scale
        if settled and not abs(x - one.number) <= bound * scale + 30.0 * one.error:
            said.append(f"[{i}] {x!r} for {one.number:.9g} +- {one.error:.1g}")
    return "; ".join(said[:4])


def apart(found: list[float], expected: list[float]) -> str:
    """As ``far`` for numbers that are to be the same."""
    if len(found) != len(expected):
        return f"{len(found)} numbers for {len(expected)}"
    scale = max([1.0, *(abs(x) for x in expected if math.isfinite(x))])
    pairs = zip(found, expected, strict=True)
    off = [
        (x, y)
        for x, y in pairs
        if not (x == y or abs(x - y) <= _CLOSE * scale or (x != x and y != y))
    ]
    return f"{off[:3]}" if off else ""
