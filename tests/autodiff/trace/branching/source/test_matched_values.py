"""``match`` on values compares as ``if`` does, and nothing else is taken for it."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from autodiff.trace.branching.source.matched_values import as_ifs

_VALUES = """
match f(x):
    case 0 | 1.5:
        y = "first"
    case "b" if x != 3:
        y = "second"
    case -3:
        y = "third"
    case _ if x == 7:
        y = "fourth"
    case _:
        y = "else"
"""


def _run(statements: list[ast.stmt], x: Any) -> object:
    tree = ast.fix_missing_locations(ast.Module(statements, []))
    space: dict[str, Any] = {"x": x, "y": None, "f": lambda x: "b" if x in (2, 3) else x}
    exec(compile(tree, "<cases>", "exec"), space)
    return space["y"]


@pytest.mark.parametrize("x", [0, 1, 1.5, 2, 3, -3, 7, 8, "b", None])
def test_the_same_case_is_taken(x: Any) -> None:
    """What Python takes."""
    (node,) = ast.parse(_VALUES).body
    assert isinstance(node, ast.Match)
    found = as_ifs(node, "__matched_1__")
    assert found is not None
    assert _run(found, x) == _run(ast.parse(_VALUES).body, x)


@pytest.mark.parametrize("case", ["[a, b]", "y", "None", "float()", "{'a': 1}", "(1, _)"])
def test_what_asks_for_more_stays(case: str) -> None:
    """Structures, classes, names, and what is compared by identity."""
    text = f"match x:\n    case 1:\n        y = 1\n    case {case}:\n        y = 2"
    (node,) = ast.parse(text).body
    assert isinstance(node, ast.Match)
    assert as_ifs(node, "__matched_1__") is None
