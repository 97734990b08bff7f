"""Random bits: from a seed, the same ones again, or from the system, a block at a time."""

from __future__ import annotations

import os
import random
from collections.abc import Callable

__all__ = ["drawing"]

_BLOCK = 1024  # bytes; more than any element of a field has


def drawing(seed: str | bytes | None) -> Callable[[int], int]:
    """What gives a random number of so many bits at each call.

    Args:
        seed: Of the numbers; None for the system's, which begin without a generator's long start.

    >>> [draw(4) for draw in [drawing("seed")] * 2] == [draw(4) for draw in [drawing("seed")] * 2]
    True
    """
    if seed is not None:
        return random.Random(seed).getrandbits
    block, place = b"", 0

    def draw(bits: int) -> int:
        nonlocal block, place
        size = (bits + 7) // 8
        if place + size > len(block):
            block, place = os.urandom(max(size, _BLOCK)), 0
        place += size
        return int.from_bytes(block[place - size : place], "little") >> (8 * size - bits)

    return draw
