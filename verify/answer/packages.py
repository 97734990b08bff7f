"""The packages that a report rests on."""

from __future__ import annotations

import platform
from functools import cache
from importlib.metadata import version

__all__ = ["package_versions"]


@cache  # to look one up, the files of all installed packages are gone through
def package_versions() -> tuple[tuple[str, str], ...]:
    """Python, and what expressions and digits are computed by, each with its version."""
    return (
        ("python", platform.python_version()),
        ("sympy", version("sympy")),
        ("mpmath", version("mpmath")),
    )
