"""Parsing goes on where CPython stumbles over threads."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from codegen.language.syntax import syntax_tree


def test_a_disturbed_parse_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """A SystemError of the interpreter is no answer; a SyntaxError is one."""
    parse, calls = ast.parse, []

    def stumbling(text: str) -> Any:
        calls.append(text)
        if len(calls) < 3:
            raise SystemError("AST constructor recursion depth mismatch")
        return parse(text)

    monkeypatch.setattr(ast, "parse", stumbling)
    assert isinstance(syntax_tree("x = 1"), ast.Module)
    assert len(calls) == 3
    with pytest.raises(SyntaxError):
        syntax_tree("x = ")
