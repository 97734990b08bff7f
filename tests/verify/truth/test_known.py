"""The chain rule with exact numbers: what rounding would change is a step of its own."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

import autodiff as ad
from verify.induction.compose import Composition, lanes
from verify.program.program import Program, program_of
from verify.truth.derived import chain_rule_program
from verify.truth.twice import expected

TENTH, THIRD = Fraction(0.1), Fraction(0.3)

# A function, and its first derivative, of which no double is the value.
LINEAR: list[tuple[Callable[[Any], Any], Fraction]] = [
    (lambda x: 0.1 * (0.3 * x), TENTH * THIRD),
    (lambda x: 0.1 * (0.3 * x) - 0.03 * x, TENTH * THIRD - Fraction(0.03)),
    (lambda x: (x / 3.0) / 0.1, 1 / Fraction(3) / TENTH),
    (lambda x: -(0.1 * (-(0.3 * x))) + x / 10.0, TENTH * THIRD + Fraction(1, 10)),
    (lambda x: 0.1 * (0.5 * x), TENTH / 2),
]


def exactly(program: Program, output: int) -> Fraction:
    """The exact number that a program has for an output."""
    nodes = Composition(lanes(1))
    values = nodes.run(program, [nodes.input(i) for i in range(program.inputs)])
    found: Any = nodes.lift(values[program.outputs[output]])
    return Fraction(nodes.nodes.value(found.index))


@pytest.mark.parametrize(("function", "slope"), LINEAR)
def test_slopes_are_exact(function: Callable[[Any], Any], slope: Fraction) -> None:
    """The derivative is made of the doubles that constants are, none of their products rounded."""
    assert exactly(chain_rule_program(ad.trace(function, 1.0)), 1) == slope


@pytest.mark.parametrize(("function", "slope"), LINEAR)
def test_curvatures_are_exact(function: Callable[[Any], Any], slope: Fraction) -> None:
    """So are second derivatives, of which each row is the slope, differentiated."""
    graph = ad.trace(lambda x, y: function(x) * y, 1.0, 2.0)
    found = expected(graph, ["hessian"], exact=True)
    assert exactly(program_of(found.graph), found.names.index("x, y")) == slope


def test_numbers_that_doubles_hold_are_no_steps() -> None:
    """What is exact as a double stays a number: nothing is written down that Python folds alike."""
    program = chain_rule_program(ad.trace(lambda x: 0.5 * (3.0 * x) + -(2.0 * x), 1.0))
    assert exactly(program, 1) == Fraction(-1, 2)
    assert isinstance(program.steps[program.outputs[1] - program.inputs], float)


def test_texts_are_compared_with_doubles_at_compile() -> None:
    """The check at compile has the numbers that emitted text has."""
    graph = ad.trace(lambda x, y: 0.1 * (0.3 * x) * y, 1.0, 2.0)
    found = expected(graph, ["hessian"])
    assert 0.1 * 0.3 in found.graph.constants.values()
