"""Syntax trees of texts, also while other threads make theirs."""

from __future__ import annotations

import ast

__all__ = ["syntax_tree"]

_TRIES = 20


def syntax_tree(text: str) -> ast.Module:
    """``ast.parse``, again if another thread got in its way.

    CPython 3.11 counts the depth of all threads' trees in one place (its issue 106905), so a
    switch of threads may end in a SystemError.  Parsing has no effects, so it is done again.

    Raises:
        SyntaxError: if the text does not parse.
    """
    for _ in range(_TRIES):
        try:
            return ast.parse(text)
        except SystemError:
            continue
    return ast.parse(text)
