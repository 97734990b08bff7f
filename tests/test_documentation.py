"""Every code block of README.md and every example in a docstring runs and prints what it says."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sybil import Sybil
from sybil.document import Document
from sybil.parsers.markdown import PythonCodeBlockParser

import autodiff
import codegen
import proofgrad
import verify
from verify.command.user_function import load_function

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"


def module_names(package: ModuleType) -> list[str]:
    """Names of a package and of all its modules."""
    found = pkgutil.walk_packages(package.__path__, package.__name__ + ".")
    names = [package.__name__, *(module.name for module in found)]
    return [name for name in names if not name.endswith("__main__")]


MODULES = [
    name for package in (autodiff, codegen, verify, proofgrad) for name in module_names(package)
]


def readme() -> Document:
    """The README, parsed by Sybil."""
    sybil = Sybil([PythonCodeBlockParser()], filenames=["README.md"], path=str(ROOT))
    return sybil.parse(README)


def test_readme_blocks_run() -> None:
    """The README's Python blocks, run in order in one namespace, print what they show."""
    document = readme()
    examples = list(document.examples())
    assert len(examples) >= 6
    for example in examples:
        example.evaluate()


def test_readme_shows_the_error_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The README's example of an error is what its example of a mistake gives."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    text = README.read_text(encoding="utf-8")
    blocks = re.findall(r"^```\w*\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    place = next(i for i, block in enumerate(blocks) if block.startswith("def absolute"))
    model = tmp_path / "model.py"
    model.write_text(blocks[place])
    function, _ = load_function(f"{model}:absolute")
    with pytest.raises(autodiff.TraceError) as raised:
        autodiff.trace(function, 1.0)
    assert str(raised.value) + "\n" == blocks[place + 1]


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples_run(name: str) -> None:
    """The examples in the docstrings of a module print what they show."""
    module = importlib.import_module(name)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    for test in doctest.DocTestFinder(exclude_empty=True).find(module, name, module):
        output: list[Any] = []
        runner.run(test, out=output.append)
        assert not runner.failures, "".join(output)
