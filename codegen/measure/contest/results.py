"""What a contest found: a row per contender, as text, table, JSON and Markdown."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from codegen.measure.timing import duration

if TYPE_CHECKING:
    from rich.console import Group

__all__ = ["Contest", "Row", "machine", "page_text"]


@dataclass(frozen=True)
class Row:
    """One contender.

    Args:
        name: The contender.
        version: Of the library.
        ours: True for Proofgrad's own.
        bound: True if a call reads and fills arrays that were given beforehand.
        build: Seconds from the traced function to the first result.
        call: Nanoseconds a call at one point.
        point: Nanoseconds a point in a batch.
        size: Bytes of generated code.
        megabytes: Peak memory of its process.
        note: Why something is missing.
    """

    name: str
    version: str = ""
    ours: bool = False
    bound: bool = False
    build: float | None = None
    call: float | None = None
    point: float | None = None
    size: int | None = None
    megabytes: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Contest:
    """Everything measured on one function.

    Args:
        function: Its name.
        inputs: Number of inputs.
        nodes: Nodes of the traced graph.
        points: Size of a batch; 0 if none was run.
        rows: The contenders, ours first.
        core: The one core that all were pinned to; None where the system cannot pin.
    """

    function: str
    inputs: int
    nodes: int
    points: int
    rows: tuple[Row, ...]
    core: int | None = None

    @property
    def fastest(self) -> Row | None:
        """Our fastest contender for one call."""
        return min((r for r in self.rows if r.ours and r.call), key=_call, default=None)

    def to_json(self) -> dict[str, object]:
        """Everything, with the machine and the Python version."""
        rows = [asdict(row) for row in self.rows]
        return {**vars(self), "rows": rows, "python": platform.python_version(), **machine()}

    # --- text ---

    @property
    def title(self) -> str:
        """What was measured."""
        return f"{self.function}: value and gradient, {self.inputs} inputs, {self.nodes} nodes"

    _HEADINGS = ("", "one call", "ratio", "a point", "build", "code", "memory")

    def _cells(self) -> Iterator[tuple[str, ...]]:
        best = self.fastest
        for row in self.rows:
            if row.note == "not installed":
                continue
            ratio = _ratio(row.call / best.call) if row.call and best and best.call else ""
            yield (
                row.name,
                duration(row.call) if row.call else "-",
                ratio,
                duration(row.point) if row.point else "-",
                duration(row.build * 1e9) if row.build else "-",
                f"{row.size / 1e3:.1f} kB" if row.size else "-",
                f"{row.megabytes:.0f} MB" if row.megabytes else "-",
            )

    def _notes(self) -> Iterator[str]:
        if any(row.bound for row in self.rows):
            yield (
                "bound, own array: arrays of its own for the point, and for the result where it "
                "takes them, were given beforehand; others are given the point as Python or NumPy "
                "objects at each call and give new ones back"
            )
        if self.points:
            yield f"a point: of a batch of {self.points}, one thread"
        yield f"cores: {_cores(self.core)}"
        yield "build: from the traced function to the first result; memory: of the whole process"
        versions = [f"{row.name} {row.version}" for row in self.rows if row.version]
        if versions:
            yield f"versions: {', '.join(versions)}"
        missing = [row.name for row in self.rows if row.note == "not installed"]
        if missing:
            yield f"not installed: {', '.join(missing)}"
        for row in self.rows:
            if row.note and row.note != "not installed":
                yield f"{row.name}: {row.note}"

    def __str__(self) -> str:
        rows = [self._HEADINGS, *self._cells()]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(
                cell.rjust(width) if place else cell.ljust(width)
                for place, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in rows
        ]
        return "\n".join([self.title, *lines, *self._notes()])

    def __rich__(self) -> Group:
        from rich.console import Group  # optional: only terminals need it
        from rich.table import Table

        table = Table(title=self.title, title_justify="left")
        for place, heading in enumerate(self._HEADINGS):
            table.add_column(heading, justify="right" if place else "left", overflow="fold")
        ours = {row.name for row in self.rows if row.ours}
        for cells in self._cells():
            table.add_row(*cells, style="bold" if cells[0] in ours else "")
        return Group(table, *self._notes())

    def markdown(self) -> str:
        """A table for a page."""
        rows = ["| " + " | ".join(cells) + " |" for cells in (self._HEADINGS, *self._cells())]
        rows.insert(1, "|---|" + "---:|" * (len(self._HEADINGS) - 1))
        return "\n".join([f"## {self.title}", "", *rows, "", *(f"{n}.  " for n in self._notes())])


def _cores(core: int | None) -> str:
    """What each contender had to run on."""
    if core is None:
        return "one thread each, not pinned to a core: this system cannot"
    return f"each contender in turn on core {core} alone, of {os.cpu_count()}"


def _ratio(ratio: float) -> str:
    return f"{ratio:.3g}x" if ratio < 100.0 else f"{ratio:.0f}x"


def page_text(contests: Sequence[Contest]) -> str:
    """A page with every table, the machine named."""
    found = machine()
    versions = f"CPython {platform.python_version()} on {found['system']}"
    cores = _cores(contests[0].core if contests else None)
    lead = f"Measured by `proofgrad bench` with {versions}, {found['machine']}: {cores}."
    return "\n\n".join(["# Benchmarks", lead, *(c.markdown() for c in contests)]) + "\n"


def _call(row: Row) -> float:
    return row.call or 0.0


def machine() -> dict[str, str]:
    """Name of this machine's processor and of its system."""
    name = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    for line in lines:
        if line.startswith("model name"):
            name = line.partition(":")[2].strip()
            break
    return {"machine": name, "system": platform.platform()}
