"""Variables of a loop that each repetition changes by plain arithmetic of themselves.

A counter, the time, a place in a ring: what they are in every repetition is known before the loop
runs, if what they begin with is known.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Sequence

from autodiff.trace.branching.source.lambdas import lambda_of

__all__ = ["LENGTH", "computed", "own_steps"]

LENGTH = "length of "  # before the name of what has it

_PLAIN = (
    ast.BinOp, ast.UnaryOp, ast.Constant, ast.operator, ast.unaryop, ast.Load,
)  # fmt: skip
_TESTS = (ast.Compare, ast.BoolOp, ast.boolop, ast.cmpop)


def own_steps(body: Sequence[ast.stmt], assigned: set[str]) -> ast.expr:
    """Steps that depend on each other and on what the loop leaves alone, as a tuple of tuples.

    Each is the name that is assigned, and what ``computed`` gives.

    Args:
        body: The body of the loop.
        assigned: All names that the loop assigns.
    """
    steps = {name: step for name, step in map(_step, body) if name is not None}
    stored = [
        one.id
        for statement in body
        for one in ast.walk(statement)
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
    ]
    found = {name: step for name, step in steps.items() if stored.count(name) == 1}
    while True:
        known = {n: s for n, s in found.items() if _reads(s) & assigned <= found.keys()}
        if len(known) == len(found):
            break
        found = known
    made: list[ast.expr] = [
        ast.Tuple([ast.Constant(name), computed(step)], ast.Load()) for name, step in found.items()
    ]
    return ast.Tuple(made, ast.Load())


def computed(value: ast.expr | None, tests: bool = False) -> ast.expr:
    """The names that an expression reads, and a function of what they hold; None for others.

    Args:
        value: The expression; lengths may be in it.
        tests: True if it may compare.
    """
    lengths = _Lengths()
    body = None if value is None else lengths.visit(copy.deepcopy(value))
    if body is None or not _is_plain(body, tests):
        return ast.Constant(None)
    names = sorted(_reads(body))
    function = lambda_of(body, names)
    reads = ast.Tuple([ast.Constant(lengths.of.get(n, n)) for n in names], ast.Load())
    return ast.Tuple([reads, function], ast.Load())


class _Lengths(ast.NodeTransformer):
    """``len(x)`` as a name; the loop leaves x alone."""

    def __init__(self) -> None:
        self.of: dict[str, str] = {}

    def visit_Call(self, node: ast.Call) -> ast.AST:
        match node:
            case ast.Call(ast.Name("len"), [ast.Name(name)], []):
                self.of[f"__length_{name}"] = f"{LENGTH}{name}"
                return ast.copy_location(ast.Name(f"__length_{name}", ast.Load()), node)
        return node


def _step(statement: ast.stmt) -> tuple[str | None, ast.expr]:
    """The name that a statement assigns by plain arithmetic, and what it assigns."""
    nothing = None, ast.Constant(None)
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target, value = statement.targets[0], statement.value
    elif isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
        target = statement.target
        value = ast.BinOp(ast.Name(target.id, ast.Load()), statement.op, statement.value)
    else:
        return nothing
    plain = isinstance(target, ast.Name) and _is_plain(value, False)
    return (target.id, value) if plain and isinstance(target, ast.Name) else nothing


def _is_plain(value: ast.expr, tests: bool) -> bool:
    allowed = (*_PLAIN, ast.Name, *(_TESTS if tests else ()))
    return all(isinstance(one, allowed) for one in ast.walk(value))


def _reads(value: ast.expr) -> set[str]:
    return {one.id for one in ast.walk(value) if isinstance(one, ast.Name)}
