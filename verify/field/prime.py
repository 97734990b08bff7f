"""Random primes for the identity tests.

They are drawn from the system's entropy, so whoever writes a text knows none of them; nor the
residues, which are drawn anew for each text.  A few serve a whole process: finding one takes
longer than a check at compile.
"""

from __future__ import annotations

import secrets
from functools import cache

__all__ = ["BITS", "random_prime", "size_for"]

BITS = (127, 521, 2203)  # sizes to go through when a degree asks for more
_SIZES = (127, 256, 384, 521, 768, 1024, 1536, 2203)
_SMALL = [p for p in range(3, 400, 2) if all(p % q for q in range(3, p, 2))]


def size_for(bits: int) -> int | None:
    """The least size, of a few, that has so many bits; None if that is too many.

    >>> size_for(200)
    256
    """
    return next((size for size in _SIZES if size >= bits), None)


@cache
def random_prime(bits: int, which: int = 0) -> int:
    """A random prime of this size, 3 modulo 4; the same ones for the whole process."""
    while True:
        candidate = secrets.randbits(bits) | 3 | 1 << (bits - 1)
        if all(candidate % p for p in _SMALL) and _is_prime(candidate):
            return candidate


def _is_prime(n: int) -> bool:
    """The test of Miller and Rabin.

    A composite passes a round with a chance below 1/4; a random one of many bits with a much
    smaller one (Damgård, Landrock, Pomerance 1993: below 2**-117 in 10 rounds from 500 bits on).
    """
    rounds = 60 if n.bit_length() < 500 else 10
    odd, twos = n - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    return all(_passes(n, secrets.randbelow(n - 3) + 2, odd, twos) for _ in range(rounds))


def _passes(n: int, base: int, odd: int, twos: int) -> bool:
    x = pow(base, odd, n)
    if x in (1, n - 1):
        return True
    for _ in range(twos - 1):
        x = x * x % n
        if x == n - 1:
            return True
    return False
