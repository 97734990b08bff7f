"""Every code block of README.md and every example in a docstring runs and prints what it says."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import SkipTest

import pytest
from sybil import Sybil
from sybil.document import Document
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser

import autodiff
import codegen
import proofgrad
import verify
from verify.command.user_function import load_function

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
LIMITS = ROOT / "docs" / "limits.md"


def module_names(package: ModuleType) -> list[str]:
    """Names of a package and of all its modules."""
    found = pkgutil.walk_packages(package.__path__, package.__name__ + ".")
    names = [package.__name__, *(module.name for module in found)]
    return [name for name in names if not name.endswith("__main__")]


MODULES = [
    name for package in (autodiff, codegen, verify, proofgrad) for name in module_names(package)
]


PAGES = [README, *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs").glob("[ag]*/*.md"))]


def parsed(page: Path) -> Document:
    """A page of Markdown, parsed by Sybil; ``installed`` tells its blocks what may be skipped."""
    sybil = Sybil([PythonCodeBlockParser(), SkipParser()], filenames=[page.name], path=str(ROOT))
    document = sybil.parse(page)
    document.namespace["installed"] = lambda name: find_spec(name) is not None
    return document


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_blocks_of_a_page_run(page: Path) -> None:
    """The Python blocks of a page, run in order in one namespace, print what they show."""
    for example in parsed(page).examples():
        with suppress(SkipTest):  # a rival library that is not installed
            example.evaluate()


def test_the_pages_show_programs() -> None:
    """README and guides have blocks to run: the parser finds them."""
    for page in (README, ROOT / "docs" / "start.md", *(ROOT / "docs" / "guides").glob("*.md")):
        assert len(list(parsed(page).examples())) >= 2, page


def test_an_error_is_shown_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example of an error is what the example of a mistake gives."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    text = LIMITS.read_text(encoding="utf-8")
    blocks = re.findall(r"^```\w*\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    place = next(i for i, block in enumerate(blocks) if "def wave" in block)
    model = tmp_path / "model.py"
    model.write_text(blocks[place])
    function, _ = load_function(f"{model}:wave")
    with pytest.raises(autodiff.TraceError) as raised:
        autodiff.trace(function, 1.0)
    assert str(raised.value) + "\n" == blocks[place + 1]


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples_run(name: str) -> None:
    """The examples in the docstrings of a module print what they show."""
    module = importlib.import_module(name)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    for test in doctest.DocTestFinder(exclude_empty=True).find(module, name, module):
        if not test.examples:  # to begin a run costs a look at every file that was ever read
            continue
        output: list[Any] = []
        runner.run(test, out=output.append)
        assert not runner.failures, "".join(output)
