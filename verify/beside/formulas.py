"""Formulas a learner knows: an operation and its derivatives as SymPy writes them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import sympy as sp
from sympy.printing.str import StrPrinter

from autodiff.table.primitive import Primitive

if TYPE_CHECKING:
    from sympy import Basic

__all__ = ["derivative_text", "operation_text"]

# Distributions and unevaluated derivatives say nothing to a learner.
_OPAQUE = (sp.DiracDelta, sp.Derivative, sp.Subs)


class _Printer(StrPrinter):  # type: ignore[misc]  # SymPy ships no types
    """SymPy's plain text, with conditions as Python writes them and powers as in a book."""

    def _print_Piecewise(self, expression: Basic) -> str:  # noqa: N802  # SymPy's name
        *parts, (last, _) = expression.args
        text = "".join(f"{self._print(value)} if {self._print(c)} else " for value, c in parts)
        return text + str(self._print(last))

    def _print_Heaviside(self, expression: Basic) -> str:  # noqa: N802
        return f"(1 if {self._print(expression.args[0])} > 0 else 0)"

    def _print_Symbol(self, expression: Basic) -> str:  # noqa: N802
        return str(expression.name)


@cache
def _expression(primitive: Primitive) -> tuple[object, tuple[object, ...]]:
    """A row's SymPy text as an expression of symbols."""
    symbols = tuple(sp.Symbol(f"x{i}", real=True) for i in range(primitive.arity))
    text = primitive.sympy.format(*(f"({symbol})" for symbol in symbols))
    # Rows are code somebody wrote into the registry, never text of a user's function.
    names = {str(symbol): symbol for symbol in symbols}
    return eval(text, vars(sp) | {"__builtins__": {}}, names), symbols


@cache
def _derivative(primitive: Primitive, position: int) -> Basic:
    expression, symbols = _expression(primitive)
    return sp.diff(expression, symbols[position])


def derivative_text(primitive: Primitive, position: int, operands: Sequence[str]) -> str:
    """The derivative by one operand; empty if there is no short formula.

    Args:
        primitive: The operation.
        position: Of the operand.
        operands: What to call the operands; a literal by its digits.

    >>> import autodiff as ad
    >>> derivative_text(ad.REGISTRY["mul"], 0, ["a", "b"]), derivative_text(ad.tanh, 0, ["z"])
    ('b', '1 - tanh(z)**2')
    """
    try:
        expression = _derivative(primitive, position)
    except Exception:  # a row SymPy cannot differentiate still has numbers to show
        return ""
    return "" if expression.has(*_OPAQUE) else _text(expression, primitive, operands)


def _text(expression: Basic, primitive: Primitive, operands: Sequence[str]) -> str:
    _, symbols = _expression(primitive)
    renamed = {s: sp.Symbol(name) for s, name in zip(symbols, operands, strict=True)}
    with sp.evaluate(False):
        return str(_Printer({"order": "none"}).doprint(expression.xreplace(renamed)))


def operation_text(primitive: Primitive, operands: Sequence[str]) -> str:
    """The operation as a formula.

    >>> import autodiff as ad
    >>> operation_text(ad.REGISTRY["div"], ["a", "2"]), operation_text(ad.tanh, ["z"])
    ('a / 2', 'tanh(z)')
    """
    words = primitive.python.split()
    if len(words) == 3 and (words[0], words[2]) == ("{0}", "{1}"):
        return f"{operands[0]} {words[1].replace('*', '×').replace('-', '−')} {operands[1]}"
    if primitive.name in ("square", "neg", "pow", "pow_literal", "reciprocal", "where"):
        other = {
            "square": "{0}²", "neg": "−{0}", "reciprocal": "1 / {0}",
            "where": "{1} if {0} else {2}",
        }  # fmt: skip
        return other.get(primitive.name, "{0} ** {1}").format(*operands)
    return f"{primitive.name}({', '.join(operands)})"
