"""``proofgrad verify``: the verdict on a gradient."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from verify.command.frame import (
    AtOption,
    FunctionArgument,
    JsonOption,
    Subject,
    answering,
    exit_code,
    find_subject,
)
from verify.command.output import console, json_text, proving, write_file
from verify.command.user_function import load_function, users_code

if TYPE_CHECKING:
    from verify.answer.report import Report

__all__ = ["verified", "verify_command"]


def verify_command(
    function: FunctionArgument,
    at: AtOption = None,
    gradient: Annotated[
        str | None,
        typer.Option(
            "--gradient",
            metavar="FILE.py:FUNCTION",
            help="Verify this gradient, written by hand, instead of ours.",
            show_default=False,
        ),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option("--save", metavar="FILE", help="Write a certificate to this file."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Prove the gradient of a function, input by input, against SymPy's derivative."""
    with answering():
        subject = find_subject(function, at)
        theirs = None if gradient is None else load_function(gradient)
        report = verified(subject, theirs)
        if save is not None:
            sources = [subject.file] if theirs is None else [subject.file, theirs[1]]
            write_file(save, report.certificate(), sources)
        if as_json:
            typer.echo(json_text(report))
        else:
            console().print(report)
        raise typer.Exit(exit_code(str(report.verdict)))


def verified(subject: Subject, theirs: tuple[Callable[..., object], Path] | None = None) -> Report:
    """verify's report on our gradient, or on theirs."""
    from verify import verify_gradient

    gradient, files = (
        (None, [subject.file]) if theirs is None else (theirs[0], [subject.file, theirs[1]])
    )
    with users_code(*files), proving():
        return verify_gradient(subject.function, *subject.examples, gradient=gradient)
