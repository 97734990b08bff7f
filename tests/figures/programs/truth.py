"""Derivatives by differences of the function itself, extrapolated, with what they may be off by."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Slope", "flat", "moved", "second_slope", "slope", "smooth_along"]

Line = Callable[[float], float]  # the function along a line

_FIRST, _RATIO, _STEPS = 0.02, 2.5, 7
_BEYOND = 1e-9  # what two steps that agree may share by chance


class Slope(NamedTuple):
    """A number, and what it may be off by; nan where differences do not settle."""

    number: Any
    error: float


def _ridders(quotient: Callable[[float], Any]) -> Slope:
    """Quotients of smaller and smaller steps, extrapolated in the square of the step."""
    table: list[list[Any]] = []
    best = Slope(math.nan, math.inf)
    step = _FIRST
    for _ in range(_STEPS):
        row = [quotient(step)]
        factor = _RATIO**2
        for k, above in enumerate(table[-1] if table else []):
            row.append((factor * row[k] - above) / (factor - 1.0))
            off = max(np.max(np.abs(row[-1] - row[-2])), np.max(np.abs(row[-1] - above)))
            if off < best.error:
                best = Slope(row[-1], float(off))
            factor *= _RATIO**2
        table.append(row)
        step /= _RATIO
    # A jump between two steps looks settled before it is met: the last steps must say the same.
    last = table[-1][0]
    if not np.max(np.abs(last - best.number)) <= 1e-3 * (1.0 + np.max(np.abs(best.number))):
        return Slope(best.number, math.inf)
    return best


def slope(line: Callable[[float], Any]) -> Slope:
    """The derivative at 0, of numbers or arrays."""
    return _ridders(lambda h: (line(h) - line(-h)) / (2.0 * h))


def second_slope(plane: Callable[[float, float], Any]) -> Slope:
    """The mixed second derivative at 0, 0."""

    def quotient(h: float) -> Any:
        return (plane(h, h) - plane(h, -h) - plane(-h, h) + plane(-h, -h)) / (4.0 * h * h)

    return _ridders(lambda h: quotient(4.0 * h))


def smooth_along(line: Line) -> bool:
    """True if the slopes of both sides are one, and the function does not jump."""
    middle = line(0.0)
    for h in (1e-5, 1e-6):
        right, left = (line(h) - middle) / h, (middle - line(-h)) / h
        if not np.max(np.abs(right - left)) <= 3e-3 * (1.0 + np.max(np.abs(right))):
            return False
    return True


def flat(value: Any) -> list[float]:
    """The numbers of an argument or a derivative, in the order of the argument."""
    if isinstance(value, dict):
        return [x for one in value.values() for x in flat(one)]
    if isinstance(value, (list, tuple)):
        return [x for one in value for x in flat(one)]
    if hasattr(value, "toarray"):
        value = value.toarray()
    return [float(x) for x in np.ravel(value)]


def moved(value: Any, by: list[float]) -> Any:
    """The argument, its numbers moved; takes what it needs from ``by``."""
    if isinstance(value, dict):
        return {name: moved(one, by) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)([moved(one, by) for one in value])
    if isinstance(value, np.ndarray):
        return value + np.array([by.pop(0) for _ in range(value.size)]).reshape(value.shape)
    offset = by.pop(0)
    return value + offset if offset else value  # a whole number stays one where it is not moved
