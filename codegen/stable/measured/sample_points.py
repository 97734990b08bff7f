"""Points: where rewrites are measured.

A user may say in which intervals a function is called (``Domain``).  Without that it is measured
near the example and far from it, at everyday sizes, on all scales and on random doubles: a form is
better only if it is worse on none of these.
"""

from __future__ import annotations

import math
import random
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["EVERYWHERE", "Domain", "Point", "Stratum", "corners", "draw", "ordinal"]

Interval: TypeAlias = tuple[float, float]
Point: TypeAlias = list[float]
_LARGEST = 1.7976931348623157e308


@dataclass(frozen=True)
class Domain:
    """Where a function is called.

    Args:
        intervals: One per float of the arguments, if the user said so.
        around: The example, if there is one.
    """

    intervals: tuple[Interval, ...] | None = None
    around: tuple[float, ...] | None = None

    def of(self, size: int) -> tuple[Interval, ...] | None:
        """The intervals of so many floats: directions and cotangents, which come last, are any."""
        if self.intervals is None:
            return None
        return (*self.intervals, *[(-math.inf, math.inf)] * (size - len(self.intervals)))


EVERYWHERE = Domain()


@dataclass(frozen=True)
class Stratum:
    """Points of one kind.

    Args:
        name: The kind.
        draw: Gives a point.
    """

    name: str
    draw: Callable[[random.Random], Point]


def draw(domain: Domain, size: int) -> list[Stratum]:
    """The kinds of points of a domain; ``size`` floats each."""
    intervals = domain.of(size)
    if intervals is not None:
        return [
            Stratum("domain", lambda r: [_uniform(r, *i) for i in intervals]),
            Stratum("domain, scales", lambda r: [ordinal(r, *i) for i in intervals]),
        ]
    found = [
        Stratum("everyday", lambda r: _related(r, [r.uniform(-10.0, 10.0) for _ in range(size)])),
        Stratum("hundreds", lambda r: [r.uniform(-1000.0, 1000.0) for _ in range(size)]),
        Stratum("scales", lambda r: _related(r, [_scaled(r, 12.0) for _ in range(size)])),
        Stratum("doubles", lambda r: [ordinal(r, -_LARGEST, _LARGEST) for _ in range(size)]),
    ]
    around = domain.around
    if around is not None and len(around) == size and all(map(math.isfinite, around)):
        found += [
            Stratum("near", lambda r: _near(r, around)),
            Stratum("far", lambda r: [(x or 1.0) * 10.0 ** r.uniform(-2.0, 2.0) for x in around]),
        ]
    return found


def _near(r: random.Random, around: Sequence[float]) -> Point:
    """Within half of the example, half of them at any distance from it; every fourth of several
    inputs is as it is there: a label."""
    kept = 0.25 if len(around) > 1 else 0.0
    return [x if r.random() < kept else x * _factor(r) or r.uniform(-1.0, 1.0) for x in around]


def _factor(r: random.Random) -> float:
    if r.random() < 0.5:
        return r.uniform(0.5, 1.5)
    off: float = 10.0 ** r.uniform(-12.0, 0.0)
    return 1.0 + r.choice((-0.5, 0.5)) * off


def corners(domain: Domain, size: int, seed: int) -> list[Point]:
    """Points where inputs are zero, one, equal, or as in the example."""
    r = random.Random(seed)
    around = domain.around if domain.around is not None and len(domain.around) == size else None
    found: list[Point] = []
    for special in (0.0, -0.0, 1.0, -1.0, 1e-200, 1e200):
        found.append([special] * size)
        for place in range(min(size, 6)):
            point = [r.uniform(-3.0, 3.0) for _ in range(size)]
            point[place] = special
            found.append(point)
            if around is not None:
                found.append([special if k == place else x for k, x in enumerate(around)])
    intervals = domain.of(size)
    return found if intervals is None else [p for p in found if _inside(p, intervals)]


def _inside(point: Sequence[float], intervals: Sequence[Interval]) -> bool:
    return all(a <= x <= b for x, (a, b) in zip(point, intervals, strict=True))


def _uniform(r: random.Random, low: float, high: float) -> float:
    if high - low > 1e300 or not math.isfinite(high - low):
        return ordinal(r, low, high)
    return r.uniform(low, high)


def _scaled(r: random.Random, digits: float) -> float:
    return float(r.choice((-1.0, 1.0)) * 10.0 ** r.uniform(-digits, digits))


def _related(r: random.Random, point: Point) -> Point:
    """Every fourth time all inputs are close to each other: where differences cancel."""
    if len(point) > 1 and r.random() < 0.25:
        first = point[0]
        return [first, *[first * (1.0 + _scaled(r, 6.0) * 1e-7) for _ in point[1:]]]
    return point


def ordinal(r: random.Random, low: float, high: float) -> float:
    """A double between two, each as likely as any other."""
    a, b = _order(max(low, -_LARGEST)), _order(min(high, _LARGEST))
    return _double(r.randint(a, b))


def _order(x: float) -> int:
    bits = struct.unpack("<q", struct.pack("<d", x))[0]
    return int(bits) if bits >= 0 else -(bits & 0x7FFFFFFFFFFFFFFF)


def _double(order: int) -> float:
    value = struct.unpack("<d", struct.pack("<q", abs(order)))[0]
    return float(-value if order < 0 else value)
