"""Expressions of the subset as Python text, with no more parentheses than they need."""

from __future__ import annotations

from codegen.subset.grammar import (
    Binary,
    Call,
    Comparison,
    Conditional,
    Constant,
    Expression,
    Logic,
    Name,
    Number,
    Truth,
    Unary,
)
from codegen.subset.template import (
    AND,
    ATOM,
    COMPARISON,
    CONDITIONAL,
    NOT,
    OR,
    PRODUCT,
    SUM,
    UNARY,
)

__all__ = ["shown"]

_BINDS = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "%": PRODUCT}


def shown(node: Expression, need: int = CONDITIONAL) -> str:
    """Text of ``node``, in parentheses where its context needs them.

    >>> shown(Binary(Name("x"), "*", Binary(Name("y"), "-", Number(1.0))))
    'x * (y - 1.0)'
    """
    text, binds = _form(node)
    return text if binds >= need else f"({text})"


def _form(node: Expression) -> tuple[str, int]:
    match node:
        case Truth(value) | Number(value):
            return repr(value).replace("inf", "1e309"), ATOM
        case Constant(name):
            return f"math.{name}", ATOM
        case Name(name):
            return name, ATOM
        case Call(name, arguments):
            return f"{name}({', '.join(map(shown, arguments))})", ATOM
        case Unary("not", operand):
            return f"not {shown(operand, NOT)}", NOT
        case Unary(_, operand):
            return f"-{shown(operand, UNARY)}", UNARY
        case Binary(left, "**", right):  # binds more than a sign before it, less than one after it
            return f"{shown(left, ATOM)} ** {shown(right, UNARY)}", UNARY
        case Binary(left, sign, right):
            binds = _BINDS[sign]
            return f"{shown(left, binds)} {sign} {shown(right, binds + 1)}", binds
        case Comparison(values, signs):
            first, *others = (shown(value, SUM) for value in values)
            pairs = (f" {sign} {text}" for sign, text in zip(signs, others, strict=True))
            return first + "".join(pairs), COMPARISON
        case Logic(sign, values):
            binds = AND if sign == "and" else OR
            return f" {sign} ".join(shown(value, binds + 1) for value in values), binds
        case Conditional(test, yes, no):
            return f"{shown(yes, OR)} if {shown(test, OR)} else {shown(no)}", CONDITIONAL
