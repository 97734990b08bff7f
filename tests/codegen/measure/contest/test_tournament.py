"""contest: whoever takes part gives the interpreter's numbers first, and only then is timed."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient
from codegen.measure.contest import Contest, Row, contest, remote
from codegen.measure.contest.case import Case, Contender, Prepared, SkipError, plain_function
from codegen.measure.contest.chart import draw_chart
from codegen.measure.contest.contenders import CONTENDERS
from codegen.measure.contest.lap import Server
from codegen.measure.contest.remote import Remote, Remotes
from codegen.measure.contest.results import page_text
from codegen.measure.contest.rivals import RIVALS
from codegen.measure.contest.tournament import _compared, _difference


def mixed(x: Any = 0.7, y: Any = 1.3) -> Any:
    """A function of operations that every library has."""
    return np.sin(x) * np.exp(y) + np.sqrt(x * x + y) / y


class Here(Server):
    """A contender in this process."""

    is_running = True

    def close(self) -> None:
        """Nothing to end."""


@pytest.fixture
def ours_run_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our contenders start no process where its memory is not asked for."""
    monkeypatch.setattr(remote, "Remote", lambda c: Here(c) if c.ours else Remote(c))


def rows_of(found: Contest) -> dict[str, Row]:
    """Rows by name."""
    return {row.name: row for row in found.rows}


def test_ours_are_measured() -> None:
    """Interpreter, emitted Python and a NumPy batch have times, build times and memory."""
    names = ["interpreter", "emitted Python", "emitted NumPy"]
    found = contest(mixed, points=64, rounds=1, names=names)
    rows = rows_of(found)
    assert list(rows) == names
    assert rows["emitted Python"].call
    assert rows["emitted NumPy"].point
    assert rows["emitted Python"].build
    assert (rows["interpreter"].megabytes or 0) > 5
    assert found.fastest is rows["emitted Python"]
    assert (found.inputs, found.points, found.function) == (2, 64, "mixed")


def test_processes_serve_several_contests() -> None:
    """A library is imported once; what a task built is gone at the next, and the memory with it."""
    names = ["interpreter", "emitted Python"]
    remotes = Remotes()
    kept = remotes.of(CONTENDERS["emitted Python"])
    first = contest(mixed, points=0, rounds=1, names=names, remotes=remotes)
    second = contest(lambda x: x * x, 3.0, points=0, rounds=1, names=names, remotes=remotes)
    assert remotes.of(CONTENDERS["emitted Python"]) is kept
    assert (first.inputs, second.inputs) == (2, 1)
    assert all(row.call for found in (first, second) for row in found.rows)
    remotes.close()
    assert not kept.is_running


@pytest.mark.usefixtures("ours_run_here")
@pytest.mark.parametrize("rival", RIVALS, ids=lambda rival: rival.name)
def test_a_rival_gives_the_interpreters_numbers(rival: Contender) -> None:
    """Every library that is installed differentiates the same function to the same numbers."""
    if find_spec(rival.module) is None:
        pytest.skip(f"{rival.module} is not installed")
    graph = ad.trace(mixed)
    found = contest(graph, 0.7, 1.3, points=8, rounds=1, names=[rival.name])
    row = rows_of(found)[rival.name]
    assert row.note in ("", "there is no C compiler here")
    assert row.call or row.note
    assert (row.point is not None) == (rival.batch is not None)


@pytest.mark.usefixtures("ours_run_here")
def test_a_hand_written_gradient_takes_part() -> None:
    """It is called with the function's own arguments, and a wrong one is not timed."""
    compiled = compile_gradient(mixed, 1.0, 1.0)
    right = contest(mixed, points=0, rounds=1, names=[], by_hand=compiled)
    assert rows_of(right)["written by hand"].call

    def wrong(x: float, y: float) -> Any:
        value, (by_x, by_y) = compiled(x, y)
        return value, (by_y, by_x)

    row = rows_of(contest(mixed, points=0, rounds=1, names=[], by_hand=wrong))["written by hand"]
    assert row.call is None
    assert "differs from the interpreter" in row.note


def test_our_own_mistake_is_an_error() -> None:
    """Code of ours that disagreed would be a bug, never a line in a table."""
    answers = {
        "interpreter": {"value": 1.0, "gradient": [1.0, 2.0]},
        "emitted Python": {"value": 1.0, "gradient": [1.0, 2.1]},
        "micrograd": {"value": 1.0, "gradient": [1.0]},
    }
    with pytest.raises(ad.EmitError, match="emitted Python: differs from the interpreter by 5"):
        _compared(answers, list(CONTENDERS.values()), batch=False)


def test_difference_knows_nan_and_infinity() -> None:
    """Equal special values are equal; a number against one of them is not."""
    nan, inf = float("nan"), float("inf")
    assert _difference([nan, inf, 1.0], [nan, inf, 1.0]) == 0.0
    assert _difference([nan, 1.0], [2.0, 1.0]) == inf
    assert _difference([1.0], [1.0, 2.0]) == inf


def test_a_function_somebody_lacks_is_named() -> None:
    """The emitted text runs over another library only if it has every function."""
    graph = ad.trace(lambda x: ad.erf(x) + ad.sin(x), 1.0)
    case = Case(str(graph), (0.5,), points=0)
    with pytest.raises(SkipError, match="has no erf"):
        plain_function(case, {}, np)
    value = plain_function(case, {"erf": lambda x: 0.0}, np)
    assert value([0.5]) == np.sin(0.5)


def test_what_a_contender_raises_becomes_its_note() -> None:
    """A rival's failure is a line of the report."""

    def fails(case: Case) -> Prepared:
        raise ValueError("no such thing\nsecond line")

    server = Server(Contender("x", "", fails))
    task = {"text": str(ad.trace(mixed)), "inputs": [1.0, 1.0], "points": 0}
    answer = server.answer({"do": "build", "batch": False} | task)
    assert answer == {"skip": "ValueError: no such thing"}


@pytest.mark.usefixtures("ours_run_here")
def test_structured_arguments_are_measured_singly() -> None:
    """A batch needs floats and arrays; a single call takes any arguments."""
    found = contest(
        lambda p: p["a"] * p["b"],
        {"a": 2.0, "b": 3.0},
        points=4,
        rounds=1,
        names=["emitted Python", "emitted NumPy"],
    )
    rows = rows_of(found)
    assert rows["emitted Python"].call
    assert "not measured in batches" in rows["emitted NumPy"].note


def test_mistakes() -> None:
    """Unknown contenders and missing numbers are named."""
    with pytest.raises(ad.ArgumentError, match="found 'jaxx'"):
        contest(mixed, names=["jaxx"])
    with pytest.raises(ad.ArgumentError, match="found no numbers"):
        contest(lambda x: x * x)


REPORT = Contest(
    "f",
    2,
    9,
    100,
    (
        Row("interpreter", ours=True, build=1e-4, call=3e4, megabytes=35.0),
        Row("emitted Python", ours=True, build=1e-3, call=1e3, size=1300, megabytes=35.0),
        Row("JAX jit", "0.9", build=0.4, call=1.2e4, point=50.0, megabytes=230.0),
        Row("ddx-ad", note="not installed"),
        Row("CasADi", note="has no erf"),
    ),
)


def test_report_as_text_json_and_page() -> None:
    """All forms hold the same numbers; ratios are against our fastest."""
    text = str(REPORT)
    assert "JAX jit" in text
    assert "12x" in text
    assert "not installed: ddx-ad" in text
    assert "CasADi: has no erf" in text
    content = json.loads(json.dumps(REPORT.to_json()))
    assert content["rows"][2]["call"] == 1.2e4
    assert content["machine"]
    page = page_text([REPORT])
    assert "| JAX jit | 12 µs | 12x | 50 ns | 400 ms | - | 230 MB |" in page
    assert page.count("\n## ") == 1
    rich = pytest.importorskip("rich.console")
    console = rich.Console(width=100, record=True, quiet=True)
    console.print(REPORT)


def test_chart(tmp_path: Path) -> None:
    """A chart is written as an image; an unknown format is an error."""
    pytest.importorskip("matplotlib")
    draw_chart([REPORT, REPORT], tmp_path / "chart.svg")
    assert "<svg" in (tmp_path / "chart.svg").read_text(encoding="utf-8")
    with pytest.raises(ad.ProofgradError, match=r"chart\.xyz"):
        draw_chart([REPORT], tmp_path / "chart.xyz")
