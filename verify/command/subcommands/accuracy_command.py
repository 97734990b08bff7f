"""``proofgrad accuracy``: how many digits of a gradient are right, and of every primitive."""

from __future__ import annotations

import ast
import math
from pathlib import Path

import click

from verify.command.frame import (
    FILE,
    answering,
    at_option,
    find_subject,
    json_option,
    subcommand,
)
from verify.command.output import announce, json_text, working, write_file
from verify.command.user_function import users_code

__all__ = ["accuracy_command"]


@subcommand("accuracy", 'model.py:f --within "(0, 1), (-2, 2)"')
@click.argument("function", metavar="[FILE.py:FUNCTION]", required=False)
@at_option
@click.option(
    "--within",
    metavar="INTERVALS",
    help='Look for the input that loses most digits: "(0, 1), (-2, 2)", one interval per input.',
)
@click.option(
    "--tries",
    type=click.IntRange(min=1),
    default=400,
    help="Points to try, or points per rule of the table.",
)
@click.option(
    "--table", type=FILE, metavar="FILE", help="Write the table of all primitives to this file."
)
@json_option
def accuracy_command(
    function: str | None,
    at: str | None,
    within: str | None,
    tries: int,
    table: Path | None,
    as_json: bool,
) -> None:
    """Bound the rounding errors of a gradient at a point, or find its worst input."""
    with answering():
        if function is None:
            _print_table(table, tries)
            return
        report = _errors(function, at, within, tries)
        click.echo(json_text(report) if as_json else str(report))


def _errors(function: str, at: str | None, within: str | None, tries: int) -> object:
    intervals = None if within is None else _intervals(within)
    subject = find_subject(function, at)
    from verify import gradient_error, worst_input

    if intervals is None:
        subject.need_numbers(function, "--at, --within, or default values in the signature")
    with users_code(subject.file), working("computing with balls"):
        if intervals is None:
            return gradient_error(subject.traceable, *subject.examples)
        return worst_input(subject.traceable, *intervals, tries=tries)


def _intervals(text: str) -> list[tuple[float, float]]:
    from autodiff.errors import ArgumentError

    try:
        read = ast.literal_eval(f"[{text}]")
    except (ValueError, SyntaxError):
        read = None
    if not isinstance(read, list) or not all(map(_is_interval, read)):
        raise ArgumentError(
            f'--within: found {text!r}; expected intervals, such as "(0, 1), (-2, 2)"'
        )
    return read


def _is_interval(pair: object) -> bool:
    numbers = isinstance(pair, tuple) and all(isinstance(x, (int, float)) for x in pair)
    return numbers and len(pair) == 2 and -math.inf < pair[0] <= pair[1] < math.inf  # type: ignore[arg-type,index]


def _print_table(table: Path | None, count: int) -> None:
    from verify import accuracy_table, measure_rows

    with working("measuring every primitive"):
        text = accuracy_table(measure_rows(count=count), count)
    if table is None:
        click.echo(text, nl=False)
        return
    write_file(table, text, [])
    announce(table)
