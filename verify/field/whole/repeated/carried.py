"""What goes from repetition to repetition of a loop in emitted text, told to the field as such."""

from __future__ import annotations

import ast
from collections.abc import Sequence

__all__ = ["CARRIED", "telling_carries"]

CARRIED = "carried numbers"  # no name of a text


def telling_carries(tree: ast.Module) -> ast.Module:
    """The text, with calls where repetitions begin and loops end, given what they begin with."""
    for function in tree.body:
        if isinstance(function, ast.FunctionDef):
            function.body = _told(function.body, {one.arg for one in function.args.args})
    return ast.fix_missing_locations(tree)


def _told(body: Sequence[ast.stmt], bound: set[str]) -> list[ast.stmt]:
    made: list[ast.stmt] = []
    for statement in body:
        made.append(statement)
        if isinstance(statement, ast.Try):
            statement.body = _told(statement.body, bound)
        elif not isinstance(statement, ast.For):
            bound |= _stored([statement])
        elif carried := sorted(bound & _stored(statement.body)):
            statement.body = [_call(carried), *_told(statement.body, bound)]
            made.append(_call(carried))
        else:
            statement.body = _told(statement.body, bound)
    return made


def _call(names: Sequence[str]) -> ast.stmt:
    given: list[ast.expr] = [ast.Name(name, ast.Load()) for name in names]
    targets = ast.Tuple([ast.Name(name, ast.Store()) for name in names], ast.Store())
    return ast.Assign([targets], ast.Call(ast.Name(CARRIED, ast.Load()), given, []))


def _stored(body: Sequence[ast.stmt]) -> set[str]:
    return {
        one.id
        for statement in body
        for one in ast.walk(statement)
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
    }
