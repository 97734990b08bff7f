"""Shown zero: that an expression vanishes, by steps of which the cheap ones come first.

A SymPy answer "not zero" is never a refutation; it only means that this step does not decide.
"""

from __future__ import annotations

import sympy

__all__ = ["vanishes"]

sp = sympy

_LOGARITHMS = 4  # times one, at most
_EXPAND, _RATIONAL, _SIMPLIFY = 2_000, 600, 120  # operations up to which a step is tried


def vanishes(expression: sympy.Basic) -> str | None:
    """The step that shows ``expression`` is zero, None if none does."""
    if expression == 0:
        return "identical"
    size = expression.count_ops()
    steps = (
        ("expand", _EXPAND, sp.expand),
        ("powers combined", _RATIONAL, sp.powsimp),
        ("common denominator", _RATIONAL, _numerator),
        ("logarithms combined", _RATIONAL, _without_logarithms),
        ("angles by exponentials", 2 * _SIMPLIFY, _without_angles),
        ("simplify", _SIMPLIFY, sp.simplify),
    )
    for name, limit, step in steps:
        if size <= limit and step(expression) == 0:
            return name
    return None


def _without_logarithms(expression: object) -> sympy.Basic:
    """Zero if a sum of logarithms is: its exponential, minus one."""
    inside, rest = sp.S.One, sp.S.Zero
    for term in sp.Add.make_args(sp.expand(expression)):
        factor, other = term.as_coeff_Mul()
        if isinstance(other, sp.log) and factor.is_Integer and abs(factor) <= _LOGARITHMS:
            inside *= other.args[0] ** factor
        else:
            rest += term
    if inside == 1:
        return expression
    return _numerator(inside * sp.exp(rest) - 1)


def _without_angles(expression: sympy.Basic) -> sympy.Basic:
    """Sines and tangents by complex exponentials, which obey arithmetic alone."""
    if not expression.has(sp.functions.elementary.trigonometric.TrigonometricFunction):
        return expression
    return sp.expand(sp.together(expression.rewrite(sp.exp)).as_numer_denom()[0])


def _numerator(expression: sympy.Basic) -> sympy.Basic:
    """Numerator over a common denominator, with powers and exponentials taken apart."""
    if expression.has(sp.functions.elementary.hyperbolic.HyperbolicFunction):
        expression = expression.rewrite(sp.exp)
    if expression.has(sp.erfc):
        expression = expression.rewrite(sp.erf)
    apart = sp.expand_power_base(sp.expand_power_exp(expression))
    return sp.expand(sp.together(apart).as_numer_denom()[0])
