"""Every notebook runs from top to bottom, and is the text beside it.

The text (``.py``, percent format) is what people edit; the ``.ipynb`` is made from it, with the
outputs of one run, so that it can be read where it cannot be run:
``python -m pytest tests/test_notebooks.py --update-golden``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

jupytext = pytest.importorskip("jupytext", reason="jupytext is not installed")
nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
KernelManager = pytest.importorskip("jupyter_client", reason="it is not installed").KernelManager
nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "examples" / "notebooks"
TEXTS = sorted(FOLDER.glob("*.py"))
NAMES = [path.stem for path in TEXTS]


def notebook_of(path: Path) -> Any:
    """The notebook made from a text: no outputs yet, cells numbered."""
    notebook = jupytext.read(path)
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
    notebook.metadata.pop("jupytext", None)
    return notebook


def told(notebook: Any) -> list[tuple[str, str]]:
    """What a notebook says, without what it showed in one run."""
    return [(cell.cell_type, cell.source) for cell in notebook.cells]


def emitted(notebook: Any) -> list[str]:
    """The emitted code that it shows, the same at every run; a kernel sends it in any pieces."""
    shown = [
        "".join(output.get("text", "") for output in cell.get("outputs", []))
        for cell in notebook.cells
    ]
    return [text for text in shown if "def value_and_gradient" in text]


ADVICE = "run: python -m pytest tests/test_notebooks.py --update-golden"


@pytest.mark.parametrize("path", TEXTS, ids=NAMES)
def test_the_notebook_is_its_text(path: Path, update_golden: bool) -> None:
    """Each .ipynb says, to the letter, what its .py says, and shows what its cells gave."""
    if update_golden:
        pytest.skip("the notebooks are being made")
    paired = path.with_suffix(".ipynb")
    assert paired.exists(), ADVICE
    notebook = nbformat.read(paired, as_version=4)
    assert told(notebook) == told(notebook_of(path)), ADVICE
    outputs = [cell.outputs for cell in notebook.cells if cell.cell_type == "code"]
    assert any(outputs), ADVICE
    errors = [o for shown in outputs for o in shown if o.get("output_type") == "error"]
    assert not errors, ADVICE


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One process for all notebooks, which imports and starts its provers once."""
    folder = tmp_path_factory.mktemp("kernel")
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    manager = KernelManager(kernel_name="python3")
    own = {"PYTHONPATH": paths, "IPYTHONDIR": str(folder / "ipython")}
    manager.start_kernel(cwd=str(folder), env=os.environ | own)
    yield manager
    manager.shutdown_kernel(now=True)


def run(notebook: Any, manager: Any) -> None:
    """Run every cell, where no name of another notebook is left."""
    forget = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("%reset -f")])
    for each in (forget, notebook):
        nbclient.NotebookClient(each, km=manager, timeout=180).execute()


@pytest.mark.parametrize("path", TEXTS, ids=NAMES)
def test_the_notebook_runs(path: Path, kernel: Any, update_golden: bool) -> None:
    """Every cell runs, from names of its own, and its own assertions hold."""
    notebook = notebook_of(path)
    if update_golden:
        kernel.restart_kernel(now=True)
    run(notebook, kernel)
    if update_golden:
        for cell in notebook.cells:
            cell.metadata.pop("execution", None)  # when it ran is nobody's business
        notebook.metadata.pop("language_info", None)
        path.with_suffix(".ipynb").write_text(
            nbformat.writes(notebook, version=4) + "\n", encoding="utf-8"
        )
    shown = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert shown
    assert not [o for o in shown if o.get("name") == "stderr"], "a notebook prints no warnings"
    if not update_golden:
        assert emitted(notebook) == emitted(nbformat.read(path.with_suffix(".ipynb"), 4)), ADVICE


@pytest.mark.parametrize("path", TEXTS, ids=NAMES)
def test_the_notebook_teaches(path: Path) -> None:
    """Each has a numbered title, prose before code, and ends with things to try."""
    cells = jupytext.read(path).cells
    assert re.match(rf"# {path.stem[0]} · ", cells[0].source)
    assert cells[-1].cell_type == "markdown"
    assert re.search(r"## What to try\n\n(- .+\n?){3,}$", cells[-1].source)
    prose = [cell for cell in cells if cell.cell_type == "markdown"]
    assert len(prose) >= len(cells) / 3


def test_all_nine_are_here() -> None:
    """The notebooks are numbered without gaps."""
    assert [name[0] for name in NAMES] == list("123456789")
