"""High-precision numbers: the sympy column means what the implementations compute."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import assume, given, settings

from autodiff.graph.graph import Graph
from autodiff.run.interpret import run
from autodiff.table.primitive import REGISTRY
from tests.random_graphs import graphs, numbers
from verify.numbers.precise import Precise
from verify.program.program import Program, program_of

# Where the double and the real function differ by design, not by rounding.
_STEPS = {"floor", "ceil", "trunc", "rint", "mod", "fmod"}
# Rows whose error is no small multiple of an ulp near a zero (autodiff/numbers/special.py says so).
_ZEROS = {
    "digamma", "lgamma", "polygamma", "spherical_jn", "jv", "yv", "sinc", "gelu", "silu", "tan",
}  # fmt: skip


def moderate(x: float) -> bool:
    """True for numbers of everyday size; -0.0 is no real number."""
    return 1e-15 < abs(x) < 1e15 or (x == 0.0 and math.copysign(1.0, x) > 0.0)


def close(found: float, exact: Any, precise: Precise) -> bool:
    """True if a float is the rounding of an exact number, a few ulp more or less."""
    if not precise.finite(exact):
        return True  # the real function has no value: IEEE 754 defines one
    target = float(exact)
    if math.isinf(found) or math.isinf(target):
        return abs(exact) > 1.7e308
    return abs(found - exact) <= 1e-14 * abs(exact) + 1e-307


@given(graph=graphs(inputs=3, nodes=10), draws=numbers)
@settings(max_examples=300, deadline=None)
def test_random_graphs_agree_with_the_interpreter(graph: Graph, draws: float) -> None:
    """Each node of the interpreter is its primitive's text with 60 digits, rounded."""
    precise = Precise()
    inputs = [draws, 0.7, -1.3][: graph.input_count]
    values = run(graph, inputs)
    for index, primitive, operands in graph.operations():
        floats = [values[i] for i in operands]
        if primitive.name in _STEPS | _ZEROS or not all(map(moderate, floats)):
            continue
        for numbers_ in (precise, Precise(800)):  # log(1 + exp(-700)) cancels more than 60 digits
            exact = numbers_.apply(primitive.sympy, [numbers_.context.mpf(x) for x in floats])
            if close(values[index], exact, numbers_):
                break
        else:
            pytest.fail(f"{primitive.name}{tuple(floats)}: {values[index]!r}, exactly {exact}")


@given(graph=graphs(inputs=2, nodes=6))
@settings(max_examples=100, deadline=None)
def test_whole_graphs_agree_where_nothing_cancels(graph: Graph) -> None:
    """A graph run with 60 digits and with 120 gives the same, so 60 are enough to compare with."""
    program = program_of(graph)
    assume(all(abs(x) < 1e15 for x in program.literals()))  # 0.7 ** 1e200 magnifies every rounding
    results = []
    for digits in (60, 120):
        precise = Precise(digits)
        inputs = [precise.context.mpf(x) for x in (0.7, -1.3)[: graph.input_count]]
        results.append((precise.run(program, inputs)[program.outputs[0]], precise.answers))
    (coarse, answers), (fine, more) = results
    if answers == more and precise.finite(fine) and fine:
        assert abs(coarse - fine) <= abs(fine) * precise.context.mpf(10) ** -20 + 1e-20


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_every_text_is_evaluated(name: str) -> None:
    """No row uses a function the high-precision numbers lack."""
    row = REGISTRY[name]
    operands = [2.0 if i in row.literal else 1.25 + 0.5 * i for i in range(row.arity)]
    operands = [0.5] if name in ("asin", "acos", "atanh", "erfinv") else operands
    precise = Precise()
    exact = precise.apply(row.sympy, [precise.context.mpf(x) for x in operands])
    assert float(exact) == pytest.approx(row.impl(*operands), rel=1e-12)


def test_what_is_not_real_is_nan() -> None:
    """Poles and imaginary results are nan, never an exception."""
    precise = Precise()
    mpf = precise.context.mpf
    for text, operands in (
        ("log({0})", [-1]), ("{0} / {1}", [1, 0]), ("{0} ** {1}", [-8, mpf(1) / 3]),
        ("sqrt({0})", [-1]), ("gamma({0})", [-2]), ("exp({0})", [mpf(10) ** 2000]),
    ):  # fmt: skip
        assert precise.apply(text, [mpf(x) for x in operands]) != 0
        assert not precise.finite(precise.apply(text, [mpf(x) for x in operands]))


def test_answers_and_ties_are_written_down() -> None:
    """Each question leaves its answer; one on the border leaves a tie."""
    precise = Precise()
    two, three = precise.context.mpf(2), precise.context.mpf(3)
    precise.apply("Max({0}, {1})", [two, three])
    assert precise.answers == [-1]
    assert not precise.ties
    precise.apply("Max({0}, {1})", [two, two])
    assert precise.answers == [-1, 0]
    assert precise.ties


def test_conditions_on_nan_have_no_answer() -> None:
    """nan flows through max and through conditions, unless another condition decides first."""
    precise = Precise()
    nan, one = precise.nan, precise.context.mpf(1)
    for text in ("Max({0}, {1})", "sign({0})", "Abs({0})", "{0} < {1}", "Eq({0}, {1})",
                 "Not({0})", "And({0}, {1})", "Piecewise(({1}, {0}), ({1}, True))"):  # fmt: skip
        arity = 2 if "{1}" in text else 1
        assert not precise.finite(precise.apply(text, [nan, one][:arity])), text
    assert precise.apply("Or({0}, {1})", [nan, one]) == 1
    assert precise.apply("And({0}, {1})", [nan, precise.context.mpf(0)]) == 0
    assert precise.apply("Piecewise(({1}, {1} > 0), ({0}, {0} > 0))", [nan, one]) == 1


def test_dead_steps_are_not_computed() -> None:
    """Only what a result depends on is run: dead code may be as slow as it likes."""
    program = Program(1, (("gamma({0})", (0,)), ("-{0}", (0,))), (2,))
    precise = Precise()
    assert precise.run(program, [precise.context.mpf(3)]) == [3, None, -3]


def test_literals_stand_for_what_they_are_read_as() -> None:
    """A reading replaces the double, with its sign; scaling perturbs it."""
    precise = Precise(50, {0.6931471805599453: "log(2)"})
    exact = precise.context.log(2)
    assert precise.literal(-0.6931471805599453) == -exact
    precise.scaled({0.6931471805599453: 2.0})
    assert precise.literal(0.6931471805599453) == 2 * exact
    assert precise.literal(0.1) == precise.context.mpf(0.1)


def test_numbers_too_long_are_told_from_none() -> None:
    """exp(exp(5000)) is too long to be written down; log(-1) is none; log(exp(5000)) is 5000."""
    precise = Precise()
    exp, log = precise.named("exp"), precise.named("log")
    large = exp(precise.context.mpf(5000))
    assert log(large) == 5000
    assert not precise.finite(log(precise.context.mpf(-1)))
    assert not precise.beyond
    assert not precise.finite(exp(large))
    assert precise.beyond
    precise.restart()
    assert not precise.beyond
