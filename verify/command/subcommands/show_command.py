"""``proofgrad show``: code, verdict and speed of one function."""

from __future__ import annotations

import click

from verify.command.frame import (
    answering,
    at_option,
    exit_code,
    find_subject,
    function_argument,
    json_option,
    leave,
    subcommand,
)
from verify.command.output import console, json_text, print_source
from verify.command.subcommands.bench_command import measured
from verify.command.subcommands.compile_command import compiled
from verify.command.subcommands.verify_command import verified

__all__ = ["show_command"]


@subcommand("show", 'model.py:f --at "1.5, 0.5"')
@function_argument
@at_option
@json_option
def show_command(function: str, at: str | None, as_json: bool) -> None:
    """Everything about a function: its gradient as code, the verdict on it, the speed-up."""
    with answering():
        subject = find_subject(function, at)
        code = compiled(subject)
        report = verified(subject)
        timing = None if subject.assumed else measured(subject, quiet=as_json)
        if as_json:
            parts = {"compile": code, "verify": report.to_json(), "bench": timing}
            click.echo(json_text(parts))
        else:
            print_source(code["source"])
            for part in (report, timing or "no --at, so nothing to time"):
                console().print()
                console().print(part)
        leave(exit_code(str(report.verdict)))
