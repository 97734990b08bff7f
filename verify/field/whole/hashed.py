"""Oracle: random values for functions, the same for the same argument, over whole arrays.

A function that arithmetic does not make is an unknown one: a value for each argument.  The values
come from SipHash-2-4 (Aumasson, Bernstein 2012) of the argument's residues under a key of 128 bits
from the system: who writes a text knows neither the key nor the primes, so can foresee no value.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from verify.field.whole.ring import Integers, Ring

__all__ = ["Oracle"]

_START = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)

_WORD = (1 << 64) - 1
_MARKS = 0xFF, 0xDD, 0xBB, 0x99  # SipHash has the first alone; each squeezes the state once more
_BLOCK = 1 << 12  # arguments that stay in the fast cache with the state of their hash


class Oracle:
    """Random residues for arguments.

    Args:
        ring: What arguments and values are elements of.

    Attributes:
        exponentials: Matrices whose exponential is known as a polynomial, and their rows; 0 rows of
            those that it is unknown of.
    """

    def __init__(self, ring: Ring) -> None:
        self._ring = ring
        self.exponentials: dict[bytes, int] = {}
        self._keys: dict[str, tuple[int, int]] = {}
        self._found: dict[tuple[str, bytes], Integers] = {}  # of large arguments, met again

    def words(self, name: str, arguments: Sequence[Integers]) -> tuple[NDArray[np.uint64], ...]:
        """A word of 64 random bits per prime, for each place of arguments that broadcast."""
        key = self._keys.get(name)
        if key is None:
            key = self._keys[name] = secrets.randbits(64), secrets.randbits(64)
        shape = np.broadcast_shapes(*(x.shape[1:] for x in arguments))
        parts = [
            np.broadcast_to(x[k], shape).reshape(-1)
            for x in arguments
            for k in range(self._ring.count)
        ]
        if parts[0].size == 1:
            numbers = _hashed_one(key, [int(part[0]) & _WORD for part in parts], self._ring.count)
            return tuple(np.array(numbers, dtype=np.uint64).reshape(-1, *shape))
        made = np.empty((self._ring.count, parts[0].size), dtype=np.uint64)
        for start in range(0, parts[0].size, _BLOCK):
            block = slice(start, start + _BLOCK)
            _hashed(key, [part[block].view(np.uint64) for part in parts], made[:, block])
        return tuple(word.reshape(shape) for word in made)

    def values(self, name: str, *arguments: Integers) -> Integers:
        """The element that the function ``name`` has at each place."""
        digest = hashlib.sha256()
        for x in arguments:
            digest.update(repr(x.shape).encode())
            digest.update(x.tobytes())
        key = name, digest.digest()
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._elements(name, arguments)
        return found

    def _elements(self, name: str, arguments: Sequence[Integers]) -> Integers:
        words = self.words(name, arguments)
        integers = [(word >> np.uint64(2)).view(np.int64) for word in words]  # 62 bits of 64
        return np.stack([self._ring.reduced(word, k) for k, word in enumerate(integers)])

    def bits(self, name: str, *arguments: Integers) -> NDArray[np.bool_]:
        """A random bit at each place."""
        return (self.words(name, arguments)[0] & np.uint64(1)).astype(np.bool_)


def _hashed(
    key: tuple[int, int], words: Sequence[NDArray[np.uint64]], out: NDArray[np.uint64]
) -> None:
    state = [np.full(words[0].shape, _START[i] ^ key[i % 2], dtype=np.uint64) for i in range(4)]
    for word in words:
        _absorb(state, word)
    for word, mark in zip(out, _MARKS, strict=False):
        word[:] = _squeezed(state, mark)


def _absorb(state: list[NDArray[np.uint64]], word: NDArray[np.uint64]) -> None:
    state[3] ^= word
    _round(state)
    _round(state)
    state[0] ^= word


def _squeezed(state: list[NDArray[np.uint64]], mark: int) -> NDArray[np.uint64]:
    state[2] ^= np.uint64(mark)
    for _ in range(4):
        _round(state)
    return state[0] ^ state[1] ^ state[2] ^ state[3]


def _round(state: list[NDArray[np.uint64]]) -> None:
    a, b, c, d = state
    a += b
    b = _turned(b, 13) ^ a
    a = _turned(a, 32)
    c += d
    d = _turned(d, 16) ^ c
    a += d
    d = _turned(d, 21) ^ a
    c += b
    b = _turned(b, 17) ^ c
    state[:] = a, b, _turned(c, 32), d


def _hashed_one(key: tuple[int, int], words: Sequence[int], count: int) -> list[int]:
    """The same of one place, in Python's integers: NumPy's calls would take ten times as long."""
    a, b, c, d = (_START[i] ^ key[i % 2] for i in range(4))
    made: list[int] = []
    for word, mark, rounds in [(w, 0, 2) for w in words] + [(0, m, 4) for m in _MARKS[:count]]:
        c, d = c ^ mark, d ^ word
        for _ in range(rounds):
            a = a + b & _WORD
            b = (b << 13 & _WORD | b >> 51) ^ a
            a = a << 32 & _WORD | a >> 32
            c = c + d & _WORD
            d = (d << 16 & _WORD | d >> 48) ^ c
            a = a + d & _WORD
            d = (d << 21 & _WORD | d >> 43) ^ a
            c = c + b & _WORD
            b = (b << 17 & _WORD | b >> 47) ^ c
            c = c << 32 & _WORD | c >> 32
        a ^= word
        if mark:
            made.append(a ^ b ^ c ^ d)
    return made


def _turned(x: NDArray[np.uint64], bits: int) -> NDArray[np.uint64]:
    return (x << np.uint64(bits)) | (x >> np.uint64(64 - bits))
