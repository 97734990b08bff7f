"""Values, slopes and second slopes of a function of numbers against many digits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import mpmath

import autodiff as ad

__all__ = ["assert_digits"]


def assert_digits(
    function: Callable[..., Any],
    true: Callable[..., Any],
    places: Iterable[tuple[float, ...]],
    near: float = 2e-13,
) -> None:
    """Value and slopes by each operand within ``near``, second slopes within a thousand of it.

    The function is traced once: all places go through the same operations.
    """
    places = list(places)
    graph = ad.trace(function, *places[0])
    second = ad.hessian(graph)
    for at in places:
        value, slopes = ad.backpropagate(graph, *at)
        rows = ad.evaluate(second, *at)
        for place in range(len(at)):
            one = len(at) == 1
            slope, bend = (slopes, rows) if one else (slopes[place], rows[place][place])
            expected = _true(true, at, place)
            found = value, slope, bend
            for order, (x, y) in enumerate(zip(found, expected, strict=True)):
                allowed = near * (1000.0 if order == 2 else 1.0)
                assert x == y or abs(x - y) <= allowed * abs(y), (at, place, order, x, y)


def _true(true: Callable[..., Any], at: tuple[float, ...], place: int) -> list[float]:
    with mpmath.workdps(120):
        exact = list(map(mpmath.mpf, at))
        step = mpmath.mpf(10) ** -35 * (abs(exact[place]) or mpmath.mpf(10) ** -10)

        def moved(by: Any) -> Any:
            return true(*exact[:place], exact[place] + by, *exact[place + 1 :])

        low, middle, high = moved(-step), moved(0), moved(step)
        slopes = (high - low) / (2 * step), (high - 2 * middle + low) / step**2
        return [float(mpmath.re(x)) for x in (middle, *slopes)]
