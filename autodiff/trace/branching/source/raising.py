"""Source of a function, rewritten so that ``if test: raise error`` is a call of a function.

In the body of a loop that is recorded once, such a test holds in some repetitions, perhaps: the
call refuses a result there, and what follows is recorded as where it does not hold.
"""

from __future__ import annotations

import ast

from autodiff.trace.branching.source.lambdas import lambda_of
from autodiff.trace.branching.source.names_used import reaches_out

__all__ = ["REFUSE", "Refusals"]

REFUSE = "__refuse__"  # what rewritten code calls; no name of the user's has this form


class Refusals(ast.NodeTransformer):
    """Rewrites what raises under a condition, and nothing else."""

    def __init__(self) -> None:
        self.count = 0

    def visit_If(self, node: ast.If) -> ast.AST:
        """``if test: raise error``."""
        self.generic_visit(node)
        raised = node.body[0]
        if len(node.body) > 1 or node.orelse or not isinstance(raised, ast.Raise):
            return node
        if raised.exc is None or raised.cause is not None or reaches_out(raised.exc):
            return node
        return self._call(node, node.test, raised.exc)

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        """``assert test, message``."""
        message = [] if node.msg is None else [node.msg]
        if any(map(reaches_out, message)):
            return node
        error = ast.Call(ast.Name("AssertionError", ast.Load()), message, [])
        return self._call(node, ast.UnaryOp(ast.Not(), node.test), error)

    def _call(self, node: ast.stmt, test: ast.expr, error: ast.expr) -> ast.stmt:
        self.count += 1
        given: list[ast.expr] = [test, lambda_of(error)]
        call = ast.Call(ast.Name(REFUSE, ast.Load()), given, [])
        return ast.copy_location(ast.Expr(ast.copy_location(call, test)), node)
