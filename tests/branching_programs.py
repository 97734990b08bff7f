"""Programs that branch on values, with points on different paths, and what is true of each."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import autodiff as ad

__all__ = ["PROGRAMS", "Program", "along_the_path"]


class Program(NamedTuple):
    """A function of floats, and points that take different paths through it."""

    function: Callable[..., Any]
    points: Sequence[tuple[float, ...]]


def along_the_path(function: Callable[..., Any], point: Sequence[float]) -> list[float]:
    """Value and gradient by Values, which branch on their numbers."""
    values = [ad.Value(x) for x in point]
    result = function(*values)
    if not isinstance(result, ad.Value):
        return [float(result)] + [0.0] * len(values)
    result.backward()
    return [result.data, *[x.grad for x in values]]


def _if_else(x):
    y = x
    if x > 0.0:
        y = ad.sin(x) * x
    else:
        z = ad.exp(x)
        y = z - 1.0 / z
    return y * y


def _early_return(x, y):
    if x < y:
        return x * y
    if x < 2.0 * y:
        return x / y
    return ad.log(x) - y


def _conditional_expression(x):
    return (x * x if x > 1.0 else 2.0 * x - 1.0) * 3.0


def _and_or_not(x, y):
    if x > 0.0 and y > 0.0:
        return ad.log(x * y)
    if not (x < -1.0 or y < -1.0):
        return x + 2.0 * y
    return x * y


def _chained(x):
    return 3.0 * x if 0.0 < x <= 1.0 else x * x


def _clamped(x, low, high):
    return max(low, min(x, high)) * x


def _middle(x, y, z):
    return sorted([x * x, y, z])[1] * 2.0 + x


def _brackets(income):
    tax, rest = 0.0, income
    for limit, rate in ((3.0, 0.1), (2.0, 0.2), (1.0, 0.3)):
        if rest > limit:
            tax = tax + limit * rate
            rest = rest - limit
        else:
            return tax + rest * rate
    return tax + 0.5 * rest


def _break_and_continue(x, y):
    total = 0.0
    for k in range(1, 5):
        term = x / k
        if term < 0.25:
            continue
        total = total + term * y
        if total > 3.0:
            break
    return total


def _bounded_while(x):
    steps = 0
    while x > 1.0 and steps < 4:
        x = 0.5 * x * x
        steps += 1
    return x * (steps + 1)


def _match(x, y):
    match (bool(x > 0.0), bool(y > 0.0)):
        case (True, True):
            return x * y
        case (True, False):
            return x - y * y
        case _:
            return ad.cos(x) + y


class _Sensor:
    def __init__(self, gain: float) -> None:
        self.gain, self.seen = gain, []

    def read(self, x: Any) -> Any:
        self.seen.append(x)
        return self.gain * x if x > 0.5 else x


def _object(x, y):
    sensor = _Sensor(3.0)
    first, second = sensor.read(x), sensor.read(y)
    return first * second + len(sensor.seen)


def _power(x, n):
    return 1.0 if n == 0 else x * _power(x, n - 1)


def _recursion(x):
    return _power(x, 3) if x < 1.0 else _power(x, 2)


def _generator(x):
    def terms() -> Iterator[Any]:
        for k in range(1, 4):
            yield x**k if x > 0.0 else x / k

    return sum(terms())


def _reduced(x, y):
    largest = functools.reduce(lambda a, b: a if a > b else b, [x, y, x * y])
    return largest + sum(itertools.accumulate([x, y], lambda a, b: a * b))


def _contact(position, velocity):
    force = 0.0
    if position < 0.0:
        force = -100.0 * position
        if velocity < 0.0:
            force = force - 2.0 * velocity
    return force * force + velocity


def _state_space(x):
    if math.isfinite(2.0):  # of no traced value
        x = x + 1.0
    return abs(x) if x != 3.0 else 3.0 * x


PROGRAMS: dict[str, Program] = {
    "if else": Program(_if_else, [(1.5,), (-0.5,)]),
    "early return": Program(_early_return, [(0.5, 1.0), (1.5, 1.0), (2.5, 1.0)]),
    "conditional expression": Program(_conditional_expression, [(2.0,), (0.5,)]),
    "and, or, not": Program(_and_or_not, [(1.0, 2.0), (-0.5, 1.0), (-2.0, 1.0), (0.5, -3.0)]),
    "chained comparison": Program(_chained, [(0.5,), (2.0,), (-1.0,), (1.0,)]),
    "max and min": Program(_clamped, [(0.5, 0.0, 1.0), (-0.5, 0.0, 1.0), (1.5, 0.0, 1.0)]),
    "sorted": Program(_middle, [(1.0, 2.0, 3.0), (1.5, 3.0, 2.0), (2.0, 1.0, 3.0)]),
    "tax brackets": Program(_brackets, [(1.0,), (4.0,), (5.5,), (9.0,)]),
    "break, continue": Program(_break_and_continue, [(0.2, 1.0), (0.7, 1.0), (2.0, 1.0)]),
    "while": Program(_bounded_while, [(0.5,), (1.2,), (2.2,), (1.9,)]),
    "match": Program(_match, [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0)]),
    "object with state": Program(_object, [(1.0, 0.2), (0.2, 1.0), (2.0, 3.0)]),
    "recursion": Program(_recursion, [(0.5,), (2.0,)]),
    "generator": Program(_generator, [(0.5,), (-2.0,)]),
    "reduce, accumulate": Program(_reduced, [(2.0, 3.0), (0.5, 0.2), (0.1, 0.9)]),
    "contact force": Program(_contact, [(0.1, 1.0), (-0.1, 1.0), (-0.1, -1.0)]),
    "not equal": Program(_state_space, [(1.0,), (-5.0,), (2.5,)]),
}
