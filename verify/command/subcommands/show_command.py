"""``proofgrad show``: code, verdict and speed of one function."""

from __future__ import annotations

import typer

from verify.command.frame import (
    AtOption,
    FunctionArgument,
    JsonOption,
    answering,
    exit_code,
    find_subject,
)
from verify.command.output import console, json_text, print_source
from verify.command.subcommands.bench_command import measured
from verify.command.subcommands.compile_command import compiled
from verify.command.subcommands.verify_command import verified

__all__ = ["show_command"]


def show_command(
    function: FunctionArgument, at: AtOption = None, as_json: JsonOption = False
) -> None:
    """Everything about a function: its gradient as code, the verdict on it, the speed-up."""
    with answering():
        subject = find_subject(function, at)
        code = compiled(subject)
        report = verified(subject)
        timing = None if subject.assumed else measured(subject, quiet=as_json)
        if as_json:
            parts = {"compile": code, "verify": report.to_json(), "bench": timing}
            typer.echo(json_text(parts))
        else:
            print_source(code["source"])
            for part in (report, timing or "no --at, so nothing to time"):
                console().print()
                console().print(part)
        raise typer.Exit(exit_code(str(report.verdict)))
