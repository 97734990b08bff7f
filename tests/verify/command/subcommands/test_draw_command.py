"""``proofgrad draw``: a picture of the user's function, or one clear message."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from verify.command import app

MODEL = """\
import numpy as np


def loss(a=1.0, b=-0.5):
    error = np.tanh(0.5 * a + b) - 0.25
    return error ** 2


def plain(x, y):
    return x * y
"""


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of the user's, in the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.py").write_text(MODEL)
    return tmp_path


def test_svg_with_numbers(model: Path) -> None:
    """The default values of the signature give the numbers in the picture."""
    done = CliRunner().invoke(app, ["draw", "model.py:loss", "-o", "graph.svg"])
    assert done.exit_code == 0, done.output
    text = (model / "graph.svg").read_text(encoding="utf-8")
    assert text.startswith("<svg")
    assert ">data 0.0625<" in text
    assert ">grad -0.25<" in text


def test_the_ending_chooses_the_format(model: Path) -> None:
    """A .mmd file holds Mermaid, a .dot file DOT; --format decides where no file is named."""
    for name, start in (("g.mmd", "flowchart LR"), ("g.dot", "digraph {")):
        assert CliRunner().invoke(app, ["draw", "model.py:loss", "-o", name]).exit_code == 0
        assert (model / name).read_text(encoding="utf-8").startswith(start)
    done = CliRunner().invoke(app, ["draw", "model.py:loss", "--format", "mermaid"])
    assert done.stdout.startswith("flowchart LR")


def test_without_numbers(model: Path) -> None:
    """Arguments without values are drawn by name; --at gives numbers."""
    done = CliRunner().invoke(app, ["draw", "model.py:plain"])
    assert ">x<" in done.stdout
    assert ">data" not in done.stdout
    done = CliRunner().invoke(app, ["draw", "model.py:plain", "--at", "2, 3"])
    assert ">data 6<" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["model.py:loss", "-o", "graph.png"], "found the ending '.png'; expected one of .svg"),
        (["model.py:loss", "--format", "png"], "found 'png'; expected one of svg, dot, mermaid"),
        (["model.py:los"], "defines no 'los'. Did you mean loss?"),
        (["model.py:loss", "-o", "none/graph.svg"], "none/graph.svg: cannot be written"),
        (["model.py:loss", "--format", "dot", "-o", "model.py"], "holds the function itself"),
    ],
)
def test_mistakes(model: Path, arguments: list[str], message: str) -> None:
    """Each mistake is one message and exit status 2; no file appears."""
    done = CliRunner().invoke(app, ["draw", *arguments])
    assert done.exit_code == 2
    assert message in done.stderr
    assert sorted(path.name for path in model.iterdir()) == ["model.py"]
    assert (model / "model.py").read_text() == MODEL
