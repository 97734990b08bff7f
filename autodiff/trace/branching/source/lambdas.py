"""Expressions as functions: ``lambda a, b: value``, at the place of the value."""

import ast
from collections.abc import Iterable

__all__ = ["lambda_of", "parameters_of"]


def lambda_of(value: ast.expr, names: Iterable[str] = ()) -> ast.expr:
    """A function of these names that gives the value when it is called."""
    return ast.copy_location(ast.Lambda(parameters_of(names), value), value)


def parameters_of(names: Iterable[str]) -> ast.arguments:
    """Parameters without types or defaults."""
    return ast.arguments([], [ast.arg(name) for name in names], None, [], [], None, [])
