"""The examples as modules, imported by their paths: they are scripts, not a package."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import ModuleType

from tests.modules_by_path import module_at

__all__ = ["EXAMPLES", "example"]

FOLDER = Path(__file__).parent.parent / "examples"
EXAMPLES = sorted(path.stem for path in FOLDER.glob("*.py"))


@cache
def example(name: str) -> ModuleType:
    """The module ``examples/name.py``."""
    return module_at(FOLDER / f"{name}.py", f"examples.{name}")
