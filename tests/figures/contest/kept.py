"""What a contest has measured so far: a run that was stopped goes on where it ended."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from autodiff.files import write_whole
from codegen.measure.contest.results import Contest, Row, machine
from tests.figures.contest.race import Result

__all__ = ["Kept", "UnfinishedError"]

_Measured = TypeVar("_Measured", Result, Contest)
_ROOT = Path(__file__).resolve().parents[3]


class UnfinishedError(Exception):
    """The time is up; what was measured is kept."""


class Kept:
    """Rows of a contest in a file, each written once it is measured.

    Rows of another machine or of another commit are thrown away.

    Args:
        path: The file.
        seconds: After how many of them no further row is begun.
        wanted: How many rows there are.
    """

    def __init__(self, path: Path, seconds: float, wanted: int) -> None:
        self._path, self._wanted = path, wanted
        self._until = time.monotonic() + seconds
        self._rows: dict[str, Any] = {}
        of = {"of": {**machine(), "commit": _commit()}}
        if path.exists():
            found = json.loads(path.read_text("utf-8"))
            self._rows = found["rows"] if found["of"] == of["of"] else {}
        self._of = of

    def row(self, name: str, measure: Callable[[], _Measured]) -> _Measured:
        """A row as it was measured, now or before.

        Args:
            name: Of the row, among all.
            measure: Measures it.

        Raises:
            UnfinishedError: if the time is up.
        """
        if name not in self._rows:
            if time.monotonic() > self._until:
                raise UnfinishedError(
                    f"{len(self._rows)} of {self._wanted} rows are measured and kept in "
                    f"{self._path}; the same command goes on"
                )
            self._rows[name] = asdict(measure())
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._path, json.dumps({**self._of, "rows": self._rows}).encode())
        return _read(self._rows[name])


def _read(row: dict[str, Any]) -> Any:
    if "problem" in row:
        return Result(**row)
    return Contest(**{**row, "rows": tuple(Row(**one) for one in row["rows"])})


def _commit() -> str:
    """What is measured; what is not committed counts as the commit before."""
    command = ["git", "rev-parse", "HEAD"]
    try:
        done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()
