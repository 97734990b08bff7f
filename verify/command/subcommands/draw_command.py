"""``proofgrad draw``: the computation graph as a picture."""

from __future__ import annotations

from pathlib import Path

import click

from verify.command.frame import (
    FILE,
    answering,
    at_option,
    find_subject,
    function_argument,
    subcommand,
)
from verify.command.output import announce, write_file
from verify.command.user_function import users_code

__all__ = ["draw_command"]

_FORMATS = {".svg": "svg", ".dot": "dot", ".gv": "dot", ".mmd": "mermaid"}


@subcommand("draw", 'model.py:f --at "1.5, 0.5" -o graph.svg')
@function_argument
@at_option
@click.option(
    "-o", "--output", type=FILE, metavar="FILE", help="Write there: .svg, .dot or .mmd (Mermaid)."
)
@click.option(
    "--format",
    "kind",
    help="svg, dot or mermaid. By default what the file's name says, else svg.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    help="With more nodes, equal ones share a box: by default as many as fit a page.",
)
def draw_command(
    function: str, at: str | None, output: Path | None, kind: str | None, limit: int | None
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
            click.echo(text, nl=False)
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
