"""Points: where a gradient is compared, near the examples and all over the domain."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from itertools import cycle, product
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # SymPy, which it imports, takes longer than all of ours
    from verify.numbers.within import Interval

__all__ = ["candidates", "inside", "spread"]

_WIDE = 100.0
_FAR = 4_500.0
_WIDTHS = (3.0, 10.0, 30.0)


def candidates(
    examples: Sequence[Sequence[float]],
    domain: Sequence[Interval],
    special: Sequence[float],
    seed: int | str,
) -> Iterator[list[float]]:
    """Points to try, the most telling first, without end.

    Args:
        examples: The user's points.
        domain: Interval of each coordinate.
        special: Numbers where something may change, such as the literals of conditions.
        seed: Of the random numbers.
    """
    draw = random.Random(seed)
    near = _finite(examples)
    yield from near
    for round_ in range(10**9):
        for point in near:
            spread = (0.01, 0.3, 0.1)[round_ % 3]
            yield [
                _inside(_near(draw, x, spread), i, draw) for x, i in zip(point, domain, strict=True)
            ]
        for kind in (_positive, _normal, _unit, _negative, _mixed, _wide):
            yield [_inside(kind(draw), i, draw) for i in domain]
        if special:
            yield [_inside(_special(draw, special), i, draw) for i in domain]


def spread(
    examples: Sequence[Sequence[float]], domain: Sequence[Interval], seed: int | str
) -> Iterator[list[float]]:
    """Points all over some width, without end: those above gather around zero and the examples.

    Args:
        examples: The user's points, whose sizes and signs some of them have.
        domain: Interval of each coordinate.
        seed: Of the random numbers.
    """
    draw = random.Random(f"{seed}, spread")
    own = _finite(examples) or [[1.0] * len(domain)]
    for width, sized, signed in cycle(product(_WIDTHS, (False, True), (False, True))):
        point = draw.choice(own)
        sizes = [width * draw.random() * (abs(x) if sized and x else 1.0) for x in point]
        signs = point if signed else [draw.uniform(-1.0, 1.0) for _ in point]
        drawn = map(math.copysign, sizes, signs)
        yield [_inside(x, interval, draw) for x, interval in zip(drawn, domain, strict=True)]


def inside(point: Sequence[float], domain: Sequence[Interval]) -> bool:
    """True if every coordinate lies in its interval, ends excluded."""
    return all(low < x < high for x, (low, high) in zip(point, domain, strict=True))


def _finite(examples: Sequence[Sequence[float]]) -> list[list[float]]:
    return [list(p) for p in examples if all(map(math.isfinite, p))]


def _short(x: float) -> float:
    """x to six digits: a counterexample that can be read and typed."""
    return float(f"{x:.6g}")


def _near(draw: random.Random, x: float, spread: float) -> float:
    return x + spread * draw.uniform(-1.0, 1.0) * (abs(x) or 1.0)


def _positive(draw: random.Random) -> float:
    return draw.lognormvariate(0.0, 0.6)


def _negative(draw: random.Random) -> float:
    return -_positive(draw)


def _normal(draw: random.Random) -> float:
    return draw.gauss(0.0, 1.5)


def _unit(draw: random.Random) -> float:
    return draw.uniform(0.02, 0.98)


def _wide(draw: random.Random) -> float:
    # Beyond _FAR no affordable number of digits keeps exp(-x) beside 1.
    return draw.choice((-1.0, 1.0)) * min(draw.lognormvariate(0.0, 3.0), _FAR)


def _mixed(draw: random.Random) -> float:
    return draw.choice((_positive, _normal, _unit, _wide))(draw)


def _special(draw: random.Random, special: Sequence[float]) -> float:
    if draw.random() < 0.4:
        return _mixed(draw)
    return _near(draw, draw.choice(special) * draw.choice((-1.0, 1.0, 1.0)), 0.2)


def _inside(x: float, interval: Interval, draw: random.Random) -> float:
    """x, or another number where x is not inside the interval."""
    low, high = interval
    x = _short(x)
    if low < x < high:
        return x
    if math.isinf(low) and math.isinf(high):
        return x
    if math.isinf(high):
        return _short(low + draw.lognormvariate(0.0, 1.0))
    if math.isinf(low):
        return _short(high - draw.lognormvariate(0.0, 1.0))
    part = draw.uniform(0.01, 0.99)
    # Of a wide interval mostly its beginning: an order of 500 makes numbers that no float holds.
    return low + (high - low) * (part**8 if high - low > _WIDE else part)
