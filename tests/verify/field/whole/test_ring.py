"""Arrays modulo two primes compute what Python's integers do."""

from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.field.meaning import PoleError
from verify.field.whole.hashed import Oracle
from verify.field.whole.ring import Ring

RING = Ring()
DRAW = np.random.default_rng(1)


def edges(count: int) -> Any:
    """Random residues, the first of them the largest and zero."""
    made = RING.random((count,), DRAW)
    for k, p in enumerate(RING.primes):
        made[k, :4] = p - 1, 0, 1, p - 2
    return made


@pytest.mark.parametrize(
    ("name", "exact"), [("add", operator.add), ("sub", operator.sub), ("mul", operator.mul)]
)
@pytest.mark.parametrize("count", [2000, 20_000])
def test_arithmetic_is_exact(name: str, exact: Callable[[int, int], int], count: int) -> None:
    """Sums, differences and products are those of integers, the largest residues included."""
    x, y = edges(count), edges(count)[:, ::-1].copy()
    y[:, :4] = x[:, :4]
    found = getattr(RING, name)(x, y)
    for k, p in enumerate(RING.primes):
        wanted = [exact(int(a), int(b)) % p for a, b in zip(x[k], y[k], strict=True)]
        assert found[k].tolist() == wanted


def test_what_is_reduced_is_exact() -> None:
    """Integers of either sign below 2**62, and those beside multiples of the primes."""
    largest = 2**62 - 1
    for k, p in enumerate(RING.primes):
        around = [n * p + beside for n in (-4000, -1, 0, 1, 2, 4001) for beside in (-1, 0, 1)]
        x = [-largest, largest, *around, *DRAW.integers(-largest, largest, 500).tolist()]
        assert RING.reduced(np.array(x), k).tolist() == [v % p for v in x]


@pytest.mark.parametrize("name", ["add", "sub", "mul"])
def test_a_number_alone_is_as_among_others(name: str) -> None:
    """Python's integers, which compute with single numbers, give what NumPy's give for many."""
    x, y = edges(6), edges(6)[:, ::-1].copy()
    apply = getattr(RING, name)
    alone = [apply(x[:, k], y[:, k]) for k in range(6)]
    assert all(one.dtype == np.int64 for one in alone)
    assert np.array_equal(np.stack(alone, axis=1), apply(x, y))


@pytest.mark.parametrize("count", [0, 1, 2, 7, 1000])
def test_an_inverse_undoes(count: int) -> None:
    """x times 1 / x is 1, for every number of elements."""
    x = RING.random((count,), DRAW)
    assert (RING.mul(x, RING.inverse(x)) == 1).all()


def test_zero_has_no_inverse() -> None:
    """A zero among many is a pole."""
    x = RING.random((100,), DRAW)
    x[1, 50] = 0
    with pytest.raises(PoleError):
        RING.inverse(x)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_doubles_are_exact(values: list[float]) -> None:
    """The residue of a double is that of the fraction it is."""
    found = RING.of_doubles(np.array(values))
    for k, p in enumerate(RING.primes):
        exact = [Fraction(v) for v in values]
        assert found[k].tolist() == [x.numerator * pow(x.denominator, -1, p) % p for x in exact]
    alone = [RING.of_doubles(np.asarray(value)) for value in values]
    assert np.array_equal(np.stack(alone, axis=1), found)


@pytest.mark.parametrize("terms", [1, 3, 1000])
def test_products_of_matrices_are_exact(terms: int) -> None:
    """Every element is the sum of products of integers."""
    x, y = RING.random((4, terms), DRAW), RING.random((terms, 3), DRAW)
    found = RING.bilinear(np.matmul, x, y, terms)
    for k, p in enumerate(RING.primes):
        one, two = x[k].astype(object), y[k].astype(object)
        assert (found[k] == (one @ two) % p).all()


def test_products_of_very_many_terms_are_exact() -> None:
    """With more terms limbs are smaller, so that no partial sum is rounded."""
    terms = 1 << 20
    x = np.stack([np.full((1, terms), p - 1, dtype=np.int64) for p in RING.primes])
    found = RING.bilinear(np.matmul, x, np.swapaxes(x, 1, 2), terms)
    assert [int(part[0, 0]) for part in found] == [terms % p for p in RING.primes]


def test_sums_are_exact() -> None:
    """A sum of a million of the largest residues."""
    count = 10**6
    x = np.stack([np.full(count, p - 1, dtype=np.int64) for p in RING.primes])
    assert RING.linear(np.sum, x).tolist() == [-count % p for p in RING.primes]


def test_values_of_functions_are_kept_apart() -> None:
    """Equal arguments have equal values; other functions and other oracles have others."""
    oracle, x = Oracle(RING), RING.random((5000,), DRAW)
    first = oracle.values("exp", x)
    assert (first == oracle.values("exp", x[:, ::-1])[:, ::-1]).all()
    assert (first != oracle.values("log", x)).mean() > 0.999
    assert (first != Oracle(RING).values("exp", x)).mean() > 0.999
    assert len({*first[0].tolist()}) == 5000
    for k, p in enumerate(RING.primes):
        assert first[k].min() >= 0
        assert first[k].max() < p


def test_the_hash_is_siphash() -> None:
    """SipHash-2-4 as its paper describes it, on the two words that an argument is hashed as."""
    oracle, key = Oracle(RING), (0x0706050403020100, 0x0F0E0D0C0B0A0908)
    oracle._keys["f"] = key
    words = [0x0706050403020100, 0x8F0E0D0C0B0A0908]  # the second is negative as an integer
    given = np.array(words, dtype=np.uint64).view(np.int64).reshape(2, 1)
    first, _ = oracle.words("f", [given])
    assert int(first[0]) == _siphash(*key, words)
    again = oracle.words("f", [np.repeat(given, 3, axis=1)])
    assert [int(x) for x in again[0]] == 3 * [int(first[0])]
    assert [int(x[2]) for x in again] == [int(x[0]) for x in oracle.words("f", [given])]


def _siphash(k0: int, k1: int, words: list[int]) -> int:
    """SipHash-2-4 of whole words, without the block that tells a length."""
    mask = 2**64 - 1
    v = [
        k0 ^ 0x736F6D6570736575,
        k1 ^ 0x646F72616E646F6D,
        k0 ^ 0x6C7967656E657261,
        k1 ^ 0x7465646279746573,
    ]

    def turn(x: int, bits: int) -> int:
        return (x << bits | x >> (64 - bits)) & mask

    def rounds(count: int) -> None:
        for _ in range(count):
            v[0] = (v[0] + v[1]) & mask
            v[1] = turn(v[1], 13) ^ v[0]
            v[0] = turn(v[0], 32)
            v[2] = (v[2] + v[3]) & mask
            v[3] = turn(v[3], 16) ^ v[2]
            v[0] = (v[0] + v[3]) & mask
            v[3] = turn(v[3], 21) ^ v[0]
            v[2] = (v[2] + v[1]) & mask
            v[1] = turn(v[1], 17) ^ v[2]
            v[2] = turn(v[2], 32)

    for word in words:
        v[3] ^= word
        rounds(2)
        v[0] ^= word
    v[2] ^= 0xFF
    rounds(4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


@pytest.mark.parametrize(
    ("spec", "x", "y"),
    [
        ("ij,j->i", (3, 5000), (5000,)),
        ("ij,i->j", (5000, 3), (5000,)),
        ("i,i->", (2500,), (2500,)),
        ("ijk,ik->ji", (4, 3, 2), (4, 2)),
        ("i,j->ji", (5,), (4,)),
    ],
)
def test_products_of_elements_that_are_met_once_are_exact(
    spec: str, x: tuple[int, ...], y: tuple[int, ...]
) -> None:
    """Einsum by products and sums is that of Python's integers, the largest residues included."""
    one, two = (edges(int(np.prod(s))).reshape(2, *s) for s in (x, y))
    found = RING.contracted(spec, one, two)
    for k, p in enumerate(RING.primes):
        wanted = np.einsum(spec, one[k].astype(object), two[k].astype(object)) % p
        assert np.array_equal(found[k], np.asarray(wanted, dtype=np.int64))


def test_blocks_of_doubles_are_those_of_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Numbers of every size are the same residues, in however many blocks they are converted."""
    values = np.ldexp(DRAW.normal(size=1000), DRAW.integers(-900, 900, 1000))
    whole = RING.of_doubles(values)
    monkeypatch.setattr("verify.field.whole.ring._BLOCK", 7)
    assert np.array_equal(RING.of_doubles(values), whole)
