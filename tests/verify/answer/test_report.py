"""Reports: verdicts, tables, JSON, files, and the error they raise."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

import autodiff as ad
from verify import Entry, Report, Verdict, VerificationError, Witness, verify_gradient


def entry(verdict: Verdict, **more: Any) -> Entry:
    """An entry with this verdict."""
    return Entry("x", verdict, "by hand", 0.012, **more)


def refuted() -> Report:
    """A report on a wrong gradient."""
    return verify_gradient(
        lambda x, y: x * y, 2.0, 3.0, gradient=lambda x, y: (1.5 * y, x)
    )  # fmt: skip


def rich_text(report: Report, width: int = 100) -> str:
    """The report as rich prints it."""
    stream = io.StringIO()
    Console(file=stream, width=width).print(report)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("verdicts", "worst"),
    [
        ([], Verdict.PROVED),
        ([Verdict.PROVED, Verdict.CERTIFIED], Verdict.CERTIFIED),
        ([Verdict.CERTIFIED_NUMERIC, Verdict.CERTIFIED], Verdict.CERTIFIED_NUMERIC),
        ([Verdict.UNDECIDED, Verdict.CERTIFIED_NUMERIC], Verdict.UNDECIDED),
        ([Verdict.UNDECIDED, Verdict.REFUTED, Verdict.PROVED], Verdict.REFUTED),
    ],
)
def test_the_verdict_is_the_worst(verdicts: list[Verdict], worst: Verdict) -> None:
    """One bad entry decides; a refutation outweighs everything."""
    assert Report("f", "code", tuple(map(entry, verdicts))).verdict is worst


def test_the_value_counts_too() -> None:
    """A wrong value makes the report REFUTED."""
    report = Report("f", "code", (entry(Verdict.PROVED),), entry(Verdict.REFUTED))
    assert report.verdict is Verdict.REFUTED


def test_verdicts_are_strings() -> None:
    """A verdict compares and prints as its text."""
    assert Verdict.CERTIFIED_NUMERIC == "CERTIFIED-NUMERIC"
    assert f"{Verdict.PROVED}" == "PROVED"


def test_the_plain_table() -> None:
    """str() is a table with the counterexample below, in plain text."""
    lines = str(refuted()).splitlines()
    assert lines[0] == "gradient <lambda> of f: REFUTED"
    assert lines[2].split() == ["input", "verdict", "method", "time"]
    assert lines[3].split()[:2] == ["x", "REFUTED"]
    assert lines[4].split()[:2] == ["y", "PROVED"]
    assert lines[6] == "x at x = 2.0, y = 3.0: found 4.5, SymPy 3.0"


def test_equal_notes_are_printed_once() -> None:
    """A note that several inputs share is one line that names them."""
    entries = tuple(Entry(name, Verdict.PROVED, "by hand", note="shared") for name in "abcdefgh")
    assert str(Report("f", "code", entries)).splitlines()[-1] == "a, b, c, d, e, f, ...: shared"


def test_a_narrow_terminal_cuts_nothing_off() -> None:
    """Long words of a cell go on in its next line."""
    assert "…" not in rich_text(refuted(), width=40)


def test_the_rich_table() -> None:
    """rich shows the same cells and the counterexample."""
    text = rich_text(refuted())
    for part in ("REFUTED", "PROVED", "method", "Taylor", "found 4.5, SymPy 3.0"):
        assert part in text


def test_brackets_in_names_are_no_markup() -> None:
    """Input names such as w[0] reach the terminal as they are."""
    report = Report("f", "code", (Entry("w[red]", Verdict.PROVED, "by hand"),))
    assert "w[red]" in rich_text(report)


def test_json_holds_everything() -> None:
    """to_json is plain data: verdicts, witness, hashes, seed, versions."""
    data = json.loads(json.dumps(refuted().to_json()))
    assert data["verdict"] == "REFUTED"
    assert [e["verdict"] for e in data["entries"]] == ["REFUTED", "PROVED"]
    witness = data["entries"][0]["witness"]
    exactly = {"x": (2.0).hex(), "y": (3.0).hex()}
    point = {"point": {"x": 2.0, "y": 3.0}, "point_hex": exactly}
    assert witness == {**point, "found": 4.5, "expected": 3.0}
    assert data["format"] == 1
    assert len(data["graph_sha256"]) == 64
    assert set(data["versions"]) == {"python", "sympy", "mpmath"}


def test_json_knows_no_nan() -> None:
    """Numbers JSON does not have are written as strings."""
    report = Report("f", "code", (entry(Verdict.REFUTED, witness=Witness({}, math.nan, 1.0)),))
    text = json.dumps(report.to_json(), allow_nan=False)
    assert json.loads(text)["entries"][0]["witness"]["found"] == "nan"


def test_the_hash_is_of_the_text() -> None:
    """Two functions with different emitted text have different hashes."""
    hashes = {
        verify_gradient(f, 1.0).to_json()["source_sha256"]
        for f in (lambda x: x * x, lambda x: x * x * x, lambda x: x * x)
    }
    assert len(hashes) == 2


def test_save_writes_the_whole_file(tmp_path: Path) -> None:
    """save writes the certificate; a folder that is not there is an error."""
    path = tmp_path / "cert.json"
    report = refuted()
    report.save(path)
    assert path.read_text() == report.certificate()
    assert json.loads(path.read_text())["verdict"] == "REFUTED"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(FileNotFoundError):
        report.save(tmp_path / "missing" / "cert.json")


@pytest.mark.parametrize("verdict", [Verdict.REFUTED, Verdict.UNDECIDED])
def test_bad_verdicts_raise(verdict: Verdict) -> None:
    """raise_for_verdict raises a ProofgradError with the table as its message."""
    with pytest.raises(VerificationError, match=f"code of f: {verdict}") as caught:
        Report("f", "code", (entry(verdict),)).raise_for_verdict()
    assert isinstance(caught.value, ad.ProofgradError)


@pytest.mark.parametrize("verdict", [Verdict.PROVED, Verdict.CERTIFIED, Verdict.CERTIFIED_NUMERIC])
def test_good_verdicts_do_not_raise(verdict: Verdict) -> None:
    """raise_for_verdict gives the report back, so that calls chain."""
    report = Report("f", "code", (entry(verdict),))
    assert report.raise_for_verdict() is report
