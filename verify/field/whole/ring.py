"""Ring: arrays of residues modulo a few random primes of 50 bits, in 64-bit integers.

One prime of 100 bits would do as well as two of 50, but these need no integers of Python's: a
product's quotient is found in doubles and is off by one at most, so that the remainder is exact.
An element is a residue modulo each prime; the first axis of every array here holds them.

Sums run over halves of 25 bits and products of arrays over limbs, as doubles: every partial sum is
an integer below 2**53, so NumPy's sums and the BLAS are exact in any order.
"""

from __future__ import annotations

import math
import operator
import secrets
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from verify.field.meaning import PoleError
from verify.field.prime import random_prime

__all__ = ["BITS", "Integers", "Ring"]

Integers: TypeAlias = NDArray[np.int64]
Doubles: TypeAlias = NDArray[np.float64]

BITS = 50  # quotients of products are found in doubles: with 51 bits they could be off by two
_HALF = BITS // 2
_LOW = (1 << _HALF) - 1
_MANTISSA = 53


class Ring:
    """The integers modulo random primes, over arrays.

    The arrays that its functions take and return hold the residues modulo the first prime, those
    modulo the second and so on, along the first axis.

    Args:
        count: The number of primes.
    """

    def __init__(self, count: int = 2) -> None:
        self.count = count
        self.primes = tuple(random_prime(BITS, which) for which in range(count))
        self.draws_poles = False  # True: one over zero is another number each time
        self._numbers: dict[float, Integers] = {}
        self._column = np.array(self.primes, dtype=np.int64).reshape(count, 1)
        self._by_axes: dict[int, tuple[Integers, Integers, Doubles]] = {}

    def add(self, x: Integers, y: Integers) -> Integers:
        """x + y."""
        if x.ndim == y.ndim == 1:
            return self._of_one(operator.add, x, y)
        return self._within(x + y, 1)

    def sub(self, x: Integers, y: Integers) -> Integers:
        """x - y."""
        if x.ndim == y.ndim == 1:
            return self._of_one(operator.sub, x, y)
        return self._within(x - y, 0)

    def _within(self, made: Integers, above: int) -> Integers:
        """Residues, in place, of what is within one prime of them, above or below."""
        if made.size <= _BLOCK:
            p, below, _ = self._along(made.ndim)
            return _wrapped(made, below if above else p)
        made = np.ascontiguousarray(made)  # which a reshape sees, however the operands lie
        _wrapped_by_blocks(made.reshape(self.count, -1), -self._column if above else self._column)
        return made

    def _along(self, ndim: int) -> tuple[Integers, Integers, Doubles]:
        """The primes along the first of so many axes, less than zero as well, and one over each."""
        found = self._by_axes.get(ndim)
        if found is None:
            column = self._column.reshape(self.count, *(1,) * (ndim - 1))
            found = self._by_axes[ndim] = column, -column, 1.0 / column
        return found

    def neg(self, x: Integers) -> Integers:
        """-x."""
        return self.sub(np.zeros_like(x), x)

    def mul(self, x: Integers, y: Integers) -> Integers:
        """x * y."""
        if x.ndim == y.ndim == 1:
            return self._of_one(operator.mul, x, y)
        product = x * y
        if product.size <= _BLOCK:
            p, below, inverse = self._along(product.ndim)
            quotient = x.astype(np.float64) * y
            quotient *= inverse
            quotient -= 0.5
            product -= quotient.astype(np.int64) * p
            return _wrapped(product, below)
        x, y = np.broadcast_arrays(x, y)
        made = np.empty(x.shape, dtype=np.int64)
        one, two = (z.reshape(self.count, -1) for z in (x, y))
        _multiply(one, two, self._column, made.reshape(self.count, -1))
        return made

    def square(self, x: Integers) -> Integers:
        """x * x."""
        return self.mul(x, x)

    def div(self, x: Integers, y: Integers) -> Integers:
        """x / y."""
        return self.mul(x, self.inverse(y))

    def _of_one(self, operation: Callable[[int, int], int], x: Integers, y: Integers) -> Integers:
        """An operation on single numbers, which Python's integers do sooner than NumPy's calls."""
        residues = zip(x.tolist(), y.tolist(), self.primes, strict=True)
        return np.array([operation(a, b) % p for a, b, p in residues], dtype=np.int64)

    def reduced(self, x: Integers, which: int) -> Integers:
        """Integers below 2**62, of either sign, modulo one of the primes."""
        return _reduced(np.asarray(x), self.primes[which])

    def power(self, x: Integers, exponent: int) -> Integers:
        """x ** exponent, for an exponent of 0 or more."""
        result = np.ones_like(x)
        while exponent:
            if exponent & 1:
                result = self.mul(result, x)
            exponent >>= 1
            x = self.mul(x, x) if exponent else x
        return result

    def inverse(self, x: Integers) -> Integers:
        """1 / x, by the products of ever larger groups: three products an element.

        Raises:
            PoleError: if an element is zero modulo one of the primes.
        """
        count = x[0].size
        if self.draws_poles:
            drawn = [[secrets.randbelow(p - 1) + 1 for _ in range(count)] for p in self.primes]
            x = np.where(x == 0, np.array(drawn).reshape(x.shape), x)
        level = x.reshape(self.count, count)
        if count > _FEW:
            level = np.ones((self.count, 1 << (count - 1).bit_length()), dtype=np.int64)
            level[:, :count] = x.reshape(self.count, count)
        levels = [level]
        while levels[-1].shape[1] > _FEW:
            last = levels[-1]
            levels.append(self.mul(last[:, ::2], last[:, 1::2]))
        few = zip(levels[-1].tolist(), self.primes, strict=True)
        found = np.array([_inverses(row, p) for row, p in few], dtype=np.int64)
        for level in levels[-2::-1]:
            swapped = level.reshape(self.count, -1, 2)[:, :, ::-1]
            found = self.mul(found[:, :, None], swapped).reshape(self.count, -1)
        return found[:, :count].reshape(x.shape)

    # --- numbers ---

    def of_doubles(self, values: Doubles) -> Integers:
        """The residues of finite doubles: a double is an integer times a power of two."""
        doubles = np.asarray(values, dtype=np.float64)
        if not doubles.ndim:
            return self._of_number(float(doubles))
        flat = doubles.reshape(-1)
        made = np.empty((self.count, flat.size), dtype=np.int64)
        for start in range(0, flat.size, _BLOCK):
            block = slice(start, start + _BLOCK)
            mantissa, exponent = np.frexp(flat[block])
            integers = (mantissa * 2.0**_MANTISSA).astype(np.int64)
            lowest = int(exponent.min())
            exponent -= lowest
            highest = int(exponent.max())
            scales = [_powers_of_two(lowest - _MANTISSA, highest + 1, p) for p in self.primes]
            powers = np.array(scales, dtype=np.int64)[:, exponent]
            _multiply(_reduced(integers, self._column), powers, self._column, made[:, block])
        return made.reshape(self.count, *doubles.shape)

    def _of_number(self, value: float) -> Integers:
        """The residues of one number: a text has the same few many times."""
        found = self._numbers.get(value)
        if found is None:
            found = self._numbers[value] = self.of_doubles(np.array([value]))[:, 0]
            found.setflags(write=False)
        return found

    def random(self, shape: tuple[int, ...], draw: np.random.Generator) -> Integers:
        """Random residues."""
        return np.stack([draw.integers(0, p, shape, dtype=np.int64) for p in self.primes])

    # --- sums and products of arrays ---

    def linear(self, apply: Callable[[Doubles], Doubles], x: Integers) -> Integers:
        """What a map whose coefficients are 0 and 1 makes of residues, from its value on doubles.

        Args:
            apply: The map; it must add up fewer than 2**28 of its operand's elements.
            x: Its operand.
        """
        parts = []
        for k in range(self.count):
            low = _integers(apply((x[k] & _LOW).astype(np.float64)))
            high = _integers(apply((x[k] >> _HALF).astype(np.float64)))
            high = self._shifted(self.reduced(high, k), _HALF, k)
            parts.append(self.reduced(high + self.reduced(low, k), k))
        return np.stack(parts)

    def contracted(self, spec: str, x: Integers, y: Integers) -> Integers:
        """Einsum of two arrays where about each element is met once: by products, then sums."""
        one, two, result = (part for side in spec.split("->") for part in side.split(","))
        letters = "".join(dict.fromkeys(result + one + two))
        left, right = (_beside(v, own, letters) for v, own in ((x, one), (y, two)))
        products = self.mul(left, right)
        for _ in letters[len(result) :]:
            products = self._sum_of_last(products)
        return products

    def _sum_of_last(self, x: Integers) -> Integers:
        """The sum along the last axis, as many elements at once as stay below 62 bits."""
        if not x.shape[-1]:
            return np.zeros(x.shape[:-1], x.dtype)
        while x.shape[-1] > 1:
            parts = np.add.reduceat(x, np.arange(0, x.shape[-1], _TERMS), axis=-1)
            x = np.stack([self.reduced(part, k) for k, part in enumerate(parts)])
        return np.ascontiguousarray(x[..., 0])

    def bilinear(
        self, apply: Callable[[Doubles, Doubles], Doubles], x: Integers, y: Integers, terms: int
    ) -> Integers:
        """What a product of arrays makes of residues, from its value on doubles.

        Args:
            apply: The product, linear in both operands with coefficients 0 and 1.
            x: An operand.
            y: The other.
            terms: How many products an element of the result is the sum of.
        """
        bits = (_MANTISSA - max(terms, 1).bit_length()) // 2
        count = math.ceil(BITS / bits)
        mask = (1 << bits) - 1

        def limbs(v: Integers) -> list[Doubles]:
            return [((v >> (bits * i)) & mask).astype(np.float64) for i in range(count)]

        made = []
        for k in range(self.count):
            one, two = limbs(x[k]), limbs(y[k])
            total: Integers | None = None
            for weight in range(2 * count - 2, -1, -1):
                if total is not None:
                    total = self._shifted(total, bits, k)
                for i in range(max(0, weight - count + 1), min(weight, count - 1) + 1):
                    part = _integers(apply(one[i], two[weight - i]))
                    total = part if total is None else total + part
                assert total is not None
                total = self.reduced(total, k)
            assert total is not None
            made.append(total)
        return np.stack(made)

    def _shifted(self, x: Integers, bits: int, which: int) -> Integers:
        """x * 2**bits modulo one prime, in steps that stay below 62 bits."""
        while bits:
            now = min(bits, 61 - BITS)
            x, bits = self.reduced(x << now, which), bits - now
        return x


def _beside(v: Integers, own: str, letters: str) -> Integers:
    """Residues with an axis for each of the letters, of length 1 for those they lack."""
    order = [own.index(c) for c in letters if c in own]
    moved = np.transpose(v, (0, *(i + 1 for i in order)))
    shape = iter(moved.shape[1:])
    return moved.reshape(len(v), *(next(shape) if c in own else 1 for c in letters))


def _integers(x: Doubles) -> Integers:
    return np.asarray(x).astype(np.int64)  # exact: below 2**53


_TERMS = 1 << 11  # residues whose sum is below 62 bits
_FEW = 64  # numbers that Python's integers invert sooner than NumPy's calls
_BLOCK = 1 << 13  # numbers of each prime that stay in the fast cache


def _powers_of_two(first: int, count: int, p: int) -> list[int]:
    """2**first modulo p and the powers that follow it."""
    powers = [pow(2, first, p)]
    for _ in range(count - 1):
        powers.append(powers[-1] * 2 % p)
    return powers


def _inverses(row: list[int], p: int) -> list[int]:
    """The inverses of a few residues, from that of their product."""
    product, before = 1, []
    for v in row:
        before.append(product)
        product = product * v % p
    try:
        rest = pow(product, -1, p)
    except ValueError:
        raise PoleError("a denominator is zero") from None
    for place in range(len(row) - 1, -1, -1):
        before[place] = before[place] * rest % p
        rest = rest * row[place] % p
    return before


def _reduced(x: Integers, p: int | Integers) -> Integers:
    # Right or one too small: what is below 2**62 has a small quotient, with many digits behind it.
    quotient = np.floor(x * (1.0 / p) - 2.0**-20).astype(np.int64)
    return _wrapped(np.asarray(x - quotient * p), -p)


def _multiply(x: Integers, y: Integers, p: Integers, out: Integers) -> None:
    """x * y modulo the primes of the column p into ``out``, block by block.

    The quotient is below 2**50, and its error below 7/16 before it is cut to an integer: three
    roundings, and one where a half is taken from it.  So it is right or one too small, and the
    remainder, exact in 64 bits whatever overflows on the way, is within one prime above its place.
    """
    count, width = out.shape
    inverse = 1.0 / p
    doubles = np.empty((count, min(_BLOCK, width)))
    quotient = np.empty(doubles.shape, dtype=np.int64)
    for start in range(0, width, _BLOCK):
        one, two, rest = (z[:, start : start + _BLOCK] for z in (x, y, out))
        f, q = doubles[:, : one.shape[1]], quotient[:, : one.shape[1]]
        np.copyto(f, one, casting="unsafe")
        np.multiply(f, two, out=f)
        np.multiply(f, inverse, out=f)
        np.subtract(f, 0.5, out=f)
        np.copyto(q, f, casting="unsafe")
        np.multiply(one, two, out=rest)
        np.multiply(q, p, out=q)
        np.subtract(rest, q, out=rest)
        _wrapped(rest, -p)


def _wrapped(x: Integers, p: int | Integers) -> Integers:
    """x or x + p, in place: whichever is not negative, the smaller one if both are not."""
    unsigned = x.view(np.uint64)  # a negative number is a large one there
    np.minimum(unsigned, np.asarray(x + p).view(np.uint64), out=unsigned)
    return x


def _wrapped_by_blocks(x: Integers, p: Integers) -> None:
    for start in range(0, x.shape[1], _BLOCK):
        _wrapped(x[:, start : start + _BLOCK], p)
