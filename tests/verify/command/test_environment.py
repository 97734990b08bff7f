from __future__ import annotations

import platform

import numpy as np

from autodiff.version import VERSION
from verify.command.environment import versions


def test_versions_say_what_a_report_needs() -> None:
    """Proofgrad first, then Python and each library, also those that are not installed."""
    first, python, *libraries = versions().split("\n")
    assert first == f"proofgrad {VERSION}"
    assert platform.python_version() in python
    assert f"numpy {np.__version__}" in libraries
    assert {line.split()[0] for line in libraries} >= {"sympy", "python-flint", "llvmlite"}
