"""The pytest plugin: what passes, what fails with which words, and how levels add up."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

pytest_plugins = "pytester"

ROOT = Path(__file__).parents[3]
# The installed plugin, if there is one, makes room for the one of this folder.
PLUGIN = ("-p", "no:proofgrad", "-p", "verify.beside.pytest_plugin", "-p", "no:cacheprovider")

FUNCTIONS = """
import math
import numpy as np

def f(x, y):
    return x * np.sin(y)

def by_hand(x, y):
    return np.sin(y), x * np.cos(y)

def wrong(x, y):
    return np.sin(y), x * np.sin(y)

def untraceable(x, y):
    return float(repr(math.sin(y))), float(repr(x * math.cos(y)))
"""
TESTS = """
def test_ours(assert_gradient_proved):
    assert assert_gradient_proved(f, 1.0, 2.0).verdict == "PROVED"

def test_by_hand(assert_gradient_proved):
    assert_gradient_proved(f, 1.0, 2.0, gradient=by_hand, level="proved")

def test_numeric_suffices(assert_gradient_proved):
    assert_gradient_proved(f, 1.0, 2.0, gradient=untraceable, level="numeric")

def test_numeric_by_default(assert_gradient_proved):
    assert_gradient_proved(f, 1.0, 2.0, gradient=untraceable)

def test_wrong(assert_gradient_proved):
    assert_gradient_proved(f, 1.0, 2.0, gradient=wrong, level="numeric")

def test_unknown_level(assert_gradient_proved):
    assert_gradient_proved(f, 1.0, 2.0, level="sure")

def test_missing_example(assert_gradient_proved):
    assert_gradient_proved(f, 1.0)
"""


def session(pytester: pytest.Pytester, *options: str) -> tuple[pytest.RunResult, set[str]]:
    """A session over TESTS, and the names of the tests that passed."""
    pytester.makepyfile(FUNCTIONS + TESTS)
    result = pytester.runpytest_inprocess(*PLUGIN, "-v", *options)
    passed = re.findall(r"::test_(\w+) PASSED", result.stdout.str())
    assert len(passed) < 7
    return result, set(passed)


def test_what_passes_and_what_fails(pytester: pytest.Pytester) -> None:
    """True gradients pass at the level asked for; a wrong one fails with its counterexample."""
    result, passed = session(pytester)
    assert passed == {"ours", "by_hand", "numeric_suffices"}
    result.stdout.fnmatch_lines_random([
        "*expected a gradient that is certified*",
        "E *VerificationError: gradient wrong of f: REFUTED, y at x = *found*SymPy*; expected*",
        "*y at x = *found*SymPy*",
        "*level: found 'sure'; expected proved, certified, numeric*",
        "*ArgumentError*",
    ])  # fmt: skip
    shown = result.stdout.str()  # no lines of ours in the traceback
    assert "verify_gradient(" not in shown
    assert "pytest_plugin.py:" not in shown


@pytest.mark.parametrize(
    ("options", "also", "no_longer"),
    [
        (("-o", "gradient_level=numeric"), {"numeric_by_default"}, set()),
        (("--gradient-level=certified",), set(), {"numeric_suffices"}),
        (("--gradient-level=numeric",), set(), set()),
    ],
)
def test_levels(
    pytester: pytest.Pytester, options: tuple[str, ...], also: set[str], no_longer: set[str]
) -> None:
    """The configuration sets the default; the command line may only ask for more."""
    _, passed = session(pytester, *options)
    assert passed == ({"ours", "by_hand", "numeric_suffices"} | also) - no_longer


def test_an_unknown_default_is_told(pytester: pytest.Pytester) -> None:
    """A wrong level in the configuration file is named with the ones there are."""
    result, passed = session(pytester, "-o", "gradient_level=high")
    assert not passed
    result.stdout.fnmatch_lines(["*gradient_level: found 'high'; expected proved, certified*"])


def test_pytest_finds_it_when_installed() -> None:
    """The entry point names this module, and the module has the fixture."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    module: Any = importlib.import_module(project["entry-points"]["pytest11"]["proofgrad"])
    assert module.assert_gradient_proved


def test_starting_pytest_does_not_import_sympy() -> None:
    """Whoever has Proofgrad installed waits for SymPy only in tests that prove."""
    script = "import sys, verify.beside.pytest_plugin; print('sympy' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
