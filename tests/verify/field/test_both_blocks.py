"""Blocks of if statements joined over symbolic numbers: what Python gives, without a decision."""

from __future__ import annotations

import ast

import pytest

from codegen import compile_gradient
from tests.branching_programs import PROGRAMS
from verify.field.both_blocks import JoinError, join_blocks


def _joined(text: str) -> object:
    """What the function of a text computes, its blocks joined by a plain choice."""
    tree = ast.parse(text)
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)

    def chosen(test: ast.expr, x: ast.expr, y: ast.expr) -> ast.expr:
        return ast.Call(ast.Name("chosen", ast.Load()), [test, x, y], [])

    join_blocks(function, chosen)
    assert not any(isinstance(node, ast.If) for node in ast.walk(function))
    names: dict[str, object] = {"chosen": lambda test, x, y: x if test else y}
    exec(compile(ast.fix_missing_locations(tree), "<joined>", "exec"), names)
    return names[function.name]


NESTED = """
def f(x, y):
    a = x
    if x > 0.0:
        a = a + 1.0
        b = a * y
        if y > 0.0:
            a, c = b, a
        else:
            c = 3.0
        b = b + c
    elif y > 1.0:
        b = 7.0
    else:
        a = a * a
        b = a
    return a, b
"""


@pytest.mark.parametrize("x", [-2.0, 0.0, 3.0])
@pytest.mark.parametrize("y", [-1.0, 0.5, 2.0])
def test_joined_blocks_give_what_python_gives(x: float, y: float) -> None:
    """Nested blocks, chains, names changed in a block, and names that only blocks have."""
    names: dict[str, object] = {}
    exec(NESTED, names)
    assert _joined(NESTED)(x, y) == names["f"](x, y)  # type: ignore[operator]  # functions


@pytest.mark.parametrize("block", ["return x", "x[0] = 1.0", "x += 1.0"])
def test_what_is_no_assignment_to_names_is_refused(block: str) -> None:
    """A block that leaves, or changes an item, cannot run beside the other."""
    with pytest.raises(JoinError):
        _joined(f"def f(x):\n    if x:\n        {block}\n    return x")


@pytest.mark.parametrize("name", ["if else", "early return", "while", "object with state"])
def test_texts_with_ifs_are_certified_by_the_field(name: str) -> None:
    """The check at compile needs no ladder for a function that branches."""
    function, points = PROGRAMS[name]
    df = compile_gradient(function, *points[0])
    assert "decided by verify_gradient" not in df.check.note
