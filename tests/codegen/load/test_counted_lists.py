"""Loops and parts of lists are known in emitted Python, and nothing that looks like them."""

from __future__ import annotations

import ast

import pytest

from codegen.load.counted_lists import loop_parts, loops_in


def definition(body: str) -> ast.FunctionDef:
    """A function with a body."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    (found,) = ast.parse(f"def f(x):\n{lines}").body
    assert isinstance(found, ast.FunctionDef)
    return found


def test_parts_of_lists() -> None:
    """An element at the variable of a loop, at a number, and a slice of numbers are parts."""
    tree = definition("for i in range(3):\n    y[i] = x[i] + x[0]\nz = x[1::2]\nw = x[1][2]")
    assert len(loops_in(tree)) == 1
    parts = loop_parts(tree)
    assert all(id(n) in parts for n in ast.walk(tree) if isinstance(n, (ast.Subscript, ast.For)))


@pytest.mark.parametrize(
    "body",
    [
        "for i in x:\n    y = i",
        "for i in range(3):\n    y = i + x[i]",
        "for i in range(n):\n    y = x[i]",
        "for i in range(3):\n    y = x[i]\nelse:\n    z = 1.0",
    ],
)
def test_other_loops_are_none(body: str) -> None:
    """A loop counts to a number, and its variable is an index and nothing else."""
    tree = definition(body)
    assert not loops_in(tree)


@pytest.mark.parametrize("body", ["y = x[z]", "y = x[z + 1]", "y = f(x)[0]", "x[0:2] = y"])
def test_other_parts_are_none(body: str) -> None:
    """An element is taken at a known place, of a list that has a name."""
    tree = definition(body)
    found = [n for n in ast.walk(tree) if isinstance(n, ast.Subscript)]
    assert not any(id(n) in loop_parts(tree) for n in found)
