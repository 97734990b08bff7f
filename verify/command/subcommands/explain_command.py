"""``proofgrad explain``: one page that steps through a function."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from verify.command.frame import AtOption, FunctionArgument, answering, find_subject
from verify.command.output import announce, write_file
from verify.command.subcommands.verify_command import verified
from verify.command.user_function import users_code

__all__ = ["explain_command"]


def explain_command(
    function: FunctionArgument,
    at: AtOption = None,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE.html", help="Where to write the page.")
    ] = Path("explained.html"),
) -> None:
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
