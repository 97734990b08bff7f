"""Programs with loops that plain numbers count, and with lists of what loops left.

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


def history_(p: Any) -> Any:
    """Sums over lists that a loop filled, and a list made of them."""
    x, v, xs, vs = p[0], p[1], [], []
    for _ in range(N):
        x = x + 0.01 * v
        v = v - 0.01 * np.sin(x)
        xs.append(x)
        vs.append(v)
    energies = [0.5 * b * b - np.cos(a) for a, b in zip(xs, vs, strict=True)]
    mean = sum(energies) / len(energies)
    every = np.array(energies)
    every[3] = p[2]  # the list has its own
    spread = sum((e - mean) ** 2 for e in energies)
    return sum(abs(a - b) for a, b in zip(xs, vs, strict=True)) + p[2] * spread + np.sum(every)


def arrays_(p: Any) -> Any:
    """A list of arrays, one of which is changed afterwards."""
    q, seen, total = np.array([p[0], p[1]]), [], 0.0
    for _ in range(N):
        q = q + 0.01 * np.array([q[1], -q[0]])
        seen.append(q)
    every = np.array(seen)
    every[3] = 5.0
    seen[4][0] = p[2]
    for at, one in enumerate(seen):
        total = total + one[0] * np.sum(one**2) * at
    return total + np.sum(every) + sum(np.sum(one) for one in seen)


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
    function.__name__.rstrip("_"): function
    for function in [clock_, counter_, ring_, walrus_, history_, arrays_]
}
MISLED = misled_
