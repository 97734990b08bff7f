"""``proofgrad jacobian`` and ``hessian``: the pattern in words, as JSON and as a picture."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from verify.command import app

MODEL = """\
import autodiff as ad


def chain(x):
    return sum(ad.sin(x[i] * x[i + 1]) for i in range(len(x) - 1))


def two(x, y):
    return [x * y, y]
"""


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of the user's, in the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.py").write_text(MODEL)
    return tmp_path


def test_small_patterns_are_shown_whole(model: Path) -> None:
    """A matrix that fits a page is shown entry by entry."""
    done = CliRunner().invoke(app, ["hessian", "model.py:chain", "--at", "[1, 2, 3]"])
    assert done.exit_code == 0, done.output
    assert done.stdout == (
        "Hessian of chain: 3 x 3, 7 entries (77.8 %)\n  x x .\n  x x x\n  . x x\n"
    )


def test_json_names_the_entries(model: Path) -> None:
    """Other programs get shape, rows and columns; --wrt chooses the columns."""
    call = ["jacobian", "model.py:two", "--at", "1, 2", "--json", "--wrt", "x"]
    done = CliRunner().invoke(app, call)
    assert json.loads(done.stdout) == {"shape": [2, 1], "rows": [0], "columns": [0]}


@pytest.mark.parametrize(("name", "start"), [("p.png", b"\x89PNG\r\n"), ("p.svg", b"<svg ")])
def test_the_picture_is_what_the_ending_says(model: Path, name: str, start: bytes) -> None:
    """--plot writes a PNG or an SVG file and says so on stderr."""
    call = ["hessian", "model.py:chain", "--at", "[1, 2, 3, 4]", "--plot", name]
    done = CliRunner().invoke(app, call)
    assert done.exit_code == 0, done.output
    assert (model / name).read_bytes().startswith(start)
    assert f"wrote {name}" in done.stderr


def test_other_endings_are_refused(model: Path) -> None:
    """A picture in another format is a mistake that names the two there are."""
    done = CliRunner().invoke(app, ["hessian", "model.py:chain", "--plot", "p.gif"])
    assert done.exit_code == 2
    assert "expected .png or .svg" in done.stderr


def test_a_hessian_needs_one_float(model: Path) -> None:
    """A function of several results has no Hessian, and the message says what it returns."""
    done = CliRunner().invoke(app, ["hessian", "model.py:two", "--at", "1, 2"])
    assert done.exit_code == 2
    assert "returns [float, float]" in done.stderr
