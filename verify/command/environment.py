"""What a report of a fault needs to say: versions of Proofgrad and of all that it may use."""

from __future__ import annotations

import platform

__all__ = ["versions"]

_LIBRARIES = (
    "numpy",
    "sympy",
    "mpmath",
    "python-flint",
    "llvmlite",
    "scipy",
    "numba",
    "matplotlib",
)


def versions() -> str:
    """A line for Proofgrad, then one for Python, the machine, and each library."""
    from autodiff.version import VERSION

    python = f"{platform.python_implementation()} {platform.python_version()}"
    lines = [f"proofgrad {VERSION}", f"{python} on {platform.platform()}, {platform.machine()}"]
    return "\n".join([*lines, *(f"{name} {_found(name)}" for name in _LIBRARIES)])


def _found(name: str) -> str:
    from importlib.metadata import PackageNotFoundError, version  # slow: it reads mail headers

    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
