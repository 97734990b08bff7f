"""``proofgrad draw``: the computation graph as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from verify.command.frame import AtOption, FunctionArgument, answering, find_subject
from verify.command.output import announce, write_file
from verify.command.user_function import users_code

__all__ = ["draw_command"]

_FORMATS = {".svg": "svg", ".dot": "dot", ".gv": "dot", ".mmd": "mermaid"}


def draw_command(
    function: FunctionArgument,
    at: AtOption = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="Write there: .svg, .dot or .mmd (Mermaid)."
        ),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="svg, dot or mermaid. By default what the file's name says, else svg.",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit",
            min=1,
            help="With more nodes, equal ones share a box: by default as many as fit a page.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Draw the computation graph, with data and grad where the arguments are known."""
    from autodiff.picture.draw import draw
    from autodiff.picture.picture import LIMIT

    with answering():
        subject = find_subject(function, at)
        kind = kind or _kind(output)
        with users_code(subject.file):
            graph = subject.graph()
        numbers: tuple[object, ...] | None = None if subject.assumed else subject.examples
        text = draw(graph, at=numbers, format=kind, limit=limit or LIMIT).text
        if output is None:
            typer.echo(text, nl=False)
            return
        write_file(output, text, [subject.file])
        announce(output)


def _kind(output: Path | None) -> str:
    from autodiff.errors import ArgumentError
    from autodiff.files import is_stream

    if output is None:
        return "svg"
    kind = _FORMATS.get(output.suffix.lower())
    if kind is None and is_stream(output):
        return "svg"
    if kind is None:
        raise ArgumentError(
            f"{output}: found the ending {output.suffix!r}; expected one of {', '.join(_FORMATS)}, "
            "or --format"
        )
    return kind
