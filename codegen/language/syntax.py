"""Syntax trees of texts, and whether they compile, also while other threads do the same."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable
from types import CodeType
from typing import TypeVar

__all__ = ["check_compiles", "compiled_tree", "syntax_tree"]

_TRIES = 20
_T = TypeVar("_T")


def syntax_tree(text: str) -> ast.Module:
    """``ast.parse``, again if another thread got in its way.

    CPython 3.11 counts the depth of all threads' trees in one place (its issue 106905), so a
    switch of threads may end in a SystemError.  Parsing has no effects, so it is done again.

    Raises:
        SyntaxError: if the text does not parse.
    """
    return _undisturbed(lambda: ast.parse(text))


def compiled_tree(tree: ast.Module, filename: str) -> CodeType:
    """``compile`` of a tree, again if another thread got in its way, as ``syntax_tree``."""
    return _undisturbed(lambda: compile(tree, filename, "exec"))


def check_compiles(text: str) -> None:
    """See whether CPython makes code of a text that parses; nothing of it runs.

    A syntax tree may have ``break`` outside of loops, a parameter twice, or loops too deep.

    Raises:
        SyntaxError: if the text does not compile.
    """
    with warnings.catch_warnings():  # about what it does, which is not done here
        warnings.simplefilter("ignore")
        _undisturbed(lambda: compile(text, "<text>", "exec", dont_inherit=True))


def _undisturbed(work: Callable[[], _T]) -> _T:
    for _ in range(_TRIES):
        try:
            return work()
        except SystemError:
            continue
    return work()
