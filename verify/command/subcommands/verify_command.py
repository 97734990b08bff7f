"""``proofgrad verify``: the verdict on a gradient, or on other derivatives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from verify.command.frame import (
    FILE,
    Subject,
    answering,
    at_option,
    exit_code,
    find_subject,
    function_argument,
    json_option,
    leave,
    subcommand,
    what_option,
    wrt_option,
)
from verify.command.languages import PLAIN
from verify.command.output import console, json_text, proving, write_file
from verify.command.user_function import load_function, read_what, read_wrt, users_code

if TYPE_CHECKING:
    from autodiff.run.reverse_plan import Wrt
    from verify.answer.report import Report

__all__ = ["verified", "verify_command"]


@subcommand("verify", 'model.py:f --at "1.5, 0.5" --gradient model.py:df')
@function_argument
@at_option
@click.option(
    "--gradient",
    metavar="FILE.py:FUNCTION",
    help="Verify this gradient, or what --what says, written by hand, instead of ours.",
)
@what_option
@wrt_option
@click.option("--save", type=FILE, metavar="FILE", help="Write a certificate to this file.")
@json_option
def verify_command(
    function: str,
    at: str | None,
    gradient: str | None,
    what: str,
    wrt: str | None,
    save: Path | None,
    as_json: bool,
) -> None:
    """Prove the gradient of a function, input by input, against SymPy's derivative."""
    from verify.rungs.process.process import shared_worker

    with answering():
        shared_worker().begin()  # it imports SymPy while we import the rest and read the file
        subject = find_subject(function, at)
        theirs = None if gradient is None else load_function(gradient)
        asked = read_what(what)
        if theirs is not None and wrt is not None and asked == PLAIN["what"]:
            asked = "gradient"  # what is written by hand for some arguments has no value beside it
        report = verified(subject, theirs, asked, read_wrt(wrt))
        if save is not None:
            sources = [subject.file] if theirs is None else [subject.file, theirs[1]]
            write_file(save, report.certificate(), sources)
        if as_json:
            click.echo(json_text(report))
        else:
            console().print(report)
        leave(exit_code(str(report.verdict)))


def verified(
    subject: Subject,
    theirs: tuple[Callable[..., object], Path] | None = None,
    what: str | tuple[str, ...] = PLAIN["what"],
    wrt: Wrt = None,
) -> Report:
    """verify's report on our gradient, or on theirs; or on other derivatives."""
    from verify import verify_derivatives

    claimed, files = (
        (None, [subject.file]) if theirs is None else (theirs[0], [subject.file, theirs[1]])
    )
    own = getattr(subject.function, "what", None)  # of what a compiler of ours made
    with users_code(*files), proving():
        return verify_derivatives(
            subject.function, *subject.examples, what=own or what, claimed=claimed, wrt=wrt
        )
