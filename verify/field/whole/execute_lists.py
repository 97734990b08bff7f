"""Emitted text of floats and lists, run over residues: its loops, its conditions, what it keeps.

A list that a loop fills is an array of residues (``stack.py``); conditions are calls, and blocks
under them are joined, as in text without loops (``verify/field/execute.py``).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from functools import lru_cache
from types import CodeType, FunctionType
from typing import Any

from autodiff.numbers.total import TOTAL
from autodiff.table.arrays.array_row import ARRAY_ROWS
from autodiff.table.primitive import REGISTRY
from codegen.load.allowed import LOOPING
from codegen.load.load import Loaded
from codegen.text.module import aliases_in
from verify.field.execute import decided_names, undecided
from verify.field.whole.array_field import ArrayField, Residues
from verify.field.whole.repeated.carried import CARRIED, telling_carries
from verify.field.whole.repeated.stack import Stack, of_repetitions

__all__ = ["ListText", "is_of_lists"]


def is_of_lists(loaded: Loaded) -> bool:
    """True for text of floats and lists."""
    return loaded.module.target in LOOPING


class ListText:
    """Emitted functions of lists.

    Args:
        loaded: The functions, as they were loaded.
    """

    def __init__(self, loaded: Loaded) -> None:
        functions = loaded.module.functions
        self._codes = {one.name: _code_of(one.text) for one in functions}
        self._aliases = aliases_in(functions)

    def call(self, entry: str, arguments: Sequence[object], field: ArrayField) -> Any:
        """What a function gives for residues, as it gives it.

        Args:
            entry: The function.
            arguments: Numbers, and arrays of any shape in place of flat lists; residuals as they
                came.
            field: What the arguments are elements of.
        """
        space = decided_names(field, _names_in(self._codes.values()))
        space |= _lists(field) | of_repetitions(field)
        space |= {alias: space[name] for alias, name in self._aliases if name in space}
        for name, (code, defaults) in self._codes.items():
            space[name] = FunctionType(code, space, name, defaults)
        return space[entry](*map(_flat, arguments))

    def parts(self, result: object, field: ArrayField) -> list[Residues]:
        """The numbers and lists of a result, each list along one axis."""
        if isinstance(result, tuple):
            return [part for one in result for part in self.parts(one, field)]
        if isinstance(result, list):
            numbers = tuple([field.lift(x) for x in result])
            return [field.of_row(ARRAY_ROWS["stack"], numbers, {"axis": 0})]
        return [field.lift(result)]


def _flat(argument: object) -> object:
    if isinstance(argument, Residues) and argument.ndim > 1:
        return argument.ravel()
    return argument


def _names_in(codes: Iterable[tuple[CodeType, object]]) -> set[str]:
    return {name for code, _ in codes for name in code.co_names}


def _lists(field: ArrayField) -> dict[str, object]:
    """What the text calls to go over its loops, and to make lists."""

    def side_by_side(*columns: object) -> Residues:
        lists = tuple([field.lift(x) for x in columns])
        return field.of_row(ARRAY_ROWS["stack"], lists, {"axis": 1}).ravel()

    def filled(value: object, count: int) -> object:
        """``[0.0] * n``: what a loop fills; other numbers stay."""
        if isinstance(value, list):
            return [value] * count
        given = field.lift(value)
        if given.known is not None and not given.known.any():
            return Stack(field, (count,))
        return field.of_row(ARRAY_ROWS["broadcast_to"], (given,), {"shape": (count,)})

    def put(x: object, start: int, step: int, count: int) -> Residues:
        numbers = tuple(map(field.lift, x)) if isinstance(x, list) else ()
        given = field.of_row(ARRAY_ROWS["stack"], numbers, {"axis": 0}) if numbers else x
        key = ((start, field.lift(given).shape[0], step),)
        return field.of_row(ARRAY_ROWS["place"], (given,), {"key": key, "shape": (count,)})

    totals: dict[str, object] = {f"_{name}": field.as_called(REGISTRY[name]) for name in TOTAL}
    return totals | {
        "range": field.repetitions.visited,
        CARRIED: field.carried,
        "reversed": reversed,
        "put": put,
        "side_by_side": side_by_side,
        "filled list": filled,
        "lifted number": field.lift,
    }


class _Lifted(ast.NodeTransformer):
    """``[x] * n`` as a call, and every number as one of the field: Python's would be rounded."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.body = [self.visit(one) for one in node.body]  # defaults stay numbers
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if type(node.value) is not float:
            return node
        return ast.Call(ast.Name("lifted number", ast.Load()), [node], [])

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.left, ast.List) or not isinstance(node.op, ast.Mult):
            return node
        return ast.Call(ast.Name("filled list", ast.Load()), [node.left.elts[0], node.right], [])


@lru_cache(maxsize=32)  # a text is run at several random points
def _code_of(text: str) -> tuple[CodeType, tuple[object, ...] | None]:
    tree = undecided(text)
    tree = ast.fix_missing_locations(_Lifted().visit(telling_carries(tree)))
    definition = tree.body[0]
    assert isinstance(definition, ast.FunctionDef)
    defaults = tuple([ast.literal_eval(one) for one in definition.args.defaults])
    module = compile(tree, "<lists over residues>", "exec")
    return next(c for c in module.co_consts if isinstance(c, CodeType)), defaults or None
