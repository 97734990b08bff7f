"""Mutants: emitted gradient text with one thing wrong, the way people and generators get it wrong.

``mutants`` makes them from the syntax tree of ``value_and_gradient``; ``differs`` runs the text on
floats and says whether a mutant is wrong at all (dropping a term that is zero is no mistake).
"""

from __future__ import annotations

import ast
import copy
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

__all__ = ["differs", "mutants", "run_text"]

ENTRY = "value_and_gradient"
_SWAPPED: dict[type[ast.operator], Callable[[], ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
}


def mutants(source: str) -> Iterator[tuple[str, str]]:
    """What was changed, and the changed text."""
    tree = ast.parse(source)
    names = _numbers(_entry(tree))
    count = sum(1 for _ in ast.walk(_entry(tree)))
    for place in range(count):
        node = list(ast.walk(_entry(tree)))[place]
        for kind in _kinds(node, names):
            changed = copy.deepcopy(tree)
            target = list(ast.walk(_entry(changed)))[place]
            if _apply(kind, target, _entry(changed), names):
                yield (
                    f"{kind}: {ast.unparse(node)}",
                    ast.unparse(ast.fix_missing_locations(changed)),
                )


def _entry(tree: ast.Module) -> ast.FunctionDef:
    return next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == ENTRY)


def _numbers(function: ast.FunctionDef) -> list[str]:
    """Names of numbers in order: the scalar parameters and what is assigned."""
    assigned = [
        name.id
        for statement in function.body
        if isinstance(statement, ast.Assign)
        for name in ast.walk(statement.targets[0])
        if isinstance(name, ast.Name)
    ]
    unpacked = {
        statement.value.id
        for statement in function.body
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Name)
    }
    return [a.arg for a in function.args.args if a.arg not in unpacked] + assigned


def _kinds(node: ast.AST, names: Sequence[str]) -> list[str]:
    match node:
        case ast.BinOp():
            return ["dropped term", "wrong operation", "swapped operands", "x1.0003"]
        case ast.UnaryOp(op=ast.USub()):
            return ["dropped sign"]
        case ast.IfExp():
            return ["swapped branch"]
        case ast.Name(ctx=ast.Load()) if node.id in names:
            return ["stale name"]
        case ast.Constant() if isinstance(node.value, float):
            return ["constant"]
    return []


def _apply(kind: str, node: Any, function: ast.FunctionDef, names: Sequence[str]) -> bool:
    if kind == "wrong operation":
        node.op = _SWAPPED.get(type(node.op), ast.Add)()
    elif kind == "swapped operands":
        node.left, node.right = node.right, node.left
    elif kind == "swapped branch":
        node.body, node.orelse = node.orelse, node.body
    elif kind == "constant":
        node.value = node.value + 1.0
    elif kind == "stale name":
        place = names.index(node.id)
        defined = [a.arg for a in function.args.args if a.arg in names]
        if place == 0 and len(names) == 1:
            return False
        node.id = names[place - 1] if place else names[min(1, len(defined) - 1)]
    else:
        replacement = {
            "dropped term": lambda: node.left,
            "dropped sign": lambda: node.operand,
            "x1.0003": lambda: ast.BinOp(node, ast.Mult(), ast.Constant(1.0003)),
        }[kind]()
        _replace(function, node, replacement)
    return True


def _replace(root: ast.AST, old: ast.AST, new: ast.AST) -> None:
    for parent in ast.walk(root):
        for field, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, field, new)
                return
            if isinstance(value, list) and any(item is old for item in value):
                value[next(i for i, item in enumerate(value) if item is old)] = new
                return


def run_text(source: str, arguments: Sequence[Any]) -> list[float]:
    """What the text's ``value_and_gradient`` gives for floats; nan where it raises."""
    scope: dict[str, Any] = {}
    exec(compile(source, "<mutant>", "exec"), scope)
    try:
        return _leaves(scope[ENTRY](*arguments))
    except (ArithmeticError, ValueError, NameError):
        return [math.nan]


def _leaves(value: Any) -> list[float]:
    if isinstance(value, (tuple, list)):
        return [x for item in value for x in _leaves(item)]
    return [float(value)]


def differs(source: str, mutant: str, points: Sequence[Sequence[Any]]) -> bool:
    """True if the mutant gives clearly other numbers at one of these points."""
    for point in points:
        right, wrong = run_text(source, point), run_text(mutant, point)
        if len(right) != len(wrong):
            return True
        for x, y in zip(right, wrong, strict=True):
            if math.isfinite(x) and not abs(x - y) <= 1e-6 * abs(x) + 1e-12:
                return True
    return False
