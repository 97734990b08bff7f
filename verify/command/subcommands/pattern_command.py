"""``proofgrad jacobian`` and ``proofgrad hessian``: the pattern of a matrix, and its picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from verify.command.frame import (
    FILE,
    answering,
    at_option,
    find_subject,
    function_argument,
    json_option,
    subcommand,
    wrt_option,
)
from verify.command.output import announce, json_text, write_file
from verify.command.user_function import read_wrt, users_code

if TYPE_CHECKING:
    from autodiff.graph.pattern import Pattern
    from autodiff.run.of_functions import PatternOf

__all__ = ["hessian_command", "jacobian_command"]

_SHOWN = 60  # rows and columns of a matrix that is shown whole

plot_option = click.option(
    "--plot", type=FILE, metavar="FILE", help="Draw the pattern there: .png or .svg."
)


@subcommand("jacobian", 'model.py:f --at "[1, 2, 3]" --plot pattern.png')
@function_argument
@at_option
@wrt_option
@plot_option
@json_option
def jacobian_command(
    function: str, at: str | None, wrt: str | None, plot: Path | None, as_json: bool
) -> None:
    """Show which entries of the Jacobian can differ from zero."""
    from autodiff.run.of_functions import jacobian_pattern

    _answer("Jacobian", jacobian_pattern, function, at, wrt, plot, as_json)


@subcommand("hessian", 'model.py:f --at "[1, 2, 3]" --plot pattern.png')
@function_argument
@at_option
@wrt_option
@plot_option
@json_option
def hessian_command(
    function: str, at: str | None, wrt: str | None, plot: Path | None, as_json: bool
) -> None:
    """Show which entries of the Hessian can differ from zero."""
    from autodiff.run.of_functions import hessian_pattern

    _answer("Hessian", hessian_pattern, function, at, wrt, plot, as_json)


def _answer(
    what: str,
    pattern_of: PatternOf,
    function: str,
    at: str | None,
    wrt: str | None,
    plot: Path | None,
    as_json: bool,
) -> None:
    from autodiff.errors import ArgumentError
    from autodiff.picture.spots import png_of, svg_of_pattern

    with answering():
        if plot is not None and plot.suffix.lower() not in (".png", ".svg"):
            raise ArgumentError(f"{plot}: found the ending {plot.suffix!r}; expected .png or .svg")
        subject = find_subject(function, at)
        with users_code(subject.file):
            graph = subject.graph()
        pattern = pattern_of(graph, wrt=None if wrt is None else read_wrt(wrt))
        if as_json:
            click.echo(json_text(_parts(pattern)))
        else:
            click.echo(f"{what} of {graph.name}: {_summary(pattern)}")
            if max(pattern.shape) <= _SHOWN:
                click.echo(_text(pattern), nl=False)
        if plot is not None:
            picture = png_of(pattern) if plot.suffix.lower() == ".png" else svg_of_pattern(pattern)
            write_file(plot, picture, [subject.file])
            announce(plot)


def _parts(pattern: Pattern) -> dict[str, object]:
    return {
        "shape": list(pattern.shape),
        "rows": pattern.rows.tolist(),
        "columns": pattern.columns.tolist(),
    }


def _summary(pattern: Pattern) -> str:
    rows, columns = pattern.shape
    share = 100.0 * pattern.count / max(rows * columns, 1)
    whole = "; it is full" if pattern.full else ""
    return f"{rows} x {columns}, {pattern.count} entries ({share:.3g} %){whole}"


def _text(pattern: Pattern) -> str:
    return "".join(
        "  " + " ".join("x" if entry else "." for entry in row) + "\n"
        for row in pattern.dense().tolist()
    )
