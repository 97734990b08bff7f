"""Source of a function, rewritten so that sums over several loops, or with tests, are statements.

``sum(f(x, y) for x in xs for y in ys if test)`` becomes a call of a function with these loops and
that ``if``, which can be recorded as any others; it is written before everything else of the
function around it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import cast

from autodiff.trace.branching.source.lambdas import parameters_of
from autodiff.trace.branching.source.names_used import (
    SCOPES,
    assigned_names,
    reaches_out,
    read_names,
)
from autodiff.trace.branching.source.purity import is_pure

__all__ = ["Sums", "as_terms"]

_SUM, _TOTAL, _TERM, _OVER = (
    "__sum_",
    "__total__",
    "__term__",
    "__over__",
)  # no names of the user's have this form


class Sums(ast.NodeTransformer):
    """Rewrites such sums in the statements of one function.

    Args:
        first: The number of the first of them.
        header: Rewrites what a loop goes over.
    """

    def __init__(self, first: int, header: Callable[[ast.expr], ast.expr]) -> None:
        self.functions: list[ast.FunctionDef] = []
        self._first, self._header = first, header
        self._bound: list[set[str]] = []  # by the lambdas and comprehensions around

    def rewritten(self, body: Sequence[ast.stmt]) -> list[ast.stmt]:
        """The statements, behind the functions that they call now."""
        found = [cast(ast.stmt, self.visit(one)) for one in body]
        return [*self.functions, *found]

    def visit(self, node: ast.AST) -> ast.AST:
        """Anything; functions inside have sums of their own."""
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            return node
        if not isinstance(node, SCOPES):
            return cast(ast.AST, super().visit(node))
        self._bound.append(_bound_by(node))
        made = super().visit(node)
        self._bound.pop()
        return cast(ast.AST, made)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """``sum(...)``; what a lambda or a comprehension around it binds is passed on."""
        self.generic_visit(node)
        match node:
            case ast.Call(
                ast.Name("sum"), [ast.GeneratorExp() | ast.ListComp() as given, *start], []
            ) if not _is_one_loop(given) and not reaches_out(given) and not is_pure([given]):
                return ast.copy_location(self._call(given, start or [ast.Constant(0)]), node)
        return node

    def _call(self, node: ast.GeneratorExp | ast.ListComp, start: list[ast.expr]) -> ast.expr:
        name = f"{_SUM}{self._first + len(self.functions)}__"
        total, over = ast.Name(_TOTAL, ast.Load()), ast.Name(_OVER, ast.Load())
        first = node.generators[0]
        outside, first.iter = first.iter, over
        body: list[ast.stmt] = [_assigned(_TOTAL, ast.BinOp(total, ast.Add(), node.elt))]
        if tests := node.generators[-1].ifs:  # the term is chosen, and the sum stays a sum
            test = tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), tests)
            body = [
                _assigned(_TERM, ast.Constant(0)),
                ast.If(test, [_assigned(_TERM, node.elt)], []),
                _assigned(_TOTAL, ast.BinOp(total, ast.Add(), ast.Name(_TERM, ast.Load()))),
            ]
        for one in reversed(node.generators):
            for test in [] if one is node.generators[-1] else reversed(one.ifs):
                body = [ast.If(test, body, [])]
            body = [ast.For(one.target, one.iter, body, [])]
        used = read_names(node)
        passed = sorted(used.keys() & set[str]().union(*self._bound) - _bound_by(node))
        given = parameters_of([_OVER, _TOTAL, *passed])
        function = ast.FunctionDef(name, given, [*body, ast.Return(total)], [])
        _place(function, node)
        self.functions.append(function)
        more = [ast.Name(one, ast.Load()) for one in passed]
        return ast.Call(ast.Name(name, ast.Load()), [self._header(outside), *start, *more], [])


def as_terms(node: ast.Call) -> bool:
    """Make a sum over one loop, without tests, of one that does nothing else; True if it is such.

    ``sum(f(x, y) for x in xs for y in ys if test)`` is the sum over ``x`` of the sums over ``y`` of
    ``f(x, y) if test else 0``.
    """
    match node:
        case ast.Call(ast.Name("sum"), [ast.GeneratorExp() | ast.ListComp() as given, *_], []):
            pass
        case _:
            return False
    if _is_one_loop(given) or reaches_out(given) or not is_pure([given]):
        return False
    for one in reversed(given.generators):
        if one.ifs:
            test = one.ifs[0] if len(one.ifs) == 1 else ast.BoolOp(ast.And(), one.ifs)
            given.elt, one.ifs = ast.IfExp(test, given.elt, ast.Constant(0)), []
        if one is not given.generators[0]:
            inner = ast.GeneratorExp(given.elt, [one])
            given.elt = ast.Call(ast.Name("sum", ast.Load()), [inner], [])
    del given.generators[1:]
    _place(given, given)
    return True


def _place(made: ast.AST, like: ast.AST) -> None:
    """Give what was made inside the line of what it was made of."""
    for one in ast.walk(made):
        if isinstance(one, (ast.stmt, ast.expr)) and not hasattr(one, "lineno"):
            ast.copy_location(one, like)


def _bound_by(node: ast.AST) -> set[str]:
    """Names that a lambda or a comprehension binds."""
    if isinstance(node, ast.Lambda):
        return {one.arg for one in ast.walk(node.args) if isinstance(one, ast.arg)}
    return assigned_names([one.target for one in getattr(node, "generators", [])])


def _assigned(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], value)


def _is_one_loop(node: ast.GeneratorExp | ast.ListComp) -> bool:
    return len(node.generators) == 1 and not node.generators[0].ifs
