"""Symbols, sides, literals and the steps of the symbolic proof."""

from __future__ import annotations

import math
from typing import Any

import pytest
import sympy

import autodiff as ad
from verify.induction.asking.opened import with_open_questions
from verify.induction.asking.questions import Questions
from verify.numbers.evaluate import Evaluator
from verify.numbers.precise import Precise
from verify.numbers.regions import Side, every_side
from verify.numbers.symbols import Lift, Recorded, Symbolic, step_function
from verify.program.literals import is_short, readings, with_readings
from verify.program.program import Program, program_of
from verify.rungs.kinks.kinks import active_kinks
from verify.rungs.points import candidates
from verify.rungs.prove import Proof
from verify.rungs.shown_zero import vanishes
from verify.truth.derived import chain_rule_program
from verify.truth.oracle import ChainRule, WholeFunction, fits_whole

sp: Any = sympy
X, Y = sp.symbols("x y", real=True)


def program(function: Any, *examples: float) -> Program:
    """A traced function as a Program."""
    return program_of(ad.trace(function, *examples))


# --- sides -----------------------------------------------------------------------------------


def test_each_side_is_run_once() -> None:
    """Two conditions have four sides, each with its own branch-free expression."""
    steps = program(lambda x, y: ad.relu(x) + abs(y), 1.0, 1.0)

    def run(side: Side) -> Any:
        return Symbolic(Lift(()), side).run(steps, [X, Y])[steps.outputs[0]]

    assert set(every_side(run, 8)) == {X + Y, X - Y, Y, -Y}


def test_too_many_sides_are_refused() -> None:
    """The number of sides doubles with each condition; beyond the limit nothing is built."""
    steps = program(lambda x, y: sum(ad.relu(x - y**n) for n in range(2, 8)), 1.0, 1.0)
    runs = every_side(lambda side: Symbolic(Lift(()), side).run(steps, [X, Y]), 32)
    with pytest.raises(OverflowError, match="more than 32 sides"):
        list(runs)


def test_a_condition_asked_twice_has_one_answer() -> None:
    """x < y, y > x and x - y < 0 are one condition."""
    side = Side((-1,))
    assert side.order(X, Y) == -1
    assert side.order(Y, X) == 1
    assert side.order(X - Y, 0) == -1
    assert len(side.signs) == 1


def test_known_signs_are_no_conditions() -> None:
    """What SymPy knows the sign of, and what is the same, has one side."""
    side = Side()
    assert side.order(sp.exp(X), 0) == 1
    assert side.order(1 - 1 / (1 + sp.exp(X)), 0) == 1
    assert side.order(X, X) == 0
    assert side.order(X, sp.oo) == -1
    assert side.order(sp.Integer(2), 3) == -1
    assert not side.signs


def test_recorded_answers_lead_to_the_same_side() -> None:
    """Answers from numbers, replayed on symbols, give the branch the numbers took."""
    steps = program(lambda x: ad.where(x > 1.0, x * x, ad.where(x > 0.0, x, -x)), 1.0)
    precise = Precise()
    for point, expected in ((2.0, X**2), (0.5, X), (-1.0, -X)):
        precise.restart()
        precise.run(steps, [precise.context.mpf(point)])
        symbols = Symbolic(Lift(()), Recorded(precise.answers)).run(steps, [X])
        assert symbols[steps.outputs[0]] == expected


def test_steps_have_derivative_zero() -> None:
    """floor is constant between its steps; whole parts come out of it."""
    assert sp.diff(step_function(X) * X, X) == step_function(X)
    algebra = Symbolic(Lift(()), Side())
    assert algebra.floor(step_function(X) + sp.Rational(1, 2)) == step_function(X)
    assert algebra.floor(X + 2) == step_function(X) + 2


# --- literals --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "literal", "text"),
    [
        ([], 0.6931471805599453, "log(2)"),
        ([], 1.1283791670955126, "2/sqrt(pi)"),
        ([6.0], 1.0 / 6.0, "1.0 / 6.0"),
        ([0.1, 3.0], 0.1 * 3.0, "3.0 * 0.1"),
        ([1.7], 1.7 - 1.0, "1.7 - 1.0"),
        ([2.5066282746310002], 1.0 / 2.5066282746310002, "1.0 / 2.5066282746310002"),
        ([5.0], math.log(5.0), "log(5.0)"),
        ([], 5.0 / 384.0, "Rational(5, 384)"),
        ([0.6931471805599453], 0.6931471805599453, None),  # the user's own
        ([0.1, *(0.01 / k for k in range(2, 20))], 0.2, None),  # twice his own, no 1/5
        ([], 0.7234567890123456, None),  # nothing in particular
        ([], 2.5, None),  # exact
    ],
)
def test_literals_are_read(own: list[float], literal: float, text: str | None) -> None:
    """A literal the user did not write stands for the number it is the nearest double of."""
    assert readings(own, [literal]).get(literal) == text


def test_numbers_become_exact() -> None:
    """Short ones are Rationals, the user's long ones symbols, readings what they stand for."""
    lift = Lift([0.1], {0.3333333333333333: "1.0 / 3.0"})
    assert lift(-0.75) == sp.Rational(-3, 4)
    assert lift(0.1).is_Symbol
    assert lift(-0.1) == -lift(0.1)
    assert lift(0.3333333333333333) == sp.Rational(1, 3)
    assert lift(math.inf) == sp.oo
    assert lift(-math.inf) == -sp.oo
    assert lift(math.nan) is sp.nan
    assert lift.values[lift(0.1)] == 0.1


def test_short_numbers() -> None:
    """Few bits make a number short."""
    assert all(map(is_short, (0.0, -2.0, 0.5, 120.0, 333.75, math.inf, math.nan)))
    assert not any(map(is_short, (0.1, 1e-9, 1e300, math.pi)))


# --- proof -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zero", "step"),
    [
        (X - X, "identical"),
        ((X + Y) ** 2 - X**2 - 2 * X * Y - Y**2, "expand"),
        (1 / X + 1 / Y - (X + Y) / (X * Y), "expand"),
        (1 / (1 + sp.exp(Y - X)) - sp.exp(X) / (sp.exp(X) + sp.exp(Y)), "common denominator"),
        (1 - sp.tanh(X) ** 2 - 1 / sp.cosh(X) ** 2, "common denominator"),
        (sp.sin(X) ** 2 + sp.cos(X) ** 2 - 1, "angles by exponentials"),
    ],
)
def test_zeros_are_recognised(zero: Any, step: str) -> None:
    """Each identity falls at the cheapest step that decides it."""
    assert vanishes(zero) == step


@pytest.mark.parametrize("wrong", [X, X - Y, sp.sin(X) - X, sp.Rational(1, 10**30) * X])
def test_what_is_not_zero_is_not_proven(wrong: Any) -> None:
    """A difference, however small, is never proven away."""
    assert vanishes(wrong) is None


def proof_of(forward: Any, gradient: Any, interval: tuple[float, float] | None = None) -> Any:
    """Answer of the symbolic rung for functions of one number."""
    graph, text = ad.trace(forward, 1.0), program(gradient, 1.0)
    first, truth = program_of(graph), chain_rule_program(graph)
    domain = [interval or (-math.inf, math.inf)]
    read = readings(first.literals(), text.literals())
    second = with_readings(with_open_questions(Questions(truth), text), read)
    shown = Proof(first, second, truth, False, [0], domain, ["x"]).step(1)
    return shown.step, shown.said


def test_a_right_gradient_is_proven_and_a_wrong_one_is_not() -> None:
    """The rung on its own, without the comparison at points."""
    assert proof_of(lambda x: ad.sin(x) ** 2, lambda x: 2.0 * ad.sin(x) * ad.cos(x)) == (
        "identical", "",
    )  # fmt: skip
    step, reason = proof_of(lambda x: ad.sin(x) ** 2, lambda x: 2.0 * ad.sin(x))
    assert (step, reason) == (None, "the difference did not simplify to zero")


def test_one_wrong_side_spoils_the_proof() -> None:
    """Every side has to be right."""
    step, _ = proof_of(ad.relu, lambda x: ad.where(x > 0.0, 1.0, 1e-9))
    assert step is None


def test_the_domain_helps() -> None:
    """sqrt((x - 1) (x + 1)) splits where x > 1."""

    def rule(x: Any) -> Any:
        return 1.0 / ad.sqrt((x - 1.0) * (x + 1.0))

    assert proof_of(ad.acosh, rule, (1.0, math.inf))[0] is not None


# --- oracle ----------------------------------------------------------------------------------

FUNCTIONS = [
    lambda x, y: x * ad.sin(y) / (x + y),
    lambda x, y: ad.maximum(x, y) * ad.exp(-x) + ad.relu(y - 1.0),
    lambda x, y: ad.hypot(x, y) ** 1.7 + ad.atan2(y, x) + x**y,
    lambda x, y: ad.gamma(x) + ad.i0(y) + ad.erf(x * y) + ad.sinc(x) + ad.cbrt(y),
    lambda x, y: ad.floor(x) * y + x % y + ad.sign(x - y) * x,
]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_both_oracles_agree(function: Any) -> None:
    """The whole expression and the chain rule over primitives give the same 50 digits."""
    steps, precise = program(function, 1.0, 1.0), Precise()
    point = [precise.context.mpf(x) for x in (1.7, 0.6)]
    whole = WholeFunction(steps, [0, 1]).derivatives(precise, point)
    chain = ChainRule(steps, [0, 1]).derivatives(precise, point)
    for x, y in zip(whole, chain, strict=True):
        assert abs(x - y) <= abs(x) * precise.context.mpf(10) ** -50


def test_the_oracle_is_the_derivative() -> None:
    """Against a difference quotient with 200 digits: nothing else of ours is involved."""
    steps, precise = program(FUNCTIONS[2], 1.0, 1.0), Precise(200)
    x, y = (precise.context.mpf(v) for v in (1.7, 0.6))
    h = precise.context.mpf(10) ** -60

    def value(a: Any, b: Any) -> Any:
        return precise.run(steps, [a, b])[steps.outputs[0]]

    exact = WholeFunction(steps, [0, 1]).derivatives(precise, [x, y])
    assert abs((value(x + h, y) - value(x - h, y)) / (2 * h) - exact[1]) < 1e-100
    assert abs((value(x, y + h) - value(x, y - h)) / (2 * h) - exact[2]) < 1e-100


def test_an_untaken_branch_contributes_nothing() -> None:
    """nan in the branch not taken does not reach the derivative, in either oracle."""
    steps, precise = program(lambda x: ad.where(x > 0.0, ad.log(x), 3.0 * x), 1.0), Precise()
    for oracle in (WholeFunction(steps, [0]), ChainRule(steps, [0])):
        assert oracle.derivatives(precise, [precise.context.mpf(-2)])[1] == 3


def test_sharing_decides_which_oracle() -> None:
    """A few steps that square again and again are too large for one expression."""

    def tower(x: Any) -> Any:
        for _ in range(14):
            x = x * x - x
        return x

    assert fits_whole(program(FUNCTIONS[0], 1.0, 1.0), 2)
    assert not fits_whole(program(tower, 1.0), 1)


def test_expressions_are_evaluated_with_all_digits() -> None:
    """Roots of negative numbers may cancel; what stays imaginary is nan."""
    precise = Precise()
    evaluate = Evaluator(precise, {X: precise.context.mpf(-4)})
    assert evaluate.real(sp.sqrt(X) ** 4 + sp.pi) == 16 + precise.context.pi
    assert evaluate.real(sp.sqrt(X) * sp.sqrt(X - 5)) == -6
    assert not precise.finite(evaluate.real(sp.sqrt(X)))
    assert not precise.finite(evaluate.real(1 / (X + 4)))


# --- points and kinks ------------------------------------------------------------------------


def test_points_begin_with_the_examples_and_stay_in_the_domain() -> None:
    """The user's point comes first, all others lie inside the intervals."""
    domain = [(0.0, math.inf), (-1.0, 1.0), (-math.inf, math.inf), (-math.inf, 0.0)]
    points = candidates([[2.0, 0.5, 3.0, -1.0]], domain, [0.1], seed=0)
    first, *rest = (next(points) for _ in range(200))
    assert first == [2.0, 0.5, 3.0, -1.0]
    assert all(low < x < high for p in rest for x, (low, high) in zip(p, domain, strict=True))
    assert any(x[2] < 0.0 for x in rest)


def test_the_same_seed_gives_the_same_points() -> None:
    """Points are reproducible."""
    domain = [(-math.inf, math.inf)]
    streams = [candidates([], domain, [], seed) for seed in (1, 1, 2)]
    drawn = [[next(stream) for _ in range(20)] for stream in streams]
    assert drawn[0] == drawn[1]
    assert drawn[0] != drawn[2]


def test_kinks_are_found_where_they_are() -> None:
    """Only steps at a border or with an infinite derivative count, and only those that matter."""
    steps = program(lambda x, y: ad.relu(x) + abs(y) + ad.sqrt(y * y + 1.0), 1.0, 1.0)
    at = active_kinks(steps, Precise(), [0.0, 2.0])
    assert [(kink.operands, kink.inputs) for kink in at] == [([0.0], [0])]
    assert active_kinks(steps, Precise(), [1.0, 2.0]) == []
    dead = program(lambda x, y: ad.where(x > 1.0, ad.relu(y), x), 1.0, 1.0)
    assert active_kinks(dead, Precise(), [0.5, 0.0]) == []
