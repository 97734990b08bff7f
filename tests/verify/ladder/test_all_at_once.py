"""Numbers of derivatives settled all at once: constants, and what a field tells of them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.special import logsumexp, xlogy
from scipy.stats import norm

import codegen
from autodiff.graph.graph import Graph
from verify import Verdict
from verify.answer.report import Entry
from verify.ladder.checked import numbers_read
from verify.ladder.doors.all_at_once import composed, told_at_once
from verify.ladder.doors.by_field import with_check
from verify.ladder.doors.unfolded import unfolded
from verify.ladder.quick import check_derivative
from verify.program.literals import is_short
from verify.program.program import ProgramBuilder
from verify.rungs.doubles import made_of_numbers
from verify.subjects.entire import compiled_entire

NODES = np.random.default_rng(0).normal(size=(4, 2))
GRADIENTS = [
    np.linalg.inv(np.array([NODES[b] - NODES[a], NODES[c] - NODES[a]]))
    @ np.array([[-1.0, 1.0, 0.0], [-1.0, 0.0, 1.0]])
    for a, b, c in ((0, 1, 2), (1, 3, 2))
]


def elements(u: Any) -> Any:
    """Two triangles of finite elements: a tangent holds products of known matrices."""
    forces = np.zeros(4)
    for triangle, shapes in zip(((0, 1, 2), (1, 3, 2)), GRADIENTS, strict=True):
        nodes = np.array(triangle)
        slope = shapes @ u[nodes]
        forces[nodes] += (1.0 + slope @ slope) * (shapes.T @ slope)
    return forces


def state(T: Any) -> Any:
    """Constants of mixtures: 1 / 1.6 is 0.625 as a double, and no double."""
    k = (1.0 + 0.5 * (1.0 - np.sqrt(T / np.array([1.1, 1.6])))) ** 2
    return np.sum(np.array([0.4, 0.7]) * k) / T[0] * np.log1p(0.3 * 0.7 * T[1])


@pytest.mark.parametrize(
    ("compiled", "at"),
    [
        (codegen.compile_jacobian, (elements, np.array([0.3, -0.2, 0.5, 0.1]))),
        (codegen.compile_hessian, (state, np.array([1.2, 0.9]))),
        (codegen.compile_hessian, (lambda x: np.sum(norm.pdf(x, 0.2, 1.5)), np.array([0.3, 0.7]))),
    ],
    ids=["elements", "state", "densities"],
)
def test_constants_of_sparse_texts_are_read_at_compile(compiled: Any, at: Any) -> None:
    """They are what our transform made of the function's numbers, in its own order."""
    check = compiled(*at, sparse=True).check
    assert check.verdict in (Verdict.PROVED, Verdict.CERTIFIED), check
    assert "points" not in check.method


def test_what_a_transform_makes_of_numbers_is_seen() -> None:
    """Each step on its own: nothing is folded."""
    sparse = codegen.compile_jacobian(elements, np.zeros(4), sparse=True, check=False)
    apart = unfolded(sparse.graph, sparse.kind, None)
    own = set(map(abs, sparse.graph.constants.values())) | {0.0, 1.0, 2.0}
    assert {abs(x) for x in apart.literals()} <= own


def test_a_constant_that_rounding_does_not_explain_is_none() -> None:
    """Every number is proven; with one constant a part in 10**13 off, not all are."""
    entire = numbers_read(codegen.compile_jacobian(elements, np.zeros(4), sparse=True, check=False))
    (program,) = entire.programs
    own = set(map(abs, entire.graph.constants.values()))
    made = next(x for x in program.literals() if abs(x) not in own and not is_short(x))
    for found, right in ((made, True), (made * (1.0 + 1e-13), False)):
        steps = tuple(found if x == made else x for x in program.steps)
        entire.programs[0] = replace(program, steps=steps)
        assert all(composed(entire, 10.0)[0]) is right


def collocated(x: Any, T: Any) -> Any:
    """Steps of a free final time: 0.1 and 1 / 5 are numbers, 0.5 / 5 is folded to the first."""
    slope = np.sin(x) - 0.1 * x * x
    return x[1:] - x[:-1] - T / 5.0 / 2.0 * (slope[1:] + slope[:-1])


def test_a_double_may_be_a_number_here_and_a_folded_one_there() -> None:
    """No reading of it is right in both places; what our transform makes of it in each is."""
    compiled = codegen.compile_jacobian(collocated, np.zeros(3), 1.0, sparse=True, check=False)
    entire = numbers_read(compiled)
    assert 0.1 in entire.graph.constants.values()
    assert -0.1 in entire.programs[0].literals()
    assert all(composed(entire, 10.0)[0])
    told = told_at_once(entire, [2, 5], 10.0)
    assert [(entry.input, entry.verdict) for entry in told] == [
        (entire.expected.names[k], Verdict.PROVED) for k in (2, 5)
    ]


def test_constants_that_cancel_are_not_folded_to_a_proof() -> None:
    """What is left of them depends on how they were rounded."""

    def f(x: Any) -> Any:
        return 1e17 * (0.1 * (0.3 * x) - 0.03 * x) + x * x[::-1]

    compiled = codegen.compile_jacobian(f, np.ones(3), sparse=True, check=False)
    assert not any(composed(numbers_read(compiled), 10.0)[0][::4])


def test_infinite_constants_are_no_obstacle() -> None:
    """A power asks whether its base is infinite; its other constants are read all the same."""
    builder = ProgramBuilder(1)
    third = builder.apply("{0} / {1}", builder.literal(1.0), builder.literal(3.0))
    asked = builder.apply("Eq({0}, {1})", builder.literal(3.0), builder.literal(math.inf))
    program = builder.program([builder.apply("{0} * {1}", third, 0), asked])
    assert list(made_of_numbers(program)) == [1.0 / 3.0]


def entropy(z: Any) -> Any:
    """Of probabilities by their logarithms."""
    p = np.exp(z - logsumexp(z))
    return -np.sum(xlogy(p, p))


def test_a_field_certifies_what_symbols_leave_open() -> None:
    """Of the text that was compiled; of one that somebody else may have had a hand in, nothing."""
    entire = compiled_entire(codegen.compile_hessian(entropy, np.zeros(2), check=False))
    names = entire.expected.names
    entries = [Entry(names[0], Verdict.PROVED, "so")]
    entries += [Entry(name, Verdict.CERTIFIED_NUMERIC, "points") for name in names[1:]]
    certified = with_check(entire, entries)
    assert [entry.verdict for entry in certified] == [Verdict.PROVED, *[Verdict.CERTIFIED] * 3]
    assert "chance of an error" in certified[1].method
    entire.compiled = None
    assert with_check(entire, entries) == entries


def test_a_hessian_is_not_read_to_look_at_its_example(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is looked at there are first derivatives, and its text may be long."""

    def read(_: object) -> None:
        raise AssertionError("it was read")

    monkeypatch.setattr("verify.ladder.quick.numbers_read", read)
    compiled = codegen.compile_hessian(lambda x: np.sum(abs(x) * x * x), np.zeros(2), check=False)
    assert check_derivative(compiled, (np.zeros(2),)).verdict is Verdict.CERTIFIED


def test_a_text_is_read_only_if_its_function_has_a_kink(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two equal numbers that are added are none; two of which one is chosen are."""
    seen: list[Graph] = []

    def read(compiled: codegen.CompiledFunction) -> object:
        seen.append(compiled.graph)
        return numbers_read(compiled)

    monkeypatch.setattr("verify.ladder.quick.numbers_read", read)
    what = "value", "gradient", "hessian"
    for f in (lambda x: (x[0] + x[1]) ** 3, lambda x: np.maximum(x[0], x[1]) ** 3):
        compiled = codegen.compile(f, np.ones(2), what=what, check=False)
        assert check_derivative(compiled, (np.ones(2),)).verdict is Verdict.CERTIFIED
    assert seen == [compiled.graph]
