"""What rounding leaves of a gradient: counted whoever wrote it, told where it is far out."""

from __future__ import annotations

import math

import numpy as np
import pytest

from autodiff.table.primitive import REGISTRY
from verify import Verdict, verify_gradient
from verify.program.program import ProgramBuilder
from verify.rungs.doubles import moved_by_inputs


def test_a_callable_is_run_on_doubles_as_a_text_is() -> None:
    """What rounding makes nothing of is proven in neither form."""
    text = "def g(x):\n return (x + 1e17) - 1e17\n"
    names: dict[str, object] = {}
    exec(text, names)
    for gradient in (text, names["g"]):
        report = verify_gradient(lambda x: 0.5 * x * x, 1.25, gradient=gradient)
        assert report.verdict is Verdict.CERTIFIED_NUMERIC
        assert "rounding makes 0.0 of 1.25" in str(report)


def test_of_arrays_as_well() -> None:
    """A sum that absorbs what is added to it, in whole arrays."""
    report = verify_gradient(
        lambda w: 0.5 * np.sum(w * w),
        np.array([1.25, -0.5]),
        gradient=lambda w: w + ((w + 1e16) - 1e16 - w),
    )
    assert report.verdict is Verdict.CERTIFIED_NUMERIC


@pytest.mark.parametrize(
    "result",
    [
        "2*x + math.sqrt(x*x*x*x) - x*x",
        "2*x + math.exp(math.log(x*x + 1)) - x*x - 1",
        "2*x + 1e16*((math.sin(x)**2 + math.cos(x)**2 - 1.0) + (x/3.0*3.0 - x))",
    ],
)
def test_what_cancels_is_not_proven(result: str) -> None:
    """Large numbers whose difference is nothing but rounding, far out or at every third point."""
    text = f"import math\ndef g(x):\n return {result}\n"
    report = verify_gradient(lambda x: x * x, 1.25, gradient=text)
    assert report.verdict is Verdict.CERTIFIED_NUMERIC
    assert "not shown for doubles" in str(report)


@pytest.mark.parametrize(
    ("function", "result"),
    [
        (np.sin, "math.cos(x)"),
        (np.sin, "math.sin(x + math.pi/2)"),
        (lambda x: np.sin(x) * np.cos(x), "math.cos(2*x)"),
        (lambda x: np.log1p(np.exp(x)), "1/(1 + math.exp(-x))"),
    ],
)
def test_what_inputs_explain_is_no_loss(function: object, result: str) -> None:
    """Angles that nobody knows to a digit far out, and tails, are proven as they were."""
    text = f"import math\ndef g(x):\n return {result}\n"
    report = verify_gradient(function, 1.25, gradient=text)
    assert report.verdict is Verdict.PROVED, report


def test_inputs_that_are_a_little_off() -> None:
    """A cosine moves by anything at 8e16, a square by a part in 1e15."""
    builder = ProgramBuilder(1)
    cosine = builder.apply(REGISTRY["cos"].sympy, 0)
    square = builder.apply(REGISTRY["mul"].sympy, 0, 0)
    program = builder.program([cosine, square])
    assert moved_by_inputs(program, [8.3e16], 0) > 0.1
    assert 0.0 < moved_by_inputs(program, [1.5], 1) < 1e-14
    assert math.isfinite(moved_by_inputs(program, [0.0], 0))
