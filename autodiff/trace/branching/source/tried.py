"""``try`` around arithmetic, brought into the form of an ``if``: its handler where it would raise.

``try: y = math.log(x)`` with ``except ValueError: y = 0.0`` goes on with 0.0 for -1.0, but a trace
has nan there and raises nothing.  It becomes ``if log fails for x: y = 0.0``, ``else: y =
math.log(x)``, which is a branch as any other.  Only a body that consists of assignments, returns
and explicit errors, of arithmetic, ``math`` and elements, is written so: whatever else it calls may
raise by itself.  In any other body each such operation asks where it stands, and raises: the trace
follows either path.
"""

from __future__ import annotations

import ast
import builtins
import copy
import math
import opcode
import types
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple, TypeAlias

import numpy as np

from autodiff.table.written import codes_within
from autodiff.trace.branching.source.lambdas import lambda_of
from autodiff.trace.branching.source.names_used import (
    assigned_names,
    falls_through,
    read_names,
)
from autodiff.trace.functions.reached import reached_code

__all__ = ["FAILS", "RISKED", "Tries", "handles", "handles_errors"]

# What rewritten code calls; no name of the user's has this form.
FAILS, RISKED = "__fails__", "__risked__"

_RAISED = frozenset(
    {"ArithmeticError", "FloatingPointError", "OverflowError", "ValueError", "ZeroDivisionError"}
)
_HANDLED = _RAISED | {"Exception"}
_OPERATORS: dict[type[ast.operator], str] = {
    ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
}  # fmt: skip
_NUMPY = frozenset({"np", "numpy"})
_POP, _MATCH, _WITH = (  # the last is no instruction of its own from Python 3.14 on
    opcode.opmap.get(name, -1) for name in ("POP_EXCEPT", "CHECK_EXC_MATCH", "BEFORE_WITH")
)
_MOST = 8  # tests of one body: each has its handler written out
_Handlers: TypeAlias = Sequence[ast.ExceptHandler]


class _Test(NamedTuple):
    """Where a handler runs."""

    condition: ast.expr
    handler: ast.ExceptHandler


class _OtherError(Exception):
    """Something stands in the body that may raise by itself."""


def handles_errors(function: object) -> bool:
    """True if a function, or one that it calls, handles errors of arithmetic."""
    return any(handles(one) for code in reached_code(function) for one in codes_within(code))


@lru_cache(maxsize=1024)
def handles(code: types.CodeType) -> bool:
    """True if a function, or one inside it, may handle errors of arithmetic."""
    if not code.co_exceptiontable:
        return False
    steps = {*code.co_code[::2]}
    is_bare = _POP in steps and _MATCH not in steps and _WITH not in steps
    return is_bare or not _HANDLED.isdisjoint(code.co_names)


class Tries(ast.NodeTransformer):
    """Rewrites every ``try`` that can be, innermost first."""

    def __init__(self) -> None:
        self.count = 0
        self._of_numpy: frozenset[str] = _NUMPY

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """A function: which of its names NumPy made comes first."""
        before, self._of_numpy = self._of_numpy, _made_by_numpy(node, self._of_numpy)
        self.generic_visit(node)
        self._of_numpy = before
        return node

    def visit_Try(self, node: ast.Try) -> ast.AST | list[ast.stmt]:
        """A ``try`` as tests of what would raise; as it is where they cannot tell."""
        self.generic_visit(node)
        if not node.handlers or not all(map(_is_plain, node.handlers)):
            return self._risked(node)
        try:
            tests = [self._tests(statement, node.handlers) for statement in node.body]
        except _OtherError:
            return self._risked(node)
        if not 0 < sum(map(len, tests)) <= _MOST:
            return self._risked(node)
        made = list(node.orelse)
        for statement, found in zip(reversed(node.body), reversed(tests), strict=True):
            made = made if isinstance(statement, ast.If) else [statement, *made]
            for test in reversed(found):
                other = made or [ast.copy_location(ast.Pass(), statement)]
                handled = copy.deepcopy(test.handler.body)
                made = [ast.copy_location(ast.If(test.condition, handled, other), statement)]
        if node.finalbody and not falls_through(made):
            return self._risked(node)
        self.count += 1
        return [*made, *node.finalbody]

    def _risked(self, node: ast.Try) -> ast.Try:
        """A ``try`` whose body raises where it would: what cannot be told before it runs."""
        caught: list[ast.expr] = [
            one.type or ast.Name("Exception", ast.Load())
            for one in node.handlers
            if _catches_arithmetic(one)
        ]
        if caught:
            risks = _Risks(ast.Tuple(caught, ast.Load()), self._of_numpy)
            node.body = [risks.visit(one) for one in node.body]
            self.count += risks.count
        return node

    def _tests(self, statement: ast.stmt, handlers: _Handlers) -> list[_Test]:
        """What is asked before a statement runs, those of one handler together."""
        if isinstance(statement, ast.If):
            return [_explicit(statement, handlers)]
        asked = [
            _Test(_call(handler, operation, operands), handler)
            for operation, operands in self._operations(statement, _are_sure(handlers))
            for handler in handlers
        ]
        return [
            _Test(ast.BoolOp(ast.Or(), every) if len(every) > 1 else every[0], together[0].handler)
            for _, run in groupby(asked, lambda test: id(test.handler))
            for together in [list(run)]
            for every in [[test.condition for test in together]]
        ]

    def _operations(
        self, statement: ast.stmt, sure: bool
    ) -> Iterator[tuple[ast.expr, list[ast.expr]]]:
        """What in a statement may raise, in the order in which it is computed."""
        match statement:
            case ast.Assign(targets, value) if all(map(_is_named, targets)):
                yield from self._within(value, sure)
            case ast.AnnAssign(ast.Name(), _, ast.expr() as value):
                yield from self._within(value, sure)
            case ast.AugAssign(ast.Name(name), operator, value):
                read = ast.copy_location(ast.Name(name, ast.Load()), statement.target)
                both = ast.copy_location(ast.BinOp(read, operator, value), statement)
                yield from self._within(both, sure)
            case ast.Return(ast.expr() as value):
                yield from self._within(value, sure)
            case ast.Pass():
                pass
            case _:
                raise _OtherError

    def _within(self, node: ast.expr, sure: bool) -> Iterator[tuple[ast.expr, list[ast.expr]]]:
        match node:
            case ast.Name() | ast.Constant():
                return
            case ast.UnaryOp(op=ast.USub() | ast.UAdd()):
                yield from self._within(node.operand, sure)
            case ast.BinOp(left, operator, right):
                yield from self._within(left, sure)
                yield from self._within(right, sure)
                sign = _OPERATORS.get(type(operator))
                # NumPy's numbers divide by zero and raise nothing.
                if sign is not None and self._of_numpy.isdisjoint(read_names(node)):
                    yield ast.copy_location(ast.Constant(sign), node), [left, right]
            case ast.Tuple(elements):
                for one in elements:
                    yield from self._within(one, sure)
            case ast.Subscript(value, index):
                yield from self._within(value, sure)
                yield from self._within(index, sure)
                yield from () if sure else [_looking_up(node)]
            case ast.Attribute(value):
                yield from self._within(value, sure)
                yield from () if sure else [_looking_up(node)]
            case ast.Call(function, arguments, []) if _raises_nothing(function, arguments):
                for one in arguments:
                    yield from self._within(one, sure)
                if not _is_numpys(function):
                    yield function, arguments
            case _:
                raise _OtherError


class _Risks(ast.NodeTransformer):
    """Rewrites operations that may raise what is caught into calls that do."""

    def __init__(self, caught: ast.expr, of_numpy: frozenset[str]) -> None:
        self.caught, self.of_numpy, self.count = caught, of_numpy, 0

    def _asked(self, node: ast.expr, operation: ast.expr, operands: Sequence[ast.expr]) -> ast.expr:
        self.count += 1
        given = [copy.deepcopy(self.caught), operation, *operands]
        return ast.copy_location(ast.Call(ast.Name(RISKED, ast.Load()), given, []), node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """``x / y``, of what NumPy did not make."""
        safe = not self.of_numpy.isdisjoint(read_names(node))
        self.generic_visit(node)
        sign = _OPERATORS.get(type(node.op))
        if sign is None or safe:
            return node
        return self._asked(
            node, ast.copy_location(ast.Constant(sign), node), [node.left, node.right]
        )

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """``math.log(x)``."""
        self.generic_visit(node)
        match node.func:
            case ast.Attribute(ast.Name("math"), name) | ast.Name(name) if hasattr(math, name):
                starred = any(isinstance(one, ast.Starred) for one in node.args)
                return node if node.keywords or starred else self._asked(node, node.func, node.args)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """What it computes is computed where it is called."""
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        """As a function."""
        return node


def _catches_arithmetic(handler: ast.ExceptHandler) -> bool:
    """True if a handler is for what arithmetic raises, among others."""
    if handler.type is None:
        return True
    return any(isinstance(one, ast.Name) and one.id in _HANDLED for one in ast.walk(handler.type))


def _made_by_numpy(function: ast.FunctionDef, known: frozenset[str]) -> frozenset[str]:
    """Names whose values NumPy makes: of those that are assigned what such a name is read in."""
    found, given = set(known), [
        (assigned_names([one]), set(read_names(one)))
        for one in ast.walk(function)
        if isinstance(one, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.For))
    ]  # fmt: skip
    while True:
        more = {name for names, read in given if read & found for name in names} - found
        if not more:
            return frozenset(found)
        found |= more


def _is_plain(handler: ast.ExceptHandler) -> bool:
    """True if a handler names errors that arithmetic raises, and does not read the one it got."""
    names = _caught(handler)
    if not names or not names <= _HANDLED:
        return False
    bare = any(isinstance(one, ast.Raise) and one.exc is None for one in _all(handler.body))
    read = any(isinstance(one, ast.Name) and one.id == handler.name for one in _all(handler.body))
    return not bare and not read


def _all(body: Iterable[ast.stmt]) -> Iterator[ast.AST]:
    return (one for statement in body for one in ast.walk(statement))


def _caught(handler: ast.ExceptHandler) -> set[str]:
    """The names of what a handler handles; empty if they are no names."""
    if handler.type is None:
        return {"Exception"}
    types_ = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    named = [one.id for one in types_ if isinstance(one, ast.Name)]
    return {*named} if len(named) == len(types_) else set()


def _are_sure(handlers: _Handlers) -> bool:
    """True if no handler is for errors that looking something up raises."""
    return all(_caught(handler) <= _RAISED for handler in handlers)


def _explicit(statement: ast.If, handlers: _Handlers) -> _Test:
    """``if test: raise error``, and what handles it."""
    raised = statement.body[0]
    if statement.orelse or len(statement.body) > 1 or not isinstance(raised, ast.Raise):
        raise _OtherError
    error = raised.exc.func if isinstance(raised.exc, ast.Call) else raised.exc
    if not isinstance(error, ast.Name) or error.id not in _RAISED:
        raise _OtherError
    kind = getattr(builtins, error.id)
    for handler in handlers:
        if any(issubclass(kind, getattr(builtins, name)) for name in _caught(handler)):
            return _Test(statement.test, handler)
    raise _OtherError


def _is_named(target: ast.expr) -> bool:
    elements = target.elts if isinstance(target, ast.Tuple) else [target]
    return all(isinstance(one, ast.Name) for one in elements)


def _raises_nothing(function: ast.expr, arguments: Sequence[ast.expr]) -> bool:
    """True for a function that raises on account of numbers alone, or never."""
    match function:
        case ast.Name("min" | "max"):
            return len(arguments) > 1
        case ast.Name(name):
            rounds = name in ("int", "round") and len(arguments) == 1
            return name == "abs" or rounds or hasattr(math, name)
        case ast.Attribute(ast.Name("math"), name):
            return hasattr(math, name)
        case _:
            return _is_numpys(function)


def _is_numpys(function: ast.expr) -> bool:
    """True for a ufunc, which raises nothing."""
    if not isinstance(function, ast.Attribute) or not isinstance(function.value, ast.Name):
        return False
    return function.value.id in _NUMPY and isinstance(getattr(np, function.attr, None), np.ufunc)


def _looking_up(node: ast.expr) -> tuple[ast.expr, list[ast.expr]]:
    """What may raise whatever the numbers are."""
    return lambda_of(node), []


def _call(
    handler: ast.ExceptHandler, operation: ast.expr, operands: Sequence[ast.expr]
) -> ast.expr:
    """The question whether an operation raises what a handler handles."""
    caught = handler.type or ast.Name("Exception", ast.Load())
    given = copy.deepcopy([caught, operation, *operands])
    return ast.copy_location(ast.Call(ast.Name(FAILS, ast.Load()), given, []), operation)
