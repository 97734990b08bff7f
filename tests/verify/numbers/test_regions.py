"""Signs of differences: which can hold together, and every side that can be met."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations
from typing import Any

import sympy

from verify.numbers.linear import is_possible
from verify.numbers.regions import Side, every_side

sp: Any = sympy
X, Y, Z = sp.symbols("x y z", real=True)
ONE = Fraction(1)


def test_an_order_in_a_circle_is_impossible() -> None:
    """x > y > z > x has no solution; without the last one it has."""
    circle = [({"x": ONE, "y": -ONE}, 1), ({"y": ONE, "z": -ONE}, 1), ({"z": ONE, "x": -ONE}, 1)]
    assert not is_possible(circle)
    assert is_possible(circle[:2])
    assert not is_possible([*circle[:2], ({"z": ONE, "x": -ONE}, 0)])


def test_positive_atoms_count() -> None:
    """x > c and x < 0 exclude each other where c is positive."""
    signs = [({"x": ONE, "c": -ONE}, 1), ({"x": ONE}, -1)]
    assert is_possible(signs)
    assert not is_possible(signs, [{"c": ONE}])


def test_three_numbers_have_six_orders_and_seven_ties() -> None:
    """Of 27 combinations of three comparisons, those that numbers have are run."""

    def run(side: Side) -> tuple[int, ...]:
        pairs = (X, Y), (Y, Z), (X, Z)
        return tuple(side.order(a, b) or 0 for a, b in pairs)

    def signs(x: int, y: int, z: int) -> tuple[int, ...]:
        return tuple((a > b) - (a < b) for a, b in ((x, y), (y, z), (x, z)))

    inner = {signs(*order) for order in permutations(range(3))}
    every = {signs(x, y, z) for x in range(3) for y in range(3) for z in range(3)}
    assert set(every_side(run, 32)) == inner
    assert set(every_side(run, 32, ties=True)) == every
    assert inner, len(every) == (6, 13)


def test_a_multiple_of_a_difference_is_the_same_question() -> None:
    """x > -x asks for the sign of x, and so does -3 x < 0."""
    side = Side()
    assert side.order(X, -X) == side.order(X, 0) == 1
    assert side.order(-3 * X, 0) == -1
    assert list(side.signs) == [X]


def test_constants_are_the_numbers_they_are() -> None:
    """x is not 0.1 and 0.3 at once, nor above 0.3 and below 0.1."""
    low, high = sp.symbols("c0 c1", positive=True)
    values = {low: sp.Rational(1, 10), high: sp.Rational(3, 10)}

    def run(side: Side) -> tuple[int, ...]:
        return tuple(side.order(X, c) or 0 for c in (low, high))

    inner = {(-1, -1), (1, -1), (1, 1)}
    assert set(every_side(run, 32, values=values)) == inner
    assert set(every_side(run, 32, True, values)) == inner | {(0, -1), (1, 0)}


def test_products_have_the_signs_of_their_factors() -> None:
    """Of a positive number every power is; a square is never below zero, nor zero but with it."""

    def signs_of(*asked: Any) -> set[tuple[int | None, ...]]:
        run = every_side(lambda side: tuple(side.order(x, 0) for x in asked), 32, ties=True)
        return {*run}

    assert signs_of(X, X ** sp.Rational(3, 2))
    assert not signs_of(X, X ** sp.Rational(3, 2)) & {(1, -1), (1, 0), (0, 1), (0, -1)}
    assert signs_of(X, Y**2 * X) == {(1, 1), (1, 0), (-1, -1), (-1, 0), (0, 0)}
    assert signs_of(X, X**-3) <= {(1, 1), (-1, -1), (0, 1), (0, -1), (0, 0)}
    assert signs_of(X - Y, (X - Y) ** 2) == {(1, 1), (-1, 1), (0, 0)}
    assert signs_of(X, X * Y) == {(1, 1), (1, -1), (1, 0), (-1, 1), (-1, -1), (-1, 0), (0, 0)}
