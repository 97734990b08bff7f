"""SymPy expressions as Programs: the same numbers, and a clear no where there is no text."""

from __future__ import annotations

from typing import Any

import pytest
import sympy

from verify.numbers.precise import Precise
from verify.program.expression import InexpressibleError, program_of_expressions

sp: Any = sympy
x, y = sp.symbols("x y", real=True)
c = sp.Symbol("c", positive=True)

EXPRESSIONS = [
    x + 2 * y - sp.Rational(1, 3) * x * y,
    x**3 / y**2,
    sp.sqrt(y) ** 3 + 1 / sp.sqrt(y),
    y ** sp.Rational(1, 3) + y**x,
    sp.exp(-x) * sp.log(y) + sp.sin(x) ** 2 + sp.tanh(x),
    sp.atan2(x, y) + sp.E * sp.pi,
    sp.polygamma(1, y) + sp.besseli(1, y) + sp.erf(x),
    c * x + c**2,
    sp.Integer(2) ** 80 * x,
    (x + y) ** 8 + (x + y) ** 9,
]


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
def test_an_expression_keeps_its_value(expression: Any) -> None:
    """The Program gives what SymPy's own evaluation gives, to fifty digits."""
    program = program_of_expressions([expression], [x, y], {c: 0.1})
    precise = Precise()
    numbers = [precise.context.mpf(n) for n in (0.7, 1.9)]
    found = precise.run(program, numbers)[program.outputs[0]]
    at = {x: sp.Float(0.7, 70), y: sp.Float(1.9, 70), c: sp.Float(0.1, 70)}
    expected = precise.context.mpf(str(expression.evalf(60, subs=at)))
    assert abs(found - expected) <= abs(expected) * precise.context.mpf(10) ** -50


def test_shared_parts_are_one_step() -> None:
    """A tower of squares of sums grows by two steps a storey, not by a power of two."""
    tower = x
    for _ in range(30):
        tower = (tower + 1) ** 2
    assert len(program_of_expressions([tower], [x], {}).steps) <= 61


@pytest.mark.parametrize(
    "expression",
    [
        sp.Derivative(sp.Function("f")(x), x),
        sp.Heaviside(x),
        sp.DiracDelta(x),
        sp.Piecewise((x, x > 0), (0, True)),
        sp.zoo,
        sp.nan,
        sp.I * x,
    ],
    ids=str,
)
def test_what_has_no_text_is_refused(expression: Any) -> None:
    """Unevaluated derivatives, distributions and complex numbers have no text."""
    with pytest.raises(InexpressibleError):
        program_of_expressions([expression], [x, y], {})
