"""How the command answers: coloured code, tables, progress, files written whole.

Rich is imported when a terminal needs it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console

__all__ = [
    "announce",
    "console",
    "json_text",
    "print_source",
    "progress",
    "proving",
    "working",
    "write_file",
    "write_files",
]


def write_file(output: Path, text: str | bytes, sources: Sequence[Path]) -> None:
    """Write a file whole or not at all, but never over the user's own source."""
    write_files({output: text}, sources)


def write_files(texts: Mapping[Path, str | bytes], sources: Sequence[Path]) -> None:
    """Write files that belong together, all or none, but never over the user's own sources."""
    from autodiff.errors import ProofgradError
    from autodiff.files import write_together

    for output in texts:
        if any(_same_file(output, source) for source in sources):
            raise ProofgradError(f"{output}: holds the function itself; choose another file")
    try:
        write_together({str(output): text for output, text in texts.items()})
    except BrokenPipeError:
        raise
    except OSError as error:
        name = next(iter(texts)) if error.filename is None else error.filename
        raise ProofgradError(f"{name}: cannot be written: {error.strerror}") from None


def _same_file(output: Path, source: Path) -> bool:
    try:
        return output.samefile(source)
    except OSError:  # one of them is not there, or cannot be looked at
        return False


def announce(*written: Path) -> None:
    """Say on stderr what was written, unless the answer itself is there to be seen."""
    from autodiff.files import STANDARD_OUTPUT

    named = [str(path) for path in written if str(path) != STANDARD_OUTPUT]
    if named:
        click.echo(f"wrote {' and '.join(named)}", err=True)


def json_text(content: object) -> str:
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
        click.echo(source, nl=False)
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
def proving() -> Iterator[None]:
    """A spinner on stderr that tells the step a proof is at."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.markup import escape

    from verify.rungs.process.process import shared_worker

    worker = shared_worker()
    with Console(stderr=True).status("reading and tracing") as status:
        worker.watch = lambda step: status.update(escape(step))
        try:
            yield
        finally:
            worker.watch = None


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
