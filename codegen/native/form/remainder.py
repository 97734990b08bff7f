"""What Python's operators and ``math`` mean, where C's function of that name means something else.

Written in the Python subset that ``codegen/subset`` compiles: no IR is written by hand.
"""

from __future__ import annotations

import math

__all__ = ["MEANINGS"]


def remainder(x: float, y: float) -> float:
    """Python's ``x % y``: C's remainder, moved to the sign of y; nan where y is zero."""
    r = math.fmod(x, y)
    if r == 0.0:
        return math.copysign(0.0, y)
    return r + y if (y < 0.0) != (r < 0.0) else r


MEANINGS = {"%": remainder}
