"""Scripts in a Python of their own: what a process imports, and what it has not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

__all__ = ["printed"]


def printed(script: str) -> list[str]:
    """The lines that a fresh Python prints."""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()
