"""Random primes for the identity tests."""

from __future__ import annotations

import secrets
from functools import cache

__all__ = ["BITS", "random_prime"]

BITS = (127, 521, 2203)  # sizes to go through when a degree asks for more
_ROUNDS = 40
_SMALL = [p for p in range(3, 400, 2) if all(p % q for q in range(3, p, 2))]


@cache
def random_prime(bits: int) -> int:
    """A random prime of this size; the same one for the whole process."""
    while True:
        candidate = secrets.randbits(bits) | 1 | 1 << (bits - 1)
        if all(candidate % p for p in _SMALL) and _is_prime(candidate):
            return candidate


def _is_prime(n: int) -> bool:
    """The test of Miller and Rabin; a composite passes it with a chance below 4**-_ROUNDS."""
    odd, twos = n - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    return all(_passes(n, secrets.randbelow(n - 3) + 2, odd, twos) for _ in range(_ROUNDS))


def _passes(n: int, base: int, odd: int, twos: int) -> bool:
    x = pow(base, odd, n)
    if x in (1, n - 1):
        return True
    for _ in range(twos - 1):
        x = x * x % n
        if x == n - 1:
            return True
    return False
