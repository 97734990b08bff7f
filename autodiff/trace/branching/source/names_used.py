"""Which names statements read, assign and change, and whether they go on with what follows."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Sequence

__all__ = [
    "SCOPES", "assigned_names", "falls_through", "reaches_out", "read_names",
    "tried_names", "updated_names",
]  # fmt: skip

_OURS = "__side__", "__repeats__", "__for_", "__key_", "__matched_"  # names that rewriting makes
# What leaves a side, or needs more than the values of variables to meet.
_LEAVING = (
    ast.Return, ast.Raise, ast.Assert, ast.Yield, ast.YieldFrom, ast.Await, ast.Delete, ast.Global,
    ast.Nonlocal, ast.Import, ast.ImportFrom, ast.Try, ast.With, ast.AsyncWith, ast.AsyncFor,
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.NamedExpr, ast.Match,
)  # fmt: skip
_OF_ARITHMETIC = {"ArithmeticError", "FloatingPointError", "OverflowError", "ZeroDivisionError"}
SCOPES = ast.Lambda, ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp


def reaches_out(node: ast.AST) -> bool:
    """True for what means another thing inside a function of its own."""
    kinds = ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom
    return any(
        isinstance(one, kinds) or (isinstance(one, ast.comprehension) and bool(one.is_async))
        for one in ast.walk(node)
    )


def read_names(node: ast.AST) -> Counter[str]:
    """How often each name is read."""
    return Counter(
        one.id
        for one in ast.walk(node)
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)
    )


def falls_through(body: Sequence[ast.stmt], tries: bool = False) -> bool:
    """True if the statements always go on with what follows them.

    Args:
        body: The statements.
        tries: True if ``try`` may be among them where it handles errors of arithmetic alone: what
            is traced raises none of these, and what is not is handled as written.
    """
    pending: list[tuple[ast.AST, bool]] = [(statement, False) for statement in body]
    while pending:
        node, in_loop = pending.pop()
        leaves = isinstance(node, _LEAVING) and not (tries and _handles_arithmetic(node))
        if leaves or (isinstance(node, (ast.Break, ast.Continue)) and not in_loop):
            return False
        if isinstance(node, ast.Lambda):
            continue
        inside = in_loop or isinstance(node, (ast.For, ast.While))
        pending += [(child, inside) for child in ast.iter_child_nodes(node)]
    return True


def _handles_arithmetic(node: ast.AST) -> bool:
    """True for a ``try`` whose handlers name errors of arithmetic."""
    if not isinstance(node, ast.Try):
        return False
    named: list[ast.expr | None] = []
    for handler in node.handlers:
        named += handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return all(isinstance(one, ast.Name) and one.id in _OF_ARITHMETIC for one in named)


def tried_names(body: Sequence[ast.stmt]) -> set[str]:
    """Names that are read where errors are handled."""
    tried = [one for node in body for one in ast.walk(node) if isinstance(one, ast.Try)]
    return {name for one in tried for name in read_names(one)}


def assigned_names(body: Sequence[ast.AST]) -> set[str]:
    """Names that the statements assign."""
    found: set[str] = set()
    pending: list[ast.AST] = [*body]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        if not isinstance(node, SCOPES):
            pending += ast.iter_child_nodes(node)
    return {name for name in found if not name.startswith(_OURS)}


def updated_names(body: Sequence[ast.stmt]) -> set[str]:
    """Names whose values the statements may change in place: ``x += 1``."""
    return {
        node.target.id
        for statement in body
        for node in ast.walk(statement)
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)
    }
