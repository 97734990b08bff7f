"""The smallest program that still differs: statements and parts of expressions taken away."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator

from tests.figures.programs.program import Program

__all__ = ["smaller"]

Differs = Callable[[Program], bool]


def smaller(program: Program, differs: Differs) -> Program:
    """The program, smaller, at fewer points, as long as it differs."""
    for point in program.points[1:]:
        alone = program._replace(points=[program.points[0], point])
        if differs(alone):
            program = alone
            break
    alone = program._replace(points=program.points[:1])
    if differs(alone):
        program = alone
    before = ""
    while program.source != before:
        before = program.source
        program = _swept(program, differs)
    return program


def _swept(program: Program, differs: Differs) -> Program:
    """Each thing taken away that can go, what is large first."""
    tree, place = ast.parse(program.source), 0
    while True:
        places = sorted(_places(tree), key=lambda one: -one[0])
        if place >= len(places):
            return program
        candidate = _without(tree, *places[place][1:])
        one = program._replace(source=ast.unparse(ast.fix_missing_locations(candidate)) + "\n")
        if len(one.source) < len(program.source) and differs(one):
            program, tree = one, candidate
        else:
            place += 1


def _without(tree: ast.Module, path: tuple[object, ...], change: object) -> ast.Module:
    changed = copy.deepcopy(tree)
    node: object = changed
    for step in path[:-1]:
        node = node[step] if isinstance(step, int) else getattr(node, step)  # type: ignore[index]
    last = path[-1]
    if isinstance(last, int):
        assert isinstance(node, list)
        put = copy.deepcopy(change) if isinstance(change, list) else [copy.deepcopy(change)]
        node[last : last + 1] = put or ([ast.Pass()] if len(node) == 1 else [])
    else:
        setattr(node, last, copy.deepcopy(change))
    return changed


_Change = tuple[int, tuple[object, ...], object]


def _places(node: ast.AST, path: tuple[object, ...] = ()) -> Iterator[_Change]:
    """How much each change takes away, where, and what stands there afterwards."""
    for field, value in ast.iter_fields(node):
        inner = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
        for index, one in inner:
            if isinstance(one, ast.AST):
                where = (*path, field) if index is None else (*path, field, index)
                yield from _changes(one, where)
                yield from _places(one, where)


def _changes(one: ast.AST, where: tuple[object, ...]) -> Iterator[_Change]:
    size = _size(one)
    if isinstance(one, ast.stmt) and not isinstance(one, ast.Pass):
        yield size, where, []
        kept = [] if isinstance(one, (ast.FunctionDef, ast.ClassDef)) else ["body", "orelse"]
        for name in kept:
            if inside := getattr(one, name, []):
                yield size - sum(map(_size, inside)), where, inside
    elif isinstance(one, ast.expr) and isinstance(getattr(one, "ctx", ast.Load()), ast.Load):
        for part in ast.iter_child_nodes(one):
            if isinstance(part, ast.expr):
                yield size - _size(part), where, part


def _size(node: ast.AST) -> int:
    return sum(1 for _ in ast.walk(node))
