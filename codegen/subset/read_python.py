"""Python text to the tree of the subset: the one place that knows Python's own syntax tree.

What a text may hold: float arithmetic, comparisons, conditions, calls of ``math`` and of portable
functions, assignments, ``if``, ``while``, ``return``, and loops over literal tuples and ranges.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from types import CodeType

from autodiff.errors import EmitError
from codegen.subset.grammar import (
    CONSTANTS,
    Assign,
    Binary,
    Call,
    Comparison,
    Conditional,
    Constant,
    Expression,
    Function,
    If,
    Logic,
    Name,
    Number,
    Range,
    Return,
    Rows,
    Statement,
    Together,
    Truth,
    Unary,
    While,
    hole_of,
    is_truth,
)

__all__ = ["SubsetError", "function_of", "row_of"]

_HOLE = re.compile(r"\{(\d+)\}")
_BINARY = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Mod: "%", ast.Pow: "**",
}  # fmt: skip
_COMPARED = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip


class SubsetError(EmitError):
    """A text is outside the subset, or outside what one of its languages can say."""


@cache
def row_of(text: str) -> Expression:
    """A row's text as an expression; its holes are names.

    Raises:
        SubsetError: if it is outside the subset.
    """
    try:
        root = ast.parse(_HOLE.sub(r"_hole\1", text), mode="eval").body
    except SyntaxError as error:
        raise SubsetError(f"{text}: {error}") from error
    return _Reader(text, bare_constants=True).expression(root)


@cache
def function_of(function: Callable[..., object], name: str = "") -> Function:
    """A portable function as a tree, under another name if one is given.

    Raises:
        SubsetError: if it is outside the subset.
    """
    root = _definition(function)
    given = root.args
    if given.vararg or given.kwarg or given.kwonlyargs or given.defaults:
        raise SubsetError(f"{root.name}: found parameters of another kind; expected plain names")
    return Function(
        name or root.name,
        (ast.get_docstring(root) or "").split("\n", maxsplit=1)[0],
        tuple(argument.arg for argument in (*given.posonlyargs, *given.args)),
        _Reader(root.name).block(root.body),
    )


def _definition(function: Callable[..., object]) -> ast.FunctionDef:
    """Syntax tree of a function, if its source is what the function was made from."""
    name = getattr(function, "__name__", "a function")
    try:
        text = getattr(function, "__source__", None) or inspect.getsource(function)
        tree = ast.parse(textwrap.dedent(text))
    except (OSError, TypeError, SyntaxError) as error:
        raise SubsetError(f"{name}: its source was not found: {error}") from error
    if len(tree.body) != 1 or not isinstance(tree.body[0], ast.FunctionDef):
        raise SubsetError(f"{name}: found no source of one function; expected a def")
    definition = tree.body[0]
    definition.decorator_list = []
    constants = compile(tree, "<source>", "exec").co_consts
    compiled = next(item for item in constants if isinstance(item, CodeType))
    if _essence(compiled) != _essence(getattr(function, "__code__", None)):
        # the file may have changed on disk since it was imported
        raise SubsetError(f"{name}: its source is another function's; import it again")
    return definition


def _essence(code: object) -> tuple[object, ...]:
    """What two compilations of one text have in common, wherever the text stood."""
    if not isinstance(code, CodeType):
        return ()
    # Constants by their text: 0.0 equals -0.0 and is another number.
    return code.co_argcount, code.co_names, code.co_varnames, repr(code.co_consts)


class _Reader:
    """Reads one text.

    Args:
        where: What is being read, for errors.
        bare_constants: True if ``inf`` and ``nan`` need no ``math``.
    """

    def __init__(self, where: str, *, bare_constants: bool = False) -> None:
        self._where = where
        self._constants = {"inf", "nan"} if bare_constants else set()

    def _refuse(self, node: ast.AST) -> SubsetError:
        found = ast.unparse(node).splitlines()[0]
        return SubsetError(
            f"{self._where}: found {found!r}; expected assignments, if, while, return and loops "
            "over numbers, of arithmetic, comparisons, conditional expressions and calls of math"
        )

    # --- statements ---

    def block(self, statements: Iterable[ast.stmt]) -> tuple[Statement, ...]:
        """Statements, without docstrings."""
        return tuple(read for node in statements for read in self._statement(node))

    def _statement(self, node: ast.stmt) -> list[Statement]:
        match node:
            case ast.Expr(value=ast.Constant(value=str())) | ast.Pass():
                return []
            case ast.Return(value=ast.expr() as value):
                return [Return(self.expression(value))]
            case ast.If(test=test, body=body, orelse=other):
                return [If(self._condition(test), self.block(body), self.block(other))]
            case ast.While(test=test, body=body, orelse=[]):
                return [While(self._condition(test), self.block(body))]
            case ast.For(orelse=[]):
                return [self._loop(node)]
        return [self._assignment(node)]

    def _assignment(self, node: ast.stmt) -> Statement:
        match node:
            case ast.Assign(targets=[ast.Tuple() as target], value=ast.Tuple(elts=values)):
                names = self._names(target)
                if len(names) == len(values):
                    return Together(names, tuple(map(self.expression, values)))
            case ast.Assign(targets=targets, value=value):
                names = tuple(target.id for target in targets if isinstance(target, ast.Name))
                if len(names) == len(targets):
                    return Assign(names, self.expression(value))
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                return Assign((name,), self.expression(value))
            case ast.AugAssign(target=ast.Name(id=name), op=op, value=value):
                changed = ast.BinOp(ast.Name(name, ast.Load()), op, value)
                return Assign((name,), self.expression(changed))
        raise self._refuse(node)

    def _loop(self, node: ast.For) -> Statement:
        match node:
            case ast.For(target=target, iter=ast.Tuple(elts=items), body=body):
                names = self._names(target)
                rows = tuple(self._row(target, item) for item in items)
                if all(len(row) == len(names) for row in rows):
                    return Rows(names, rows, self.block(body))
            case ast.For(
                target=ast.Name(id=name),
                iter=ast.Call(func=ast.Name(id="range"), args=[*bounds], keywords=[]),
                body=body,
            ) if len(bounds) in (1, 2):
                first, last = [Number(0.0), *map(self.expression, bounds)][-2:]
                return Range(name, first, last, self.block(body))
        raise self._refuse(node)

    def _names(self, target: ast.expr) -> tuple[str, ...]:
        match target:
            case ast.Name(id=name):
                return (name,)
            case ast.Tuple(elts=parts) if all(isinstance(part, ast.Name) for part in parts):
                return tuple(part.id for part in parts if isinstance(part, ast.Name))
        raise self._refuse(target)

    def _row(self, target: ast.expr, item: ast.expr) -> tuple[Expression, ...]:
        if isinstance(target, ast.Name):
            return (self.expression(item),)
        if isinstance(item, ast.Tuple):
            return tuple(map(self.expression, item.elts))
        raise self._refuse(item)

    # --- expressions ---

    def expression(self, node: ast.expr) -> Expression:
        """An expression, whatever its value is used for."""
        read = self._condition(node)
        if isinstance(read, Logic) and not all(map(_is_settled, read.values)):
            raise self._refuse(node)  # ``x or 1.0`` is a number; as a condition it may stand
        return read

    def _condition(self, node: ast.expr) -> Expression:
        """An expression of which only the truth matters."""
        match node:
            case ast.Constant(value=(bool() | int() | float()) as value):
                return Truth(value) if isinstance(value, bool) else Number(value)
            case ast.Name(id=name):
                return Constant(name) if name in self._constants else Name(name)
            case ast.Attribute(value=ast.Name(id="math"), attr=name) if name in CONSTANTS:
                return Constant(name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return Unary("-", self.expression(operand))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Unary("not", self._condition(operand))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
                return Binary(self.expression(left), _BINARY[type(op)], self.expression(right))
            case ast.BoolOp(op=ast.And(), values=values):
                return Logic("and", self._joined(values))
            case ast.BoolOp(op=ast.Or(), values=values):
                return Logic("or", self._joined(values))
            case ast.Compare(left=left, ops=ops, comparators=others):
                if all(type(op) in _COMPARED for op in ops):
                    compared = tuple(map(self.expression, (left, *others)))
                    return Comparison(compared, tuple(_COMPARED[type(op)] for op in ops))
            case ast.IfExp(test=test, body=body, orelse=other):
                yes, no = self.expression(body), self.expression(other)
                return Conditional(self._condition(test), yes, no)
            case ast.Call(
                func=ast.Name() | ast.Attribute(value=ast.Name(id="math")) as called,
                args=arguments,
                keywords=[],
            ):
                return Call(ast.unparse(called), tuple(map(self.expression, arguments)))
        raise self._refuse(node)

    def _joined(self, values: Sequence[ast.expr]) -> tuple[Expression, ...]:
        return tuple(map(self._condition, values))


def _is_settled(value: Expression) -> bool:
    """True if a part of ``and`` or ``or`` is a truth value itself; rows know that of holes."""
    match value:
        case Logic(values=values):
            return all(map(_is_settled, values))
        case Name(name=name):
            return hole_of(name) is not None
    return is_truth(value)
