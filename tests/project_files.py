"""The project's files as its tests read them."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parent.parent


PACKAGES = ("autodiff", "codegen", "verify")


SOURCES = sorted(
    path for package in (*PACKAGES, "proofgrad") for path in (ROOT / package).rglob("*.py")
)
