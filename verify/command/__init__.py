"""The ``proofgrad`` command: what it can do with a function of the user's file.

This package alone stands above autodiff, codegen and verify: one module a subcommand, listed in
``app`` below.

Exit codes: 0 fine, 1 refuted, 2 a mistake in the usage or in the user's file, 3 undecided,
70 a bug in Proofgrad.

In: the command line.  Out: text, files and an exit code.
"""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

from verify.command.subcommands.accuracy_command import accuracy_command
from verify.command.subcommands.bench_command import bench_command
from verify.command.subcommands.cache_command import cache_command
from verify.command.subcommands.compile_command import compile_command
from verify.command.subcommands.domain_command import domain_command
from verify.command.subcommands.draw_command import draw_command
from verify.command.subcommands.explain_command import explain_command
from verify.command.subcommands.mutate_command import mutate_command
from verify.command.subcommands.nonfinite_command import trace_nan_command
from verify.command.subcommands.recheck_command import recheck_command
from verify.command.subcommands.show_command import show_command
from verify.command.subcommands.verify_command import verify_command

__all__ = ["app", "main"]

app = typer.Typer(
    name="proofgrad",
    help="Gradients you can read, prove, and run at machine speed.",
    epilog="Exit status: 0 fine, 1 refuted, 2 usage, 3 undecided.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("show")(show_command)
app.command("compile")(compile_command)
app.command("verify")(verify_command)
app.command("recheck")(recheck_command)
app.command("mutate")(mutate_command)
app.command("bench")(bench_command)
app.command("explain")(explain_command)
app.command("accuracy")(accuracy_command)
app.command("domain")(domain_command)
app.command("draw")(draw_command)
app.command("cache")(cache_command)
app.command("trace-nan")(trace_nan_command)


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without µ must not stop the answer
    app(prog_name="proofgrad")


def _show_version(wanted: bool) -> None:
    if not wanted:
        return
    try:
        number = version("proofgrad")
    except PackageNotFoundError:
        number = "(run from its source folder, not installed)"
    typer.echo(f"proofgrad {number}")
    raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    pass  # options before the subcommand
