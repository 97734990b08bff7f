"""Finite-difference criteria of other systems' gradient tests, from their published tolerances.

Each takes a function of a list of floats, a gradient to be tested, and the one point such a test
usually has.  True says that the gradient passes.

- ``torch``: ``torch.autograd.gradcheck``, eps 1e-6, atol 1e-5, rtol 1e-3, every coordinate.
- ``jax``: ``jax.test_util.check_grads`` in reverse mode, eps 1e-4, atol and rtol 1e-5 for float64,
  one random direction; it looks at the value too.
- ``five points``: ``ChainRulesTestUtils`` and ``FiniteDifferences.central_fdm(5, 1)``, 1e-9, one
  random direction.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

__all__ = ["CRITERIA"]

Function = Callable[[Sequence[float]], float]
Gradient = Callable[[Sequence[float]], list[float]]  # the value, then the partial derivatives


def _torch(f: Function, gradient: Gradient, x: Sequence[float]) -> bool:
    eps = 1e-6
    partials = gradient(x)[1:]
    for i, partial in enumerate(partials):
        up, down = list(x), list(x)
        up[i] += eps
        down[i] -= eps
        slope = (f(up) - f(down)) / (2.0 * eps)
        if not abs(partial - slope) <= 1e-5 + 1e-3 * abs(slope):
            return False
    return True


def _along(f: Function, x: Sequence[float], seed: int) -> tuple[Function, list[float]]:
    draw = random.Random(seed)
    direction = [draw.gauss(0.0, 1.0) for _ in x]
    return (lambda t: f([a + t[0] * d for a, d in zip(x, direction, strict=True)])), direction


def _jax(f: Function, gradient: Gradient, x: Sequence[float]) -> bool:
    eps = 1e-4
    line, direction = _along(f, x, 11)
    value, *partials = gradient(x)
    found = sum(p * d for p, d in zip(partials, direction, strict=True))
    slope = (line([eps]) - line([-eps])) * (0.5 / eps)
    close = abs(found - slope) <= 1e-5 + 1e-5 * abs(slope)
    return close and abs(value - f(x)) <= 1e-5 + 1e-5 * abs(f(x))


def _five_points(f: Function, gradient: Gradient, x: Sequence[float]) -> bool:
    h = 1e-3  # about the step where rounding and the method's error meet
    line, direction = _along(f, x, 11)
    _, *partials = gradient(x)
    found = sum(p * d for p, d in zip(partials, direction, strict=True))
    slope = (line([-2 * h]) - 8 * line([-h]) + 8 * line([h]) - line([2 * h])) / (12 * h)
    return abs(found - slope) <= 1e-9 + 1e-9 * max(abs(found), abs(slope))


def _survived(
    criterion: Callable[[Function, Gradient, Sequence[float]], bool],
) -> Callable[[Function, Gradient, Sequence[float]], bool]:
    def passes(f: Function, gradient: Gradient, x: Sequence[float]) -> bool:
        try:
            return criterion(f, gradient, x)
        except (ArithmeticError, ValueError):
            return False
        except TypeError:  # a power of a negative number: complex
            return False

    return passes


CRITERIA = {
    "torch": _survived(_torch),
    "jax": _survived(_jax),
    "five points": _survived(_five_points),
}
