"""``proofgrad mutate``: is the verifier any good on this function?"""

from __future__ import annotations

from typing import Annotated

import typer

from verify.command.frame import (
    AtOption,
    Exit,
    FunctionArgument,
    JsonOption,
    answering,
    find_subject,
)
from verify.command.output import json_text, progress
from verify.command.user_function import users_code

__all__ = ["mutate_command"]


def mutate_command(
    function: FunctionArgument,
    at: AtOption = None,
    count: Annotated[int, typer.Option("--count", min=1, help="Wrong versions at most.")] = 60,
    seed: Annotated[int, typer.Option("--seed", help="Of the draw of wrong versions.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Verify wrong versions of a gradient: does the verifier find every mistake?"""
    from verify import mutate

    with answering():
        subject = find_subject(function, at)
        with users_code(subject.file), progress(as_json) as advance:
            report = mutate(
                subject.traceable, *subject.examples, count=count, seed=seed, progress=advance
            )
        typer.echo(json_text(report) if as_json else str(report))
        raise typer.Exit(Exit.UNDECIDED if report.open else Exit.FINE)
