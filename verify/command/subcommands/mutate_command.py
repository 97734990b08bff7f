"""``proofgrad mutate``: is the verifier any good on this function?"""

from __future__ import annotations

import click

from verify.command.frame import (
    Exit,
    answering,
    at_option,
    find_subject,
    function_argument,
    json_option,
    leave,
    subcommand,
)
from verify.command.output import json_text, progress
from verify.command.user_function import users_code

__all__ = ["mutate_command"]


@subcommand("mutate", 'model.py:f --at "1.5, 0.5" --count 30')
@function_argument
@at_option
@click.option("--count", type=click.IntRange(min=1), default=60, help="Wrong versions at most.")
@click.option("--seed", default=0, help="Of the draw of wrong versions.")
@json_option
def mutate_command(function: str, at: str | None, count: int, seed: int, as_json: bool) -> None:
    """Verify wrong versions of a gradient: does the verifier find every mistake?"""
    from verify import mutate

    with answering():
        subject = find_subject(function, at)
        with users_code(subject.file), progress(as_json) as advance:
            report = mutate(
                subject.traceable, *subject.examples, count=count, seed=seed, progress=advance
            )
        click.echo(json_text(report) if as_json else str(report))
        leave(Exit.UNDECIDED if report.open else Exit.FINE)
