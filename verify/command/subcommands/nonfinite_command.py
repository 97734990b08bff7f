"""``proofgrad trace-nan``: where a nan or inf of a gradient begins."""

from __future__ import annotations

from dataclasses import asdict

import typer

from verify.command.frame import (
    AtOption,
    FunctionArgument,
    JsonOption,
    WrtOption,
    answering,
    find_subject,
)
from verify.command.output import json_text
from verify.command.user_function import read_wrt, users_code

__all__ = ["trace_nan_command"]


def trace_nan_command(
    function: FunctionArgument,
    at: AtOption = None,
    wrt: WrtOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find the first operation responsible for a nan or inf in a value or gradient."""
    from autodiff.run.nonfinite import trace_nan

    with answering():
        subject = find_subject(function, at)
        subject.need_numbers(function, "the point with --at")
        with users_code(subject.file):
            found = trace_nan(subject.traceable, *subject.examples, wrt=read_wrt(wrt))
        if as_json:
            typer.echo(json_text({"finite": found is None, "cause": found and asdict(found)}))
        else:
            typer.echo("value and gradient are finite" if found is None else str(found))
