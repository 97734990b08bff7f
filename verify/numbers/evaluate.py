"""Evaluate SymPy expressions as high-precision numbers, each shared part once.

SymPy's own ``evalf`` guesses how many digits it needs and evaluates shared parts again and again;
derivatives share nearly everything.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy

from verify.numbers.precise import Precise

__all__ = ["Evaluator"]

sp = sympy


class Evaluator:
    """Values of expressions at one point.

    Args:
        precise: The numbers to compute with.
        values: What each symbol stands for.
    """

    def __init__(self, precise: Precise, values: Mapping[object, object]) -> None:
        self._precise = precise
        self._context = precise.context
        self._known: dict[sympy.Basic, sympy.Basic] = dict(values)

    def __call__(self, expression: sympy.Basic) -> object:
        """Value of ``expression``; nan where it has none, complex where it is."""
        known = self._known
        stack = [expression]
        while stack:
            top = stack[-1]
            if top in known:
                stack.pop()
                continue
            missing = [x for x in top.args if x not in known]
            if missing and not top.is_Rational:
                stack += missing
                continue
            known[top] = self._value(top)
            stack.pop()
        return known[expression]

    def real(self, expression: object) -> sympy.Basic:
        """Value of an expression that stands for a real number."""
        value = self(expression)
        if isinstance(value, self._context.mpc):
            # Roots of negative numbers inside may cancel, up to rounding.
            small = abs(value.real) * self._context.mpf(10) ** (-self._context.dps // 2)
            return value.real if abs(value.imag) <= small else self._context.nan
        return value

    def _value(self, x: sympy.Basic) -> sympy.Basic:
        try:
            return self._number(x) if x.is_Atom else self._result(x)
        except (ArithmeticError, ValueError, self._context.NoConvergence):
            return self._context.nan

    def _number(self, x: sympy.Basic) -> object:
        context = self._context
        if x.is_Rational:
            return context.mpf(int(x.p)) / int(x.q)
        constants = {
            sp.pi: context.pi, sp.E: context.e, sp.I: context.j, sp.oo: context.inf,
            -sp.oo: -context.inf, sp.EulerGamma: context.euler,
        }  # fmt: skip
        return +constants[x] if x in constants else context.nan

    def _result(self, x: sympy.Basic) -> object:
        operands = [self._known[a] for a in x.args]
        if x.is_Add:
            return self._context.fsum(operands)
        if x.is_Mul:
            return self._context.fprod(operands)
        if x.is_Pow:
            return self._power(x, *operands)
        name = x.func.__name__
        if name == "step_function":
            return self._context.floor(operands[0])
        if name == "Abs":
            return abs(operands[0])
        if name in ("erfcinv", "jn", "polygamma"):
            return self._precise.named(name)(*operands)
        return getattr(self._context, name)(*operands)

    def _power(self, x: sympy.Basic, base: sympy.Basic, exponent: object) -> object:
        if x.exp.is_Integer:
            return base ** int(x.exp)
        if x.exp == sp.S.Half:
            return self._context.sqrt(base)
        return base**exponent
