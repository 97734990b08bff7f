"""Leverage: whether it matters which numbers the constants of a text stand for.

0.1 may be read as one tenth: the two differ by less than a part in 10**16.  But
``1e16*(0.1*3 - 0.3)`` is 0.55 for doubles and nothing for tenths.  Where constants cancel, some
step has quite another value with the one than with the other; then no reading is allowed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from verify.numbers.precise import Precise
from verify.program.program import Program

__all__ = ["is_levered"]

_APART = 1e-9


def is_levered(text: Program, read: Mapping[float, str], points: Sequence[Sequence[float]]) -> bool:
    """True if at every point a step is plainly another number once constants are read.

    Args:
        text: The text, with its constants as they stand.
        read: What they may stand for.
        points: Where to look; a step may be zero by accident at one of them.
    """
    read = {x: meant for x, meant in read.items() if meant != "0"}  # a residue is no constant
    if not points or not any(abs(x) in read for x in text.literals()):
        return False
    return all(_differs(text, read, point) for point in points)


def _differs(text: Program, read: Mapping[float, str], point: Sequence[float]) -> bool:
    runs = []
    for precise in (Precise(), Precise(read=dict(read))):
        values = precise.run(text, [precise.context.mpf(x) for x in point])
        runs.append([x for x in values if x is not None and type(x) is not int])
    return any(abs(a - b) > _APART * max(abs(a), abs(b)) for a, b in zip(*runs, strict=False))
