"""Square roots in a field: the laws that hold for positive numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from verify.field import PoleError
from verify.prime import random_prime
from verify.roots import Roots

LAWS: list[tuple[str, Callable[[Any, Any, Any], Any], Callable[[Any, Any, Any], Any]]] = [
    ("square", lambda root, x, y: root(x) * root(x), lambda root, x, y: x),
    ("product", lambda root, x, y: root(x) * root(y), lambda root, x, y: root(x * y)),
    ("quotient", lambda root, x, y: root(x) / root(y), lambda root, x, y: root(x / y)),
    ("of a square", lambda root, x, y: root(x * x), lambda root, x, y: x),
    ("power", lambda root, x, y: x**1.5, lambda root, x, y: x * root(x)),
    ("inverse", lambda root, x, y: x**-0.5, lambda root, x, y: 1 / root(x)),
]


def fields() -> list[tuple[Roots, Any, Any]]:
    """Fields with two positive elements."""
    found = []
    for seed in range(64):
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
    """For all positive elements."""
    for field, x, y in fields():

        def root(z: Any, field: Roots = field) -> Any:
            return field.called("sqrt", z)

        assert left(root, x, y).v == right(root, x, y).v, name


def test_a_quarter_of_all_points_serves_two_roots() -> None:
    """Half of all elements are positive."""
    assert 4 <= len(fields()) <= 32


def test_roots_are_in_the_ledger() -> None:
    """Each root makes an accident four times as likely, as far as is known."""
    field, x, y = fields()[0]
    before = field.chance([(x * y, x * y)])
    field.called("sqrt", x * y), field.called("sqrt", x * x * y)
    assert field.chance([(x * y, x * y)]) >= 16.0 * before > 0.0


def test_different_expressions_differ() -> None:
    """sqrt(x + y) is not sqrt(x) + sqrt(y)."""
    for field, x, y in fields():
        try:
            whole = field.called("sqrt", x + y)
        except PoleError:
            continue
        assert whole.v != (field.called("sqrt", x) + field.called("sqrt", y)).v
