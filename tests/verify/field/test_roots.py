"""Square roots in a field: s * s = v and what follows, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from verify.field.field import PoleError
from verify.field.prime import random_prime
from verify.field.roots import Roots

LAWS: list[tuple[str, Callable[[Any, Any, Any], Any], Callable[[Any, Any, Any], Any]]] = [
    ("square", lambda root, x, y: root(x) * root(x), lambda root, x, y: x),
    ("three halves", lambda root, x, y: x**1.5, lambda root, x, y: x * root(x)),
    ("inverse", lambda root, x, y: x**-0.5, lambda root, x, y: 1 / root(x)),
    (
        "conjugate",
        lambda root, x, y: 1 / (root(x) - y),
        lambda root, x, y: (root(x) + y) / (x - y * y),
    ),
]
SIGNED: list[tuple[str, Callable[[Any, Any, Any], Any], Callable[[Any, Any, Any], Any]]] = [
    ("of a square", lambda root, x, y: root(x * x), lambda root, x, y: x),
    ("of a product", lambda root, x, y: root(x * y), lambda root, x, y: root(x) * root(y)),
]


def fields() -> list[tuple[Roots, Any, Any]]:
    """Fields with two elements that have roots."""
    found = []
    for seed in range(128):
        field = Roots(random_prime(127), seed)
        x, y = field.unknown("x"), field.unknown("y")
        try:
            field.called("sqrt", x), field.called("sqrt", y)
        except PoleError:
            continue
        found.append((field, x, y))
    return found


@pytest.mark.parametrize(("name", "left", "right"), LAWS)
def test_a_law_of_roots_holds(
    name: str, left: Callable[[Any, Any, Any], Any], right: Callable[[Any, Any, Any], Any]
) -> None:
    """Whichever root is taken."""
    for field, x, y in fields():

        def root(z: Any, field: Roots = field) -> Any:
            return field.called("sqrt", z)

        assert left(root, x, y).v == right(root, x, y).v, name


@pytest.mark.parametrize(("name", "left", "right"), SIGNED)
def test_a_law_for_some_signs_fails_for_others(
    name: str, left: Callable[[Any, Any, Any], Any], right: Callable[[Any, Any, Any], Any]
) -> None:
    """sqrt(x * x) is x for some numbers only, so it is never certified."""
    agreed = []
    for field, x, y in fields():

        def root(z: Any, field: Roots = field) -> Any:
            return field.called("sqrt", z)

        agreed.append(left(root, x, y).v == right(root, x, y).v)
    assert set(agreed) == {True, False}, name


def test_a_quarter_of_all_points_serves_two_roots() -> None:
    """Half of all elements have a root."""
    assert 10 <= len(fields()) <= 64


def test_roots_are_in_the_ledger() -> None:
    """Each root makes an accident four times as likely, as far as is known."""
    field, x, y = fields()[0]
    before = field.chance([(x * y, x * y)])
    field.called("sqrt", x * x)
    assert field.chance([(x * y, x * y)]) >= 4.0 * before > 0.0


def test_different_expressions_differ() -> None:
    """sqrt(x + y) is not sqrt(x) + sqrt(y)."""
    for field, x, y in fields():
        try:
            whole = field.called("sqrt", x + y)
        except PoleError:
            continue
        assert whole.v != (field.called("sqrt", x) + field.called("sqrt", y)).v
