"""How the command answers: coloured code, tables, progress, files written whole.

Rich is imported when a terminal needs it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from autodiff.errors import ProofgradError

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["console", "json_text", "print_source", "progress", "working", "write_file"]


def write_file(output: Path, text: str, sources: Sequence[Path]) -> None:
    """Write a file whole or not at all, but never over the user's own source."""
    from autodiff.files import write_whole

    if any(output.exists() and output.samefile(source) for source in sources):
        raise ProofgradError(f"{output}: holds the function itself; choose another file")
    try:
        write_whole(output, text)
    except OSError as error:
        raise ProofgradError(f"{output}: cannot be written: {error.strerror}") from None


def json_text(content: Any) -> str:
    """JSON of a report, or of a dict of parts that may be reports."""
    if hasattr(content, "to_json"):
        content = content.to_json()
    return json.dumps(content, indent=2, default=lambda part: part.to_json())


def console() -> Console:
    """Standard output, for tables."""
    from rich.console import Console

    return Console()


def print_source(source: str) -> None:
    """Coloured on a terminal, exactly the text elsewhere."""
    if not sys.stdout.isatty():
        typer.echo(source, nl=False)
        return
    from rich.syntax import Syntax

    text = Syntax("", "python", background_color="default").highlight(source)
    console().print(text, soft_wrap=True, end="")


@contextmanager
def working(what: str) -> Iterator[None]:
    """A spinner on stderr for what may take seconds."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield


@contextmanager
def progress(quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """A progress bar on stderr, gone when the work is done."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("measuring", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
