"""``proofgrad bench``: tables, charts and JSON."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from codegen.measure.contest import Contest, contest
from tests.verify.command.users_file import QUICK, fails_with, run, users_file

CONTESTS = import_module("codegen.measure.contest")


@pytest.fixture(scope="module")
def benched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path, Path, Contest]:
    """Two functions measured, with a page and a chart, and what was measured of the first."""
    pytest.importorskip("matplotlib")
    folder = tmp_path_factory.mktemp("bench")
    page, chart = folder / "page.md", folder / "chart.svg"
    contests = []

    def remembered(*args: Any, **options: Any) -> Contest:
        contests.append(contest(*args, **options))
        return contests[-1]

    with users_file(folder) as path, pytest.MonkeyPatch.context() as patch:
        path.write_text(
            path.read_text(encoding="utf-8")
            + "\n\ndef energy_by_hand(*args):\n    return 0.0, [0.0] * len(args)\n",
            encoding="utf-8",
        )
        patch.setattr(CONTESTS, "contest", remembered)
        result = run(
            "bench", f"{path}:energy", f"{path}:at_zero", *QUICK,
            "--page", str(page), "--plot", str(chart),
        )  # fmt: skip
    return result, page, chart, contests[0]


def test_bench_prints_its_table(benched: tuple[Result, Path, Path, Contest]) -> None:
    """bench runs at the default values and prints speed-up and break-even, of each function."""
    result, *_ = benched
    assert result.exit_code == 0, result.output
    assert result.stdout.count("speed-up") == 2
    assert result.stdout.count("break-even") == 2


def test_bench_at_a_domain_error_is_fine(benched: tuple[Result, Path, Path, Contest]) -> None:
    """log(0) is -inf and its gradient inf, here as everywhere."""
    result, *_ = benched
    assert result.exit_code == 0, result.output
    assert "at_zero" in result.stdout


def test_bench_answers_json(
    good: Path,
    monkeypatch: pytest.MonkeyPatch,
    benched: tuple[Result, Path, Path, Contest],
) -> None:
    """--json holds the times in nanoseconds, and the contest's."""
    *_, energy = benched
    monkeypatch.setattr(CONTESTS, "contest", lambda *args, **options: energy)
    answer = json.loads(run("bench", f"{good}:norm", "--at", "[3, 4]", *QUICK, "--json").stdout)
    assert answer["nanoseconds_per_call"]["both"]["generated"] > 0
    assert answer["contest"] == energy.to_json()


def test_bench_writes_chart_and_page(benched: tuple[Result, Path, Path, Contest]) -> None:
    """Several functions share one chart and one page; a gradient by hand is found by its name."""
    result, page, chart, _ = benched
    assert "written by hand: differs from the interpreter" in " ".join(result.stdout.split())
    assert page.read_text(encoding="utf-8").count("\n## ") == 2
    assert chart.exists()


def test_one_point_is_not_for_several_functions(good: Path) -> None:
    """--at names the arguments of one function."""
    fails_with(run("bench", f"{good}:energy", f"{good}:energy", "--at", "1"), "found several")


def test_bench_needs_numbers(good: Path) -> None:
    """bench never makes numbers up."""
    fails_with(run("bench", f"{good}:plain"), "found no numbers for x, y", "--at")
