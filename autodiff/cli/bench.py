"""``proofgrad bench``: how fast the generated code is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from autodiff.cli.frame import (
    AtOption,
    FunctionArgument,
    JsonOption,
    Subject,
    WrtOption,
    answering,
    find_subject,
)
from autodiff.cli.output import console, json_text, progress
from autodiff.cli.target import read_wrt, users_code
from autodiff.errors import ArgumentError

if TYPE_CHECKING:
    from codegen.bench import BenchReport

__all__ = ["bench_command", "measured"]


def bench_command(
    function: FunctionArgument,
    at: AtOption = None,
    wrt: WrtOption = None,
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="Timed rounds.")] = 11,
    as_json: JsonOption = False,
) -> None:
    """Time interpreted against generated code: value, backward sweep, and both."""
    with answering():
        subject = find_subject(function, at)
        if subject.assumed:
            raise ArgumentError(
                f"{function}: found no numbers for {', '.join(subject.assumed)}; give --at, or "
                "default values in the signature"
            )
        report = measured(subject, wrt, rounds, quiet=as_json)
        if as_json:
            typer.echo(json_text(report))
        else:
            console().print(report)


def measured(
    subject: Subject, wrt: str | None = None, rounds: int = 11, quiet: bool = False
) -> BenchReport:
    """Interpreted against generated code of one function."""
    from codegen.bench import bench

    with users_code(subject.file), progress(quiet) as advance:
        return bench(
            subject.traceable,
            *subject.examples,
            wrt=read_wrt(wrt),
            rounds=rounds,
            progress=advance,
        )
