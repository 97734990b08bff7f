"""Generator functions as functions that return the list of what they yield.

A generator runs between the repetitions of who goes over it; as a list, its own loop is recorded.
Only what ends by itself is rewritten: ``for`` loops, over what is there or counted.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autodiff.trace.branching.source.rewriting import ENDING

__all__ = ["as_list"]

_YIELDED = "__yielded__"
_HEADERS = frozenset({"range", "zip", "enumerate", "reversed"})
# What is under way while a generator waits, or may not end.
_WAITING = ast.While, ast.Try, ast.With, ast.AsyncFor, ast.AsyncWith, ast.Match
_INNER = ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda
_YIELDS = ast.Yield, ast.YieldFrom


def as_list(node: ast.FunctionDef) -> bool:
    """Rewrite a generator function; False, and nothing, if it is none, or does more than yield."""
    own = [*_own(node)]
    yields = [one for one in own if isinstance(one, _YIELDS)]
    loops = [one for one in own if isinstance(one, ast.For) and _yields(one)]
    stated = {id(one.value) for one in own if isinstance(one, ast.Expr)}
    if not loops or node.decorator_list or any(one.orelse for one in loops):
        return False
    if any(id(one) not in stated or one.value is None for one in yields):
        return False
    for one in own:
        if isinstance(one, _WAITING) and _yields(one):
            return False
        if isinstance(one, ast.Return) and one.value is not None:
            return False
    for loop in loops:
        loop.iter = _bounded(loop.iter)
    _Appends().visit(node)
    first = ast.Assign([ast.Name(_YIELDED, ast.Store())], ast.List([], ast.Load()))
    last = ast.Return(ast.Name(_YIELDED, ast.Load()))
    node.body = [ast.copy_location(first, node), *node.body, ast.copy_location(last, node)]
    node.returns = None
    return True


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """What is inside a function, without the functions inside it."""
    pending = [*ast.iter_child_nodes(node)]
    while pending:
        one = pending.pop()
        yield one
        if not isinstance(one, _INNER):
            pending += ast.iter_child_nodes(one)


def _yields(node: ast.AST) -> bool:
    return any(isinstance(one, _YIELDS) for one in _own(node))


def _bounded(over: ast.expr) -> ast.expr:
    """What a loop goes over, with an end."""
    match over:
        case ast.Call(ast.Name("range")):
            return over
        case ast.Call(ast.Name(name)) if name in _HEADERS:
            over.args = [*map(_bounded, over.args)]
            return over
    return ast.copy_location(ast.Call(ast.Name(ENDING, ast.Load()), [over], []), over)


class _Appends(ast.NodeTransformer):
    """``yield x`` as ``yielded.append(x)``, and returns that give the list."""

    def __init__(self) -> None:
        self._depth = 0

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """The function itself, and none inside it."""
        self._depth += 1
        made = self.generic_visit(node) if self._depth == 1 else node
        self._depth -= 1
        return made

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        """Nothing inside it."""
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        """``yield x``, ``yield from xs``."""
        match node.value:
            case ast.Yield(ast.expr() as value):
                return self._called(node, "append", value)
            case ast.YieldFrom(value):
                return self._called(node, "extend", _bounded(value))
        return node

    def visit_Return(self, node: ast.Return) -> ast.AST:
        """An end."""
        return ast.copy_location(ast.Return(ast.Name(_YIELDED, ast.Load())), node)

    @staticmethod
    def _called(node: ast.Expr, method: str, value: ast.expr) -> ast.AST:
        """A call of a method of the list."""
        function = ast.Attribute(ast.Name(_YIELDED, ast.Load()), method, ast.Load())
        return ast.copy_location(ast.Expr(ast.Call(function, [value], [])), node)
