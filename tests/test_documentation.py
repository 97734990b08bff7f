"""Every code block of README.md and every example in a docstring runs and prints what it says."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sybil import Sybil
from sybil.document import Document
from sybil.parsers.markdown import PythonCodeBlockParser

import autodiff
import codegen
import verify

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"


def module_names(package: ModuleType) -> list[str]:
    """Names of a package and of all its modules."""
    found = pkgutil.walk_packages(package.__path__, package.__name__ + ".")
    names = [package.__name__, *(module.name for module in found)]
    return [name for name in names if not name.endswith("__main__")]


MODULES = [name for package in (autodiff, codegen, verify) for name in module_names(package)]


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


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples_run(name: str) -> None:
    """The examples in the docstrings of a module print what they show."""
    module = importlib.import_module(name)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    for test in doctest.DocTestFinder(exclude_empty=True).find(module, name, module):
        output: list[Any] = []
        runner.run(test, out=output.append)
        assert not runner.failures, "".join(output)
