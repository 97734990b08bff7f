"""``match x: case 0: ... case "b" | "c": ...`` as ``if`` and ``elif``, which compare the same."""

from __future__ import annotations

import ast
from collections.abc import Sequence

__all__ = ["as_ifs"]


def as_ifs(node: ast.Match, name: str) -> list[ast.stmt] | None:
    """The statements; None if a case asks for more than values.

    Args:
        node: The statement.
        name: For its subject, where that is no variable.
    """
    tests = [_test(case, name) for case in node.cases]
    if None in tests[:-1] or (tests[-1] is None and not _takes_all(node.cases[-1])):
        return None
    below: list[ast.stmt] = []
    for case, test in reversed([*zip(node.cases, tests, strict=True)]):
        if test is None:
            below = case.body
        else:
            place = case.pattern
            below = [ast.copy_location(ast.If(test, case.body, below), place)]
    first = ast.copy_location(ast.Assign([ast.Name(name, ast.Store())], node.subject), node)
    return [first, *below]


def _takes_all(case: ast.match_case) -> bool:
    return case.guard is None and _is_anything(case.pattern)


def _is_anything(pattern: ast.pattern) -> bool:
    return isinstance(pattern, ast.MatchAs) and pattern.pattern is None and pattern.name is None


def _test(case: ast.match_case, name: str) -> ast.expr | None:
    """What holds where a case is taken; None if that is no comparison of values."""
    pattern = case.pattern
    values = pattern.patterns if isinstance(pattern, ast.MatchOr) else [pattern]
    found: list[ast.expr] = []
    for one in values:
        if not isinstance(one, ast.MatchValue):
            break
        equal = ast.Compare(ast.Name(name, ast.Load()), [ast.Eq()], [one.value])
        found.append(ast.copy_location(equal, one))
    if len(found) < len(values):
        anything = _is_anything(pattern) and case.guard is not None
        return case.guard if anything else None
    made = found[0] if len(found) == 1 else _all_of(ast.Or(), found, pattern)
    return made if case.guard is None else _all_of(ast.And(), [made, case.guard], pattern)


def _all_of(how: ast.boolop, parts: Sequence[ast.expr], place: ast.pattern) -> ast.expr:
    return ast.copy_location(ast.BoolOp(how, [*parts]), place)
