"""Where a function has no derivative, in the user's words, and what its gradient returns there."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import autodiff as ad
from tests.random_graphs import ROWS
from verify import domain_report
from verify.beside.borders import borders_of, is_positive


def listed(function: Any, *examples: float) -> list[tuple[str, str, str]]:
    """Expression, kind and equation of each candidate."""
    report = domain_report(function, *examples)
    return [(c.expression, c.kind, c.where) for c in report.candidates]


def test_borders_are_in_the_user_s_words() -> None:
    """Every kind of border is listed once, with the operands' expressions."""

    def f(x: float, y: float) -> float:
        return ad.log(x) / (y - 1.0) + ad.maximum(x * y, 2.0 * x) + ad.floor(y) + abs(x + y)

    assert listed(f, 1.0, 3.0) == [
        ("log(x)", "singular", "x = 0"),
        ("log(x) / (y - 1.0)", "singular", "y - 1.0 = 0"),
        ("maximum(x * y, 2.0 * x)", "kink", "x * y = 2.0 * x"),
        ("floor(y)", "jump", "y is an integer"),
        ("abs(x + y)", "kink", "x + y = 0"),
    ]


def test_smooth_functions_have_none() -> None:
    """What can be seen to stay positive is no border."""

    def f(x: float, y: float) -> float:
        return ad.sigmoid(x) + ad.softplus(y) + ad.log(1.0 + ad.exp(x)) / (2.0 + ad.exp(-y)) + x**3

    assert listed(f, 1.0, 2.0) == []
    assert "differentiable wherever it is defined" in str(domain_report(f, 1.0, 2.0))


def test_the_gradient_on_the_border_is_told() -> None:
    """A point exactly on the border is found, and what the gradient returns there."""
    report = domain_report(lambda x, y: ad.where(x < 2.0, x * y, y) + ad.sqrt(y), 1.0, 4.0)
    switch, root = report.candidates
    assert (switch.point, switch.gradient) == ({"x": 2.0, "y": 4.0}, {"x": 0.0, "y": 1.25})
    assert root.point == {"x": 1.0, "y": 0.0}
    assert root.gradient is not None
    assert root.gradient["y"] == math.inf
    assert root.convention == "0: inf"


def test_the_example_on_a_kink() -> None:
    """Active kinks, one-sided derivatives, and a gradient that is the derivative all the same."""
    pytest.importorskip("flint", reason="one-sided derivatives need python-flint")
    report = domain_report(lambda x: ad.relu(x) - ad.relu(-x), 0.0)
    assert report.meaning == "CLARKE"
    assert report.sides == {"x": (1.0, 1.0)}
    assert report.active == ("relu(x)", "relu(-x)")
    text = str(report)
    assert "from the left 1, from the right 1" in text
    assert json.loads(json.dumps(report.to_json()))["meaning"] == "CLARKE"


def test_without_an_example_borders_are_listed_alone() -> None:
    """A graph needs no example: nothing is claimed about a point."""
    report = domain_report(ad.trace(abs, 1.0))
    assert [c.where for c in report.candidates] == ["x = 0"]
    assert report.example is None
    assert report.meaning == ""


def test_nan_and_hanging_examples_are_honest() -> None:
    """An example that is no number, or takes too long, gets no claim and no exception."""
    assert domain_report(abs, math.nan).meaning == ""
    pytest.importorskip("flint", reason="expansions need python-flint")
    assert domain_report(lambda x: ad.log(-1.0 - x * x), 1.0).meaning == "CONVENTION(unknown)"

    def long(x: Any) -> Any:
        for _ in range(100):
            x = ad.sin(x) * x
        return x

    assert domain_report(long, 1.0, time_limit=1e-6).meaning == "CONVENTION(unknown)"


@pytest.mark.parametrize("row", [r for r in ROWS if r.kinks], ids=lambda row: row.name)
def test_rows_with_conventions_have_borders(row: ad.Primitive) -> None:
    """Whatever the table lists as a kink is found in the row's text, or needs no condition."""
    # The condition of where is a primitive of its own; both operands of logaddexp at -inf are none.
    has_condition = row.name in ("where", "logaddexp")
    literals = tuple((p, 0.5) for p in row.literal)
    assert borders_of(row.sympy, literals) or has_condition


def test_positive_texts() -> None:
    """Signs are read off the text, and never assumed."""
    assert is_positive("exp({0})", (), frozenset())
    assert is_positive("{0} + {1}", ((1, 1.0),), frozenset({0}))
    assert not is_positive("{0} + {1}", ((1, 1.0),), frozenset())
    assert not is_positive("{0} - {1}", (), frozenset({0, 1}))
    assert not is_positive("log({0})", (), frozenset({0}))


def test_the_search_for_points_ends_in_time() -> None:
    """Borders are all listed, with points as far as the time allows: none in no time."""

    def kinks(x: float) -> float:
        return sum(abs(x - k) for k in range(3))

    searched, hurried = (domain_report(kinks, 0.5, time_limit=t).candidates for t in (5.0, 1e-9))
    assert [c.point for c in searched] == [{"x": float(k)} for k in range(3)]
    assert [c.where for c in hurried] == [c.where for c in searched]
    assert not any(c.point for c in hurried)


def test_the_command(tmp_path: Path) -> None:
    """``proofgrad domain`` prints the report, or JSON."""
    from verify.command import app

    file = tmp_path / "model.py"
    file.write_text("import autodiff as ad\n\ndef f(x):\n    return ad.log(x) + ad.relu(x - 1.0)\n")
    shown = CliRunner().invoke(app, ["domain", f"{file}:f", "--at", "1.0"])
    assert shown.exit_code == 0, shown.output
    assert "log(x): singular where x = 0" in shown.output
    assert "[model.py:4]" in shown.output
    data = CliRunner().invoke(app, ["domain", f"{file}:f", "--at", "1.0", "--json"])
    assert len(json.loads(data.output)["candidates"]) == 2
