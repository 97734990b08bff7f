"""The field: its ledger bounds the degrees, and large expressions become unknowns soundly."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autodiff as ad
from codegen import compile_gradient
from verify import Verdict
from verify.field.cubes import Cubes
from verify.field.field import Field, PoleError
from verify.field.gates import Gates
from verify.field.prime import random_prime, size_for
from verify.truth.spec import chain_rule

_PRIME = random_prime(127)


def polynomial(seed: int, field: Field) -> tuple[Any, int]:
    """A random polynomial of one unknown by sums and products, and its formal degree."""
    source = random.Random(seed)
    values: list[tuple[Any, int]] = [(field.unknown("x"), 1), (field.lift(3), 0)]
    for _ in range(12):
        (x, n), (y, m) = source.choice(values), source.choice(values)
        kind = source.randrange(4)
        if kind == 0:
            values.append((x * y, n + m))
        elif kind == 3:
            values.append((-x, n))
        else:
            values.append((x + y if kind == 1 else x - y, max(n, m)))
    return values[-1]


@settings(max_examples=50)
@given(st.integers(0, 10**6))
def test_the_ledger_is_the_formal_degree_of_polynomials(seed: int) -> None:
    """Sums keep the larger degree, products add them."""
    element, degree = polynomial(seed, Field(_PRIME, b""))
    assert (element.n, element.d) == (degree, 0)


def test_a_quotient_has_the_degrees_of_both_sides() -> None:
    """(x + 1/y) / z: numerator and denominator are of degree two."""
    field = Field(_PRIME, b"")
    x, y, z = (field.unknown(name) for name in "xyz")
    quotient = (x + 1 / y) / z
    assert (quotient.n, quotient.d) == (2, 2)


@given(st.integers(0, 2**200), st.integers(0, 2**200))
def test_residues_are_reduced(x: int, y: int) -> None:
    """Whatever is added, subtracted or negated stays below the prime: equal elements look equal."""
    field = Field(_PRIME, b"")
    a, b = field.lift(x), field.lift(y)
    for found, expected in ((a + b, x + y), (a - b, x - y), (a * b, x * y), (-a, -x)):
        assert found.v == expected % _PRIME


def power(field: Field, x: Any, squarings: int) -> Any:
    """x ** (2 ** squarings)."""
    for _ in range(squarings):
        x = x * x
    return x


def test_cuts_keep_degrees_small() -> None:
    """After a hundred squarings the degree is still small enough for a prime of 127 bits."""
    field = Field(_PRIME, b"", cuts=True)
    x = power(field, field.unknown("x"), 100)
    assert x.n < 2**33
    assert field.is_cut
    assert field.chance([(x, x)]) < 1e-12
    assert not Field(_PRIME, b"").is_cut


def test_cuts_are_the_same_for_equal_expressions_only() -> None:
    """What is cut is found again, up to its sign; another expression is another unknown."""
    field = Field(_PRIME, b"", cuts=True)
    x, y = field.unknown("x"), field.unknown("y")
    large = power(field, x, 40) * y
    assert (power(field, x, 40) * y).v == large.v
    assert (power(field, -x, 40) * -y).v == (-large).v
    assert (power(field, x, 40) * (y + 1)).v != large.v


def test_zero_is_never_cut() -> None:
    """A large expression that is identically zero stays zero."""
    field = Field(_PRIME, b"", cuts=True)
    x, y = power(field, field.unknown("x"), 30), power(field, field.unknown("y"), 31)
    zero = (x + 1) * (x - 1) - x * x + 1
    assert zero.v == 0
    assert (zero * y * y).v == 0
    assert not field.is_cut
    assert (x * y * y).v
    assert field.is_cut


def test_a_zero_denominator_is_a_pole() -> None:
    """1 / (x - x) has no value."""
    field = Field(_PRIME, b"")
    x = field.unknown("x")
    with pytest.raises(PoleError):
        1 / (x - x)


def test_sizes_of_primes() -> None:
    """The next size with enough bits, None above the largest."""
    assert [size_for(bits) for bits in (10, 127, 128, 900, 2203, 2204)] == [
        127, 127, 256, 1024, 2203, None,
    ]  # fmt: skip


def test_known_numbers_stay_doubles_in_the_chain_rule() -> None:
    """0.1 * 0.3 is the double of that product, not the product of two doubles."""
    field = Field(_PRIME, b"")
    lines = "    %3 = mul 0.1, 0.3", "    %4 = mul x, %3", "    return %4"
    graph = ad.parse("\n".join(["graph f(x: float) -> float:", *lines, ""]))
    _, slope = chain_rule(graph, [field.unknown("x")])
    assert field.lift(slope).v == field.lift(0.1 * 0.3).v
    assert field.lift(slope).v != (field.lift(0.1) * field.lift(0.3)).v


def test_the_chain_rule_runs_over_tracers() -> None:
    """The specification is recorded as a graph, too: a program for comparisons at points."""
    graph = ad.trace(lambda x: 2.0 * x * ad.sin(x), 1.0)
    slope = ad.trace(lambda x: chain_rule(graph, [x])[1], 1.0)
    assert ad.evaluate(slope, 0.5) == ad.evaluate(ad.gradient(graph), 0.5)


@pytest.mark.parametrize("kind", [Field, Gates, Cubes])
def test_literals_are_in_order(kind: Any) -> None:
    """Rules ask literals questions that emitted code has answered; infinities are some, too."""
    field = kind(_PRIME, b"")
    numbers = [field.lift(x) for x in (-math.inf, -2.5, 0.0, 1, Fraction(1, 3), math.inf)]
    worth = [-math.inf, -2.5, 0.0, 1.0, 1 / 3, math.inf]
    for x, one in zip(numbers, worth, strict=True):
        for y, other in zip(numbers, worth, strict=True):
            less, equal = field.less(x, y), field.equal(x, y)
            assert (less.n, less.v) == (0, one < other)
            assert (equal.n, equal.v) == (0, one == other)
    unknown = field.unknown("x")
    assert field.less(unknown, numbers[0]).n
    assert field.equal(unknown, numbers[-1]).n
    assert field.less(field.where(field.less(unknown, numbers[2]), *numbers[:2]), numbers[-1]).n


def test_a_logistic_loss_is_certified() -> None:
    """The rule of ``logaddexp`` asks whether its literal 0 is an infinity."""
    compiled = compile_gradient(lambda x, y: np.logaddexp(0.0, x + y) - x, 0.3, 0.4)
    assert compiled.verdict is Verdict.CERTIFIED
