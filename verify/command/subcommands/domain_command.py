"""``proofgrad domain``: where a function has no derivative, and what its gradient returns there."""

from __future__ import annotations

import click

from verify.command.frame import (
    answering,
    at_option,
    find_subject,
    function_argument,
    json_option,
    subcommand,
)
from verify.command.output import json_text, working
from verify.command.user_function import users_code

__all__ = ["domain_command"]


@subcommand("domain", 'model.py:f --at "0.0, 0.5"')
@function_argument
@at_option
@json_option
def domain_command(function: str, at: str | None, as_json: bool) -> None:
    """List where a function is singular or has kinks; tell what its gradient means at a point."""
    with answering():
        subject = find_subject(function, at)
        from autodiff.errors import installing
        from verify import domain_report
        from verify.rungs.enclosure import MISSING

        with users_code(subject.file), working("looking at borders"):
            report = domain_report(subject.function, *subject.examples)
        click.echo(json_text(report) if as_json else str(report))
        if MISSING in report.why:
            click.echo(
                f"note: {MISSING}, so the meaning of the gradient there is not known; install it "
                f"with: {installing('proof')}",
                err=True,
            )
