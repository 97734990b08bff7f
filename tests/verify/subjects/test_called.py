"""A proof about a callable says what it is about, and holds the callable to it."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from verify import Verdict, verify_gradient
from verify.rules.rests_on import resting
from verify.subjects import called
from verify.subjects.called import hold_function


def square(x):
    """The function of most of these."""
    return x * x


@pytest.mark.parametrize(
    "gradient",
    [
        lambda x: 999.0 if isinstance(x, float) else 2.0 * x,
        lambda x: min(2.0 * x, 4.0) if isinstance(x, float) else 2.0 * x,
        lambda x: 2.0 * x if hasattr(x, "bind") else 2.0 * x + 1e-3,
        lambda x: 7.0 * x if type(x) is float else 2.0 * x,
    ],
)
def test_a_gradient_that_looks_at_what_it_is_given_is_refuted(gradient: Any) -> None:
    """What counts is what the callable gives for numbers, not what its trace says."""
    report = verify_gradient(square, 1.0, gradient=gradient)
    assert report.verdict is Verdict.REFUTED
    assert "its numbers were compared" in str(report)


def test_a_function_that_looks_at_what_it_is_given_is_an_error() -> None:
    """7x for x² is not PROVED because the trace is something else than the function."""
    f = lambda x: x * x if type(x) is float else 3.5 * x * x  # noqa: E731
    with pytest.raises(ad.TraceError, match="its trace"):
        verify_gradient(f, 1.0, gradient=lambda x: 7.0 * x)


def test_the_report_says_what_the_proof_is_about() -> None:
    """For the function and for the gradient: about the trace, and at how many points they agree."""
    report = verify_gradient(square, 1.0, gradient=lambda x: 2.0 * x)
    assert report.verdict is Verdict.PROVED
    assert str(report).count("the proof is about its trace") == 2
    assert "25 of 25 points" in str(report)
    assert len(re.findall(r"\d+ calls with plain numbers", str(report))) == 2


def test_the_report_says_how_near_scipy_s_solution_is() -> None:
    """Where calls solve with SciPy and the trace with our digits, nobody reads "the same", and the
    check at compile says so too."""
    integrate = pytest.importorskip("scipy.integrate", reason="the function solves with SciPy")

    def f(k: Any) -> Any:
        times = np.array([0.0, 0.1])
        return integrate.odeint(lambda y, t: -k * y, 1.0, times, rtol=1e-10, atol=1e-12)[-1, 0]

    def told(function: Any) -> str:
        held: Any = SimpleNamespace(graph=ad.trace(function, 0.7), remarks=[])
        hold_function(held, function, [[0.7]])
        return str(held.remarks[0])

    assert "points, within 1e-05 of its largest number" in told(f)
    assert "within" not in told(square)
    noted = [resting(ad.trace(g, 0.7), Verdict.CERTIFIED, 1e-20, "")[2] for g in (f, square)]
    assert ["within 1e-05 of its largest number" in note for note in noted] == [True, False]


def test_a_gradient_without_floats_says_so() -> None:
    """Code that runs on traced values only is proven by its trace, and the report says that."""
    report = verify_gradient(ad.tanh, 1.0, gradient=lambda x: 1.0 - x.tanh() ** 2)
    assert report.verdict is Verdict.PROVED
    assert "could not be called with plain numbers" in str(report)


def test_arrays_are_called_with_arrays() -> None:
    """A gradient that asks for the dtype of its argument is held to what it gives for arrays."""
    f = lambda x: 0.5 * np.sum(x * x)  # noqa: E731
    wrong = lambda x: 3.0 * x if type(x) is np.ndarray else x  # noqa: E731
    assert verify_gradient(f, np.ones(2), gradient=wrong).verdict is Verdict.REFUTED
    assert verify_gradient(f, np.ones(2), gradient=lambda x: x).verdict is Verdict.PROVED


def test_a_text_of_a_number_is_in_doubt() -> None:
    """A trace has no digits to look up: what asks for them may do anything at some number."""
    form, texts = "%r", {"3.25": 5.0}
    report = verify_gradient(square, 1.0, gradient=lambda x: 2 * x + texts.get(form % (x,), 0.0))
    assert report.verdict is Verdict.CERTIFIED_NUMERIC
    assert "asks for the text of a number" in str(report)


def _inverse(x: Any) -> Any:
    return 1.0 / x


def handled(x: Any) -> Any:
    """Something else at one number, where division raises in another function."""
    try:
        return _inverse(x - 3.25)
    except ZeroDivisionError:
        return 9.0 * x


def test_a_handler_that_runs_at_one_number_is_found() -> None:
    """The number stands in the function, and is one of the points that it is called at."""
    with pytest.raises(ad.TraceError, match=r"for 3\.25, its trace -?inf; .*ZeroDivisionError"):
        verify_gradient(handled, 1.0)


def test_a_call_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loop may wait, away from the example, for what does not come: the report says where."""
    monkeypatch.setattr(called, "_LONGEST", 0.1)

    def waiting(x: float) -> float:
        while x < 0.0:
            pass
        return x * x

    subject = SimpleNamespace(graph=ad.trace(square, 1.0), remarks=[])
    hold_function(subject, waiting, [[-1.0], [-1.0]])
    assert re.search(
        r"could not be called .*: it gave no answer within .* for -1\.0", subject.remarks[0]
    )
