"""Rows that are expressions over other rows: from one text follow the value and every spelling.

``function("sech", rule, value="1.0 / cosh({0})")`` is a primitive with a rule of its own, but its
value, its Python, NumPy and SymPy text (and with the Python text its C and machine code) are those
of the expression.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

from autodiff.numbers import ieee
from autodiff.table.primitive import REGISTRY, Primitive

__all__ = ["spellings", "value_of"]

_HOLE = re.compile(r"\{(\d+)\}")
_HOLES = re.compile(r"_hole(\d+)")
_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div)


COLUMNS = ("python", "numpy", "sympy")


def spellings(text: str) -> dict[str, str]:
    """An expression in every column's words.

    Args:
        text: ``+ - * /``, numbers and calls of rows above; ``{0}`` is the first operand.

    Raises:
        ValueError: if the text holds anything else.
    """
    return {
        column: _HOLES.sub(r"{\1}", ast.unparse(_Spelled(column).visit(_tree(text))))
        for column in COLUMNS
    }


def _tree(text: str) -> ast.expr:
    return ast.parse(_HOLE.sub(r"_hole\1", text), mode="eval").body


class _Spelled(ast.NodeTransformer):
    """The expression in one column's words."""

    def __init__(self, column: str) -> None:
        self._column = column

    def visit(self, node: ast.AST) -> Any:
        match node:
            case ast.Name(id=name) if _HOLES.fullmatch(name):
                return node
            case ast.Constant(value=float() as value):
                return _exactly(value) if self._column == "sympy" else node
            case ast.BinOp(left=left, op=op, right=right) if isinstance(op, _OPERATORS):
                return ast.BinOp(self.visit(left), op, self.visit(right))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return ast.UnaryOp(ast.USub(), self.visit(operand))
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in REGISTRY:
                return self._called(REGISTRY[name], [self.visit(one) for one in arguments])
        raise ValueError(
            f"found {ast.unparse(node)!r}; expected numbers with a point, + - * / and rows above"
        )

    def _called(self, row: Primitive, arguments: list[ast.expr]) -> ast.expr:
        text = _HOLE.sub(r"_argument\1", getattr(row, self._column))
        given = {f"_argument{place}": one for place, one in enumerate(arguments)}
        filled: ast.expr = _Filled(given).visit(ast.parse(text, mode="eval").body)
        return filled


class _Filled(ast.NodeTransformer):
    """A row's text with its operands in it."""

    def __init__(self, given: dict[str, ast.expr]) -> None:
        self._given = given

    def visit_Name(self, node: ast.Name) -> ast.expr:  # ast's spelling
        """An operand's place is taken by the operand."""
        return self._given.get(node.id, node)


def _exactly(value: float) -> ast.expr:
    above, below = value.as_integer_ratio()
    text = str(above) if below == 1 else f"Rational({above}, {below})"
    return ast.parse(text, mode="eval").body


def value_of(name: str, text: str, arity: int) -> Callable[..., float]:
    """The expression over floats, by the rows' own values; a quotient never raises."""
    arguments = ", ".join(f"_hole{place}" for place in range(arity))
    source = f"lambda {arguments}: {ast.unparse(_Total().visit(_tree(text)))}"
    scope = {f"_{row.name}": row.impl for row in REGISTRY.values()} | {"_quotient": ieee.div}
    value: Callable[..., float] = eval(compile(source, f"<{name}>", "eval"), scope)
    return value


class _Total(ast.NodeTransformer):
    """``x / y`` as IEEE 754 has it, calls as calls of values."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:  # ast's spelling
        """A quotient is a call."""
        self.generic_visit(node)
        if not isinstance(node.op, ast.Div):
            return node
        return ast.Call(ast.Name("_quotient", ast.Load()), [node.left, node.right], [])

    def visit_Call(self, node: ast.Call) -> ast.expr:  # ast's spelling
        """A row's name stands for its value."""
        self.generic_visit(node)
        assert isinstance(node.func, ast.Name)
        return ast.Call(ast.Name(f"_{node.func.id}", ast.Load()), node.args, [])
