"""Riccati's equations, whose solutions linear regulators are made of, by doubling.

Each step of the structured doubling algorithm (Chu, Fan, Lin and Wang, 2004) does what all before
it did together, so that twenty are more than any regulator needs: what is left after them does not
change any more, and its derivatives are the solution's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from autodiff.forking import late_import
from autodiff.table.arrays.last_axes import turned
from autodiff.trace.array_operand import ArrayOperand
from autodiff.trace.whole.linear_algebra import square, tracers

__all__ = ["RICCATI"]

_STEPS = 20

_Three: TypeAlias = tuple[ArrayOperand, ArrayOperand, ArrayOperand]


def _step(parts: _Three, _: None) -> tuple[_Three, None]:
    a, g, h = parts
    one = np.eye(a.shape[-1])
    through = np.linalg.solve(one + g @ h, a)
    beside = np.linalg.solve(one + g @ h, g)
    return (a @ through, g + a @ beside @ turned(a), h + turned(a) @ h @ through), None


def _doubled(a: ArrayOperand, g: ArrayOperand, h: ArrayOperand) -> ArrayOperand:
    scan = late_import("autodiff.trace.regions.scan").scan  # which traces what it repeats
    found: ArrayOperand = scan(_step, (a, g, h), length=_STEPS)[0][2]
    return 0.5 * (found + turned(found))


def _given(name: str, a: object, b: object, q: object, r: object) -> _Three:
    """a, b inv(r) b', and q."""
    x, left, cost, effort = tracers(square(a, name), b, q, r)
    return x, left @ np.linalg.solve(effort, turned(left)), cost


def _solve_discrete_are(a: object, b: object, q: object, r: object) -> ArrayOperand:
    """A' X A - X - A' X B inv(R + B' X B) B' X A + Q = 0."""
    return _doubled(*_given("solve_discrete_are", a, b, q, r))


def _solve_continuous_are(a: object, b: object, q: object, r: object) -> ArrayOperand:
    """A' X + X A - X B inv(R) B' X + Q = 0, by Cayley's transform."""
    x, g, h = _given("solve_continuous_are", a, b, q, r)
    one = np.eye(x.shape[-1])
    size = np.sqrt(np.sum(x * x) + np.sqrt(np.sum(g * g) * np.sum(h * h)))
    off = x - size * one
    mixed = turned(off) + h @ np.linalg.solve(off, g)
    start = one + 2.0 * size * turned(np.linalg.inv(mixed))
    right = 2.0 * size * np.linalg.solve(off, g @ np.linalg.inv(mixed))
    left = 2.0 * size * np.linalg.solve(mixed, h) @ np.linalg.inv(off)
    return _doubled(start, right, left)


# What ``scipy.linalg`` offers under these names.
RICCATI: dict[str, Callable[..., object]] = {
    "solve_continuous_are": _solve_continuous_are,
    "solve_discrete_are": _solve_discrete_are,
}
