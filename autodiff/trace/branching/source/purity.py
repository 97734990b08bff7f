"""Which pieces of source change nothing but the variables they assign."""

from __future__ import annotations

import ast
from collections.abc import Iterable

__all__ = ["is_pure"]

# What calls of these names compute depends on nothing and changes nothing else.
_FUNCTIONS = frozenset({"abs", "min", "max", "float", "sum", "len", "round", "pow", "sorted",
                        "any", "all", "range", "zip", "enumerate", "tuple", "divmod"})  # fmt: skip
_MODULES = frozenset({"np", "numpy", "ad", "autodiff", "math", "jnp", "scipy", "special"})
_IMPURE = (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr, ast.Starred)
# Functions of modules that write into what they are given.
_WRITING = frozenset({"copyto", "put", "place", "putmask", "fill_diagonal", "at", "shuffle",
                      "put_along_axis", "random"})  # fmt: skip


def is_pure(parts: Iterable[ast.AST]) -> bool:
    """True if running these changes names of the function only, whatever the values are."""
    return all(_keeps(node) for part in parts for node in ast.walk(part))


def _keeps(node: ast.AST) -> bool:
    if isinstance(node, _IMPURE):
        return False
    if isinstance(node, (ast.Attribute, ast.Subscript)):
        return isinstance(node.ctx, ast.Load)
    if isinstance(node, ast.Call):
        return _is_function(node.func) and not any(k.arg in (None, "out") for k in node.keywords)
    return True


def _is_function(called: ast.expr) -> bool:
    if isinstance(called, ast.Name):
        return called.id in _FUNCTIONS
    path = []
    while isinstance(called, ast.Attribute):
        path.append(called.attr)
        called = called.value
    return isinstance(called, ast.Name) and called.id in _MODULES and not _WRITING & {*path}
