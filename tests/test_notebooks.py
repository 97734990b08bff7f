"""Every notebook runs from top to bottom, and is the text beside it.

The text (``.py``, percent format) is what people edit; the ``.ipynb`` is made from it, without
outputs: ``python -m pytest tests/test_notebooks.py --update-golden``.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

jupytext = pytest.importorskip("jupytext", reason="jupytext is not installed")
nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "examples" / "notebooks"
TEXTS = sorted(FOLDER.glob("*.py"))
NAMES = [path.stem for path in TEXTS]


def notebook_text(path: Path) -> str:
    """The notebook made from a text: no outputs, cells numbered."""
    notebook = jupytext.read(path)
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
    notebook.metadata.pop("jupytext", None)
    text: str = nbformat.writes(notebook, version=4)
    return text + "\n"


@pytest.mark.parametrize("path", TEXTS, ids=NAMES)
def test_the_notebook_is_its_text(path: Path, update_golden: bool) -> None:
    """Each .ipynb is, to the letter, what its .py gives."""
    paired = path.with_suffix(".ipynb")
    if update_golden:
        paired.write_text(notebook_text(path), encoding="utf-8")
    advice = "run: python -m pytest tests/test_notebooks.py --update-golden"
    assert paired.exists(), advice
    assert paired.read_text(encoding="utf-8") == notebook_text(path), advice


@pytest.mark.parametrize("path", TEXTS, ids=NAMES)
def test_the_notebook_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every cell runs in a fresh kernel, and its own assertions hold."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    notebook = jupytext.read(path)
    resources = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(
        notebook, timeout=180, kernel_name="python3", resources=resources
    ).execute()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert shown
    assert not [o for o in shown if o.get("name") == "stderr"], "a notebook prints no warnings"


@pytest.mark.parametrize("path", TEXTS, ids=NAMES)
def test_the_notebook_teaches(path: Path) -> None:
    """Each has a numbered title, prose before code, and ends with things to try."""
    cells = jupytext.read(path).cells
    assert re.match(rf"# {path.stem[0]} · ", cells[0].source)
    assert cells[-1].cell_type == "markdown"
    assert re.search(r"## What to try\n\n(- .+\n?){3,}$", cells[-1].source)
    prose = [cell for cell in cells if cell.cell_type == "markdown"]
    assert len(prose) >= len(cells) / 3


def test_all_seven_are_here() -> None:
    """The notebooks are numbered without gaps."""
    assert [name[0] for name in NAMES] == list("1234567")
