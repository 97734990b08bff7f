"""Every value and every rule is within 4 ulp of the true number, or the table says why not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import autodiff as ad
from autodiff.table.primitive import REGISTRY
from tests.random_graphs import ROWS
from verify.beside.accuracy import BAR, REASONS, accuracy_table, measure_rows

pytest.importorskip("flint", reason="the true numbers are balls of python-flint")

TABLE = (Path(__file__).parents[3] / "ACCURACY.md").read_text(encoding="utf-8")
LINES = [line.strip("|").split("|") for line in TABLE.splitlines() if line.startswith("| `")]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_rows_are_within_the_bar(row: ad.Primitive) -> None:
    """No point of the sweep is off by more than 4 ulp of the result, or of the reason's scale."""
    [accuracy] = measure_rows([row], count=40, seed=1)
    for worst in (accuracy.value, *filter(None, accuracy.partials)):
        assert worst.checked >= 5
        assert worst.scaled <= BAR, worst


def test_a_sloppy_rule_is_measured() -> None:
    """A rule that loses digits in its tail is found out: the measure itself works."""
    textbook = ad.Primitive(
        "tanh_textbook",
        ad.tanh.impl,
        (lambda g, out, x: g * (1.0 - out * out),),
        "tanh({0})",
        "np.tanh({0})",
        "tanh({0})",
    )
    try:
        [accuracy] = measure_rows([textbook], count=60)
    finally:
        del REGISTRY["tanh_textbook"]
        ad.primitive.PUBLIC.pop("tanh_textbook", None)
    assert accuracy.value.error < BAR
    assert accuracy.partials[0] is not None
    assert accuracy.partials[0].error > 1e6


def test_the_table_has_every_row() -> None:
    """ACCURACY.md lists the registry in its order, each row with its rules."""
    assert [line[0].strip(" `") for line in LINES] == [row.name for row in ROWS]
    for line, row in zip(LINES, ROWS, strict=True):
        shown = [part.strip() for part in line[2].split(",")]
        flows = [rule is not None and p not in row.literal for p, rule in enumerate(row.partials)]
        assert [part != "-" for part in shown] == flows


def test_the_table_is_the_command_s() -> None:
    """ACCURACY.md is what the command prints, but for the numbers."""
    numbers = re.compile(r"\d[\d.e+]*")
    count = re.search(r"(\d+) points each", TABLE)
    assert count is not None
    text = accuracy_table(measure_rows([ad.ops.add], count=5), int(count[1]))
    assert numbers.sub("#", TABLE).startswith(numbers.sub("#", text))


def test_recorded_errors_have_reasons() -> None:
    """A recorded error above the bar has a reason beside it; a reason names a value or a rule."""
    for line in LINES:
        errors = [
            float(part) for part in (line[1] + "," + line[2]).split(",") if part.strip() != "-"
        ]
        assert max(errors) <= BAR or line[3].strip(), line
    for name, position in REASONS:
        row = REGISTRY[name]
        assert position is None or row.partials[position] is not None
        assert REASONS[name, position].text in TABLE


def test_the_command_writes_the_table(tmp_path: Path) -> None:
    """``proofgrad accuracy --table FILE`` writes it whole."""
    from verify.command import app

    target = tmp_path / "table.md"
    done = CliRunner().invoke(app, ["accuracy", "--tries", "2", "--table", str(target)])
    assert done.exit_code == 0, done.output
    assert target.read_text(encoding="utf-8").count("| `") == len(ROWS)
