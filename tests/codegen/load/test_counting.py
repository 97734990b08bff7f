"""Emitted loops count, and their variable is an index and nothing else."""

from __future__ import annotations

import ast

import pytest

from codegen.load.counting import is_counting


def _loop(text: str) -> ast.For:
    (statement,) = ast.parse(text).body
    assert isinstance(statement, ast.For)
    return statement


@pytest.mark.parametrize(
    "text",
    [
        "for i in range(3):\n    y[i] = x[i] + 1.0",
        "for i in reversed(range(3)):\n    for j in range(2):\n        y = x[i]",
    ],
)
def test_what_the_emitters_write(text: str) -> None:
    """Ranges of numbers, forwards and backwards, and elements by the variable."""
    assert is_counting(_loop(text))


@pytest.mark.parametrize(
    "text",
    [
        "for i in range(n):\n    y[i] = x[i]",
        "for i in x:\n    y = i",
        "for i in range(3):\n    y = i + 1.0",
        "for i in range(3):\n    y = x[i + 1]",
        "for i in range(3):\n    i = x[i]",
        "for i in range(3):\n    y[i] = x[i]\nelse:\n    y = x",
        "for i, j in range(3):\n    y[i] = x[j]",
        "for i in range(3):\n    y = x[i:]",
        "for i in range(1, 3):\n    y = x[i]",
    ],
)
def test_what_they_do_not_write(text: str) -> None:
    """Anything else that a loop may do is refused."""
    assert not is_counting(_loop(text))
