"""Programs whose loops tell by plain numbers how often they repeat, or where they are.

Each takes an array of three numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["COUNTED", "MISLED"]

N = 60
D = np.sin(np.arange(300.0))


def clock_(p: Any) -> Any:
    """A branch in a loop over time, and a list."""
    t, h, x, lost, seen = 0.0, 1.0 / N, p[0], 0.0, [p[1]]
    while t < 1.0:
        if x > 0.75:
            x = x - h * p[1] * x
            lost = lost + h
        else:
            x = x + h * p[1]
        t += h
        seen.append(x)
    return x + lost * p[2] + sum(seen) / t


def counter_(p: Any) -> Any:
    """An index that a ``while`` counts, and what it does at its end."""
    i, s = 0, 0.0
    while i < len(D) // 5:
        s = s + p[0] * D[i] * np.cos(p[1] * i)
        i += 1
    else:  # noqa: PLW0120
        s = s * p[2]
    return s * i


def ring_(p: Any) -> Any:
    """A place in a ring that is counted by hand."""
    ring, at, s = np.zeros(5), 0, p[0]
    for _ in range(N):
        s = 0.9 * s + 0.1 * ring[at] + p[1]
        ring[at] = s * p[2]
        at = (at + 1) % 5
    return s + ring[at]


def walrus_(p: Any) -> Any:
    """A loop whose test names what it tests."""
    y, n = p[0], 0
    while (r := abs(y * y - p[1] - 2.0)) > 1e-9:
        y = 0.5 * (y + (p[1] + 2.0) / y)
        n += 1
        if n > 50:
            break
    return y * p[2] + r


def misled_(p: Any) -> Any:
    """A variable that a function inside changes as well."""
    i, s = 0, p[0]

    def skip() -> None:
        nonlocal i
        i += 1

    while i < 2 * N:
        s = s + 0.01 * p[1] * np.cos(s)
        skip()
        i += 1
    return s * i * p[2]


COUNTED: dict[str, Callable[[Any], Any]] = {
    function.__name__.rstrip("_"): function for function in [clock_, counter_, ring_, walrus_]
}
MISLED = misled_
