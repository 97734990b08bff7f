"""Errors of gradients: true, bounded for every machine, and largest where they are looked for."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import mpmath
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import autodiff as ad
from codegen import compile_gradient
from tests.random_graphs import graphs
from verify import gradient_error, worst_input
from verify.beside import rounding

pytest.importorskip("flint", reason="error bounds need python-flint")


def hilly(x: float, y: float) -> float:
    """An example with most kinds of operations."""
    return ad.sin(x * y) / (1.0 + ad.exp(-x)) + ad.sqrt(x * x + y * y) * ad.erf(y)


def test_the_error_is_the_distance_from_the_derivative() -> None:
    """Found, true and error are those that 60-digit arithmetic gives."""
    report = gradient_error(ad.tanh, 0.3)
    [partial] = report.partials
    with mpmath.workdps(60):
        true = 1 / mpmath.cosh(mpmath.mpf(0.3)) ** 2
        error = float(abs(true - partial.found))
    assert partial.found == ad.grad(ad.tanh)(0.3)
    assert partial.true == float(true)
    assert error <= partial.error <= error * (1.0 + 1e-9) + 1e-60


@settings(max_examples=40, deadline=None)
@given(graphs(), st.lists(st.floats(-3.0, 3.0), min_size=3, max_size=3))
def test_no_error_exceeds_its_bound(graph: ad.Graph, xs: list[float]) -> None:
    """Whatever comes out in floating point lies inside the ball of all machines."""
    for partial in gradient_error(graph, *xs[: graph.input_count]).partials:
        if math.isfinite(partial.found) and math.isfinite(partial.true):
            inside = rounding._Errors(graph)._bounds(xs[: graph.input_count])
            ball = inside[graph.input_names.index(partial.input)]
            # None of a text that is not read, with switches of numbers; no bound is told of it.
            assert ball is None or not ball.is_finite() or ball.contains(partial.found)


def test_the_bound_is_not_wild() -> None:
    """Where nothing cancels the bound is a few units in the last place for each operation."""
    for partial in gradient_error(hilly, 0.7, 1.3).partials:
        assert partial.error <= partial.bound <= 1e-13 * abs(partial.true)


def test_it_is_about_the_emitted_code() -> None:
    """The number found is the one that the compiled gradient returns."""
    df = compile_gradient(hilly, 0.7, 1.3)
    found = [p.found for p in gradient_error(df, 0.7, 1.3).partials]
    assert found == list(df(0.7, 1.3)[1])


def test_unknown_derivatives_are_nan() -> None:
    """On a kink, outside the domain and where the code overflows nothing is claimed."""
    for function, x in ((abs, 0.0), (ad.log, -1.0)):
        [partial] = gradient_error(function, x).partials
        assert math.isnan(partial.true)
        assert partial.bound == math.inf
    [partial] = gradient_error(lambda x: 1.0 / (1.0 + ad.exp(-x)), -750.0).partials
    assert partial.error == math.inf


def test_the_worst_input_is_found() -> None:
    """The search ends where two terms of the derivative cancel, every time the same."""

    def f(x: float) -> float:
        return ad.log(1.0 + x * x) - ad.log(1.0 + x) * 0.9

    report = worst_input(f, (0.0, 3.0), tries=300, seed=3)
    assert report == worst_input(f, (0.0, 3.0), tries=300, seed=3)
    slope = ad.grad(f)
    assert abs(slope(report.point["x"])) < 1e-8
    assert report.digits_lost > 7.0


@pytest.mark.parametrize(
    ("intervals", "message"),
    [
        (((0.0, 1.0), (0.0, 1.0)), "found 2 examples; expected one per argument"),
        (((1.0, 0.0),), "low <= high"),
        (((0.0, math.inf),), "finite"),
        ((3.0,), "expected a pair"),
    ],
)
def test_intervals_are_checked(intervals: Any, message: str) -> None:
    """What is no list of finite intervals, one per input, is refused with a reason."""
    with pytest.raises(ad.ProofgradError, match=message):
        worst_input(lambda x: x * x, *intervals)


def test_a_function_defined_nowhere_has_no_worst_input() -> None:
    """NaN everywhere is an error that says so."""
    with pytest.raises(ad.ProofgradError, match="not known anywhere"):
        worst_input(lambda x: ad.log(-1.0 - x * x), (0.0, 1.0), tries=5)


def test_without_flint_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no bound without balls, and no guess instead."""
    monkeypatch.setattr(rounding, "ball_library", lambda: None)
    with pytest.raises(ad.ProofgradError, match=r"pip install 'proofgrad\[proof\]'"):
        gradient_error(ad.sin, 1.0)


def test_the_command(tmp_path: Path) -> None:
    """``proofgrad accuracy`` tells the errors at a point, and the worst input of intervals."""
    from verify.command import app

    file = tmp_path / "model.py"
    file.write_text("def f(x, y):\n    return x * y - x * x\n")
    at = CliRunner().invoke(app, ["accuracy", f"{file}:f", "--at", "0.1, 0.3", "--json"])
    assert at.exit_code == 0, at.output
    assert [p["input"] for p in json.loads(at.output)["partials"]] == ["x", "y"]
    arguments = ["accuracy", f"{file}:f", "--within", "(0, 1), (0, 1)", "--tries", "20"]
    worst = CliRunner().invoke(app, arguments)
    assert worst.exit_code == 0
    assert "digits lost" in worst.output
    assert CliRunner().invoke(app, [*arguments[:3], "0 to 1"]).exit_code == 2


def test_an_operand_that_is_no_number_has_no_bound() -> None:
    """polygamma of a nan is nan, and nothing is said of its error."""
    graph = ad.trace(lambda x: ad.polygamma(0.0, ad.acosh(x)) + x, 0.3)
    assert [p.bound for p in gradient_error(graph, 0.3).partials] == [math.inf]
