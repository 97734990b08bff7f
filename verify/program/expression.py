"""SymPy expression -> Program, so that what SymPy derived runs wherever a text under proof runs.

Evaluated side by side over the elements of a field (identity.py) or over balls (enclosure.py), the
two are compared by one arithmetic; shared parts of the expressions are one step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import sympy

from verify.program.program import Program, ProgramBuilder

__all__ = ["InexpressibleError", "program_of_expressions"]

sp = sympy
_DISTRIBUTIONS = (sp.Piecewise, sp.Heaviside, sp.DiracDelta)  # no numbers at some points


class InexpressibleError(ValueError):
    """The expression holds what no text of the primitives means: an unevaluated derivative."""


def program_of_expressions(
    expressions: Sequence[object], symbols: Sequence[object], values: Mapping[object, float]
) -> Program:
    """Expressions as straight-line arithmetic.

    Args:
        expressions: What is computed.
        symbols: The inputs, in order.
        values: Numbers that further symbols stand for.

    Raises:
        InexpressibleError: if one holds something that the texts have no word for.

    >>> from sympy import symbols
    >>> x, y = symbols("x y")
    >>> program_of_expressions([x * y], [x, y], {}).steps
    (('{0} * {1}', (0, 1)),)
    """
    builder = ProgramBuilder(len(symbols))
    places = {symbol: place for place, symbol in enumerate(symbols)}
    places |= {symbol: builder.literal(value) for symbol, value in values.items()}
    for expression in expressions:
        stack = [expression]
        while stack:
            top = stack[-1]
            missing = [] if top in places else [x for x in _operands(top) if x not in places]
            if missing:
                stack += missing
            else:
                stack.pop()
                if top not in places:
                    places[top] = _place(builder, top, [places[x] for x in _operands(top)])
    return builder.program([places[expression] for expression in expressions])


def _operands(x: sympy.Basic) -> Sequence[sympy.Basic]:
    """What the step of an expression computes with."""
    if x.is_Pow and x.exp.is_Rational and x.exp.q in (1, 2):
        return (x.base,)
    return () if x.is_Atom else x.args


def _place(builder: ProgramBuilder, x: sympy.Basic, operands: Sequence[int]) -> int:
    if x.is_Rational:
        return _rational(builder, int(x.p), int(x.q))
    if x in _CONSTANTS:
        return _CONSTANTS[x](builder)
    if x.is_Add or x.is_Mul:
        text = "{0} + {1}" if x.is_Add else "{0} * {1}"
        total = operands[0]
        for operand in operands[1:]:
            total = builder.apply(text, total, operand)
        return total
    if x.is_Pow:
        if len(operands) == 2:
            return builder.apply("{0} ** {1}", *operands)
        base = "{0}" if x.exp.q == 1 else "sqrt({0})"
        return builder.apply(f"{base} ** {int(x.exp.p)}", *operands)
    if x.is_Function and not isinstance(x, _DISTRIBUTIONS):
        name = "floor" if x.func.__name__ == "step_function" else x.func.__name__
        holes = ", ".join(f"{{{i}}}" for i in range(len(operands)))
        return builder.apply(f"{name}({holes})", *operands)
    raise InexpressibleError(f"sympy.diff gave {type(x).__name__}")


def _rational(builder: ProgramBuilder, p: int, q: int) -> int:
    if q == 1 and float(p) == p:
        return builder.literal(float(p))
    return builder.apply(f"Rational({p}, {q})")


_CONSTANTS: dict[object, Callable[[ProgramBuilder], int]] = {
    sp.pi: lambda builder: builder.apply("pi"),
    sp.E: lambda builder: builder.apply("exp({0})", builder.literal(1.0)),
}
