"""The emitted text of whole arrays is proven element by element."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from autodiff.errors import ProofgradError, UnsupportedError
from autodiff.trace.trace import trace_loops
from codegen import compile_gradient, compile_hessian
from tests.array_functions import filtered, garch, recurrent
from verify import Verdict, verify_gradient, verify_hessian
from verify.beside.array_mutation import text_of, with_text
from verify.ladder.arrays.array_check import check_arrays
from verify.subjects.each_element import elements_program

DRAW = np.random.default_rng(5)
A, B = DRAW.normal(size=(4, 3)), DRAW.normal(size=4)


def least_squares(w: Any) -> Any:
    """A fit to rows of data."""
    residual = A @ w - B
    return np.sum(residual * residual)


def network(w1: Any, w2: Any) -> Any:
    """Two layers and a mean."""
    return np.mean((np.tanh(A @ w1) @ w2 - B) ** 2)


def moved(x: Any) -> Any:
    """Parts of an array, in another order, and running sums."""
    return np.sum(np.cumsum(x[::-1]) * np.concatenate((x[1:], x[:1])) ** 2)


def running(x: Any) -> Any:
    """Running sums, and powers."""
    return np.sum(np.cumsum(x) * np.exp(x)) + np.sum(x**3)


def neighbours(x: Any) -> Any:
    """Parts that overlap, and the last one alone."""
    return np.sum(x[1:] * x[:-1]) + x[-1] ** 2


def picked(x: Any) -> Any:
    """Some elements more than once."""
    return np.sum(np.sin(x[np.array([0, 2, 2, 3])]) * x[np.array([3, 1, 0, 0])])


def shifted(w: Any) -> Any:
    """What people take the largest out of first, whose ties are counted."""
    x = A @ w
    largest = np.max(x)
    return np.log(np.sum(np.exp(x - largest))) + largest


def largest_of_largest(x: Any) -> Any:
    """Shares of ties, inside shares of ties."""
    return np.max(np.array([np.max(x[:2]), np.max(x[1:])]))


_SUM = neighbours, np.array([0.1, 0.4, 0.2])
CASES = [
    (least_squares, (np.ones(3),)),
    (network, (np.ones((3, 2)), np.ones(2))),
    (running, (np.array([0.1, 0.4, 0.2]),)),
    (moved, (np.array([0.1, 0.4, 0.2, -0.3]),)),
    (neighbours, (np.array([0.1, 0.4, 0.2]),)),
    (picked, (np.array([0.1, 0.4, 0.2, -0.3]),)),
    (shifted, (np.ones(3),)),
    (largest_of_largest, (np.array([0.1, 0.4, 0.2]),)),
    (np.linalg.norm, (np.array([0.1, 0.4, 0.2]),)),
]


@pytest.mark.parametrize(("function", "examples"), CASES)
def test_texts_of_arrays_are_proven(function: Any, examples: Any) -> None:
    """Value and every element of the gradient."""
    df = compile_gradient(function, *examples, target="numpy", expand=False)
    report = verify_gradient(df, *examples)
    assert report.verdict is Verdict.PROVED, report
    assert len(report.entries) == sum(x.size for x in examples)


def test_a_text_of_arrays_is_proven_without_examples() -> None:
    """The compiled gradient knows the sizes."""
    report = verify_gradient(compile_gradient(*_SUM, target="numpy", expand=False))
    assert report.verdict is Verdict.PROVED
    assert len(report.entries) == 3


def test_a_wrong_text_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    """What runs is what is read: another function in its place is seen."""
    df = compile_gradient(least_squares, np.ones(3), target="numpy", expand=False)
    monkeypatch.setitem(
        df.loaded.functions,
        "value_and_gradient",
        lambda w: (np.sum((A @ w - B) ** 2), A.T @ (2.0 * (A @ w - B)) + np.array([0, 0, 1e-9])),
    )
    report = verify_gradient(df)
    assert [e.verdict for e in report.entries] == [Verdict.PROVED] * 2 + [Verdict.REFUTED]


def test_too_many_elements_are_held_by_the_check() -> None:
    """A text over more elements than are read one by one is no better than its check says."""
    data = np.ones((60_000, 5))
    df = compile_gradient(
        lambda w: np.sum((data @ w) ** 2), np.ones(5), target="numpy", expand=False
    )
    report = verify_gradient(df)
    assert report.verdict is Verdict.CERTIFIED
    assert "arrays modulo primes" in report.entries[0].method


def test_what_is_compiled_to_be_verified_is_checked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The report on a function says what its compile has found; what was given is looked at."""
    data, looked = np.ones((60_000, 5)), []

    def loss(w: Any) -> Any:
        return np.sum((data @ w) ** 2)

    def again(compiled: Any, examples: Any) -> Any:
        looked.append(compiled)
        return check_arrays(compiled, examples)

    monkeypatch.setattr("verify.ladder.by_check.check_arrays", again)
    assert verify_hessian(loss, np.ones(5)).verdict is Verdict.CERTIFIED
    assert not looked
    compiled = compile_hessian(loss, np.ones(5), target="numpy")
    assert verify_hessian(compiled).verdict is Verdict.CERTIFIED
    assert looked == [compiled]


def test_what_cannot_be_read_is_refused() -> None:
    """Which elements are picked is an argument: there is the check at compile, and it is said."""
    df = compile_gradient(
        lambda x, i: np.sum(x[i] ** 2), np.ones(4), np.array([0, 2]),
        target="numpy", expand=False, wrt=0,
    )  # fmt: skip
    assert df.verdict is Verdict.CERTIFIED
    with pytest.raises(UnsupportedError, match=r"element by element.*an index .* traced value"):
        verify_gradient(df)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda x: (np.sum(x[1:] * x[:-1]) + x[-1] ** 2, np.concatenate((x[1:], x[-1:]))),
        lambda x: (np.sum(x[1:] * x[:-1]) + x[-1] ** 2, x[::-1] + 0.0 * x),
    ],
)
def test_a_wrong_last_element_is_refuted(monkeypatch: pytest.MonkeyPatch, wrong: Any) -> None:
    """Every element is looked at, the last one too."""
    df = compile_gradient(neighbours, np.ones(3), target="numpy", expand=False)
    monkeypatch.setitem(df.loaded.functions, "value_and_gradient", wrong)
    assert verify_gradient(df).verdict is Verdict.REFUTED


def test_too_few_numbers_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text that leaves elements out is no gradient."""
    df = compile_gradient(neighbours, np.ones(3), target="numpy", expand=False)
    monkeypatch.setitem(
        df.loaded.functions, "value_and_gradient", lambda x: (np.sum(x), 2.0 * x[:2])
    )
    with pytest.raises(UnsupportedError, match="gives 3 numbers"):
        verify_gradient(df)


_SHORT = [
    (garch, (np.array([0.1, 0.2, 0.6]), np.sin(np.arange(3.0)))),
    (recurrent, (0.3 * A[:3], B[:2, None] * np.ones(3))),
    (filtered, (np.array([0.8, 0.5]), B[:3])),
]


@pytest.mark.parametrize(("function", "examples"), _SHORT)
def test_texts_with_loops_are_proven(function: Any, examples: Any) -> None:
    """Every repetition is read, of loops of floats as of loops of arrays."""
    df = compile_gradient(function, *examples, target="numpy", expand=False)
    assert "for i in " in df.source
    report = verify_gradient(df)
    assert report.verdict is Verdict.PROVED, report


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("reversed(range(3))", "reversed(range(2))"), ("in range(3)", "in reversed(range(3))")],
)
def test_wrong_loops_are_refuted(monkeypatch: pytest.MonkeyPatch, right: str, wrong: str) -> None:
    """One repetition less, or from the other end."""
    function, examples = _SHORT[0]
    df = compile_gradient(function, *examples, target="numpy", expand=False)
    text = text_of(df)
    assert right in text
    other = with_text(df, text.replace(right, wrong))
    monkeypatch.setitem(
        df.loaded.functions, "value_and_gradient", other.loaded.functions["value_and_gradient"]
    )
    assert verify_gradient(df).verdict is Verdict.REFUTED


def test_a_text_that_raises_is_named() -> None:
    """A loop with one repetition more leaves its lists: no bare IndexError comes out of it."""
    at = np.array([0.1, 0.1, 0.8]), A[:, 0]
    compiled = compile_gradient(garch, *at, target="numpy", expand=False)
    longer = re.sub(r"range\((\d+)\)", lambda m: f"range({int(m[1]) + 1})", text_of(compiled))
    assert longer != text_of(compiled)
    with pytest.raises(ProofgradError, match="list index out of range"):
        verify_gradient(with_text(compiled, longer), *at)
    with pytest.raises(UnsupportedError, match="it raises IndexError"):
        elements_program(with_text(compiled, longer))


def limited(xs: Any, low: Any, high: Any) -> Any:
    """A loop whose text chooses as Python does."""
    level, total = 1.0, 0.0
    for x in xs:
        level = np.maximum(0.9 * level + x, low)
        if low < level and not level > high:
            total = total + level * level * x
        elif x > 0.0:
            total = total - np.minimum(level, high)
    return total


def test_choices_of_a_loop_are_read_as_both_sides() -> None:
    """No path is taken: each number of a text that chooses is proven, and a wrong side is not."""
    examples = np.sin(np.arange(12.0) + 0.25), 0.375, 1.5
    graph = trace_loops(1000, limited, *examples)
    df = compile_gradient(graph, target="numpy", expand=False)
    backward = df.source.partition("def backward")[2]
    assert " if " in backward
    assert " else " in backward
    assert verify_gradient(df, *examples).verdict is Verdict.PROVED
