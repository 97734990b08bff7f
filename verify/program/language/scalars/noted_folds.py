"""How a number of a text was computed of its numbers, for what was written is not rounded.

``0.1 * 0.3`` is no double; whoever reads constants as what they were written as (decimals.py)
reads its double as three hundredths.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from fractions import Fraction

from autodiff.table.primitive import REGISTRY
from verify.program.decimals import written

__all__ = ["note_fold"]

_LONG = 200  # characters of how a number was computed
_MOST_FACTORS = 32  # of a power
_RATIONAL = re.compile(r"Rational\((\d+), (\d+)\)")
_EXACTLY: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def note_fold(
    folds: dict[float, str], row: str, kind: type[ast.operator], x: float, y: float, result: float
) -> None:
    """Remember how a number was computed of numbers.

    Args:
        folds: What is remembered: size -> ``sympy`` text.
        row: The primitive.
        kind: The operator.
        x: Its left operand.
        y: Its right one.
        result: What Python makes of them.
    """
    if not result:
        return
    ways = [_written(folds, z) for z in (x, y)]
    exact = _exactly(kind, *(_rational(way, z) for way, z in zip(ways, (x, y), strict=True)))
    if exact is not None:
        text = f"Rational({abs(exact.numerator)}, {exact.denominator})"
    else:
        signs = ("-" * (z < 0) for z in (x, y))
        text = REGISTRY[row].sympy.format(
            *(f"({s}({w}))" for s, w in zip(signs, ways, strict=True))
        )
        text = text if result > 0.0 else f"-({text})"
    if len(text) < _LONG:
        folds.setdefault(abs(result), text)


def _rational(way: str, x: float) -> Fraction | None:
    """The fraction that a number was written as, if it is one."""
    found = _RATIONAL.fullmatch(way)
    return Fraction(int(found[1]), int(found[2])) * (-1 if x < 0 else 1) if found else None


def _exactly(kind: type[ast.operator], x: Fraction | None, y: Fraction | None) -> Fraction | None:
    if x is None or y is None:
        return None
    below = x if kind is ast.Pow and y < 0 else y if kind is ast.Div else Fraction(1)
    if not below:  # numbers that cancel exactly, and not as doubles
        return None
    if kind is ast.Pow:
        return x**y.numerator if y.denominator == 1 and abs(y) <= _MOST_FACTORS else None
    return _EXACTLY[kind](x, y) if kind in _EXACTLY else None


def _written(folds: dict[float, str], x: float) -> str:
    size = float(abs(x))
    return folds.get(size) or (written(size) if size else "Rational(0, 1)") or repr(size)
