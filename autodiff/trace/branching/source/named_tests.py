"""``while (r := error(x)) > tol``: what a test names, as a statement before the test."""

from __future__ import annotations

import ast
import copy

from autodiff.trace.branching.source.single_exit import without_continue

__all__ = ["named_before"]


def named_before(node: ast.If | ast.While) -> ast.stmt | None:
    """The statement that gives the name, which the test then reads; None if it gives none first.

    A loop gives it anew at the end of each repetition.
    """
    if isinstance(node, ast.While):
        node.body = without_continue(node.body)
        if any(isinstance(one, ast.Continue) for part in node.body for one in ast.walk(part)):
            return None
    holder: ast.AST | None = None
    field, one = "test", node.test
    while not isinstance(one, ast.NamedExpr):
        holder, field, inner = one, *_first(one)
        if inner is None:
            return None
        one = inner
    read = ast.copy_location(ast.Name(one.target.id, ast.Load()), one)
    owner = node if holder is None else holder
    held = getattr(owner, field)
    if isinstance(held, list):
        held[0] = read
    else:
        setattr(owner, field, read)
    given = ast.copy_location(ast.Assign([one.target], one.value), node.test)
    if isinstance(node, ast.While):
        node.body = [*node.body, copy.deepcopy(given)]
    return given


def _first(one: ast.expr) -> tuple[str, ast.expr | None]:
    """The part of an expression that is computed first, and the field that holds it."""
    if isinstance(one, (ast.Compare, ast.BinOp)):
        return "left", one.left
    if isinstance(one, ast.UnaryOp):
        return "operand", one.operand
    if isinstance(one, ast.BoolOp):
        return "values", one.values[0]
    if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.args:
        return "args", one.args[0]
    return "", None
