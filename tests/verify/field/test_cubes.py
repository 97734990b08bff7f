"""Cubes against truth tables: programs of conditions are one number just where they agree."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autodiff as ad
from codegen import compile_gradient
from verify import Verdict
from verify.field.cubes import Cubes
from verify.field.field import Element
from verify.field.prime import random_prime

# The regions that comparisons of x with 1 and 2, and of x with y, can be in, ties among them.
_XS = (0.5, 1.0, 1.5, 2.0, 2.5)
_POINTS = [(x, y) for x, d in itertools.product(_XS, (-0.1, 0.0, 0.1)) for y in (x + d,)]
Comparison = Callable[[Any, Any, Any], Any]  # of x and y, with what knows ``less`` and ``equal``


class _Doubles:
    """The same conditions on numbers."""

    def less(self, x: float, y: float) -> bool:
        return x < y

    def equal(self, x: float, y: float) -> bool:
        return x == y

    def negation(self, c: bool) -> bool:
        return not c

    def conjunction(self, c: bool, d: bool) -> bool:
        return c and d

    def where(self, c: bool, x: float, y: float) -> float:
        return x if c else y

    def lift(self, x: float) -> float:
        return x


_COMPARISONS: list[Comparison] = [
    lambda f, x, y: f.less(x, f.lift(1.0)),
    lambda f, x, y: f.less(f.lift(1.0), x),
    lambda f, x, y: f.less(x, f.lift(2.0)),
    lambda f, x, y: f.less(f.lift(2.0), x),
    lambda f, x, y: f.equal(x, f.lift(1.0)),
    lambda f, x, y: f.less(x, y),
    lambda f, x, y: f.less(y, x),
    lambda f, x, y: f.equal(x, y),
]


def conditions() -> Any:
    """Conditions as trees: a comparison, a negation, both of two."""
    leaf = st.integers(0, len(_COMPARISONS) - 1)
    return st.recursive(
        leaf, lambda one: st.tuples(one) | st.tuples(one, one), max_leaves=5
    )  # fmt: skip


def numbers() -> Any:
    """Numbers as trees: one of three, or one of two under a condition."""
    leaf = st.sampled_from("abc")
    return st.recursive(leaf, lambda one: st.tuples(conditions(), one, one), max_leaves=5)


def condition_of(tree: Any, f: Any, x: Any, y: Any) -> Any:
    """What a tree of conditions is."""
    if isinstance(tree, int):
        return _COMPARISONS[tree](f, x, y)
    parts = [condition_of(part, f, x, y) for part in tree]
    return f.negation(parts[0]) if len(parts) == 1 else f.conjunction(*parts)


def number_of(tree: Any, f: Any, x: Any, y: Any, named: dict[str, Any]) -> Any:
    """What a tree of numbers is."""
    if isinstance(tree, str):
        return named[tree]
    condition, *sides = tree
    one, other = (number_of(side, f, x, y, named) for side in sides)
    return f.where(condition_of(condition, f, x, y), one, other)


def in_cubes(trees: Sequence[Any]) -> list[Element]:
    """The numbers in a field."""
    field = Cubes(random_prime(119), b"seed")
    x, y = field.unknown("x"), field.unknown("y")
    named = {name: field.unknown(name) for name in "abc"}
    return [field.lift(number_of(tree, field, x, y, named)) for tree in trees]


def on_doubles(tree: Any) -> list[float]:
    """The number in every region."""
    named = {"a": 3.0, "b": 5.0, "c": 7.0}
    return [number_of(tree, _Doubles(), x, y, named) for x, y in _POINTS]


@settings(max_examples=400, deadline=None)
@given(numbers(), numbers())
def test_one_number_where_tables_agree_and_only_there(one: Any, other: Any) -> None:
    """Equal residues mean equal in every region, and the other way round."""
    x, y = in_cubes([one, other])
    assert (x.v == y.v) == (on_doubles(one) == on_doubles(other))


@settings(max_examples=200, deadline=None)
@given(numbers(), conditions())
def test_conditions_have_no_squares(tree: Any, condition: Any) -> None:
    """Selecting twice is selecting once; both sides of a condition together are all."""
    twice = (condition, (condition, tree, "a"), "a")
    once, again = in_cubes([(condition, tree, "a"), twice])
    assert once.v == again.v
    whole, parts = in_cubes([tree, (condition, tree, tree)])
    assert whole.v == parts.v


def test_powers_and_quotients() -> None:
    """A power of a choice is the choice of powers; a quotient stays one number."""
    field = Cubes(random_prime(119), b"seed")
    x, y = field.unknown("x"), field.unknown("y")
    c = field.less(x, field.unknown("z"))
    chosen = field.where(c, x, y)
    assert (chosen**3).v == field.where(c, x**3, y**3).v
    assert ((1 / chosen) * chosen).v == 1
    assert (c * c).v == c.v
    assert (chosen / y + 2 - chosen / y).v == 2


NESTED: list[tuple[Callable[..., Any], tuple[float, ...]]] = [
    (lambda x, y: np.where(x > 0.1, np.where(y > 1.0, x * y, x), y * y), (0.5, 0.7)),
    (lambda v, r: np.where(v > 0.6, (v - 0.6) / r, np.where(v < -5, (v + 5) / r, 0)) ** 2,
     (0.7, 2.0)),
    (lambda x, y: np.where((x > 0.1) & (y > 0.2), x * y, 0.0)
     + np.where((x > 0.1) | (y > 1.0), x * x, y), (0.5, 0.7)),
    (lambda x, y: np.exp(np.where(x > y, np.maximum(x, 1.0), np.where(x < -y, y, x * y))),
     (0.5, 0.7)),
    (lambda x, y: ad.relu(np.where(x > y, x * y, np.clip(x, -1.0, 1.0))) * np.abs(x - y),
     (0.5, 0.7)),
]  # fmt: skip


@pytest.mark.parametrize("case", NESTED)
def test_conditions_in_conditions_are_certified(case: Any) -> None:
    """Functions with choices inside choices are certified at compile, with a stated chance."""
    function, example = case
    check = compile_gradient(function, *example).check
    assert check is not None
    assert check.verdict is Verdict.CERTIFIED, check
    assert check.chance is not None
    assert check.chance < 1e-12
