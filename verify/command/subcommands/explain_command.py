"""``proofgrad explain``: one page that steps through a function."""

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
from verify.command.subcommands.verify_command import verified
from verify.command.user_function import users_code

__all__ = ["explain_command"]


@subcommand("explain", 'model.py:f --at "1.5, 0.5" -o page.html')
@function_argument
@at_option
@click.option(
    "-o",
    "--output",
    type=FILE,
    metavar="FILE.html",
    default="explained.html",
    help="Where to write the page.",
)
def explain_command(function: str, at: str | None, output: Path) -> None:
    """Write a page that steps through a function, forward and backward, to its verdict."""
    with answering():
        from codegen import compile_gradient
        from verify.lesson import lesson_page

        subject = find_subject(function, at)
        subject.need_numbers(function, "--at, or default values in the signature")
        with users_code(subject.file):
            compiled = compile_gradient(subject.traceable, *subject.examples)
        page = lesson_page(compiled, subject.examples, subject.function, verified(subject))
        write_file(output, page, [subject.file])
        announce(output)
