"""``proofgrad trace-nan``: where a nan or inf of a gradient begins."""

from __future__ import annotations

from dataclasses import asdict

import click

from verify.command.frame import (
    answering,
    at_option,
    find_subject,
    function_argument,
    json_option,
    subcommand,
    wrt_option,
)
from verify.command.output import json_text
from verify.command.user_function import read_wrt, users_code

__all__ = ["trace_nan_command"]


@subcommand("trace-nan", 'model.py:f --at "inf, 0.0"')
@function_argument
@at_option
@wrt_option
@json_option
def trace_nan_command(function: str, at: str | None, wrt: str | None, as_json: bool) -> None:
    """Find the first operation responsible for a nan or inf in a value or gradient."""
    from autodiff.run.nonfinite import trace_nan

    with answering():
        subject = find_subject(function, at)
        subject.need_numbers(function, "the point with --at")
        with users_code(subject.file):
            found = trace_nan(subject.traceable, *subject.examples, wrt=read_wrt(wrt))
        if as_json:
            click.echo(json_text({"finite": found is None, "cause": found and asdict(found)}))
        else:
            click.echo("value and gradient are finite" if found is None else str(found))
