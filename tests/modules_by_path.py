"""Files as modules, imported by their paths: examples, programs, saved texts are in no package."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

__all__ = ["module_at"]


def module_at(path: Path, name: str = "") -> Any:
    """A new module of this file, under its stem if no name is given."""
    spec = importlib.util.spec_from_file_location(name or path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
