"""What is said at an example where the function has a kink: one rule, the same in every place."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient
from verify import Report, Verdict, verify_gradient
from verify.ladder.at_example import may_be_special

# Function, example, and the derivative there: None where there is none.
SPECIAL: list[tuple[Callable[..., Any], tuple[Any, ...], Any]] = [
    (lambda x: x * ad.sqrt(x), (0.0,), 0.0),
    (lambda x: x**0.5 * x, (0.0,), 0.0),
    (lambda x: ad.sqrt(x) ** 2, (0.0,), 1.0),
    (lambda x: ad.sqrt(x**4), (0.0,), 0.0),
    (lambda v: np.linalg.norm(v) ** 3, (np.zeros(2),), [0.0, 0.0]),
    (lambda x: ad.cbrt(x) ** 3, (0.0,), 1.0),
    (lambda x: ad.cbrt(x**6), (0.0,), 0.0),
    (lambda x: np.sin(np.arcsin(x)), (1.0,), 1.0),
    (lambda x: ad.relu(x) - ad.relu(-x), (0.0,), 1.0),
    (lambda m: np.maximum(-m, 0.0) + np.log1p(np.exp(-np.abs(m))), (0.0,), -0.5),
    (lambda x: np.where(x == 0.0, 0.0, x), (0.0,), 1.0),
    (lambda x, y: x * y * ad.sqrt(y), (2.0, 0.0), [0.0, 0.0]),
    (lambda x: ad.sqrt(x * x), (0.0,), None),
    (abs, (0.0,), None),
    (ad.sqrt, (0.0,), None),
    (lambda x: np.where(x > 1.0, x * x, x), (1.0,), None),
    (np.floor, (2.0,), None),
    (np.arccos, (1.0,), None),
    (ad.maximum, (1.0, 1.0), None),
]


def _is_right(found: Any, true: Any) -> bool:
    return bool(np.allclose(np.ravel(found), np.ravel(true), rtol=1e-9, atol=1e-12))


@pytest.mark.parametrize(("function", "example", "true"), SPECIAL)
@pytest.mark.parametrize("target", ["python", "numpy"])
def test_report_verdict_and_note_say_the_same(
    function: Callable[..., Any], example: tuple[Any, ...], true: Any, target: str
) -> None:
    """Refuted if there is a derivative and another number comes out; never where there is none."""
    df = compile_gradient(function, *example, target=target)
    report = verify_gradient(df, *example)
    wrong = true is not None and not _is_right(df(*example)[1], true)
    assert (report.verdict is Verdict.REFUTED) is wrong, report
    assert (df.verdict is Verdict.REFUTED) is wrong, df.check
    for entry in report.entries:
        assert (entry.verdict is Verdict.REFUTED) or "NOT-CLARKE" not in entry.note
    if wrong:
        told = next(entry for entry in report.entries if entry.verdict is Verdict.REFUTED)
        assert told.witness is not None
        assert "write what is inside" in told.note
        assert math.isfinite(told.witness.expected)
        assert "write what is inside" in df.check.note


def test_right_numbers_at_a_kink_are_proved() -> None:
    """A gradient written by hand that has the true derivative at the kink is no convention."""
    text = "def g(x):\n return 1.5 * x ** 0.5\n"
    report = verify_gradient(lambda x: x * ad.sqrt(x), 0.0, gradient=text)
    assert report.verdict is Verdict.PROVED
    assert "from the right 0" in report.entries[0].note


def test_nan_where_the_derivative_is_infinite_is_no_refutation() -> None:
    """sqrt has no finite derivative at 0: whatever a gradient returns there is a convention."""
    text = "def g(x):\n return x ** 0.5 / x / 2.0\n"
    assert verify_gradient(ad.sqrt, 0.0, gradient=text).verdict is Verdict.PROVED


@pytest.mark.parametrize(
    "function", [lambda x: ad.sqrt(abs(x)), lambda x: ad.sqrt(np.maximum(x, -2.0 * x))]
)
def test_infinite_slopes_of_two_signs_are_no_derivative(function: Callable[..., Any]) -> None:
    """Where both sides are steep, what our own gradient returns there is a convention."""
    df = compile_gradient(function, 0.0)
    assert df.verdict is not Verdict.REFUTED
    assert verify_gradient(df, 0.0).verdict is not Verdict.REFUTED


def test_a_kink_everywhere_is_none_at_the_example() -> None:
    """Where a part is on a border at every point, an example is as good as any other."""

    def f(x: Any) -> Any:
        return np.arctan2(0.0 * x, 0.0 * x) + x

    report = verify_gradient(f, 1.0)
    assert report.verdict is not Verdict.REFUTED


def test_the_verdict_survives_pickling() -> None:
    """A gradient that is loaded elsewhere says of its example what it said here."""
    df = compile_gradient(lambda x: ad.cbrt(x**6), 0.0)  # lost in doubles: its slope stays nan
    copy = pickle.loads(pickle.dumps(df))
    assert copy.verdict is Verdict.REFUTED
    assert copy.check.note == df.check.note


def test_a_plain_example_costs_nothing() -> None:
    """Away from kinks nobody asks the other process: floats tell that the point is none."""

    def f(x: Any, y: Any) -> Any:
        return ad.relu(x) + abs(y) + np.maximum(x, y) + ad.sqrt(y) + np.floor(x)

    graph = ad.trace(f, 0.3, 0.7)
    assert not may_be_special(graph, [0.3, 0.7])
    for point in ([0.0, 0.7], [0.3, 0.0], [0.7, 0.7], [2.0, 0.7]):
        assert may_be_special(graph, point)


def test_the_command_ends_as_the_report_says() -> None:
    """A title of REFUTED and a note that claims a derivative never stand together."""
    report: Report = verify_gradient(lambda x: ad.cbrt(x**6), 0.0)
    assert report.title.endswith("REFUTED")
    assert "from the left 0, from the right 0: NOT-CLARKE" in str(report)
    report = verify_gradient(lambda x: ad.relu(x) - ad.relu(-x), 0.0)
    assert report.title.endswith("PROVED")
    assert "from the left 1, from the right 1: CLARKE" in str(report)
